from __future__ import annotations

import datetime as dt

import pytest

from scheduling.rules.words import say_day, say_days, say_list, say_miles, say_minutes, say_percent


def test_says_a_day_without_the_year() -> None:
    assert say_day(dt.date(2026, 12, 1)) == "Tue Dec 1"


@pytest.mark.parametrize(
    ("days", "words"),
    [(1, "1 day"), (13, "13 days"), (14, "2 weeks"), (42, "6 weeks"), (150, "5 months")],
)
def test_says_a_span_in_the_unit_that_people_use(days: int, words: str) -> None:
    assert say_days(days) == words


@pytest.mark.parametrize(
    ("minutes", "words"),
    [
        (40, "40 min"),
        (59.9, "59 min"),
        (60, "1 h"),
        (150, "2 h 30 min"),
        (24 * 60, "24 h"),
        (48 * 60, "2 days"),
        (72 * 60 - 1, "2 days 23 h"),
    ],
)
def test_says_minutes_and_never_more_than_there_are(minutes: float, words: str) -> None:
    assert say_minutes(minutes) == words


@pytest.mark.parametrize(
    ("miles", "words"), [(0.4, "less than a mile"), (1.2, "1 mile"), (2.6, "3 miles")]
)
def test_says_miles(miles: float, words: str) -> None:
    assert say_miles(miles) == words


def test_says_lists_and_percents() -> None:
    assert say_list(["Monday"]) == "Monday"
    assert say_list(["Monday", "Tuesday", "Friday"]) == "Monday, Tuesday and Friday"
    assert say_percent(0.108) == "11 %"
