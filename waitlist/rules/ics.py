"""One visit as a calendar file (RFC 5545), for the calendar of a patient's phone."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Final

_WIDTH: Final = 75  # octets in a line, without its end (RFC 5545, 3.1)


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarVisit:
    """What goes into the calendar: neutral words, since calendars are shared and synced.

    `uid` stays the same for one visit, so that a second download replaces the first.
    """

    uid: str
    starts_at: dt.datetime  # aware
    ends_at: dt.datetime
    title: str
    place: str
    notes: str


def to_ics(visit: CalendarVisit, *, at: dt.datetime) -> str:
    """The file's text, with CRLF.

    Times are in UTC: an instant that every calendar shows by its own clock, and that needs no
    zone rules in the file. `notes` should say the time at the site.

    :param at: when the file is made (DTSTAMP).
    """
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Firstcall//Offer page//EN",
        "METHOD:PUBLISH",
        "BEGIN:VEVENT",
        f"UID:{_text(visit.uid)}",
        f"DTSTAMP:{_utc(at)}",
        f"DTSTART:{_utc(visit.starts_at)}",
        f"DTEND:{_utc(visit.ends_at)}",
        f"SUMMARY:{_text(visit.title)}",
        f"LOCATION:{_text(visit.place)}",
        f"DESCRIPTION:{_text(visit.notes)}",
        "CLASS:PRIVATE",
        "STATUS:CONFIRMED",
        "END:VEVENT",
        "END:VCALENDAR",
    ]
    return "".join(f"{fold(line)}\r\n" for line in lines)


def _utc(at: dt.datetime) -> str:
    if at.tzinfo is None:
        raise ValueError("A calendar file needs aware datetimes.")
    return at.astimezone(dt.UTC).strftime("%Y%m%dT%H%M%SZ")


def _text(value: str) -> str:
    """A TEXT value: commas, semicolons, backslashes and line breaks escaped (3.3.11)."""
    escaped = value.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
    return "\\n".join(escaped.splitlines())


def fold(line: str) -> str:
    """`line` in pieces of at most 75 octets, without cutting through a character."""
    pieces, piece, room = list[str](), "", _WIDTH
    for char in line:
        size = len(char.encode())
        if size > room:
            pieces.append(piece)
            piece, room = "", _WIDTH - 1  # the space that marks a continuation counts
        piece += char
        room -= size
    return "\r\n ".join([*pieces, piece])
