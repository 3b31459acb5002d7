"""Days, spans and distances as staff would say them."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable
from typing import Final

WEEKDAYS: Final = (
    "Monday",
    "Tuesday",
    "Wednesday",
    "Thursday",
    "Friday",
    "Saturday",
    "Sunday",
)
_MONTHS: Final = (
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
)  # fmt: skip
_HOUR, _DAY = 60, 24 * 60
NOON: Final = 12


def say_day(day: dt.date) -> str:
    """ "Tue Dec 1". Without the year: freed slots are weeks away at most."""
    return f"{WEEKDAYS[day.weekday()][:3]} {_MONTHS[day.month - 1]} {day.day}"


def say_date(day: dt.date) -> str:
    """ "Jan 7, 2027": a day that may be years away."""
    return f"{_MONTHS[day.month - 1]} {day.day}, {day.year}"


def say_clock(moment: dt.datetime) -> str:
    """ "7:00 AM", on the wall clock that `moment` carries."""
    return f"{(moment.hour - 1) % 12 + 1}:{moment:%M} {'AM' if moment.hour < NOON else 'PM'}"


def say_when(moment: dt.datetime) -> str:
    """ "Tue Dec 1 at 7:00 AM", on the wall clock that `moment` carries."""
    return f"{say_day(moment.date())} at {say_clock(moment)}"


def say_ages(least: int | None, most: int | None) -> str:
    """ "ages 18 and over", "ages up to 17", "ages 4 to 17"."""
    if least is None:
        return f"ages up to {most}"
    return f"ages {least} and over" if most is None else f"ages {least} to {most}"


def say_days(days: int) -> str:
    """ "1 day", "9 days", from two weeks on "6 weeks", from 14 weeks on "5 months"."""
    if days < 14:
        return _count(days, "day")
    if days < 98:
        return _count(round(days / 7), "week")
    return _count(round(days / 30.44), "month")


def say_exact_days(days: int) -> str:
    """ "1 day", "30 days": a limit, which weeks and months would blur."""
    return _count(days, "day")


def say_minutes(minutes: float) -> str:
    """ "40 min", "2 h 30 min", from two days on "2 days 23 h". Never more than there are."""
    whole = math.floor(minutes)
    if whole >= 2 * _DAY:
        days, hours = divmod(whole // _HOUR, 24)
        return _count(days, "day") + (f" {hours} h" if hours else "")
    hours, rest = divmod(whole, _HOUR)
    if not hours:
        return f"{rest} min"
    return f"{hours} h {rest} min" if rest else f"{hours} h"


def say_miles(miles: float) -> str:
    """ "3 miles", or "less than a mile"."""
    return "less than a mile" if miles < 1 else _count(round(miles), "mile")


def say_list(words: Iterable[str], *, last: str = "and") -> str:
    """ "Monday", "Monday and Friday", "Monday, Tuesday and Friday"."""
    *first, end = words
    return f"{', '.join(first)} {last} {end}" if first else end


def say_percent(share: float) -> str:
    """ "11 %" of 0.108."""
    return f"{share * 100:.0f} %"


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"
