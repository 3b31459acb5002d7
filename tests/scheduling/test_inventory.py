"""The map of the supply counts as the one availability rule judges."""

from __future__ import annotations

import datetime as dt
import random
from collections import Counter
from collections.abc import Sequence
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from scheduling.models import RuleSetting, Slot
from scheduling.queries import BESIDE, availability
from scheduling.queries.inventory import By, Supply, slots_behind, supply_map
from scheduling.rules.inventory import Figure, figure_of
from scheduling.states import Restriction, SlotStatus
from tests.factories import (
    NOW,
    AppointmentFactory,
    ClinicFactory,
    HoldFactory,
    LocationFactory,
    ProviderRoleFactory,
    RoomFactory,
    SlotFactory,
    VisitTypeFactory,
)

pytestmark = pytest.mark.django_db

ZONES = ("America/Phoenix", "America/Chicago", "Australia/Lord_Howe", "Asia/Dubai")
FIRST_ON, LAST_ON = NOW.date() - dt.timedelta(days=5), NOW.date() + dt.timedelta(days=12)
EVERYTHING = Supply(FIRST_ON, LAST_ON)


def a_random_slot(chance: random.Random, roles: Sequence[object], kinds: Sequence[object]) -> Slot:
    status = chance.choices(list(SlotStatus), weights=[6, 2, 1, 2, 1])[0]
    capacity = chance.choice((1, 1, 3))
    taken = capacity if status is SlotStatus.BUSY else chance.randrange(capacity)
    starts_at = NOW + dt.timedelta(minutes=30 * chance.randrange(-4 * 48, 11 * 48))
    released = chance.choice((None, None, -20, 20, 60, 90, 200))
    slot: Slot = SlotFactory.create(
        role=chance.choice(roles),
        visit_type=chance.choice(kinds),
        starts_at=starts_at,
        ends_at=starts_at + dt.timedelta(minutes=chance.choice((30, 60))),
        status=status,
        capacity=capacity,
        taken=taken,
        restriction=chance.choice(list(Restriction)),
        restriction_days=chance.randrange(5),
        release_at=None if released is None else NOW + dt.timedelta(hours=released),
    )
    return slot


@pytest.mark.parametrize("seed", [1, 2])
def test_every_slot_counts_as_the_pure_rule_says(seed: int) -> None:
    chance = random.Random(seed)
    clinics = [ClinicFactory.create(location=LocationFactory.create(zone=zone)) for zone in ZONES]
    RuleSetting.objects.create(clinic=clinics[0], rule="too-soon", effect="warn")
    RuleSetting.objects.create(clinic=clinics[1], rule="same-day", effect="warn")
    RuleSetting.objects.create(clinic=clinics[2], rule="held-for-review", effect="block")
    roles = [ProviderRoleFactory.create(clinic=clinic) for clinic in clinics]
    kinds = VisitTypeFactory.create_batch(2)
    slots = [a_random_slot(chance, roles, kinds) for _ in range(140)]
    for slot in chance.sample(slots, 10):  # the clinician has a visit besides
        AppointmentFactory.create(role=slot.role, starts_at=slot.starts_at, ends_at=slot.ends_at)
    for slot in chance.sample(slots, 8):
        HoldFactory.create(slot=slot)
    room = RoomFactory.create(location=clinics[0].location)
    for slot in chance.sample(slots, 8):
        Slot.objects.filter(pk=slot.pk).update(room=room)
    for slot in chance.sample(slots, 4):
        AppointmentFactory.create(
            origin="firstcall", room=room, starts_at=slot.starts_at, ends_at=slot.ends_at
        )
    listed = list(Slot.objects.select_related(*BESIDE))
    read = availability._read(availability._Question(listed, NOW))
    wanted = {slot.pk: figure_of(read.facts(slot), at=NOW) for slot in listed}
    expected = {pk: figure for pk, figure in wanted.items() if figure is not None}
    assert set(expected.values()) == set(Figure)
    assert slots_behind(EVERYTHING, by=By.SITE, at=NOW) == expected
    for by in By:
        assert supply_map(EVERYTHING, by=by, at=NOW).total == Counter(expected.values())


def test_days_are_those_of_each_site() -> None:
    tokyo = LocationFactory.create(zone="Asia/Tokyo", name="Tokyo")
    role = ProviderRoleFactory.create(clinic=ClinicFactory.create(location=tokyo))
    starts_at = dt.datetime(2026, 11, 20, 16, tzinfo=dt.UTC)  # 1:00 on the 21st there
    SlotFactory.create(role=role, starts_at=starts_at)
    (row,) = supply_map(EVERYTHING, by=By.SITE, at=NOW).rows
    assert (row.name, list(row.days)) == ("Tokyo", [dt.date(2026, 11, 21)])
    assert starts_at.astimezone(ZoneInfo("Asia/Tokyo")).date() == dt.date(2026, 11, 21)
    day = Supply(dt.date(2026, 11, 20), dt.date(2026, 11, 20))
    assert slots_behind(day, by=By.SITE, at=NOW) == {}


def test_takes_one_statement_however_many_slots() -> None:
    for _ in range(2):
        SlotFactory.create_batch(5)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            supply_map(EVERYTHING, by=By.PROVIDER, at=NOW)
        assert len(queries) == 1


def test_a_cell_leads_to_its_slots() -> None:
    slot, other = SlotFactory.create(), SlotFactory.create(restriction=Restriction.SAME_DAY)
    row = str(slot.role.clinic.location_id)
    assert slots_behind(EVERYTHING, by=By.SITE, at=NOW, row=row) == {slot.pk: Figure.OPEN}
    clinic = Supply(FIRST_ON, LAST_ON, other.role.clinic_id)
    assert slots_behind(clinic, by=By.RESTRICTION, at=NOW, row="same-day") == {
        other.pk: Figure.SOON
    }
    assert slots_behind(EVERYTHING, by=By.SITE, at=NOW, figure=Figure.SOON) == {
        other.pk: Figure.SOON
    }
