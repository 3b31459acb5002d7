"""When a visit begins and ends, from places that contradict each other.

Start, the first that can be read:

1. TQ1-7, the present home of the timing (version 2.5 and later);
2. before version 2.5, SCH-11.4, its home then, unless it makes no sense (it ends before it
   begins, or more than a day later);
3. AIS-4, else AIP-6, AIL-6 or AIG-8: the earliest of them;
4. SCH-11.4, which later versions keep for old receivers only, and which many senders leave stale
   (in the public samples it names another year and lasts eight days).

Whatever else has a start and says another is noted. End: TQ1-8 or SCH-11.5 where the start came
from there; else TQ1-6 or SCH-11.3; else the latest end of AIS, AIP, AIL or AIG (start or offset,
and duration); else SCH-9 and SCH-10, which are last because a unit set once ("60 s") often stays
wrong unseen. A visit shorter than 5 minutes or longer than a day has a wrong unit or a stale
field: its end is left open, and noted.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from integrations.hl7v2.errors import ErrorCode, Hl7Refused
from integrations.hl7v2.message import Element, Hl7Message, Segment
from integrations.hl7v2.profile import SenderProfile
from integrations.hl7v2.resources import ResourceGroup, every
from integrations.hl7v2.times import BadStamp, Stamp, read_stamp

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
    "d": 86400,
    "day": 86400,
    "days": 86400,
}

#: TQ.3 before version 2.5: M30 is thirty minutes.
_OLD_DURATION = re.compile(r"([SMHD])([0-9]{1,6})")
_AMOUNT = re.compile(r"[0-9]{1,6}(\.[0-9]{1,3})?")

#: Field numbers of start, offset, offset units, duration, duration units.
_RESOURCE_FIELDS = {
    "AIS": (4, 5, 6, 7, 8),
    "AIP": (6, 7, 8, 9, 10),
    "AIL": (6, 7, 8, 9, 10),
    "AIG": (8, 9, 10, 11, 12),
}


@dataclass(frozen=True, slots=True)
class Timing:
    """UTC; None where the message does not say. `place` is where the start was read."""

    starts_at: dt.datetime | None
    ends_at: dt.datetime | None
    place: str = ""
    zone: dt.tzinfo = dt.UTC  # as the sender wrote it: an offset, or its zone


@dataclass(frozen=True, slots=True)
class _Told:
    """One place that has a start, and what it says of the end."""

    place: str
    start: Stamp
    end: Stamp | None = None

    @property
    def makes_sense(self) -> bool:
        """Whether the end, where there is one, may follow the start."""
        return self.end is None or dt.timedelta() < self.end.at - self.start.at <= LONGEST


@dataclass(slots=True)
class _Reader:
    """Reads stamps of one message and notes what is none; `fault` is the first of those."""

    profile: SenderProfile
    notes: list[str]
    fault: Hl7Refused | None = field(default=None)

    def stamp(self, text: str, place: str) -> Stamp | None:
        """None, and a note, for what is no time."""
        if not text:
            return None
        try:
            stamp = read_stamp(text, self.profile.tz)
        except BadStamp as error:
            said = f"{place} {error}"
            self.notes.append(said)
            wrong = Hl7Refused(field=place, sentence=said, error_code=ErrorCode.WRONG_TYPE)
            self.fault = self.fault or wrong
            return None
        if stamp.note:
            self.notes.append(f"{place} {stamp.note}")
        return replace(stamp, at=stamp.at.replace(microsecond=0))  # as slots begin


def read_timing(
    message: Hl7Message,
    groups: list[ResourceGroup],
    profile: SenderProfile,
    notes: list[str],
    *,
    strict: bool,
) -> Timing:
    """Start and end of the visit; the precedence is the module's.

    :raises Hl7Refused: with `strict`, when there are times and none of them can be read.
    """
    reader = _Reader(profile, notes)
    schedule = message.find("SCH") or Segment("SCH", ())
    tq1 = next((s for s in message.each("TQ1") if s.text(7)), Segment("TQ1", ()))
    told = list(_told(reader, tq1, groups, schedule, is_old=is_before_tq1(message)))
    if not told:
        if strict and reader.fault is not None:
            raise reader.fault
        return Timing(None, None)
    best, *others = told
    start = best.start.at
    notes += [
        f"{other.place} gives another time than {best.place}, which was used."
        for other in others
        if other.start.at != start
    ]
    end = (
        (best.end.at if best.end else None)
        or _after(start, _duration(tq1.text(6), tq1.text(6, 2)))
        or _after(start, _old_duration(best, schedule))
        or _resource_end(reader, groups, start)
        or _after(start, _duration(schedule.text(9), _unit(schedule)))
    )
    if end is None and strict:
        notes.append("The message does not say how long the visit takes.")
    return Timing(start, _plausible(start, end, notes), best.place, best.start.zone)


def is_before_tq1(message: Hl7Message) -> bool:
    """Whether the message is of a version in which SCH-11 is the home of the timing."""
    found = re.match(r"2\.([0-9])", message.header.version)
    return found is not None and int(found[1]) < 5


def _told(
    reader: _Reader,
    tq1: Segment,
    groups: list[ResourceGroup],
    schedule: Segment,
    *,
    is_old: bool,
) -> Iterator[_Told]:
    """Each place that has a start, best first."""
    if start := reader.stamp(tq1.text(7), "TQ1-7"):
        yield _Told("TQ1-7", start, reader.stamp(tq1.text(8), "TQ1-8"))
    old = _told_by_sch(reader, schedule)
    comes_first = old is not None and is_old and old.makes_sense
    if old is not None and comes_first:
        yield old
    for name, (at, *_) in _RESOURCE_FIELDS.items():
        stamps = [reader.stamp(s.text(at), f"{name}-{at}") for s in every(groups, name)]
        if starts := [stamp for stamp in stamps if stamp is not None]:
            yield _Told(f"{name}-{at}", min(starts, key=lambda stamp: stamp.at))
    if old is not None and not comes_first:
        yield old


def _told_by_sch(reader: _Reader, schedule: Segment) -> _Told | None:
    old = next((element for element in schedule.all(11) if element.text(4)), Element())
    start = reader.stamp(old.text(4), "SCH-11")
    return _Told("SCH-11", start, reader.stamp(old.text(5), "SCH-11")) if start else None


def _old_duration(best: _Told, schedule: Segment) -> dt.timedelta | None:
    """SCH-11.3, where the start is from there: M30, or minutes."""
    text = schedule.text(11, 3) if best.place == "SCH-11" else ""
    found = _OLD_DURATION.fullmatch(text.upper())
    return _duration(found[2], found[1]) if found else _duration(text, "")


def _unit(schedule: Segment) -> str:
    """SCH-10: its code; its text where that is the known one ("MI^Minutes")."""
    code, text = schedule.text(10) or schedule.text(10, 2), schedule.text(10, 2)
    return text if text.lower() in _UNITS and text and code.lower() not in _UNITS else code


def _resource_end(
    reader: _Reader, groups: list[ResourceGroup], start: dt.datetime
) -> dt.datetime | None:
    """The latest end among services, else people, else places, that have a duration."""
    for name, (at, offset, offset_unit, length, unit) in _RESOURCE_FIELDS.items():
        ends = []
        for segment in every(groups, name):
            later = _after(start, _duration(segment.text(offset), segment.text(offset_unit)))
            stamp = reader.stamp(segment.text(at), f"{name}-{at}")
            begins = (stamp.at if stamp else None) or later or start
            duration = _duration(segment.text(length), segment.text(unit))
            if duration is not None:
                ends.append(begins + duration)
        if ends:
            return max(ends)
    return None


def _duration(amount: str, unit: str) -> dt.timedelta | None:
    """A length of time, or None. Without a unit it is minutes."""
    seconds = _UNITS.get(unit.lower())
    if seconds is None or not _AMOUNT.fullmatch(amount):
        return None
    return dt.timedelta(seconds=float(amount) * seconds)


def _after(start: dt.datetime, length: dt.timedelta | None) -> dt.datetime | None:
    return None if length is None else start + length


def _plausible(start: dt.datetime, end: dt.datetime | None, notes: list[str]) -> dt.datetime | None:
    if end is None or SHORTEST <= end - start <= LONGEST:
        return end
    notes.append("The visit would take less than 5 minutes or more than a day: end left open.")
    return None
