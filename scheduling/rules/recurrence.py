"""Which days a weekly pattern falls on, and when a site's wall clock shows a time.

On the two days a year on which the clocks change, a session is from when the wall clock first
shows its start until it first shows its end:

- A time that is skipped is the first moment after the gap. So a session from 1:30 to 3:30 on the
  day on which 2:00 becomes 3:00 lasts one hour, and one that lies in the gap has no slots.
- A time that comes twice is the first of the two. So a session from 1:00 to 1:45 takes place once,
  and one from 0:30 to 2:30 lasts three hours.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from zoneinfo import ZoneInfo

_A_MINUTE = dt.timedelta(minutes=1)
_A_WEEK = dt.timedelta(weeks=1)


def instant(day: dt.date, time: dt.time, zone: ZoneInfo) -> dt.datetime:
    """When the wall clock of `zone` first shows `time` or later on that day, in UTC."""
    shown = dt.datetime.combine(day, time, zone)
    at = shown.astimezone(dt.UTC)
    if at.astimezone(zone).replace(tzinfo=None) == shown.replace(tzinfo=None):
        return at
    return _end_of_gap(shown.replace(fold=1).astimezone(dt.UTC), at, zone)


def _end_of_gap(before: dt.datetime, after: dt.datetime, zone: ZoneInfo) -> dt.datetime:
    """The minute in (before, after] from which `zone` has the offset that it has at `after`."""
    offset = after.astimezone(zone).utcoffset()
    while after - before > _A_MINUTE:
        middle = before + (after - before) // 2
        middle = middle.replace(second=0, microsecond=0)
        if middle <= before:
            break
        if middle.astimezone(zone).utcoffset() == offset:
            after = middle
        else:
            before = middle
    return after


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
