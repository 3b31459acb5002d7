"""The calendar file, by the letters of RFC 5545."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from waitlist.rules.ics import CalendarVisit, fold, to_ics

AT = dt.datetime(2026, 11, 18, 17, 0, tzinfo=dt.UTC)
PHOENIX = dt.timezone(dt.timedelta(hours=-7))
VISIT = CalendarVisit(
    uid="0e7a@firstcall",
    starts_at=dt.datetime(2026, 11, 21, 9, 0, tzinfo=PHOENIX),
    ends_at=dt.datetime(2026, 11, 21, 9, 30, tzinfo=PHOENIX),
    title="Visit at Camelback",
    place="Camelback Health Center; 2200 E Camelback Rd, Phoenix",
    notes="Saturday, November 21\nC:\\notes",
)


def unfold(text: str) -> str:
    return text.replace("\r\n ", "")


def test_writes_one_visit_with_everything_that_a_calendar_needs() -> None:
    assert unfold(to_ics(VISIT, at=AT)).split("\r\n") == [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Firstcall//Offer page//EN",
        "METHOD:PUBLISH",
        "BEGIN:VEVENT",
        "UID:0e7a@firstcall",
        "DTSTAMP:20261118T170000Z",
        "DTSTART:20261121T160000Z",
        "DTEND:20261121T163000Z",
        "SUMMARY:Visit at Camelback",
        "LOCATION:Camelback Health Center\\; 2200 E Camelback Rd\\, Phoenix",
        "DESCRIPTION:Saturday\\, November 21\\nC:\\\\notes",
        "CLASS:PRIVATE",
        "STATUS:CONFIRMED",
        "END:VEVENT",
        "END:VCALENDAR",
        "",
    ]


def test_refuses_a_time_without_a_zone() -> None:
    with pytest.raises(ValueError, match="aware"):
        to_ics(VISIT, at=AT.replace(tzinfo=None))


#: As they come after escaping: without line breaks.
LINES = st.text(st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"]), max_size=300)


@given(LINES)
def test_folds_at_75_octets_and_never_inside_a_character(line: str) -> None:
    folded = fold(line)
    assert unfold(folded) == line
    assert all(len(piece.encode()) <= 75 for piece in folded.split("\r\n"))


@given(st.text())
def test_a_text_can_add_no_line_of_its_own(title: str) -> None:
    made = to_ics(
        CalendarVisit(
            uid="1",
            starts_at=VISIT.starts_at,
            ends_at=VISIT.ends_at,
            title=title,
            place="",
            notes="",
        ),
        at=AT,
    )
    names = [line.split(":")[0] for line in unfold(made).split("\r\n")]
    assert names.count("SUMMARY") == 1
    assert len(names) == 17
