"""How far a clinic lets Firstcall go."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from crm.engine import Actor, publish, record
from scheduling import locks
from scheduling.models import Clinic
from scheduling.states import FillMode


def set_fill_mode(
    *, clinic_id: int, to: FillMode, by: Actor, at: dt.datetime, reason: str = ""
) -> Clinic:
    """Switch a clinic to another mode; the same mode again changes nothing.

    Locks the clinic. Who did it, when and why is in the trail (`queries.mode_changes`).
    Publishes `scheduling.fill-mode-changed`: whoever fills its slots follows.

    :raises Clinic.DoesNotExist:
    """
    with transaction.atomic():
        clinic = locks.lock_clinic(clinic_id)
        was = clinic.mode
        if was == to:
            return clinic
        Clinic.objects.filter(pk=clinic.pk).update(mode=to)
        clinic.mode = to
        record(
            "scheduling.clinic.mode-changed", clinic, by=by, at=at, was=was, now=to, reason=reason
        )
        publish("scheduling.fill-mode-changed", clinic, at=at, was=was, now=to)
    return clinic
