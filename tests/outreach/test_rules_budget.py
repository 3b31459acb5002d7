"""The contact budget: one a day, three a week, and when there is room again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outreach.rules.budget import WEEK, BudgetRule, within_budget

CHICAGO = "America/Chicago"
AT = datetime(2026, 12, 2, 18, 0, tzinfo=UTC)  # noon on a Wednesday in Chicago


def chicago(*when: int) -> datetime:
    return datetime(*when, tzinfo=ZoneInfo(CHICAGO))  # type: ignore[misc,arg-type]


def test_allows_the_first_text() -> None:
    answer = within_budget([], at=AT, zone=CHICAGO)
    assert answer.allowed
    assert answer.rule is None
    assert answer.retry_at is None


def test_refuses_a_second_text_on_one_day_until_midnight_there() -> None:
    answer = within_budget([chicago(2026, 12, 2, 0, 0)], at=AT, zone=CHICAGO)
    assert not answer.allowed
    assert answer.rule == BudgetRule.PER_DAY
    assert answer.retry_at == chicago(2026, 12, 3, 0, 0)
    assert answer.sentence == "Already had 1 text, the most a day."


def test_the_day_is_the_persons_not_the_servers() -> None:
    sent = [datetime(2026, 12, 2, 4, 0, tzinfo=UTC)]  # still 1 December in Chicago
    assert within_budget(sent, at=AT, zone=CHICAGO).allowed
    assert not within_budget(sent, at=AT, zone="UTC").allowed


def test_refuses_a_fourth_text_in_seven_days_until_the_oldest_is_a_week_old() -> None:
    sent = [AT - timedelta(days=days, hours=1) for days in (1, 3, 6)]
    answer = within_budget(sent, at=AT, zone=CHICAGO)
    assert answer.rule == BudgetRule.PER_WEEK
    assert answer.retry_at == sent[2] + WEEK
    assert "the most in seven days" in answer.sentence


def test_a_text_of_exactly_a_week_ago_no_longer_counts() -> None:
    sent = [AT - timedelta(days=2), AT - timedelta(days=4), AT - WEEK]
    assert within_budget(sent, at=AT, zone=CHICAGO).allowed
    sent[2] += timedelta(microseconds=1)
    assert not within_budget(sent, at=AT, zone=CHICAGO).allowed


def test_the_retry_time_satisfies_both_caps() -> None:
    sent = [AT - timedelta(hours=1), AT - timedelta(days=2), AT - timedelta(days=3)]
    answer = within_budget(sent, at=AT, zone=CHICAGO)
    assert answer.rule == BudgetRule.PER_DAY
    assert answer.retry_at == sent[2] + WEEK


def test_a_text_stamped_in_the_future_counts() -> None:
    ahead = within_budget([AT + timedelta(minutes=5)], at=AT, zone=CHICAGO)
    assert ahead.rule == BudgetRule.PER_DAY
    tomorrow = within_budget([AT + timedelta(days=1)], at=AT, zone=CHICAGO)
    assert tomorrow.retry_at == chicago(2026, 12, 4, 0, 0)


@pytest.mark.parametrize(
    ("zone", "sent", "midnight"),
    [
        # 23 and 25 hours long; Havana's clocks skip midnight itself.
        (CHICAGO, "2026-03-08T06:00Z", "2026-03-09T05:00Z"),
        (CHICAGO, "2026-11-01T05:00Z", "2026-11-02T06:00Z"),
        ("America/Havana", "2026-03-07T15:00Z", "2026-03-08T05:00Z"),
        ("Australia/Lord_Howe", "2026-10-03T14:00Z", "2026-10-04T13:00Z"),
    ],
)
def test_days_on_which_clocks_change_end_at_their_own_midnight(
    zone: str, sent: str, midnight: str
) -> None:
    at = datetime.fromisoformat(sent)
    answer = within_budget([at], at=at + timedelta(hours=1), zone=zone)
    assert answer.retry_at == datetime.fromisoformat(midnight)


def test_a_cap_of_zero_never_allows_one() -> None:
    for caps in ({"per_day": 0}, {"per_week": 0}):
        answer = within_budget([], at=AT, zone=CHICAGO, **caps)
        assert not answer.allowed
        assert answer.retry_at is None
        assert "none may be sent" in answer.sentence


def test_refuses_naive_times_and_negative_caps() -> None:
    with pytest.raises(ValueError, match="aware"):
        within_budget([AT.replace(tzinfo=None)], at=AT, zone=CHICAGO)
    with pytest.raises(ValueError, match="negative"):
        within_budget([], at=AT, zone=CHICAGO, per_day=-1)


@given(
    minutes=st.lists(st.integers(min_value=-200, max_value=20_000), max_size=8),
    zone=st.sampled_from([CHICAGO, "America/Phoenix", "Australia/Lord_Howe", "America/Havana"]),
    at=st.datetimes(
        min_value=datetime(2024, 1, 1),  # noqa: DTZ001 Hypothesis wants naive bounds
        max_value=datetime(2027, 1, 1),  # noqa: DTZ001
        timezones=st.just(UTC),
    ),
    per_day=st.integers(min_value=1, max_value=3),
    per_week=st.integers(min_value=1, max_value=5),
)
def test_the_retry_time_is_the_first_that_is_allowed(
    minutes: list[int], zone: str, at: datetime, per_day: int, per_week: int
) -> None:
    sent = [at - timedelta(minutes=ago) for ago in minutes]

    def allowed(when: datetime) -> bool:
        return within_budget(sent, at=when, zone=zone, per_day=per_day, per_week=per_week).allowed

    answer = within_budget(sent, at=at, zone=zone, per_day=per_day, per_week=per_week)
    today = at.astimezone(ZoneInfo(zone)).date()
    days = [when.astimezone(ZoneInfo(zone)).date() for when in sent]
    assert answer.allowed == (
        sum(day >= today for day in days) < per_day
        and sum(when > at - WEEK for when in sent) < per_week
    )
    if not answer.allowed:
        assert answer.retry_at is not None
        assert answer.retry_at > at
        assert allowed(answer.retry_at)
        assert not allowed(answer.retry_at - timedelta(microseconds=1))
