"""When a visit begins and ends, from places that contradict each other.

Start, the first that is filled:

1. TQ1-7, the present home of the timing (version 2.5 and later);
2. AIS-4, else AIP-6, else AIL-6: the earliest of them;
3. SCH-11.4, kept by the standard for old versions only, and left stale by many senders (in the
   public samples it names another year and ends before it begins).

End: TQ1-8 or SCH-11.5 where the start came from there; else TQ1-6; else the latest end of AIS,
AIP or AIL (start or offset, and duration); else SCH-9 and SCH-10, which are last because a unit
set once ("60 s") often stays wrong unseen. A visit shorter than 5 minutes or longer than a day
has a wrong unit or a stale field: its end is left open, and noted.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass

from integrations.hl7v2.errors import ErrorCode, Hl7Refused
from integrations.hl7v2.message import Element, Hl7Message, Segment
from integrations.hl7v2.profile import SenderProfile
from integrations.hl7v2.resources import ResourceGroup, every
from integrations.hl7v2.times import BadStamp, read_stamp

SHORTEST = dt.timedelta(minutes=5)
LONGEST = dt.timedelta(hours=24)

_UNITS = {
    "s": 1,
    "sec": 1,
    "secs": 1,
    "second": 1,
    "seconds": 1,
    "": 60,
    "m": 60,
    "min": 60,
    "mins": 60,
    "minute": 60,
    "minutes": 60,
    "h": 3600,
    "hr": 3600,
    "hrs": 3600,
    "hour": 3600,
    "hours": 3600,
}

#: Field numbers of start, offset, offset units, duration, duration units.
_RESOURCE_FIELDS = {"AIS": (4, 5, 6, 7, 8), "AIP": (6, 7, 8, 9, 10), "AIL": (6, 7, 8, 9, 10)}


@dataclass(frozen=True, slots=True)
class Timing:
    """UTC; None where the message does not say."""

    starts_at: dt.datetime | None
    ends_at: dt.datetime | None


@dataclass(slots=True)
class _Reader:
    """Reads stamps of one message; `strict` refuses what cannot be read instead of noting it."""

    profile: SenderProfile
    notes: list[str]
    strict: bool

    def stamp(self, text: str, field: str) -> dt.datetime | None:
        """:raises Hl7Refused: when strict, for what is no time."""
        if not self.strict:
            return self.lenient(text, field)
        try:
            return self._read(text, field)
        except BadStamp as error:
            raise Hl7Refused(
                field=field, sentence=f"{field} {error}", error_code=ErrorCode.WRONG_TYPE
            ) from error

    def lenient(self, text: str, field: str) -> dt.datetime | None:
        """None, and a note, for what is no time."""
        try:
            return self._read(text, field)
        except BadStamp as error:
            self.notes.append(f"{field} {error}")
            return None

    def _read(self, text: str, field: str) -> dt.datetime | None:
        if not text:
            return None
        stamp = read_stamp(text, self.profile.tz)
        if stamp.note:
            self.notes.append(f"{field} {stamp.note}")
        return stamp.at


def read_timing(
    message: Hl7Message,
    groups: list[ResourceGroup],
    profile: SenderProfile,
    notes: list[str],
    *,
    strict: bool,
) -> Timing:
    """Start and end of the visit; the precedence is the module's.

    :raises Hl7Refused: with `strict`, when the best place for the start cannot be read.
    """
    reader = _Reader(profile, notes, strict)
    schedule = message.find("SCH") or Segment("SCH", ())
    tq1 = next((s for s in message.each("TQ1") if s.text(7)), Segment("TQ1", ()))
    sources = _sources(reader, tq1, groups, schedule)
    field, start, end = next(sources, ("", None, None))
    if start is None:
        return Timing(None, None)
    reader.strict = False
    _note_contradictions(field, start, sources, notes)
    end = (
        end
        or _after(start, _duration(tq1.text(6), tq1.text(6, 2)))
        or _resource_end(reader, groups, start)
        or _after(start, _duration(schedule.text(9), schedule.text(10)))
    )
    if end is None and strict:
        notes.append("The message does not say how long the visit takes.")
    return Timing(start, _plausible(start, end, notes))


def _sources(
    reader: _Reader, tq1: Segment, groups: list[ResourceGroup], schedule: Segment
) -> Iterator[tuple[str, dt.datetime, dt.datetime | None]]:
    """Each place that has a start, best first: its name, the start, its own end."""
    if start := reader.stamp(tq1.text(7), "TQ1-7"):
        yield "TQ1-7", start, reader.lenient(tq1.text(8), "TQ1-8")
    for name, (at, *_) in _RESOURCE_FIELDS.items():
        stamps = [reader.stamp(s.text(at), f"{name}-{at}") for s in every(groups, name)]
        if starts := [stamp for stamp in stamps if stamp is not None]:
            yield f"{name}-{at}", min(starts), None
    old = next((element for element in schedule.all(11) if element.text(4)), Element())
    if start := reader.stamp(old.text(4), "SCH-11"):
        yield "SCH-11", start, reader.lenient(old.text(5), "SCH-11")


def _note_contradictions(
    field: str,
    start: dt.datetime,
    others: Iterator[tuple[str, dt.datetime, dt.datetime | None]],
    notes: list[str],
) -> None:
    for other, at, _ in others:
        if at != start:
            notes.append(f"{other} gives another time than {field}, which was used.")


def _resource_end(
    reader: _Reader, groups: list[ResourceGroup], start: dt.datetime
) -> dt.datetime | None:
    """The latest end among services, else people, else places, that have a duration."""
    for name, (at, offset, offset_unit, length, unit) in _RESOURCE_FIELDS.items():
        ends = []
        for segment in every(groups, name):
            later = _after(start, _duration(segment.text(offset), segment.text(offset_unit)))
            begins = reader.lenient(segment.text(at), f"{name}-{at}") or later or start
            duration = _duration(segment.text(length), segment.text(unit))
            if duration is not None:
                ends.append(begins + duration)
        if ends:
            return max(ends)
    return None


def _duration(amount: str, unit: str) -> dt.timedelta | None:
    """A length of time, or None. Without a unit it is minutes."""
    seconds = _UNITS.get(unit.lower())
    if seconds is None or not re.fullmatch(r"[0-9]{1,6}(\.[0-9]{1,3})?", amount):
        return None
    return dt.timedelta(seconds=float(amount) * seconds)


def _after(start: dt.datetime, length: dt.timedelta | None) -> dt.datetime | None:
    return None if length is None else start + length


def _plausible(start: dt.datetime, end: dt.datetime | None, notes: list[str]) -> dt.datetime | None:
    if end is None or SHORTEST <= end - start <= LONGEST:
        return end
    notes.append("The visit would take less than 5 minutes or more than a day: end left open.")
    return None
