"""HL7 time stamps (TS, DTM): YYYYMMDD[HH[MM[SS[.S[S[S[S]]]]]]][+/-ZZZZ].

A stamp without an offset is wall time where the sender is. The offset of MSH-7 is not lent to
it, although the standard allows that: a message sent in October would move a December visit by
an hour. Everything read here is returned in UTC, so that adding minutes is safe.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from zoneinfo import ZoneInfo

_STAMP = re.compile(
    r"(?P<day>\d{8})"
    r"(?:(?P<hour>\d{2})(?:(?P<minute>\d{2})(?:(?P<second>\d{2})(?:\.(?P<part>\d{1,6}))?)?)?)?"
    r" ?(?P<offset>Z|[+-]\d{2}:?\d{2})?",
    re.ASCII,
)
#: What some engines write instead: 2026-03-10T09:00:00-05:00.
_ISO = re.compile(
    r"(\d{4})-(\d{2})-(\d{2})[T ](\d{2}):(\d{2})(?::(\d{2}(?:\.\d+)?))?( ?(?:Z|[+-]\d{2}:?\d{2}))?",
    re.ASCII,
)
_YEARS = range(1900, 2200)
_WIDEST_OFFSET = dt.timedelta(hours=14)


class BadStamp(ValueError):
    """The text is no point in time. The message completes the sentence "TQ1-7 …"."""


@dataclass(frozen=True, slots=True)
class Stamp:
    """A point in time in UTC; `note` completes "TQ1-7 …" where a clock change made it unclear."""

    at: dt.datetime
    note: str = ""
    zone: dt.tzinfo = dt.UTC  # as written: an offset, or the sender's zone


def read_stamp(text: str, zone: ZoneInfo) -> Stamp:
    """Read a time stamp of at least hour precision.

    Local times that a clock change skips are read with the offset before the change (02:30
    becomes 03:30 daylight time); those that happen twice are read as the first. Both are noted.

    :raises BadStamp: for text that is no such stamp, a day without an hour included.
    """
    found = _STAMP.fullmatch(_plain(text.strip()))
    if found is None:
        raise BadStamp("is not an HL7 time stamp.")
    if found["hour"] is None:
        raise BadStamp("names a day without a time.")
    try:
        local = dt.datetime(  # noqa: DTZ001 - the zone is what the rest of this is about
            *_day(found["day"]),
            int(found["hour"]),
            int(found["minute"] or 0),
            int(found["second"] or 0),
            int((found["part"] or "").ljust(6, "0")),
        )
        if found["offset"]:
            offset = dt.timezone(_offset(found["offset"]))
            return Stamp(local.replace(tzinfo=offset).astimezone(dt.UTC), zone=offset)
        return _in_zone(local, zone)
    except (ValueError, OverflowError) as error:
        raise BadStamp("is not a time that exists.") from error


def read_day(text: str) -> dt.date | None:
    """The date part of a stamp, or None when it is not given to the day or does not exist."""
    found = re.match(r"[0-9]{8}", text.strip().replace("-", ""))
    if found is None:
        return None
    try:
        return dt.date(*_day(found[0]))
    except ValueError:
        return None


def write_stamp(at: dt.datetime, *, seconds: bool = True) -> str:
    """An aware time as HL7 writes it, with its own offset."""
    return at.strftime("%Y%m%d%H%M%S%z" if seconds else "%Y%m%d%H%M%z")


def _plain(text: str) -> str:
    """ISO 8601 as HL7 would write it; everything else as it is."""
    found = _ISO.fullmatch(text)
    return "".join(part or "" for part in found.groups()) if found else text


def _day(text: str) -> tuple[int, int, int]:
    if int(text[:4]) not in _YEARS:
        raise ValueError("year")
    return int(text[:4]), int(text[4:6]), int(text[6:8])


def _offset(text: str) -> dt.timedelta:
    if text == "Z":
        return dt.timedelta()
    digits = text[1:].replace(":", "")
    if int(digits[2:]) > 59:
        raise ValueError("offset")
    offset = dt.timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    if offset > _WIDEST_OFFSET:
        raise ValueError("offset")
    return -offset if text[0] == "-" else offset


def _in_zone(local: dt.datetime, zone: ZoneInfo) -> Stamp:
    first, second = (local.replace(tzinfo=zone, fold=fold).astimezone(dt.UTC) for fold in (0, 1))
    if first == second:
        return Stamp(first, zone=zone)
    exists = first.astimezone(zone).replace(tzinfo=None) == local
    if exists:
        return Stamp(first, "happens twice that night: read as the first.", zone)
    return Stamp(first, "does not exist that night: read as the hour after the change.", zone)
