"""Time counted in minutes in which a text may go: nobody is asked, or answers, at night."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from zoneinfo import ZoneInfo

from crm.rules.law import CLOSES_AT, OPENS_AT
from outreach.rules.quiet_hours import next_permitted

_MINUTE = dt.timedelta(minutes=1)


def texting_minutes(start: dt.datetime, end: dt.datetime, *, zone: str) -> float:
    """Minutes from `start` to `end` (aware) within texting hours at `zone`; 0 if none."""
    return sum((stretch_end - at) / _MINUTE for at, stretch_end in _stretches(start, end, zone))


def after_texting_minutes(
    start: dt.datetime, minutes: float, *, zone: str, until: dt.datetime
) -> dt.datetime:
    """The moment when `minutes` of texting hours have passed since `start`, at most `until`."""
    for at, stretch_end in _stretches(start, until, zone):
        length = (stretch_end - at) / _MINUTE
        if minutes <= length:
            return at + minutes * _MINUTE
        minutes -= length
    return until


def _stretches(
    start: dt.datetime, end: dt.datetime, zone: str
) -> Iterator[tuple[dt.datetime, dt.datetime]]:
    """The stretches of texting hours from `start` to `end`, in UTC so that they subtract right."""
    at = start.astimezone(dt.UTC)
    while at < end:
        at = next_permitted(at, zone=zone, opens=OPENS_AT, closes=CLOSES_AT)
        if at >= end:
            return
        stretch_end = min(_closing(at, zone), end.astimezone(dt.UTC))
        yield at, stretch_end
        at = stretch_end


def _closing(at: dt.datetime, zone: str) -> dt.datetime:
    local = ZoneInfo(zone)
    closing = dt.datetime.combine(at.astimezone(local), dt.time(CLOSES_AT), tzinfo=local)
    return closing.astimezone(dt.UTC)
