"""Plans of several visits: found whenever there is one, never against what the steps ask."""

from __future__ import annotations

import datetime as dt
from itertools import product
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scheduling.rules.plans import Short, Step, Time, assign, explain, find_plans, may_follow

ZONE = ZoneInfo("America/Chicago")
DAY0 = dt.date(2026, 10, 20)  # the clocks go back on 1 November


def a_time(slot_id: int, day: int, hour: int = 9, *, provider: int = 1, options: Any = ()) -> Time:
    on = DAY0 + dt.timedelta(days=day)
    starts_at = dt.datetime.combine(on, dt.time(hour), ZONE).astimezone(dt.UTC)
    return Time(
        slot_id=slot_id,
        starts_at=starts_at,
        ends_at=starts_at + dt.timedelta(minutes=30),
        day=on,
        provider_id=provider,
        options=options,
    )


CONSULT = Step(name="Consult")
PROCEDURE = Step(name="Procedure", least_days=14, most_days=21)
things = st.lists(st.sampled_from(["p1", "p2", "r1"]), max_size=2, unique=True).map(tuple)


@st.composite
def worlds(draw: st.DrawFn) -> tuple[list[Step], list[list[Time]]]:
    steps, times, number = [], [], 0
    for at in range(draw(st.integers(1, 4))):
        least = draw(st.integers(0, 4))
        needs = draw(st.integers(0, 2))
        steps.append(
            Step(
                name=str(at),
                least_days=least,
                most_days=least + draw(st.integers(0, 3)),
                needs=needs,
                same_clinician=draw(st.booleans()),
            )
        )
        mine = []
        for _ in range(draw(st.integers(0, 5))):
            number += 1
            mine.append(
                a_time(
                    number,
                    draw(st.integers(0, 14)),
                    draw(st.sampled_from([9, 10])),
                    provider=draw(st.integers(1, 2)),
                    options=tuple(draw(things) for _ in range(needs)),
                )
            )
        times.append(mine)
    return steps, times


def brute_force(steps: list[Step], times: list[list[Time]]) -> bool:
    return any(
        all(assign(time) is not None for time in way)
        and all(may_follow(steps[i], way[i - 1], way[i]) for i in range(1, len(way)))
        for way in product(*times)
    )


@settings(max_examples=150)
@given(worlds())
def test_finds_one_whenever_there_is_one_and_keeps_what_is_asked(world: Any) -> None:
    steps, times = world
    found = find_plans(steps, times)
    assert bool(found) == brute_force(steps, times)
    assert (explain(steps, times) is None) == bool(found)
    for plan in found:
        visits = plan.visits
        assert [v.time in times[i] for i, v in enumerate(visits)] == [True] * len(steps)
        for i in range(1, len(visits)):
            before, after = visits[i - 1].time, visits[i].time
            gap = (after.day - before.day).days
            assert steps[i].least_days <= gap <= steps[i].most_days
            assert after.starts_at >= before.ends_at
        for step, visit in zip(steps, visits, strict=True):
            assert len(set(visit.taken)) == step.needs
    starts = [plan.visits[0].time.starts_at for plan in found]
    assert starts == sorted(starts)
    assert find_plans(steps, [list(reversed(each)) for each in times]) == found


@pytest.mark.parametrize(
    ("day", "hour", "is_found"),
    [(13, 23, False), (14, 0, True), (14, 1, True), (21, 23, True), (22, 0, False)],
)
def test_counts_days_by_the_calendar_across_a_clock_change(
    day: int, hour: int, is_found: bool
) -> None:
    """From 20 October to 3 November there are 14 days, and 14 times 24 hours and one more."""
    times = [[a_time(1, 0, 0)], [a_time(2, day, hour)]]
    assert bool(find_plans([CONSULT, PROCEDURE], times)) is is_found


def test_passes_by_an_early_first_visit_that_leads_nowhere() -> None:
    times = [[a_time(1, 0), a_time(2, 5)], [a_time(3, 25)]]
    (plan,) = find_plans([CONSULT, PROCEDURE], times)
    assert [one.time.slot_id for one in plan.visits] == [2, 3]


def test_looks_at_every_visit_of_a_series() -> None:
    weekly = [Step(name=str(n), least_days=7, most_days=7) for n in range(4)]
    whole = [[a_time(n, 7 * n)] for n in range(4)]
    assert find_plans(weekly, whole)
    lacking = explain(weekly, [*whole[:3], []])
    assert lacking is not None
    assert (lacking.step, lacking.short) == (3, Short.TIMES)


def test_gives_two_needs_two_different_things() -> None:
    both = (("p1",), ("p1", "p2"))
    assert assign(a_time(1, 0, options=both)) == ("p1", "p2")
    assert assign(a_time(1, 0, options=(("p1",), ("p1",)))) is None


@pytest.mark.parametrize(
    ("second", "short"),
    [
        ([], Short.TIMES),
        ([a_time(9, 40)], Short.DAYS),
        ([a_time(9, 15, provider=2)], Short.CLINICIAN),
        ([a_time(9, 15, options=((),))], Short.RESOURCES),
    ],
)
def test_says_which_visit_fails_and_why(second: Any, short: Short) -> None:
    step = Step(name="Procedure", least_days=14, most_days=21, same_clinician=True, needs=1)
    lacking = explain([CONSULT, step], [[a_time(1, 0)], second])
    assert lacking is not None
    assert (lacking.step, lacking.short) == (1, short)
    assert lacking.first_on == DAY0 + dt.timedelta(days=14)
    assert lacking.last_on == DAY0 + dt.timedelta(days=21)
