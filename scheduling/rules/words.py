"""Days, spans and distances as staff would say them."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable
from typing import Final

from crm.rules.said import Said, say, say_all, say_count, say_full_date, say_weekday_date

WEEKDAYS: Final = (
    "Monday",
    "Tuesday",
    "Wednesday",
    "Thursday",
    "Friday",
    "Saturday",
    "Sunday",
)
_HOUR, _DAY = 60, 24 * 60
NOON: Final = 12


def say_day(day: dt.date) -> Said:
    """ "Tue Dec 1". Without the year: freed slots are weeks away at most."""
    return say_weekday_date(day)


def say_date(day: dt.date) -> Said:
    """ "Jan 7, 2027": a day that may be years away."""
    return say_full_date(day)


def say_clock(moment: dt.datetime) -> str:
    """ "7:00 AM", on the wall clock that `moment` carries."""
    return f"{(moment.hour - 1) % 12 + 1}:{moment:%M} {'AM' if moment.hour < NOON else 'PM'}"


def say_when(moment: dt.datetime) -> Said:
    """ "Tue Dec 1 at 7:00 AM", on the wall clock that `moment` carries."""
    return say("%(day)s at %(clock)s", day=say_day(moment.date()), clock=say_clock(moment))


def say_ages(least: int | None, most: int | None) -> Said:
    """ "ages 18 and over", "ages up to 17", "ages 4 to 17"."""
    if least is None:
        return say("ages up to %(most)s", most=most)
    if most is None:
        return say("ages %(least)s and over", least=least)
    return say("ages %(least)s to %(most)s", least=least, most=most)


def say_days(days: int) -> Said:
    """ "1 day", "9 days", from two weeks on "6 weeks", from 14 weeks on "5 months"."""
    if days < 14:
        return say_exact_days(days)
    if days < 98:
        return say_count("%(n)s week", "%(n)s weeks", n=round(days / 7))
    return say_count("%(n)s month", "%(n)s months", n=round(days / 30.44))


def say_exact_days(days: int) -> Said:
    """ "1 day", "30 days": a limit, which weeks and months would blur."""
    return say_count("%(n)s day", "%(n)s days", n=days)


def say_minutes(minutes: float) -> Said:
    """ "40 min", "2 h 30 min", from two days on "2 days 23 h". Never more than there are."""
    whole = math.floor(minutes)
    if whole >= 2 * _DAY:
        days, hours = divmod(whole // _HOUR, 24)
        return say_all([say_exact_days(days), f"{hours} h" if hours else ""])
    hours, rest = divmod(whole, _HOUR)
    if not hours:
        return say(f"{rest} min")  # as in Spanish
    return say(f"{hours} h {rest} min" if rest else f"{hours} h")


def say_miles(miles: float) -> Said:
    """ "3 miles", or "less than a mile"."""
    if miles < 1:
        return say("less than a mile")
    return say_count("%(n)s mile", "%(n)s miles", n=round(miles))


def say_list(words: Iterable[str], *, last: str = "and") -> Said | str:
    """ "Monday", "Monday and Friday", "Monday, Tuesday and Friday"."""
    *first, end = words
    if not first:
        return end
    pattern = "%(first)s or %(last)s" if last == "or" else "%(first)s and %(last)s"
    return say(pattern, first=say_all(first, ", "), last=end)


def say_percent(share: float) -> str:
    """ "11 %" of 0.108."""
    return f"{share * 100:.0f} %"
