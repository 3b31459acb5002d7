"""Which days a weekly pattern falls on."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

_A_WEEK = dt.timedelta(weeks=1)


def days_of(
    *,
    weekday: int,
    every_weeks: int,
    valid_from_on: dt.date,
    valid_until_on: dt.date | None,
    first_on: dt.date,
    last_on: dt.date,
) -> Iterator[dt.date]:
    """The days from `first_on` to `last_on` on which a pattern takes place, in order.

    :param weekday: 0 is Monday.
    :param every_weeks: weeks are counted from the one (Monday first) of `valid_from_on`.
    """
    start = max(first_on, valid_from_on)
    end = last_on if valid_until_on is None else min(last_on, valid_until_on)
    first_week = valid_from_on - dt.timedelta(days=valid_from_on.weekday())
    day = start + dt.timedelta(days=(weekday - start.weekday()) % 7)
    off = ((day - first_week).days // 7) % every_weeks
    day += _A_WEEK * ((every_weeks - off) % every_weeks)
    step = _A_WEEK * every_weeks
    while day <= end:
        yield day
        day += step
