"""A clinic that makes its own schedule, and what hangs on it, for tests of schedules."""

from __future__ import annotations

import datetime as dt
from typing import Any

from scheduling.models import Appointment, ProviderRole, Slot
from scheduling.states import AppointmentStatus
from tests.factories import (
    AppointmentFactory,
    ClinicFactory,
    LocationFactory,
    ProviderRoleFactory,
)

#: The Monday after `NOW`, and the Sunday two weeks on.
FIRST_ON, LAST_ON = dt.date(2026, 11, 23), dt.date(2026, 12, 6)


def own_role(**location: Any) -> ProviderRole:
    """A clinician of a clinic that owns its schedule."""
    clinic = ClinicFactory.create(
        owns_schedule=True, location=LocationFactory.create(**location), name="Walk-in, Camelback"
    )
    role: ProviderRole = ProviderRoleFactory.create(clinic=clinic)
    return role


def book_on(slot: Slot, **fields: Any) -> Appointment:
    """A booked visit that takes the first seat of the slot."""
    visit: Appointment = AppointmentFactory.create(
        slot=slot,
        role=slot.role,
        starts_at=slot.starts_at,
        ends_at=slot.ends_at,
        **({"status": AppointmentStatus.BOOKED} | fields),
    )
    Slot.objects.filter(pk=slot.pk).update(taken=1, status="busy")
    return visit
