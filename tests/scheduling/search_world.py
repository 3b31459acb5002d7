"""A few clinicians at three sites in two zones, over the night the clocks go back, at random."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from random import Random
from zoneinfo import ZoneInfo

from crm.models import Patient
from crm.states import Sex
from scheduling.models import (
    Clinic,
    Location,
    ProviderRole,
    ProviderRule,
    RuleSetting,
    Slot,
    VisitType,
)
from scheduling.rules.distance import miles_between
from scheduling.rules.search import Criteria, PartOfDay, Place, Window, suits
from scheduling.states import (
    AppointmentStatus,
    HoldStatus,
    Modality,
    Restriction,
    RuleEffect,
    RuleKind,
    SlotStatus,
)
from tests.factories import (
    SOURCE,
    AcceptedCoverageFactory,
    AppointmentFactory,
    ClinicFactory,
    CoverageFactory,
    HoldFactory,
    LocationFactory,
    PatientFactory,
    ProviderFactory,
    ProviderRoleFactory,
    VisitTypeFactory,
)

#: Saturday noon in Chicago; that night its clocks go back.
AT = dt.datetime(2026, 10, 31, 17, 0, tzinfo=dt.UTC)
HOME = Place(41.88, -87.63, "60601")
_SITES = (
    ("America/Chicago", 41.9, -87.65),
    ("America/Chicago", 42.3, -87.9),
    ("America/Phoenix", 33.5, -112.0),
)


@dataclass(slots=True)
class World:
    patient: Patient
    visit_type: VisitType
    other_type: VisitType
    roles: list[ProviderRole] = field(default_factory=list)
    slots: list[Slot] = field(default_factory=list)


def make_world() -> World:
    visit_type = VisitTypeFactory.create(lead_minutes=90, min_age=None)
    world = World(
        patient=PatientFactory.create(
            birth_on=dt.date(2008, 11, 3), latitude=41.88, longitude=-87.63
        ),
        visit_type=visit_type,
        other_type=VisitTypeFactory.create(lead_minutes=0),
    )
    CoverageFactory.create(patient=world.patient, payer="Desert  mutual")
    for zone, latitude, longitude in _SITES:
        location: Location = LocationFactory.create(
            zone=zone, latitude=latitude, longitude=longitude
        )
        clinic = ClinicFactory.create(location=location)
        world.roles += [
            ProviderRoleFactory.create(
                clinic=clinic,
                provider=ProviderFactory.create(
                    sex=sex, languages=["en", "es"] if number else ["en"], is_active=True
                ),
            )
            for number, sex in enumerate((Sex.FEMALE, Sex.MALE))
        ]
    AppointmentFactory.create(
        patient=world.patient,
        role=world.roles[1],
        visit_type=visit_type,
        status=AppointmentStatus.FULFILLED,
        starts_at=AT - dt.timedelta(days=200),
    )
    return world


def fill(world: World, random: Random, *, slots: int = 36) -> None:
    """Slots, visits, holds and rules; each call makes others."""
    _restrict(world, random)
    made = [_slot(world, random, number) for number in range(slots)]
    world.slots = Slot.objects.bulk_create(made)
    for slot in random.sample(world.slots, 5):
        AppointmentFactory.create(
            role=slot.role,
            patient=world.patient if random.random() < 0.4 else PatientFactory.create(),
            visit_type=world.visit_type,
            starts_at=slot.starts_at,
            status=AppointmentStatus.BOOKED,
        )
    for slot in random.sample(world.slots, 4):
        HoldFactory.create(
            slot=slot,
            seat=1,
            created_at=AT,
            expires_at=AT + dt.timedelta(minutes=random.choice((-1, 5))),
            status=random.choice((HoldStatus.HELD, HoldStatus.RELEASED)),
        )


def _slot(world: World, random: Random, number: int) -> Slot:
    role = random.choice(world.roles)
    zone = ZoneInfo(role.clinic.location.zone)
    day = dt.date(2026, 10, 31) + dt.timedelta(days=random.choice((0, 0, 1, 1, 1, 2, 3, 7, 15, 40)))
    clock = dt.time(random.randrange(24), random.choice((0, 30)))
    starts_at = dt.datetime.combine(day, clock, zone).replace(fold=random.randrange(2))
    starts_at = starts_at.astimezone(dt.UTC)
    released = random.choice((None, None, AT - dt.timedelta(hours=1), AT + dt.timedelta(hours=9)))
    serves = random.random()
    return Slot(
        role=role,
        visit_type=world.visit_type if serves < 0.7 else world.other_type,
        also_serves=[world.visit_type.pk] if 0.7 <= serves < 0.9 else [],
        starts_at=starts_at,
        ends_at=starts_at + dt.timedelta(minutes=20),
        modality=random.choice((Modality.IN_PERSON, Modality.IN_PERSON, Modality.VIDEO)),
        status=random.choices(list(SlotStatus), weights=(12, 1, 1, 2, 1))[0],
        taken=random.choice((0, 0, 0, 1)),
        capacity=random.choice((1, 2)),
        restriction=random.choices(list(Restriction), weights=(8, 1, 1, 1, 1, 1, 1))[0],
        restriction_days=random.randrange(4),
        release_at=released,
        source=SOURCE,
        source_id=f"random-{number}",
    )


def _restrict(world: World, random: Random) -> None:
    """Rules of two clinicians, payers of a clinic, and what a clinic turned into a warning."""
    clinics: list[Clinic] = [role.clinic for role in world.roles[::2]]
    for role in random.sample(world.roles, 2):
        youngest, oldest = random.choice(((None, None), (18, None), (17, None), (None, 17)))
        ProviderRule.objects.create(
            role=role,
            kind=random.choice((RuleKind.WHOM, RuleKind.WHOM, RuleKind.NOT_DONE)),
            visit_type=random.choice((world.visit_type, world.other_type)),
            accepts_new=random.random() < 0.6,
            is_offered=random.random() < 0.8,
            min_age=youngest,
            max_age=oldest,
        )
    AcceptedCoverageFactory.create(
        clinic=random.choice(clinics), payer=random.choice(("Desert Mutual", "Mesa Care"))
    )
    AcceptedCoverageFactory.create(
        clinic=world.roles[0].clinic,
        role=world.roles[0],
        payer=random.choice(("desert mutual", "X")),
    )
    if random.random() < 0.5:
        RuleSetting.objects.create(
            clinic=random.choice(clinics),
            rule=random.choice(
                ("same-day", "too-soon", "coverage", "new-patients", "provider-rule")
            ),
            effect=RuleEffect.WARN,
        )


def wish(world: World, random: Random) -> Criteria:
    """What somebody could want of such a world."""

    def maybe(value: object, empty: object, chance: float = 0.25) -> object:
        return value if random.random() < chance else empty

    return Criteria(
        visit_type_id=world.visit_type.pk,
        window=random.choice(list(Window)),
        first_on=maybe(dt.date(2026, 11, random.randrange(1, 5)), None),  # type: ignore[arg-type]
        last_on=maybe(dt.date(2026, 11, random.randrange(1, 20)), None),  # type: ignore[arg-type]
        weekdays=maybe(frozenset(random.sample(range(7), 4)), frozenset()),  # type: ignore[arg-type]
        parts_of_day=maybe(  # type: ignore[arg-type]
            frozenset(random.sample(list(PartOfDay), random.randrange(1, 3))), frozenset()
        ),
        not_before=maybe(dt.time(random.randrange(10), 30), None),  # type: ignore[arg-type]
        not_after=maybe(dt.time(random.randrange(9, 24)), None),  # type: ignore[arg-type]
        modality=maybe(random.choice(list(Modality)), None, 0.3),  # type: ignore[arg-type]
        location_id=maybe(random.choice(world.roles).clinic.location_id, None, 0.1),  # type: ignore[arg-type]
        provider_id=maybe(random.choice(world.roles).provider_id, None, 0.1),  # type: ignore[arg-type]
        own_clinician=random.random() < 0.1,
        language=maybe("es", ""),  # type: ignore[arg-type]
        sex=maybe(Sex.FEMALE, None),  # type: ignore[arg-type]
        place=HOME,
        max_miles=maybe(random.choice((10, 60)), None),  # type: ignore[arg-type]
    )


def fits(world: World, slot: Slot, wanted: Criteria) -> bool:
    """What is wanted, said once more in Python."""
    role, site = slot.role, slot.role.clinic.location
    miles = miles_between(HOME.latitude, HOME.longitude, site.latitude, site.longitude)
    remote = slot.modality != Modality.IN_PERSON
    return (
        wanted.visit_type_id in {slot.visit_type_id, *slot.also_serves}
        and suits(wanted, slot.starts_at, zone=site.zone, at=AT)
        and wanted.modality in {None, slot.modality}
        and wanted.location_id in {None, site.pk}
        and wanted.provider_id in {None, role.provider_id}
        and (not wanted.own_clinician or role == world.roles[1])
        and (not wanted.language or wanted.language in role.provider.languages)
        and wanted.sex in {None, role.provider.sex}
        and (wanted.max_miles is None or remote or (miles or 0) <= wanted.max_miles)
    )
