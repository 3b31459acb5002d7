"""What a plan of many moves weighs, and the assignment that follows from it."""

from __future__ import annotations

import datetime as dt
import itertools
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scheduling.rules.mass import (
    MOST_POINTS,
    Seat,
    Term,
    VisitToPlace,
    When,
    Where,
    clashes,
    left_out_points,
    points_of,
    urgency_of,
    when_terms,
    where_terms,
)
from scheduling.rules.search import PartOfDay
from scheduling.solving import Cell, Market, Shortlists, solve
from scheduling.states import VisitUrgency

U = VisitUrgency
#: Ten on a Wednesday morning in Chicago.
THEN = dt.datetime(2026, 11, 18, 16, tzinfo=dt.UTC)
HERE = Where(1, "Dr. Park", 1, "Northgate", (41.9, -87.6))


def visit(**fields: object) -> VisitToPlace:
    given = {"pk": 1, "patient_id": 1, "visit_type_id": 1, "starts_at": THEN} | fields
    return VisitToPlace(zone="America/Chicago", **given)  # type: ignore[arg-type]


def named(terms: tuple[Term, ...]) -> dict[str, int]:
    return {term.name: term.points for term in terms}


def test_the_same_clinician_and_site_cost_nothing() -> None:
    assert points_of(where_terms(visit(provider_id=1, location_id=1), HERE)) == 0


def test_another_site_costs_its_way_and_more_than_they_go() -> None:
    far = visit(home=(41.5, -88.2), site_at=(41.5, -88.2), max_miles=10)
    assert named(where_terms(far, HERE)) == {
        "clinician": 600,
        "distance": 400,
        "too-far": 400,
    }


def test_an_urgent_visit_past_its_day_costs_more_than_everything_but_delay() -> None:
    late = When(dt.date(2026, 11, 30), PartOfDay.MORNING)
    terms = named(when_terms(visit(urgency=U.WEEK), late))
    assert terms == {"urgency": 5000, "delay": 12 * 80}
    assert "urgency" not in named(when_terms(visit(), late))


def test_hours_count_as_the_patient_said_or_as_they_were() -> None:
    evening = When(dt.date(2026, 11, 18), PartOfDay.EVENING)
    said = visit(parts_of_day=frozenset({"evening"}), weekdays=frozenset({2}))
    assert points_of(when_terms(said, evening)) == 0
    assert named(when_terms(visit(), evening))["hours"] == 40


@pytest.mark.parametrize(
    ("zone", "moment", "day", "part"),
    [
        # The hour that a clock change repeats, and the one after the hour it leaves out.
        ("America/Chicago", "2026-11-01T06:30+00:00", "2026-11-01", "morning"),
        ("America/Chicago", "2026-11-01T18:30+00:00", "2026-11-01", "afternoon"),
        ("America/Chicago", "2026-03-08T17:30+00:00", "2026-03-08", "afternoon"),
        ("Australia/Lord_Howe", "2026-10-03T15:45+00:00", "2026-10-04", "morning"),
        ("America/Phoenix", "2026-11-01T06:30+00:00", "2026-10-31", "evening"),
    ],
)
def test_half_days_are_those_of_the_site(zone: str, moment: str, day: str, part: str) -> None:
    found = When.of(dt.datetime.fromisoformat(moment), zone)
    assert (found.day.isoformat(), found.part) == (day, part)


def test_a_day_over_a_clock_change_is_one_day() -> None:
    before = visit(starts_at=dt.datetime(2026, 10, 31, 20, tzinfo=dt.UTC))
    after = When.of(dt.datetime(2026, 11, 1, 21, tzinfo=dt.UTC), "America/Chicago")
    assert named(when_terms(before, after))["delay"] == 10


def test_the_strictest_reason_says_how_urgent_it_is() -> None:
    day = dt.date(2026, 11, 18)
    plain = urgency_of(starts_on=day, booked_on=day - dt.timedelta(days=40))
    assert plain.urgency is U.ROUTINE
    strict = urgency_of(
        starts_on=day,
        booked_on=day - dt.timedelta(days=3),
        by_tree=U.TWO_WEEKS,
        order_ends_on=day + dt.timedelta(days=2),
    )
    assert strict.urgency is U.THREE_DAYS
    assert strict.why == "Its order ends on Fri Nov 20"


def test_one_clinician_in_two_slots_at_a_time_clashes_and_the_lighter_gives_way() -> None:
    half = dt.timedelta(minutes=30)
    one = Seat(1, 1, 7, 10, THEN, THEN + 2 * half, weight=1)
    two = Seat(2, 2, 7, 11, THEN + half, THEN + 2 * half, weight=9)
    assert clashes([one, two]) == [(two, one)]
    same_slot = Seat(3, 3, 7, 10, THEN, THEN + 2 * half)
    assert clashes([one, same_slot]) == []
    twice = Seat(4, 1, 8, 12, THEN, THEN + half, weight=2)
    assert clashes([one, twice]) == [(twice, one)]


# --- the assignment -------------------------------------------------------------------


def market(draw: random.Random, visits: int, cells: int) -> tuple[Market, list[VisitUrgency]]:
    """A small world with few places, two kinds of visit, and some pairs that are barred."""
    urgency = [draw.choice(list(U)) for _ in range(visits)]
    number = itertools.count()
    made = [
        Cell(
            where,
            draw.randrange(4),
            [next(number) for _ in range(draw.randrange(1, 3))],
            frozenset(draw.choice([{1}, {2}, {1, 2}])),
        )
        for where in range(cells)
    ]
    places = [place for cell in made for place in cell.places]
    pairs = [(v, p) for v in range(visits) for p in places]
    return Market(
        where_points=[[draw.randrange(900) for _ in range(cells)] for _ in range(visits)],
        when_points=[[draw.randrange(4000) for _ in range(4)] for _ in range(visits)],
        kinds=[draw.choice([1, 2]) for _ in range(visits)],
        left_out=[left_out_points(u, visits=visits) for u in urgency],
        cells=made,
        barred=set(draw.sample(pairs, len(pairs) // 4)),
    ), urgency


def priced(made: Market) -> dict[tuple[int, int], int]:
    """By visit and place: what it costs, of the pairs that may be."""
    return {
        (visit, place): made.where_points[visit][cell.where] + made.when_points[visit][cell.when]
        for visit in range(len(made.kinds))
        for cell in made.cells
        if made.kinds[visit] in cell.serves
        for place in cell.places
        if (visit, place) not in made.barred
    }


def cost(made: Market, found: dict[int, int]) -> int:
    prices = priced(made)
    return sum(
        prices[visit, found[visit]] if visit in found else made.left_out[visit]
        for visit in range(len(made.kinds))
    )


def cheapest(made: Market) -> int:
    """By trying everything."""
    prices = priced(made)
    places = sorted({place for _, place in prices})

    def best(visit: int, free: frozenset[int]) -> int:
        if visit == len(made.kinds):
            return 0
        found = made.left_out[visit] + best(visit + 1, free)
        for place in free:
            if (visit, place) in prices:
                here = prices[visit, place] + best(visit + 1, free - {place})
                found = min(found, here)
        return found

    return best(0, frozenset(places))


@settings(max_examples=60)
@given(st.integers(0, 10**9))
def test_small_plans_are_the_cheapest_of_all(seed: int) -> None:
    made, _ = market(random.Random(seed), visits=4, cells=3)
    assert cost(made, solve(made)) == cheapest(made)


@settings(max_examples=60)
@given(st.integers(0, 10**9))
def test_no_place_twice_none_past_a_rule_and_the_urgent_before_the_others(seed: int) -> None:
    made, urgency = market(random.Random(seed), visits=12, cells=6)
    found = solve(made)
    prices = priced(made)
    assert len(set(found.values())) == len(found)
    assert all((visit, place) in prices for visit, place in found.items())
    taken = {place: visit for visit, place in found.items()}
    order = list(U)
    for left in set(range(12)) - found.keys():
        for place in {p for v, p in prices if v == left}:
            assert place in taken  # a place that would do is not left empty
            assert order.index(urgency[taken[place]]) <= order.index(urgency[left])


def test_a_place_with_two_seats_takes_two_and_no_third() -> None:
    made = Market(
        where_points=[[5], [5], [5]],
        when_points=[[0], [0], [0]],
        kinds=[1, 1, 1],
        left_out=[left_out_points(u, visits=3) for u in (U.ROUTINE, U.TODAY, U.WEEK)],
        cells=[Cell(0, 0, [40, 40], frozenset({1}))],
    )
    assert solve(made) == {1: 40, 2: 40}


def test_what_the_rules_said_of_pairs_changes_the_plan() -> None:
    made = Market(
        where_points=[[0, 50, 70]] * 2,
        when_points=[[0]] * 2,
        kinds=[1, 1],
        left_out=[left_out_points(U.ROUTINE, visits=2)] * 2,
        cells=[Cell(where, 0, [10 * where + 5], frozenset({1})) for where in range(3)],
    )
    near = Shortlists(made)
    assert sorted(near.solve().values()) == [5, 15]
    made.surcharge = {(0, 5): 60, (1, 5): 80, (1, 99): 1}  # 99 is nobody's place
    assert near.solve() == {0: 5, 1: 15}
    made.barred |= {(1, 15), (0, 99)}
    assert near.solve() == {0: 15, 1: 25}
    made.closed.add(0)
    assert near.solve() == {1: 25}


def test_a_plan_of_shortlists_stays_near_the_cheapest_and_places_all() -> None:
    draw = random.Random(7)
    cells = [
        Cell(where, when, [(where * 20 + when) * 4 + n for n in range(4)], frozenset({1}))
        for where in range(8)
        for when in range(20)
    ]
    made = Market(
        where_points=[[draw.randrange(800) for _ in range(8)] for _ in range(120)],
        when_points=[[when * 40 for when in range(20)] for _ in range(120)],
        kinds=[1] * 120,
        left_out=[left_out_points(U.ROUTINE, visits=120)] * 120,
        cells=cells,
    )
    exact, short = solve(made), Shortlists(made, edges=100).solve()
    assert len(short) == len(exact) == 120
    assert cost(made, exact) >= 0.95 * cost(made, short)


def test_one_step_of_urgency_outweighs_a_whole_plan() -> None:
    for n, urgency in enumerate(list(U)[1:], start=1):
        more = left_out_points(list(U)[n - 1], visits=2000) - left_out_points(urgency, visits=2000)
        assert more > 2000 * MOST_POINTS


def test_nothing_to_place_is_an_empty_plan() -> None:
    assert solve(Market([], [], [], [], [])) == {}
    assert solve(Market([[0]], [[0]], [1], [9], [])) == {}
