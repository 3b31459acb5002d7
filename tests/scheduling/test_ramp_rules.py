"""Whose turn it is: sums that come out, ceilings that hold, and nothing about money."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduling.rules.ramp import RampFacts, ceiling_in, monday, rank

MONDAY = dt.date(2026, 11, 23)
KIND, OTHER = 1, 2
FREE = {MONDAY + dt.timedelta(weeks=n): 5 for n in range(4)}


def clinician(role_id: int = 1, **facts: Any) -> RampFacts:
    """Half a year here, in the middle of the ramp, with time free in each of four weeks."""
    given: dict[str, Any] = {
        "name": f"Dr. {role_id}",
        "started_on": MONDAY - dt.timedelta(weeks=26),
        "target_panel": 1000,
        "panel": 500,
        "weekly_start": 4,
        "weekly_growth": 1,
        "weekly_most": 12,
        "given": 10,
        "free_by_week": FREE,
    }
    return RampFacts(role_id=role_id, **(given | facts))


def turn(*candidates: RampFacts, days: int = 14, kind: int = KIND) -> Any:
    return rank(candidates, kind=kind, from_on=MONDAY, until_on=MONDAY + dt.timedelta(days=days))


def test_the_one_furthest_behind_their_share_comes_first() -> None:
    found = turn(clinician(1, given=12), clinician(2, given=8))
    assert [s.role_id for s in found.suggestions] == [2, 1]
    assert [line.points for line in found.suggestions[0].lines] == [Decimal("10.50"), -8]
    assert found.suggestions[0].total == Decimal("2.50")


def test_a_newcomer_gets_more_but_never_past_the_ceiling_of_the_week() -> None:
    """A panel that lacks everything would take every new patient: the ceiling stops that."""
    new = clinician(1, started_on=MONDAY, panel=0, given=0, weekly_start=2, weekly_growth=2)
    old = clinician(2, panel=990, given=10)
    given = {1: 0, 2: 0}
    for _ in range(8):
        new = replace(new, given=given[1], new_by_week={MONDAY: given[1]})
        old = replace(old, given=10 + given[2], new_by_week={MONDAY: given[2]})
        given[turn(new, old, days=5).suggestions[0].role_id] += 1
    assert given == {1: 2, 2: 6}
    full = turn(replace(new, new_by_week={MONDAY: 2}), old, days=5)
    assert full.left_out[0].why == "The week of Nov 23 has 2 of at most 2 new patients."


@pytest.mark.parametrize(("weeks", "ceiling"), [(-1, 0), (0, 4), (1, 5), (8, 12), (60, 12)])
def test_the_ceiling_grows_by_the_week(weeks: int, ceiling: int) -> None:
    facts = clinician(started_on=MONDAY + dt.timedelta(days=2))  # a Wednesday
    assert ceiling_in(facts, MONDAY + dt.timedelta(weeks=weeks)) == ceiling


def test_a_full_week_sends_to_the_next() -> None:
    found = turn(clinician(new_by_week={MONDAY: 12}))
    assert found.suggestions[0].week == MONDAY + dt.timedelta(weeks=1)


def test_leave_is_respected_to_the_day() -> None:
    away = (MONDAY, MONDAY + dt.timedelta(days=14))
    assert turn(clinician(leaves=[away])).left_out[0].why == "On leave until Dec 7."
    back = turn(clinician(leaves=[away]), days=15)
    assert back.suggestions[0].week == MONDAY + dt.timedelta(weeks=2)


@pytest.mark.parametrize(
    ("facts", "why"),
    [
        ({"panel": 1000}, "The panel is full: 1,000 of 1,000."),
        ({"mix": {OTHER: 1}}, "Does not take this kind of visit."),
        ({"started_on": MONDAY + dt.timedelta(days=14)}, "Starts on Dec 7."),
        ({"free_by_week": {}}, "Has no free time for it in these days."),
    ],
)
def test_says_why_somebody_is_left_out(facts: dict[str, Any], why: str) -> None:
    found = turn(clinician(**facts))
    assert found.suggestions == ()
    assert found.left_out[0].why == why


def test_the_mix_draws_toward_the_kind_that_is_short() -> None:
    even = {KIND: 1, OTHER: 1}
    short = clinician(1, mix=even, given_by_kind={KIND: 2, OTHER: 8})
    sated = clinician(2, mix=even, given_by_kind={KIND: 8, OTHER: 2})
    assert [s.role_id for s in turn(sated, short).suggestions] == [1, 2]
    assert [s.role_id for s in turn(sated, short, kind=OTHER).suggestions] == [2, 1]


def test_an_empty_window_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="must come after"):
        turn(clinician(), days=0)


counts = st.integers(0, 300)
clinicians = st.builds(
    clinician,
    role_id=st.integers(1, 9),
    target_panel=st.integers(1, 3000),
    panel=st.integers(0, 3000),
    given=counts,
    mix=st.sampled_from([{}, {KIND: 3, OTHER: 4}, {KIND: 1}]),
    given_by_kind=st.fixed_dictionaries({KIND: counts}),
    new_by_week=st.fixed_dictionaries({MONDAY: st.integers(0, 20)}),
)


@given(st.lists(clinicians, max_size=6))
def test_every_total_is_the_sum_that_is_shown_and_nobody_goes_past_a_ceiling(
    candidates: list[RampFacts],
) -> None:
    found = turn(*candidates)
    assert len(found.suggestions) + len(found.left_out) == len(candidates)
    totals = [s.total for s in found.suggestions]
    assert totals == sorted(totals, reverse=True)
    for each in found.suggestions:
        assert each.total == sum(line.points for line in each.lines)
        assert all(line.points == round(line.points, 2) for line in each.lines)
        assert each.taken < each.ceiling
        assert each.week == monday(each.week)


class Watched(RampFacts):
    """Facts that fail when anybody looks for money in them."""

    __slots__ = ()

    def __getattr__(self, name: str) -> Any:
        raise AssertionError(f"the round robin asked for {name}")


def test_asks_for_nothing_about_payer_or_value() -> None:
    facts = clinician(mix={KIND: 1})
    watched = Watched(**{name: getattr(facts, name) for name in RampFacts.__slots__})
    assert turn(watched, clinician(2)).suggestions
    with pytest.raises(AssertionError, match="payer"):
        _ = watched.payer
    assert not {"payer", "coverage", "value"} & set(RampFacts.__slots__)
