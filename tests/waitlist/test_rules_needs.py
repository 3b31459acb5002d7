"""What an earlier date would break: each rule on both sides of its edge."""

from __future__ import annotations

import dataclasses
import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduling.rules.needs import NEEDS as RULES
from scheduling.rules.requirements import Limit, LinkedVisit, Order, Requirements, due_again_on
from tests.waitlist.needs_cast import CASES, DAY, NEEDS, SLOT_DAY, in_hours, linked, needs, standing
from tests.waitlist.rules_cast import NOW, SLOT
from waitlist.rules.eligibility import RuleName

days = st.dates(dt.date(2000, 1, 1), dt.date(2090, 1, 1))


@pytest.mark.parametrize(("rule", "stopped", "sentence", "passes"), CASES)
def test_leaves_out_on_one_side_of_the_edge_only(
    rule: str, stopped: Requirements, sentence: str, passes: Requirements
) -> None:
    found = standing(stopped, at=NOW)
    assert found is not None
    assert (found.rule, found.sentence) == (rule, sentence)
    assert standing(passes, at=NOW) is None


def test_names_all_that_stands_against_it() -> None:
    both = needs(
        orders=(Order(valid_until_on=NOW.date() - dt.timedelta(days=2)),),
        terms={"prep_hours": 24, **in_hours(2)},
    )
    found = standing(both, at=NOW)
    assert found is not None
    assert found.rule == "authorization+preparation"
    assert "The authorization ended on Nov 28, 2026. Preparation takes 24 h;" in found.sentence


def test_each_need_has_a_case() -> None:
    assert {case[0] for case in CASES} == {name for name, _ in RULES}


def test_no_order_no_coverage_and_no_visit_before_leave_nobody_out() -> None:
    assert standing(NEEDS, at=NOW) is None


@pytest.mark.parametrize(
    ("last", "limit", "due"),
    [
        (dt.date(2024, 2, 29), Limit(months=12), dt.date(2025, 3, 1)),
        (dt.date(2024, 2, 29), Limit(months=48), dt.date(2028, 2, 29)),
        (dt.date(2026, 1, 31), Limit(months=1), dt.date(2026, 3, 1)),
        (dt.date(2026, 8, 31), Limit(months=6), dt.date(2027, 3, 1)),
        (dt.date(2027, 12, 31), Limit(months=2), dt.date(2028, 3, 1)),
        (dt.date(2026, 12, 15), Limit(months=1), dt.date(2027, 1, 15)),
        (dt.date(2027, 2, 28), Limit(months=12, days=1), dt.date(2028, 2, 29)),
        (dt.date(2026, 12, 25), Limit(days=10), dt.date(2027, 1, 4)),
    ],
)
def test_counts_months_by_the_calendar_and_never_a_day_too_few(
    last: dt.date, limit: Limit, due: dt.date
) -> None:
    assert due_again_on(last, limit) == due


@given(last=days, months=st.integers(0, 240), extra=st.integers(0, 60))
def test_the_next_is_due_in_its_month_or_on_the_first_after_it(
    last: dt.date, months: int, extra: int
) -> None:
    due = due_again_on(last, Limit(months=months, days=extra)) - extra * DAY
    gone = (due.year - last.year) * 12 + due.month - last.month
    assert (gone, due.day) == (months, last.day) or (gone, due.day) == (months + 1, 1)


@given(last=days, months=st.integers(0, 120), later=st.integers(0, 900))
def test_a_later_last_visit_never_makes_the_next_due_sooner(
    last: dt.date, months: int, later: int
) -> None:
    limit = Limit(months=months)
    assert due_again_on(last + later * DAY, limit) >= due_again_on(last, limit)


@pytest.mark.parametrize(
    ("rule", "hours"),
    [("preparation", 24), ("interpreter", 24), ("transport", 24)],
)
def test_hours_are_real_hours_over_a_clock_change(rule: str, hours: int) -> None:
    """Clocks go back on Nov 1: from 8 AM to 7 AM by the wall are 24 hours."""
    chicago = ZoneInfo("America/Chicago")
    slot_at = dt.datetime(2026, 11, 1, 7, 0, tzinfo=chicago)
    asked = needs(
        terms={
            "starts_at": slot_at,
            "prep_hours": hours,
            "interpreter_notice_hours": hours,
            "transport_notice_hours": hours,
        },
        interpreter="vi" if rule == "interpreter" else "",
        needs_transport=rule == "transport",
        orders=(Order(is_instructed=True),),
    )
    if rule != "preparation":
        quick = dataclasses.replace(asked.terms, prep_hours=0)
        asked = dataclasses.replace(asked, terms=quick)
    in_time = dt.datetime(2026, 10, 31, 8, 0, tzinfo=chicago)
    assert standing(asked, at=in_time) is None
    late = standing(asked, at=in_time + dt.timedelta(seconds=1))
    assert late is not None
    assert late.rule == rule


def test_the_day_is_that_of_the_site_not_of_utc() -> None:
    """9 PM in Chicago on the 8th is the 9th in UTC."""
    evening = {"starts_at": dt.datetime(2026, 12, 9, 3, 0, tzinfo=dt.UTC)}
    asked = needs(terms=evening, orders=(Order(valid_until_on=SLOT_DAY),))
    assert asked.terms.day == SLOT_DAY
    assert standing(asked, at=NOW) is None


def test_a_visit_of_the_same_day_must_be_over_first() -> None:
    def draw(minutes: int) -> LinkedVisit:
        ends = SLOT.starts_at + dt.timedelta(minutes=minutes)
        begins = ends - dt.timedelta(minutes=30)
        return dataclasses.replace(linked(0), starts_at=begins, ends_at=ends)

    assert standing(needs(linked=(draw(0),)), at=NOW) is None
    assert standing(needs(linked=(draw(1),)), at=NOW) is not None


def test_days_between_linked_visits_are_calendar_days_over_a_clock_change() -> None:
    """11:30 PM before the clocks go back, then 0:30 AM: one hour or two, and one day."""
    chicago = ZoneInfo("America/Chicago")
    first = dt.datetime(2026, 10, 31, 23, 30, tzinfo=chicago)
    slot_at = dt.datetime(2026, 11, 1, 0, 30, tzinfo=chicago)
    before = dataclasses.replace(
        linked(0), starts_at=first, ends_at=first + dt.timedelta(minutes=30), least_days=1
    )
    assert standing(needs(terms={"starts_at": slot_at}, linked=(before,)), at=NOW) is None
    two = dataclasses.replace(before, least_days=2)
    assert standing(needs(terms={"starts_at": slot_at}, linked=(two,)), at=NOW) is not None


def test_preparation_that_takes_no_time_needs_no_sending_either() -> None:
    assert standing(needs(terms={"prep_send_hours": 48, **in_hours(1)}), at=NOW) is None


def test_they_are_told_in_their_order() -> None:
    both = needs(orders=(Order(not_before_on=SLOT_DAY + DAY, visits_left=0),))
    found = standing(both, at=NOW)
    assert found is not None
    assert found.rule == f"{RuleName.ORDER_DATE}+{RuleName.AUTHORIZATION}"
