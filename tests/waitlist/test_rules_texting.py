from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outreach.rules.quiet_hours import is_quiet
from tests.waitlist.rules_cast import NOW, TZ, ZONE
from waitlist.rules.texting import after_texting_minutes, texting_minutes

HOUR = dt.timedelta(hours=1)
UTC_NOW = NOW.astimezone(dt.UTC)
NIGHT = NOW.replace(hour=23)
zones = st.sampled_from(["America/Chicago", "America/Phoenix", "Australia/Lord_Howe", "UTC"])
moments = st.integers(0, 2 * 365 * 24 * 60).map(lambda n: UTC_NOW + dt.timedelta(minutes=n))
spans = st.integers(0, 40 * 24 * 60)


def test_counts_only_the_hours_in_which_a_text_may_go() -> None:
    assert texting_minutes(NOW, NOW + HOUR, zone=ZONE) == 60
    assert texting_minutes(NOW, NOW + 17 * HOUR, zone=ZONE) == (5 + 1) * 60  # to 9 tomorrow
    assert texting_minutes(NIGHT, NIGHT + 9 * HOUR, zone=ZONE) == 0
    assert texting_minutes(NOW, NOW - HOUR, zone=ZONE) == 0


@pytest.mark.parametrize(("month", "date"), [(3, 8), (11, 1)])
def test_a_day_on_which_the_clock_changes_has_thirteen_texting_hours(month: int, date: int) -> None:
    midnight = dt.datetime(2026, month, date, tzinfo=TZ)
    assert texting_minutes(midnight, midnight + dt.timedelta(days=1), zone=ZONE) == 13 * 60


def test_adds_texting_hours_over_the_night() -> None:
    until = NOW + 400 * HOUR
    assert after_texting_minutes(NOW, 30, zone=ZONE, until=until) == NOW + HOUR / 2
    assert after_texting_minutes(NOW, 6 * 60, zone=ZONE, until=until) == NOW + 17 * HOUR
    assert after_texting_minutes(NOW, 6 * 60, zone=ZONE, until=NOW + HOUR) == NOW + HOUR


@given(start=moments, minutes=spans, zone=zones)
def test_texting_minutes_are_at_most_the_minutes_there_are(
    start: dt.datetime, minutes: int, zone: str
) -> None:
    end = start + dt.timedelta(minutes=minutes)
    assert 0 <= texting_minutes(start, end, zone=zone) <= minutes + 1e-6


@given(start=moments, first=spans, second=spans, zone=zones)
def test_texting_minutes_add_up(start: dt.datetime, first: int, second: int, zone: str) -> None:
    middle = start + dt.timedelta(minutes=first)
    end = middle + dt.timedelta(minutes=second)
    parts = texting_minutes(start, middle, zone=zone) + texting_minutes(middle, end, zone=zone)
    assert parts == pytest.approx(texting_minutes(start, end, zone=zone))


@given(start=moments, minutes=st.integers(1, 5000), zone=zones)
def test_going_there_and_counting_back_agree(start: dt.datetime, minutes: int, zone: str) -> None:
    far = start + dt.timedelta(days=60)
    there = after_texting_minutes(start, minutes, zone=zone, until=far)
    assert texting_minutes(start, there, zone=zone) == pytest.approx(minutes)
    assert not is_quiet(there - dt.timedelta(seconds=1), zone=zone)


def test_the_hours_are_those_of_the_site() -> None:
    assert texting_minutes(NIGHT, NIGHT + HOUR, zone="Pacific/Honolulu") == 60
