"""A clinician's day: periods that touch or overlap, caps, gaps and pairs, against counting."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduling.rules import DayFacts, DayLimit, DayVisit
from scheduling.rules.day import what_the_day_hides
from scheduling.rules.effects import DEFAULTS, FIXED, SETTABLE, Effect, effect_of
from scheduling.rules.names import HiddenBy
from scheduling.states import RuleEffect, RuleKind, RulePer

ZONE = "Australia/Lord_Howe"
#: The Sunday on which the clock there goes forward by half an hour, at 2:00.
SUNDAY = dt.date(2026, 10, 4)
MINUTE = dt.timedelta(minutes=1)
CONSULT, PROCEDURE = 1, 2


def at(day: dt.date, minute: int) -> dt.datetime:
    """So many real minutes after the site's midnight."""
    midnight = dt.datetime.combine(day, dt.time.min, ZoneInfo(ZONE))
    return midnight.astimezone(dt.UTC) + minute * MINUTE


def visit(minute: int, minutes: int = 30, *, kind: int = PROCEDURE, **about: object) -> DayVisit:
    start = at(SUNDAY, minute)
    return DayVisit(
        starts_at=start,
        ends_at=start + minutes * MINUTE,
        visit_type_id=kind,
        **about,  # type: ignore[arg-type]
    )


def day(*visits: DayVisit, limits: tuple[DayLimit, ...], start: int = 600) -> DayFacts:
    """A procedure of 30 minutes that is asked about, beside these."""
    return DayFacts(
        provider="Dr. Okafor",
        starts_at=at(SUNDAY, start),
        ends_at=at(SUNDAY, start + 30),
        zone=ZONE,
        visit_type_id=PROCEDURE,
        limits=limits,
        visits=visits,
    )


def rules(facts: DayFacts) -> list[HiddenBy]:
    return [found.rule for found in what_the_day_hides(facts)]


@given(
    starts=st.lists(st.tuples(st.integers(0, 1300), st.integers(1, 120)), max_size=6),
    least=st.integers(1, 90),
)
def test_a_gap_counts_the_minutes_that_nobody_has(
    starts: list[tuple[int, int]], least: int
) -> None:
    """Against counting: every minute of the gap's width on both sides must be free."""
    taken = {minute for start, length in starts for minute in range(start, start + length)}
    must_be_free = range(600 - least, 630 + least)
    gap = DayLimit(kind=RuleKind.GAP, number=least)
    facts = day(*(visit(*one) for one in starts), limits=(gap,))
    assert rules(facts) == ([HiddenBy.GAP] if taken & set(must_be_free) else [])


def test_periods_are_half_open() -> None:
    touching = day(visit(570), visit(630), limits=(DayLimit(kind=RuleKind.GAP, number=1),))
    (found,) = what_the_day_hides(touching)
    assert found.sentence == "Dr. Okafor needs 1 min between such visits; there would be 0 min."
    free = (visit(569), visit(631))
    assert rules(day(*free, limits=(DayLimit(kind=RuleKind.GAP, number=1),))) == []


@given(
    days_off=st.lists(st.integers(-8, 8), max_size=12),
    most=st.integers(0, 4),
    per=st.sampled_from(RulePer),
)
def test_a_cap_counts_the_sites_day_or_week(days_off: list[int], most: int, per: RulePer) -> None:
    """The first and the last minute of each day, on both sides of a clock change."""
    visits = []
    for n, off in enumerate(days_off):
        start = at(SUNDAY + dt.timedelta(days=off), 0)
        if n % 2:
            start = at(SUNDAY + dt.timedelta(days=off + 1), 0) - MINUTE
        visits.append(replace(visit(0, 1), starts_at=start, ends_at=start + MINUTE))
    counted = [off for off in days_off if (-6 <= off <= 0 if per is RulePer.WEEK else off == 0)]
    cap = DayLimit(kind=RuleKind.DAILY_CAP, number=most, per=per)
    found = rules(day(*visits, limits=(cap,)))
    assert found == ([HiddenBy.DAILY_CAP] if len(counted) >= most else [])


def test_limits_look_at_what_they_are_about_only() -> None:
    others = (visit(500, kind=CONSULT), visit(540, kind=CONSULT), visit(700, here=False))
    about = frozenset({PROCEDURE})
    cap = DayLimit(kind=RuleKind.DAILY_CAP, number=1, visit_types=about, here=True)
    assert rules(day(*others, limits=(cap,))) == []
    assert rules(day(*others, limits=(replace(cap, here=False),))) == [HiddenBy.DAILY_CAP]
    consult = replace(day(*others, limits=(cap,)), visit_type_id=CONSULT)
    assert rules(replace(consult, limits=(replace(cap, number=0),))) == []


@pytest.mark.parametrize(
    ("visits", "hides"),
    [
        ([visit(480)], True),  # however long the pause
        ([visit(480), visit(540, kind=CONSULT)], False),
        ([visit(660)], True),
        ([visit(640, 10, kind=CONSULT), visit(660)], False),
        ([visit(600, in_slot=True)], False),  # together, not in a row
    ],
)
def test_not_two_in_a_row_means_nothing_between_them(visits: list[DayVisit], hides: bool) -> None:
    pairing = DayLimit(
        kind=RuleKind.PAIRING, visit_types=frozenset({PROCEDURE}), reason="two-hour clean"
    )
    found = what_the_day_hides(day(*visits, limits=(pairing,)))
    assert [one.sentence for one in found] == (
        ["Dr. Okafor does not do two such visits in a row (two-hour clean)."] if hides else []
    )


@pytest.mark.parametrize(("is_new", "hides"), [(True, True), (False, False), (None, False)])
def test_new_patient_limits_ask_about_new_patients(is_new: bool | None, hides: bool) -> None:
    limit = DayLimit(kind=RuleKind.NEW_LIMIT, number=1)
    facts = day(visit(300, is_new=True), visit(400), limits=(limit,))
    found = rules(replace(facts, is_new=is_new))
    assert found == ([HiddenBy.NEW_LIMIT] if hides else [])


def test_what_is_physical_blocks_whatever_a_clinic_sets() -> None:
    anything = Effect(RuleEffect.WARN)
    assert set(DEFAULTS) == set(HiddenBy)
    for rule in HiddenBy:
        set_by_clinic = effect_of(rule, {rule: anything})
        assert (set_by_clinic.effect is RuleEffect.BLOCK) == (rule in FIXED)
        assert (rule in SETTABLE) == (rule not in FIXED | {HiddenBy.NEEDS})
        if DEFAULTS[rule].effect is RuleEffect.OVERRIDE:
            assert DEFAULTS[rule].roles
