"""Whether somebody is new here."""

from __future__ import annotations

import datetime as dt
from typing import Final

from crm.models import Patient
from scheduling.models import Appointment
from scheduling.states import AppointmentStatus

#: Who came within so long is not new (days); three years, as payers count (CPT: "established").
SEEN_WITHIN: Final = dt.timedelta(days=3 * 365)
NEW, ESTABLISHED = "new", "established"


def new_or_established(patient: Patient, *, at: dt.datetime) -> str:
    """As decision trees and scripts name it. One statement."""
    came = Appointment.objects.filter(
        patient=patient, status=AppointmentStatus.FULFILLED, starts_at__gt=at - SEEN_WITHIN
    )
    return ESTABLISHED if came.exists() else NEW
