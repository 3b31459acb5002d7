"""Complaint 8, "a slot is shown, then refused": what is shown and what is booked agree.

For random rule sets each slot is judged on a page with the others, looked for by a search, and
then booked by itself: it is bookable exactly when the booking succeeds, and the sentence is the
refusal, word for word.
"""

from __future__ import annotations

from random import Random

import pytest
from django.db import connection, transaction
from django.db.models import Q
from django.test.utils import CaptureQueriesContext

from crm.models import Patient
from scheduling.actions import BookingRefused, request_booking
from scheduling.actions.overrides import roles_of
from scheduling.models import Appointment, RuleOverride, Slot, VisitType
from scheduling.queries import judge_slots
from scheduling.queries.search import search_slots
from scheduling.rules import Hidden, HiddenBy, say_stops, still_stops
from scheduling.rules.search import Criteria
from tests.factories import NOW
from tests.scheduling.rule_sets import World

pytestmark = pytest.mark.django_db
#: 300 rule sets; most of them only where there is time.
HALVES = [
    pytest.param(range(60), id="the first 60"),
    pytest.param(range(60, 300), id="the other 240", marks=pytest.mark.long),
]
SLOTS_OF_A_SET = 4


class Undo(Exception):
    """Leaves the savepoint as it was."""


@pytest.mark.parametrize("seeds", HALVES)
def test_what_is_judged_and_what_is_booked_agree_on_every_slot(seeds: range) -> None:
    outcomes: list[bool] = []
    said: set[HiddenBy] = set()
    world = World.make(Random(0))
    for seed in seeds:
        try:
            with transaction.atomic():
                fresh = World(Random(seed), **{n: getattr(world, n) for n in KEPT})
                fresh.slots = fresh.read_slots()
                fresh.shake()
                outcomes += agree(fresh, seed, said)
                raise Undo
        except Undo:
            pass
        for row in (*world.types, *world.patients, *world.slots):
            row.refresh_from_db()
    assert len(outcomes) == len(seeds) * SLOTS_OF_A_SET
    assert outcomes.count(True) > len(outcomes) / 10  # it says something about both
    assert outcomes.count(False) > len(outcomes) / 10
    assert len(said) > 20


KEPT = ("roles", "types", "slots", "patients", "staff")


def agree(world: World, seed: int, said: set[HiddenBy]) -> list[bool]:
    patient = world.rng.choice(world.patients)
    asked = world.rng.choice([None, *world.types])
    gives_up, by, aside = world.gives_up(patient), world.somebody(), world.aside()
    slots = world.read_slots()
    with CaptureQueriesContext(connection) as queries:
        judged = judge_slots(
            slots,
            at=NOW,
            patient=patient,
            visit_type=asked,
            gives_up_id=gives_up.pk if gives_up else None,
        )
    assert len(queries) <= 3
    if asked and not gives_up:
        check_search(asked, patient, judged)
    named = aside.rules if aside and aside.reason.strip() else frozenset()
    outcomes = []
    for slot in world.rng.sample(slots, SLOTS_OF_A_SET):
        found = judged[slot.pk]
        said |= {one.rule for one in found}
        stops = still_stops(found, aside=named, roles=roles_of(by))
        refused = book(
            slot,
            found,
            patient=patient,
            visit_type=asked,
            gives_up=gives_up,
            by=by,
            set_aside=aside,
        )
        assert refused == say_stops(stops), f"rule set {seed}, slot {slot.pk}: {found}"
        outcomes.append(not refused)
    return outcomes


def check_search(asked: VisitType, patient: Patient, judged: dict[int, tuple[Hidden, ...]]) -> None:
    """It shows nothing that cannot be booked, and leaves out nothing that no rule speaks of.

    Slots of another kind that could stand in for what is asked for are not looked for.
    """
    page = search_slots(Criteria(visit_type_id=asked.pk), at=NOW, patient=patient)
    shown = {found.slot.pk for found in page.all if found.is_open}
    assert shown <= {pk for pk, found in judged.items() if not still_stops(found)}
    open_to_all = {pk for pk, found in judged.items() if not found}
    serves = Q(visit_type=asked) | Q(also_serves__contains=[asked.pk])
    assert shown >= {*Slot.objects.filter(serves, pk__in=open_to_all).values_list("pk", flat=True)}


def book(slot: Slot, found: tuple[Hidden, ...], **how: object) -> str:
    """Book it and undo that: the refusal, or an empty string."""
    refused = ""
    try:
        with transaction.atomic():
            visit = request_booking(slot_id=slot.pk, at=NOW, **how)  # type: ignore[arg-type]
            assert Appointment.objects.filter(pk=visit.pk, slot=slot).exists()
            overridden = {one.rule for one in found if one.stops}
            kept = RuleOverride.objects.filter(appointment=visit).values_list("rule", flat=True)
            assert set(kept) == overridden
            raise Undo
    except Undo:
        pass
    except BookingRefused as no:
        refused = str(no)
        assert refused
    return refused
