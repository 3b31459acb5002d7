"""A surgeon's clinic with a plan: consult, procedure with a second surgeon and a scanner, check."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from crm.engine import Actor
from crm.models import Patient
from scheduling.actions.plans import Choice, book_plan
from scheduling.models import (
    Plan,
    PlanDefinition,
    PlanNeed,
    PlanStep,
    ProviderRole,
    Room,
    Slot,
    VisitType,
)
from scheduling.queries.plans import Look, look_for_plan
from scheduling.states import ResourceKind
from tests.factories import (
    NOW,
    ClinicFactory,
    PatientFactory,
    ProviderRoleFactory,
    RoomFactory,
    SlotFactory,
    VisitTypeFactory,
)

BY = Actor.system("test")
SPECIALTY = "Surgery"
MORNING = NOW + dt.timedelta(days=2)


@dataclass
class PlanWorld:
    surgeon: ProviderRole
    second: ProviderRole
    scanner: Room
    consult: VisitType
    procedure: VisitType
    check: VisitType
    definition: PlanDefinition
    patient: Patient

    def slot(self, kind: VisitType, day: int, **said: Any) -> Slot:
        starts_at = MORNING + dt.timedelta(days=day)
        values = {"role": self.surgeon, "visit_type": kind, "starts_at": starts_at} | said
        return SlotFactory.create(**values)

    def fill(self, *, procedures: int = 1) -> tuple[Slot, ...]:
        """One consult, procedures 15 days later, one check 10 days after; the second is there."""
        consult = self.slot(self.consult, 0)
        many = [
            self.slot(
                self.procedure,
                15,
                role=self.surgeon if nr == 0 else ProviderRoleFactory.create(clinic=self.clinic),
            )
            for nr in range(procedures)
        ]
        self.slot(self.check, 15, role=self.second)
        return (consult, *many, self.slot(self.check, 25))

    @property
    def clinic(self) -> Any:
        return self.surgeon.clinic

    @property
    def things(self) -> tuple[str, str]:
        return f"p{self.second.provider_id}", f"r{self.scanner.pk}"

    def look(self, **said: Any) -> Look:
        return look_for_plan(self.definition, at=NOW, **{"patient": self.patient} | said)

    def choice(self, *slots: Slot) -> tuple[Choice, ...]:
        first, second, third = (slot.pk for slot in slots)
        return Choice(first), Choice(second, self.things), Choice(third)

    def book(self, choice: tuple[Choice, ...], **said: Any) -> Plan:
        values: dict[str, Any] = {"patient": self.patient, "by": BY, "at": NOW} | said
        return book_plan(definition=self.definition, choice=choice, **values)


def a_plan_world() -> PlanWorld:
    clinic = ClinicFactory.create(specialty=SPECIALTY, name="Surgery, Camelback")
    kinds = [
        VisitTypeFactory.create(name=name, specialty=SPECIALTY)
        for name in ("Consult", "Procedure", "Check")
    ]
    definition = PlanDefinition.objects.create(name="Procedure with a consult")
    gaps = ((0, 0), (14, 21), (7, 14))
    steps = [
        PlanStep.objects.create(
            plan=definition, position=nr, visit_type=kind, least_days=least, most_days=most
        )
        for nr, (kind, (least, most)) in enumerate(zip(kinds, gaps, strict=True), start=1)
    ]
    PlanNeed.objects.create(step=steps[1], kind=ResourceKind.PROVIDER, what=SPECIALTY)
    PlanNeed.objects.create(step=steps[1], kind=ResourceKind.ROOM, what="MRI scanner")
    return PlanWorld(
        surgeon=ProviderRoleFactory.create(clinic=clinic),
        second=ProviderRoleFactory.create(clinic=clinic),
        scanner=RoomFactory.create(location=clinic.location, kind="MRI scanner"),
        consult=kinds[0],
        procedure=kinds[1],
        check=kinds[2],
        definition=definition,
        patient=PatientFactory.create(),
    )
