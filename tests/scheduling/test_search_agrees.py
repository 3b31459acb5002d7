"""Search and booking: on every slot of random worlds, with random rules, they say the same."""

from __future__ import annotations

from random import Random

import pytest
from django.db import transaction

from scheduling.actions import BookingRefused, request_booking
from scheduling.models import Slot
from scheduling.queries import get_slot, search, search_sql, why_not
from scheduling.queries.search import left_out, search_slots
from scheduling.queries.search_page import Cursor, Found
from scheduling.queries.search_who import FEW_ROLES
from scheduling.rules.search import Criteria
from tests.factories import TEST
from tests.scheduling.search_world import AT, World, fill, fits, make_world, wish


def all_pages(world: World, wanted: Criteria) -> list[Found]:
    """Page after page, each from the address that the one before it gives."""
    found: list[Found] = []
    after: Cursor | None = None
    while True:
        page = search_slots(wanted, at=AT, patient=world.patient, after=after)
        found += page.all
        if page.after is None:
            return found
        after = Cursor.parse(str(page.after))
        assert after == page.after


def open_by_booking(slot: Slot, world: World) -> bool:
    hidden = why_not(get_slot(slot.pk), at=AT, patient=world.patient, visit_type=world.visit_type)
    return hidden is None


def check(world: World, wanted: Criteria, random: Random) -> int:
    """How many times were open."""
    found = all_pages(world, wanted)
    shown = [one.slot.pk for one in found]
    assert len(shown) == len(set(shown))
    suiting = [slot for slot in world.slots if fits(world, slot, wanted)]
    is_open = {slot.pk: open_by_booking(slot, world) for slot in suiting}
    assert {one.slot.pk for one in found if one.is_open} == {pk for pk in is_open if is_open[pk]}
    rest = [one for one in found if not one.is_own]
    assert [(one.day, one.slot.starts_at, one.slot.pk) for one in rest] == sorted(
        (one.day, one.slot.starts_at, one.slot.pk) for one in rest
    )
    hidden = {one.slot.pk for one in left_out(wanted, at=AT, patient=world.patient)}
    assert not hidden & {one.slot.pk for one in found}
    told = {"free", "blocked", "vacated"}
    closed = {slot.pk for slot in suiting if slot.status in told and not is_open[slot.pk]}
    assert closed - {one.slot.pk for one in found if one.is_held} == hidden
    for slot in random.sample(suiting, min(2, len(suiting))):
        assert _can_be_booked(slot, world) is is_open[slot.pk]
    return sum(is_open.values())


def _can_be_booked(slot: Slot, world: World) -> bool:
    try:
        with transaction.atomic():
            request_booking(
                slot_id=slot.pk,
                patient=world.patient,
                visit_type=world.visit_type,
                by=TEST,
                at=AT,
            )
            transaction.set_rollback(True)
    except BookingRefused:
        return False
    return True


def agree(seeds: range) -> None:
    world = make_world()
    opened = 0
    for seed in seeds:
        random = Random(seed)
        with transaction.atomic():
            fill(world, random)
            for _ in range(3):
                opened += check(world, wish(world, random), random)
            transaction.set_rollback(True)
    assert opened > len(seeds), "hardly anything was ever open: this would prove nothing"


@pytest.mark.django_db
def test_search_and_booking_agree_under_random_rules() -> None:
    agree(range(7))


@pytest.mark.long
@pytest.mark.timeout(1200)
@pytest.mark.django_db
def test_search_and_booking_agree_under_300_sets_of_rules() -> None:
    agree(range(1_000, 1_300))


@pytest.mark.django_db
def test_reading_in_the_order_of_time_finds_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """The plan for many clinicians, forced on few."""
    few = f"count(*) <= {FEW_ROLES}"
    for name in ("SEARCH", "EVERYTHING"):
        statement = getattr(search_sql, name).replace(few, "count(*) <= 0")
        monkeypatch.setattr(search, name, statement)
    agree(range(50, 54))
