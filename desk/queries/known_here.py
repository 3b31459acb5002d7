"""Whether somebody is new here."""

from __future__ import annotations

import datetime as dt
from typing import Final

from django.db.models import QuerySet

from crm.engine.compiled import compiled
from crm.models import Patient
from scheduling.models import Appointment
from scheduling.states import AppointmentStatus

#: Who came within so long is not new (days); three years, as payers count (CPT: "established").
SEEN_WITHIN: Final = dt.timedelta(days=3 * 365)
NEW, ESTABLISHED = "new", "established"


def new_or_established(patient: Patient, *, at: dt.datetime) -> str:
    """As decision trees and scripts name it. One statement."""
    return ESTABLISHED if _came(patient=patient.pk, since=at - SEEN_WITHIN) else NEW


@compiled
def _came(*, patient: int, since: dt.datetime) -> QuerySet[Appointment, int]:
    rows = Appointment.objects.filter(
        patient=patient, status=AppointmentStatus.FULFILLED, starts_at__gt=since
    )
    return rows.values_list("pk", flat=True)[:1]
