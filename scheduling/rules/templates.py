"""Slots from weekly patterns: what a clinician's schedule says of a span of days.

On the two days a year on which the clocks change, a session is from when the wall clock first
shows its start until it first shows its end (`releasing.first_moment`):

- A time that is skipped is the first moment after the gap. So a session from 1:30 to 3:30 on the
  day on which 2:00 becomes 3:00 lasts one hour, and one that lies in the gap has no slots.
- A time that comes twice is the first of the two. So a session from 1:00 to 1:45 takes place once,
  and one from 0:30 to 2:30 lasts three hours.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from zoneinfo import ZoneInfo

from scheduling.rules.recurrence import days_of
from scheduling.rules.releasing import first_moment
from scheduling.states import ExceptionKind

#: Most sessions begin and end at the same few times of the same days, in few zones.
_moment = lru_cache(maxsize=16_384)(first_moment)
#: A day, and the hours of that day by the site's wall clock.
Session = tuple[dt.date, dt.time, dt.time]


@dataclass(frozen=True, slots=True)
class Release:
    """When a restriction lifts: at a time of day some days before, or real hours before."""

    days_before: int | None = None
    at_time: dt.time | None = None
    hours_before: int | None = None


@dataclass(frozen=True, slots=True)
class Pattern:
    """A weekly pattern as the rules see it: dates and times of the site."""

    pk: int
    weekday: int
    starts: dt.time
    ends: dt.time
    slot_minutes: int
    valid_from_on: dt.date
    valid_until_on: dt.date | None = None
    every_weeks: int = 1
    release: Release | None = None


@dataclass(frozen=True, slots=True)
class Deviation:
    """One date on which a pattern differs; hours for a changed or an extra session."""

    pattern_id: int
    on: dt.date
    kind: ExceptionKind
    starts: dt.time | None = None
    ends: dt.time | None = None


@dataclass(frozen=True, slots=True)
class Period:
    """[starts_at, ends_at), aware."""

    starts_at: dt.datetime
    ends_at: dt.datetime


@dataclass(frozen=True, slots=True)
class Stretch:
    """Slots of one pattern, one right after the other; times in UTC.

    `release_at` holds for all of them (for each no later than its start), `release_before` counts
    from the start of each.
    """

    pattern_id: int
    starts_at: dt.datetime
    minutes: int
    count: int
    release_at: dt.datetime | None = None
    release_before: dt.timedelta | None = None


@dataclass(frozen=True, slots=True)
class SlotTime:
    """One slot that the schedule has."""

    pattern_id: int
    starts_at: dt.datetime
    ends_at: dt.datetime
    release_at: dt.datetime | None = None


def expand(
    patterns: Iterable[Pattern],
    exceptions: Iterable[Deviation] = (),
    *,
    absences: Sequence[Period] = (),
    holidays: Collection[dt.date] = frozenset(),
    first_on: dt.date,
    last_on: dt.date,
    zone: ZoneInfo,
) -> tuple[SlotTime, ...]:
    """Every slot of one clinician at one site on the days from `first_on` to `last_on`, in order.

    No slot reaches past the end of its session. A slot that touches an absence is left out, as is
    every session on a holiday, also an extra one. Where an extra
    session of a pattern overlaps its usual one, no slot overlaps another.
    """
    found = stretches(
        patterns,
        exceptions,
        absences=absences,
        holidays=holidays,
        first_on=first_on,
        last_on=last_on,
        zone=zone,
    )
    return tuple(sorted(_slots(found), key=lambda slot: (slot.starts_at, slot.pattern_id)))


def stretches(
    patterns: Iterable[Pattern],
    exceptions: Iterable[Deviation] = (),
    *,
    absences: Sequence[Period] = (),
    holidays: Collection[dt.date] = frozenset(),
    first_on: dt.date,
    last_on: dt.date,
    zone: ZoneInfo,
) -> list[Stretch]:
    """What `expand` returns, as runs of slots: a tenth of the values, for those who write them."""
    deviations: dict[int, list[Deviation]] = defaultdict(list)
    for deviation in exceptions:
        deviations[deviation.pattern_id].append(deviation)
    found: list[Stretch] = []
    for pattern in patterns:
        sessions = _sessions(pattern, deviations[pattern.pk], holidays, first_on, last_on)
        taken: list[dt.datetime] | None = [] if deviations[pattern.pk] else None
        for session in sessions:
            found += _cut(pattern, session, absences=absences, taken=taken, zone=zone)
    return found


def _sessions(
    pattern: Pattern,
    deviations: Sequence[Deviation],
    holidays: Collection[dt.date],
    first_on: dt.date,
    last_on: dt.date,
) -> Iterator[Session]:
    instead = {d.on: d for d in deviations if d.kind is not ExceptionKind.EXTRA}
    days = days_of(
        weekday=pattern.weekday,
        every_weeks=pattern.every_weeks,
        valid_from_on=pattern.valid_from_on,
        valid_until_on=pattern.valid_until_on,
        first_on=first_on,
        last_on=last_on,
    )
    for day in days:
        if day in holidays:
            continue
        other = instead.get(day)
        if other is None:
            yield day, pattern.starts, pattern.ends
        elif other.starts and other.ends:
            yield day, other.starts, other.ends
    for extra in deviations:
        open_then = first_on <= extra.on <= last_on and extra.on not in holidays
        if extra.kind is ExceptionKind.EXTRA and open_then and extra.starts and extra.ends:
            yield extra.on, extra.starts, extra.ends


def _cut(
    pattern: Pattern,
    session: Session,
    *,
    absences: Sequence[Period],
    taken: list[dt.datetime] | None,
    zone: ZoneInfo,
) -> Iterator[Stretch]:
    """A session in slots of real minutes; broken where somebody is away or a slot is there."""
    day, starts, ends = session
    starts_at, ends_at = _moment(day, starts, zone), _moment(day, ends, zone)
    length = dt.timedelta(minutes=pattern.slot_minutes)
    count = max(0, (ends_at - starts_at) // length)
    away = [a for a in absences if a.starts_at < ends_at and a.ends_at > starts_at]
    release_at, before = _release(pattern.release, day, zone)
    if not away and taken is None:
        if count:
            yield Stretch(pattern.pk, starts_at, pattern.slot_minutes, count, release_at, before)
        return
    for n in range(count):
        at = starts_at + n * length
        if any(a.starts_at < at + length and a.ends_at > at for a in away):
            continue
        if taken is not None:
            if any(abs(at - other) < length for other in taken):
                continue
            taken.append(at)
        yield Stretch(pattern.pk, at, pattern.slot_minutes, 1, release_at, before)


def _release(
    release: Release | None, day: dt.date, zone: ZoneInfo
) -> tuple[dt.datetime | None, dt.timedelta | None]:
    if release is None:
        return None, None
    if release.hours_before is not None:
        return None, dt.timedelta(hours=release.hours_before)
    lifts_on = day - dt.timedelta(days=release.days_before or 0)
    return _moment(lifts_on, release.at_time or dt.time.min, zone), None


def _slots(found: Iterable[Stretch]) -> Iterator[SlotTime]:
    for stretch in found:
        length = dt.timedelta(minutes=stretch.minutes)
        for n in range(stretch.count):
            at = stretch.starts_at + n * length
            yield SlotTime(stretch.pattern_id, at, at + length, _lifts(stretch, at))


def _lifts(stretch: Stretch, starts_at: dt.datetime) -> dt.datetime | None:
    if stretch.release_before is not None:
        return starts_at - stretch.release_before
    return min(stretch.release_at, starts_at) if stretch.release_at else None


def clash(one: Pattern, other: Pattern) -> bool:
    """Whether two sessions of one clinician could ever be at the same time.

    Sessions of every n-th week clash unless their weeks never meet.
    """
    if one.weekday != other.weekday or one.starts >= other.ends or other.starts >= one.ends:
        return False
    first = max(one.valid_from_on, other.valid_from_on)
    last = min(one.valid_until_on or dt.date.max, other.valid_until_on or dt.date.max)
    span = dt.timedelta(weeks=one.every_weeks * other.every_weeks)
    if dt.date.max - first > span:
        last = min(last, first + span)  # from there on it repeats
    return bool(_days(one, first, last) & _days(other, first, last))


def _days(pattern: Pattern, first_on: dt.date, last_on: dt.date) -> set[dt.date]:
    return set(
        days_of(
            weekday=pattern.weekday,
            every_weeks=pattern.every_weeks,
            valid_from_on=pattern.valid_from_on,
            valid_until_on=pattern.valid_until_on,
            first_on=first_on,
            last_on=last_on,
        )
    )
