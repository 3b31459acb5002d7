"""A clinic whose clinician is out for a day, and a colleague with free times."""

from __future__ import annotations

import datetime as dt
from typing import Any

from crm.engine import Actor
from crm.models import User
from crm.states import Role
from scheduling.actions.mass import Wanted, make_job
from scheduling.actions.mass_running import work_on
from scheduling.models import Appointment, MassMove, MassMoveItem, Slot
from scheduling.states import CancelReason, SlotStatus
from tests.factories import (
    NOW,
    AppointmentFactory,
    ClinicFactory,
    LocationFactory,
    PatientIdentifierFactory,
    ProviderRoleFactory,
    SlotFactory,
    UserFactory,
    VisitTypeFactory,
    reachable_patient,
)

DAY = dt.timedelta(days=1)
#: The clinician is out on the Monday after `NOW`; Phoenix has no clock changes.
OUT_FROM = dt.datetime(2026, 11, 23, 7, tzinfo=dt.UTC)


class MassScene:
    """Dr. Out has `visits` on Monday; Dr. In has free half hours from Tuesday on."""

    def __init__(self) -> None:
        self.at = NOW
        self.kind = VisitTypeFactory.create(name="Follow-up")
        self.site = LocationFactory.create()
        self.clinic = ClinicFactory.create(location=self.site, visit_types=[self.kind])
        self.away = ProviderRoleFactory.create(clinic=self.clinic)
        self.here = ProviderRoleFactory.create(clinic=self.clinic)
        self.user: User = UserFactory.create(roles=[str(Role.MANAGER)])
        self.by = Actor.user(self.user)

    def visit(self, n: int = 0, **fields: Any) -> Appointment:
        """The n-th half hour of the day on which Dr. Out is out, from 9:00."""
        starts_at = OUT_FROM + dt.timedelta(hours=9 - 0, minutes=30 * n)
        patient = fields.pop("patient", None) or reachable_patient()
        PatientIdentifierFactory.create(patient=patient)
        slot = SlotFactory.create(
            role=self.away,
            visit_type=self.kind,
            starts_at=starts_at,
            status=SlotStatus.BUSY,
            taken=1,
        )
        return AppointmentFactory.create(
            patient=patient,
            role=self.away,
            slot=slot,
            visit_type=self.kind,
            starts_at=starts_at,
            **fields,
        )

    def free(self, n: int = 0, *, days: int = 1, **fields: Any) -> Slot:
        """The n-th half hour of Dr. In, so many days after Monday."""
        starts_at = OUT_FROM + dt.timedelta(days=days, hours=9, minutes=30 * n)
        given = {"role": self.here, "visit_type": self.kind, "starts_at": starts_at} | fields
        return SlotFactory.create(**given)

    def job(self, **fields: Any) -> MassMove:
        """Planned: the dry run has been worked out."""
        wanted: dict[str, Any] = {
            "name": "Dr. Out is out",
            "reason": CancelReason.CLINICIAN_AWAY,
            "starts_at": OUT_FROM,
            "ends_at": OUT_FROM + DAY,
            "providers": [self.away.provider],
        } | fields
        made = make_job(Wanted(**wanted), user=self.user, by=self.by, at=self.at)
        work_on(made.pk, self.at)
        made.refresh_from_db()
        return made

    @staticmethod
    def item(job: MassMove, visit: Appointment) -> MassMoveItem:
        return MassMoveItem.objects.get(job=job, appointment=visit)
