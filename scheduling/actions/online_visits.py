"""What clinics let patients book by themselves."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from django.db import transaction

from crm.engine import Actor, record
from scheduling import locks
from scheduling.models import Clinic, OnlineVisit


def set_online(
    *, clinic: Clinic, named: Mapping[int, tuple[str, str]], by: Actor, at: dt.datetime
) -> None:
    """These kinds of visit, and no others, may patients book by themselves at that clinic.

    Locks the clinic: of two lists at once one holds, never both.

    :param named: by visit type, what patients call it in English and in Spanish; empty: as staff.
    """
    with transaction.atomic():
        locks.lock_clinic(clinic.pk)
        rows = OnlineVisit.objects.filter(clinic=clinic)
        was = {row.visit_type_id: (row.name_en, row.name_es) for row in rows}
        if was == dict(named):
            return
        rows.exclude(visit_type__in=named).delete()
        for pk, (english, spanish) in sorted(named.items()):
            OnlineVisit.objects.update_or_create(
                clinic=clinic,
                visit_type_id=pk,
                defaults={"name_en": english, "name_es": spanish},
            )
        record("scheduling.clinic.online-visits", clinic, by=by, at=at, now=sorted(named))
