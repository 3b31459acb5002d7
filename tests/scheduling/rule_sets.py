"""Random rules, slots and patients: a small world that is shaken for each rule set."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from functools import cached_property
from random import Random
from typing import Any

from crm.engine import Actor
from crm.models import Coverage, Patient, User
from crm.states import Role, Sex
from scheduling.actions import SetAside
from scheduling.models import (
    AcceptedCoverage,
    Appointment,
    Clinic,
    FrequencyLimit,
    Hold,
    ProviderRole,
    ProviderRule,
    ReleaseRule,
    RuleSetting,
    ServiceRequest,
    Slot,
    SlotAudience,
    VisitType,
)
from scheduling.queries import BESIDE
from scheduling.rules import HiddenBy
from scheduling.rules.effects import SETTABLE
from scheduling.states import (
    AppointmentStatus,
    Audience,
    Modality,
    Origin,
    Restriction,
    RuleEffect,
    RuleKind,
    RulePer,
    SlotStatus,
)
from tests.factories import (
    NOW,
    AppointmentFactory,
    ClinicFactory,
    PatientFactory,
    ProviderFactory,
    ProviderRoleFactory,
    RoomFactory,
    SlotFactory,
    UserFactory,
    VisitTypeFactory,
)

DAY = dt.timedelta(days=1)
HALF_HOUR = dt.timedelta(minutes=30)
PAYERS = ("Desert Mutual", "Medicare")


@dataclass
class World:
    """Two clinicians in two clinics, four kinds of visit, eight slots of one week, four people."""

    rng: Random
    roles: list[ProviderRole] = field(default_factory=list)
    types: list[VisitType] = field(default_factory=list)
    slots: list[Slot] = field(default_factory=list)
    patients: list[Patient] = field(default_factory=list)
    staff: list[User] = field(default_factory=list)

    @classmethod
    def make(cls, rng: Random) -> World:
        world = cls(rng)
        clinics = [ClinicFactory.create(name="Cardiology"), ClinicFactory.create(name="Echo")]
        who = [ProviderFactory.create(), ProviderFactory.create()]
        world.roles = [
            ProviderRoleFactory.create(provider=p, clinic=c) for p in who for c in clinics
        ]
        names = ("Consult", "Follow-up", "Procedure", "Echocardiogram")
        world.types = [VisitTypeFactory.create(name=name) for name in names]
        world.types[0].stands_in_for.add(world.types[1])
        for n in range(8):
            role = world.roles[n % len(world.roles)]
            world.slots.append(
                SlotFactory.create(
                    role=role,
                    visit_type=world.types[n % 3],
                    starts_at=NOW + (1 + n // 4) * DAY + n * HALF_HOUR,
                    ends_at=NOW + (1 + n // 4) * DAY + (n + 1) * HALF_HOUR,
                )
            )
        born = (dt.date(1950, 1, 2), dt.date(1990, 12, 1), dt.date(2015, 6, 3), None)
        for n, birth_on in enumerate(born):
            sex = Sex.FEMALE if n % 2 else Sex.MALE
            world.patients.append(PatientFactory.create(birth_on=birth_on, sex=sex))
        roles = (Role.AGENT, Role.FRONT_DESK, Role.MANAGER)
        world.staff = [UserFactory.create(roles=[str(role)]) for role in roles]
        return world

    @cached_property
    def is_mild(self) -> bool:
        """Half of the worlds have few rules, or hardly anything could be booked."""
        return self.rng.random() < 0.5

    def maybe(self, share: float) -> bool:
        return self.rng.random() < (share / 3 if self.is_mild else share)

    def shake(self) -> None:
        """Another rule set: rules, effects, restrictions, visits, holds and what people have."""
        for _ in range(self.rng.randint(0, 1 if self.is_mild else 4)):
            self.add_rule()
        for clinic in {role.clinic for role in self.roles}:
            self.set_effects(clinic)
        for slot in self.slots:
            self.restrict(slot)
        for _ in range(self.rng.randint(0, 5)):
            self.add_visit()
        for patient in self.patients:
            self.give(patient)
        for kind in self.types:
            self.ask(kind)

    def pick_types(self) -> dict[str, Any]:
        first, *rest = self.rng.sample(self.types, self.rng.randint(1, 2))
        return {"visit_type": first, "also_types": [kind.pk for kind in rest]}

    def add_rule(self) -> None:
        role = self.rng.choice(self.roles)
        scopes: list[dict[str, Any]] = [
            {"role": role},
            {"provider": role.provider},
            {"clinic": role.clinic},
        ]
        scope = self.rng.choice(scopes)
        kind = self.rng.choice(list(RuleKind))
        about: dict[str, Any] = {}
        if kind in {RuleKind.ONLY, RuleKind.NOT_DONE} or self.maybe(0.5):
            about = self.pick_types()
        match kind:
            case RuleKind.WHOM:
                about["accepts_new"] = self.maybe(0.5)
                about["min_age"] = self.rng.choice([None, 18])
            case RuleKind.FIRST:
                about |= {"needs_referral": self.maybe(0.5), "needs_records": self.maybe(0.5)}
                about |= {"test": self.types[3], "test_within_days": self.rng.choice([None, 30])}
            case RuleKind.GAP:
                about["number"] = self.rng.choice([10, 30, 60])
            case RuleKind.NEW_LIMIT | RuleKind.DAILY_CAP:
                about |= {"number": self.rng.randint(0, 2), "per": self.rng.choice(list(RulePer))}
        ProviderRule.objects.create(kind=kind, **scope, **about)

    def set_effects(self, clinic: Clinic) -> None:
        for rule in self.rng.sample(SETTABLE, 6):
            effect = self.rng.choice(list(RuleEffect))
            roles = [str(Role.FRONT_DESK)] if effect is RuleEffect.OVERRIDE else []
            RuleSetting.objects.create(clinic=clinic, rule=rule, effect=effect, roles=roles)
        if self.maybe(0.3):
            AcceptedCoverage.objects.create(clinic=clinic, payer=self.rng.choice(PAYERS))
        Clinic.objects.filter(pk=clinic.pk).update(
            requires_coverage=self.maybe(0.2), interpreter_notice_hours=self.rng.choice([0, 48])
        )

    def restrict(self, slot: Slot) -> None:
        if self.maybe(0.4):
            slot.restriction = self.rng.choice(list(Restriction))
            slot.restriction_days = self.rng.randint(0, 2)
        if self.maybe(0.2):
            slot.audience = SlotAudience.objects.create(
                clinic=slot.role.clinic,
                name=f"slot {slot.pk}",
                audience=self.rng.choice(list(Audience)),
                min_age=self.rng.choice([None, 60]),
                sex=self.rng.choice(["", Sex.FEMALE]),
                payers=self.rng.choice([[], [PAYERS[0].upper()]]),
                needs_referral=self.maybe(0.3),
            )
        if self.maybe(0.3):
            slot.release_rule = ReleaseRule.objects.create(
                clinic=slot.role.clinic, name=f"slot {slot.pk}", hours_before=1
            )
            slot.release_at = NOW + self.rng.choice([-1, 1]) * HALF_HOUR
        if self.maybe(0.1):
            slot.status = self.rng.choice(list(SlotStatus))
        if self.maybe(0.1):
            slot.starts_at = NOW + self.rng.choice([-1, 1, 3]) * HALF_HOUR
            slot.ends_at = slot.starts_at + HALF_HOUR
        if self.maybe(0.3):
            slot.also_serves = [self.rng.choice(self.types).pk]
        slot.capacity = self.rng.choice([1, 1, 2])
        slot.modality = self.rng.choice([Modality.IN_PERSON, Modality.IN_PERSON, Modality.VIDEO])
        if self.maybe(0.2):
            slot.room = RoomFactory.create(location=slot.role.clinic.location)
        slot.save()
        if self.maybe(0.15):
            Hold.objects.create(
                slot=slot,
                seat=1,
                owner="Ana",
                created_at=NOW,
                expires_at=NOW + self.rng.choice([-1, 1]) * HALF_HOUR,
            )

    def add_visit(self) -> None:
        """The EHR's, or ours where nothing of ours stands there; on a slot of theirs, or off it."""
        slot = self.rng.choice(self.slots)
        role = self.rng.choice([slot.role, self.rng.choice(self.roles)])
        shift = self.rng.choice([0, 0, 15, 30, 45]) * dt.timedelta(minutes=1)
        fulfilled = self.maybe(0.3)
        begins = slot.starts_at - 40 * DAY if fulfilled else slot.starts_at + shift
        here = role == slot.role and not shift and not fulfilled and self.maybe(0.7)
        ours = not Appointment.objects.filter(
            origin=Origin.FIRSTCALL, starts_at__lt=begins + HALF_HOUR, ends_at__gt=begins
        ).exists()
        AppointmentFactory.create(
            patient=self.rng.choice(self.patients),
            role=role,
            visit_type=self.rng.choice(self.types),
            slot=slot if here else None,
            room=slot.room if here else None,
            status=AppointmentStatus.FULFILLED if fulfilled else AppointmentStatus.BOOKED,
            origin=Origin.FIRSTCALL if ours and self.maybe(0.4) else Origin.EHR,
            starts_at=begins,
            ends_at=begins + HALF_HOUR,
        )

    def give(self, patient: Patient) -> None:
        if self.maybe(0.5):
            Coverage.objects.create(patient=patient, payer=self.rng.choice(PAYERS))
        if self.maybe(0.5):
            ServiceRequest.objects.create(
                patient=patient,
                visit_type=self.rng.choice(self.types),
                valid_until_on=self.rng.choice([None, NOW.date()]),
                visits_allowed=self.rng.choice([None, 1]),
                records_at=self.rng.choice([None, NOW]),
            )
        patient.needs_interpreter = self.maybe(0.2)
        patient.save()

    def ask(self, kind: VisitType) -> None:
        kind.audience = self.rng.choice(list(Audience)) if self.maybe(0.4) else Audience.ANY
        kind.needs_authorization = self.maybe(0.2)
        kind.min_age = self.rng.choice([None, None, 18])
        kind.prep_hours = 36 if self.maybe(0.3) else 0
        kind.modality = self.rng.choice([Modality.IN_PERSON, Modality.IN_PERSON, Modality.VIDEO])
        kind.save()
        if self.maybe(0.2):
            FrequencyLimit.objects.create(visit_type=kind, months=2)

    def read_slots(self) -> list[Slot]:
        found = Slot.objects.select_related(*BESIDE).filter(pk__in=[s.pk for s in self.slots])
        return list(found.order_by("pk"))

    def somebody(self) -> Actor:
        """Who books: a patient, or staff of one role."""
        user = self.rng.choice([None, *self.staff])
        return Actor.user(user) if user else Actor.patient(self.patients[0], channel="web")

    def aside(self) -> SetAside | None:
        """Rules that whoever books names: all that are policies, some, or none."""
        if self.maybe(0.4):
            return None
        named = [str(rule) for rule in HiddenBy]
        chosen = named if self.maybe(0.5) else self.rng.sample(named, 8)
        return SetAside(frozenset(chosen), self.rng.choice(["The clinic agreed by phone", " "]))

    def gives_up(self, patient: Patient) -> Appointment | None:
        live = Appointment.objects.filter(patient=patient, status=AppointmentStatus.BOOKED)
        return live.first() if self.maybe(0.5) else None
