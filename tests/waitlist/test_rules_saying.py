"""Times in the long form, in both languages and across clock changes."""

from __future__ import annotations

import datetime as dt

import pytest

from waitlist.rules.saying import same_clock, say_clock, say_day, say_zone

UTC = dt.UTC


@pytest.mark.parametrize(
    ("at", "zone", "english", "spanish", "clock"),
    [
        (
            dt.datetime(2026, 12, 1, 16, 40, tzinfo=UTC),
            "America/Phoenix",
            "Tuesday, December 1",
            "martes 1 de diciembre",
            "9:40 AM",
        ),
        # Late on one day in Los Angeles, early on the next in UTC.
        (
            dt.datetime(2026, 3, 1, 5, 5, tzinfo=UTC),
            "America/Los_Angeles",
            "Saturday, February 28",
            "sábado 28 de febrero",
            "9:05 PM",
        ),
        (
            dt.datetime(2028, 2, 29, 18, 0, tzinfo=UTC),
            "America/Chicago",
            "Tuesday, February 29",
            "martes 29 de febrero",
            "12:00 PM",
        ),
        # An hour after Chicago's clocks went forward.
        (
            dt.datetime(2026, 3, 8, 9, 0, tzinfo=UTC),
            "America/Chicago",
            "Sunday, March 8",
            "domingo 8 de marzo",
            "4:00 AM",
        ),
        (
            dt.datetime(2026, 8, 9, 6, 0, tzinfo=UTC),
            "America/New_York",
            "Sunday, August 9",
            "domingo 9 de agosto",
            "2:00 AM",
        ),
        (
            dt.datetime(2026, 8, 9, 4, 0, tzinfo=UTC),
            "America/New_York",
            "Sunday, August 9",
            "domingo 9 de agosto",
            "12:00 AM",
        ),
    ],
)
def test_says_day_and_clock_at_the_site(
    at: dt.datetime, zone: str, english: str, spanish: str, clock: str
) -> None:
    assert say_day(at, zone, "en") == english
    assert say_day(at, zone, "es") == spanish
    assert say_clock(at, zone) == clock


@pytest.mark.parametrize(
    ("zone", "english", "spanish"),
    [
        ("America/Phoenix", "Arizona time", "hora de Arizona"),
        ("America/Chicago", "Central time", "hora del centro"),
        ("America/Indiana/Indianapolis", "Indianapolis time", "hora de Indianapolis"),
        ("Australia/Lord_Howe", "Lord Howe time", "hora de Lord Howe"),
    ],
)
def test_names_a_zone_as_people_do(zone: str, english: str, spanish: str) -> None:
    assert (say_zone(zone, "en"), say_zone(zone, "es")) == (english, spanish)


def test_phoenix_and_denver_agree_in_winter_only() -> None:
    winter = dt.datetime(2026, 1, 15, tzinfo=UTC)
    assert same_clock(winter, "America/Phoenix", "America/Denver")
    summer = dt.datetime(2026, 7, 15, tzinfo=UTC)
    assert not same_clock(summer, "America/Phoenix", "America/Denver")
    assert same_clock(summer, "America/Phoenix", "America/Los_Angeles")
