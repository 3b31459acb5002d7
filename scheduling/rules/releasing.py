"""When a release rule lifts what keeps a slot back."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseTerms:
    """Either `days_before` the slot's day at `at_time` on the site's clock (0: on the day itself),
    or `hours_before`, real hours before it starts.

    :raises ValueError: for both, or neither.
    """

    days_before: int | None = None
    at_time: dt.time | None = None
    hours_before: int | None = None

    def __post_init__(self) -> None:
        by_clock = self.days_before is not None and self.at_time is not None
        half = (self.days_before is None) is not (self.at_time is None)
        if half or by_clock is (self.hours_before is not None):
            raise ValueError("A release rule is a time of day with the days before, or hours.")


def release_at(rule: ReleaseTerms, starts_at: dt.datetime, zone: str) -> dt.datetime:
    """When the rule lifts a slot that starts at `starts_at` (aware), in UTC.

    Hours are real hours: 72 hours before are 72, whatever the clock does in between. A time of
    day is the site's wall clock of that date; never after the slot has started. Where the clock
    goes forward and skips that time, the slot opens at the first moment after the gap, which a
    wall clock shows first ("2:30" becomes 3:00). Where it goes back and shows the time twice, the
    first of the two counts: nobody who comes at the hour that was named finds it still closed.
    """
    starts_at = starts_at.astimezone(dt.UTC)
    if rule.hours_before is not None:
        return starts_at - dt.timedelta(hours=rule.hours_before)
    if rule.days_before is None or rule.at_time is None:
        raise ValueError("A release rule is a time of day with the days before, or hours.")
    site = ZoneInfo(zone)
    day = starts_at.astimezone(site).date() - dt.timedelta(days=rule.days_before)
    return min(first_moment(day, rule.at_time, site), starts_at)


def first_moment(day: dt.date, wall: dt.time, zone: ZoneInfo) -> dt.datetime:
    """The first moment, in UTC, at which the zone's clock has reached `wall` on `day`.

    A repeated time is its first showing; a skipped one is the moment at which the clock jumps.
    """
    named = dt.datetime.combine(day, wall, tzinfo=zone)  # fold 0: the first of two
    moment = named.astimezone(dt.UTC)
    if moment.astimezone(zone).replace(tzinfo=None) == named.replace(tzinfo=None):
        return moment
    # In a gap, fold 0 reads with the offset of before, which lands as far behind the jump as the
    # time lies behind the gap's beginning; fold 1 with that of after lands as far before it.
    return _jump_between(named.replace(fold=1).astimezone(dt.UTC), moment, zone)


def _jump_between(before: dt.datetime, after: dt.datetime, zone: ZoneInfo) -> dt.datetime:
    """The second at which the zone's offset changes in (before, after]."""
    was = before.astimezone(zone).utcoffset()
    while after - before > dt.timedelta(seconds=1):
        middle = before + dt.timedelta(seconds=(after - before) // dt.timedelta(seconds=2))
        if middle.astimezone(zone).utcoffset() == was:
            before = middle
        else:
            after = middle
    return after.replace(microsecond=0)
