"""Several hundred people of all kinds around one slot, for the shortlist and its twin."""

from __future__ import annotations

import datetime as dt
import random
from dataclasses import dataclass, field
from typing import Any

from crm.models import ConsentEntry, Patient, PatientPhone, Phone
from crm.states import Channel, ConsentDecision, Purpose
from scheduling.models import Appointment, ProviderRole, Slot, VisitType
from scheduling.states import (
    AppointmentStatus,
    Modality,
    Origin,
    PatientLimit,
    Restriction,
    RestrictionStatus,
)
from tests.factories import (
    NOW,
    SOURCE,
    CandidateFactory,
    ClinicFactory,
    ImportedScoreFactory,
    LocationFactory,
    OfferFactory,
    OpeningFactory,
    PatientRestrictionFactory,
    ProviderRoleFactory,
    ScoreWeightFactory,
    SlotFactory,
    VisitTypeFactory,
)
from waitlist.models import Opening, WaitlistEntry
from waitlist.states import EntryKind, OfferStatus, OpeningStatus, Urgency

DAY = dt.timedelta(days=1)
TODAY = NOW.date()


@dataclass
class Crowd:
    """A slot of a type that can stand in for another, and people who wait for either or neither.

    `random` decides all; the same seed makes the same people.
    """

    random: random.Random
    slot_fields: dict[str, Any] = field(default_factory=dict)
    type_fields: dict[str, Any] = field(default_factory=dict)
    has_scores: bool = True  # of models outside, for one in ten
    opening: Opening = field(init=False)
    slot: Slot = field(init=False)

    def __post_init__(self) -> None:
        self.here = ClinicFactory.create(location=LocationFactory.create())
        elsewhere = ClinicFactory.create(location=LocationFactory.create(latitude=33.9))
        unrelated = ClinicFactory.create(specialty="Dermatology")
        self.roles: list[ProviderRole] = [
            ProviderRoleFactory.create(clinic=clinic)
            for clinic in (self.here, self.here, elsewhere, unrelated)
        ]
        self.types: list[VisitType] = [
            VisitTypeFactory.create(lead_minutes=60, **self.type_fields) for _ in range(3)
        ]
        self.types[0].stands_in_for.add(self.types[1])
        self.here.visit_types.add(*self.types)
        if self.has_scores:
            ScoreWeightFactory.create(weight=10, clinic=None)
            ScoreWeightFactory.create(weight=30, clinic=self.here)
        self.slot = SlotFactory.create(
            role=self.roles[0],
            visit_type=self.types[0],
            **{"starts_at": NOW + 3 * DAY, **self.slot_fields},
        )
        self.opening = OpeningFactory.create(
            slot=self.slot,
            status=OpeningStatus.MATCHING,
            deadline_at=self.slot.starts_at - DAY / 24,
        )

    def add(self, count: int) -> list[Patient]:
        """So many people, each with a phone, and claims of every kind."""
        first = Patient.objects.count()
        people = Patient.objects.bulk_create(self._patient(first + n) for n in range(count))
        phones = Phone.objects.bulk_create(
            Phone(number=f"+1602{2_000_000 + first + n}") for n in range(count)
        )
        PatientPhone.objects.bulk_create(
            PatientPhone(patient=patient, phone=phone)
            for patient, phone in zip(people, phones, strict=True)
        )
        ConsentEntry.objects.bulk_create(
            ConsentEntry(
                phone=phone,
                patient=patient,
                channel=Channel.SMS,
                purpose=Purpose.ALL,
                decision=ConsentDecision.GRANTED,
                at=NOW - 100 * DAY,
                source="intake-form",
                recorded_by="test",
            )
            for patient, phone in zip(people, phones, strict=True)
            if self._one_in(12) is False
        )
        visits = [visit for patient in people for visit in self._visits(patient)]
        Appointment.objects.bulk_create(visits)
        WaitlistEntry.objects.bulk_create(e for patient in people for e in self._entries(patient))
        for patient in people:
            if self._one_in(25):
                self._was_asked(patient)
            if self._one_in(8):
                self._limit(patient)
            if self._one_in(10):
                for days, value in ((3, 0.9), (1, self.random.random())):  # the newest counts
                    ImportedScoreFactory.create(
                        patient=patient, value=value, computed_at=NOW - days * DAY
                    )
        return people

    def _one_in(self, n: int) -> bool:
        return self.random.randrange(n) == 0

    def _patient(self, number: int) -> Patient:
        draw = self.random
        births = [dt.date(1950, 3, 1), dt.date(2008, 2, 29), dt.date(2008, 11, 21), None]
        return Patient(
            family_name=f"Family{number}",
            birth_on=draw.choice(births + [dt.date(1985, 6, 1)] * 4),
            zone="America/Phoenix",
            latitude=draw.choice([33.5094 + draw.uniform(-0.6, 0.6), None, 95.0]),
            longitude=draw.choice([-112.0330 + draw.uniform(-0.6, 0.6)] * 5 + [None]),
            deceased_at=NOW if self._one_in(60) else None,
            wants_earlier_offers=not self._one_in(20),
            max_miles=draw.choice([None, None, None, 5, 20]),
            notice_hours=draw.choice([None, None, None, 24, 72, 73, 96]),
            prefers_weekdays=draw.choice([[], [], [], [0, 2], [5]]),
            prefers_parts_of_day=draw.choice([[], [], ["morning"], ["afternoon", "evening"]]),
        )

    def _visits(self, patient: Patient) -> list[Appointment]:
        draw = self.random
        days = [draw.randrange(-900, -10)] if self._one_in(3) else []
        if draw.random() < 0.65:
            days += draw.sample(range(-3, 160), 2 if self._one_in(6) else 1)
        return [self._visit(patient, self.slot.starts_at + day * DAY) for day in days]

    def _visit(self, patient: Patient, starts_at: dt.datetime) -> Appointment:
        draw = self.random
        role = draw.choice(self.roles)
        status = AppointmentStatus.BOOKED if starts_at > NOW else AppointmentStatus.FULFILLED
        starts_at += draw.choice([0, 0, 30, 180]) * dt.timedelta(minutes=1)
        return Appointment(
            patient=patient,
            role=role,
            provider_id=role.provider_id,
            location_id=role.clinic.location_id,
            visit_type=draw.choice([*self.types, self.types[0]]),
            starts_at=starts_at,
            ends_at=starts_at + dt.timedelta(minutes=30),
            status=AppointmentStatus.CANCELLED if self._one_in(15) else self._asked(status),
            cancelled_at=None,
            origin=Origin.EHR,
            booked_at=NOW - draw.randrange(200) * DAY,
            source=SOURCE,
            source_id=f"crowd-{patient.pk}-{starts_at.isoformat()}",
        )

    def _asked(self, status: AppointmentStatus) -> AppointmentStatus:
        """Some of the visits to come are not confirmed yet."""
        to_come = status is AppointmentStatus.BOOKED
        return AppointmentStatus.REQUESTED if to_come and self._one_in(15) else status

    def _entries(self, patient: Patient) -> list[WaitlistEntry]:
        draw = self.random
        count = draw.choice([0, 0, 1, 1, 2])
        return [
            WaitlistEntry(
                patient=patient,
                kind=draw.choice(list(EntryKind)),
                visit_type=draw.choice(self.types),
                urgency=draw.choices(list(Urgency), weights=[14, 1, 1])[0],
                provider=draw.choice([None, None, None, *(r.provider for r in self.roles[:2])]),
                location=draw.choice([None, None, None, *(r.clinic.location for r in self.roles)]),
                not_before_on=draw.choice([None, None, None, TODAY + 2 * DAY, TODAY + 9 * DAY]),
                not_after_on=draw.choice([None, None, TODAY + 60 * DAY, TODAY + DAY]),
                created_at=NOW - draw.randrange(200) * DAY,
            )
            for _ in range(count)
        ]

    def _limit(self, patient: Patient) -> None:
        """Limited in how they book after missed visits: here or elsewhere, still or no longer."""
        PatientRestrictionFactory.create(
            patient=patient,
            clinic=self.random.choice([self.slot.role.clinic, self.roles[2].clinic]),
            kind=self.random.choice(list(PatientLimit)),
            status=RestrictionStatus.APPROVED,
            decided_at=NOW,
            decided_by="manager",
            ends_on=self.random.choice([None, TODAY + 200 * DAY, TODAY - DAY]),
        )

    def _was_asked(self, patient: Patient) -> None:
        """Offered another slot lately: at this time or another, with any answer."""
        then = self.slot.starts_at + self.random.choice([0, 5]) * DAY
        slot = SlotFactory.create(role=self.roles[2], visit_type=self.types[2], starts_at=then)
        opening = OpeningFactory.create(slot=slot)
        OfferFactory.create(
            opening=opening,
            wave=None,
            candidate=CandidateFactory.create(opening=opening, patient=patient),
            patient=patient,
            status=self.random.choice(
                [OfferStatus.SENT, OfferStatus.DECLINED, OfferStatus.WON, OfferStatus.EXPIRED]
            ),
            offered_at=NOW - self.random.choice([2, 40]) * DAY,
        )


#: Slots whose own limits differ, as fields of the slot and of its visit type.
SLOTS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "in three days": ({}, {}),
    "for adults": ({}, {"min_age": 18, "max_age": 64}),
    "for new patients": ({"restriction": Restriction.NEW_PATIENTS}, {}),
    "for established patients": ({"restriction": Restriction.ESTABLISHED}, {}),
    "by video": ({"modality": Modality.VIDEO}, {}),
    "in two hours": ({"starts_at": NOW + dt.timedelta(hours=2)}, {}),
}
