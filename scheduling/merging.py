"""What has to end before two records are made one: times kept, bookings on their way."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

from crm import merge_hooks
from scheduling.models import EhrWrite, Hold, SelfServiceSession
from scheduling.states import EhrWriteStatus, HoldStatus, SelfServiceStatus

_ON_ITS_WAY = (EhrWriteStatus.PENDING, EhrWriteStatus.SENT, EhrWriteStatus.UNKNOWN)


def objection(patient_ids: Collection[int], at: dt.datetime) -> str | None:
    """The first of what is in flight."""
    holds = Hold.objects.filter(patient__in=patient_ids, status=HoldStatus.HELD)
    if holds.filter(expires_at__gt=at).exists():
        return "A time is being kept for one of them. Book it or give it back first."
    writes = EhrWrite.objects.filter(
        appointment__patient__in=patient_ids, status__in=_ON_ITS_WAY, handed_at=None
    )
    if writes.exists():
        return "The EHR is being told of a visit of theirs just now. Wait for its answer."
    online = SelfServiceSession.objects.filter(
        patient__in=patient_ids, status=SelfServiceStatus.OPEN
    )
    if online.exists():
        return "One of them is booking online just now. Try again in half an hour."
    return None


def connect() -> None:
    merge_hooks.object_to_merges(objection)
    merge_hooks.may_stay_behind("scheduling.patientrestriction")
    merge_hooks.explain_conflict(
        "scheduling.appointment",
        "Both records have a visit at the same time. Move or cancel one of them first.",
    )
