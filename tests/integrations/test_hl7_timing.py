"""Where a visit's time is taken from when a message holds several."""

from __future__ import annotations

import datetime as dt

import pytest

from integrations.hl7v2.profile import SenderProfile
from scheduling.ports import AppointmentReport
from tests.integrations.hl7 import event, lines, report, sch

T0900, T0930, T1000, T1030 = (
    "202603100900-0500",
    "202603100930-0500",
    "202603101000-0500",
    "202603101030-0500",
)


def at(hour: int, minute: int) -> dt.datetime:
    """On the small message's day, by its clock."""
    return dt.datetime(2026, 3, 10, hour, minute, tzinfo=dt.timezone(dt.timedelta(hours=-5)))


def sch_11(start: str, end: str = "", duration: str = "", **fields: str) -> str:
    return sch(f11=f"1^^{duration}^{start}^{end}", **fields)


def times(seen: AppointmentReport) -> tuple[dt.datetime | None, dt.datetime | None]:
    return seen.starts_at, seen.ends_at


def test_takes_tq1_before_resources_and_sch_11() -> None:
    seen = report(
        lines(
            SCH=sch_11("202001010800-0500", "202001010830-0500"),
            AIS=f"AIS|1|A|OV|{T1000}|||20|min",
        )
    )
    assert times(seen) == (at(9, 0), at(9, 30))
    assert "AIS-4 gives another time than TQ1-7, which was used." in seen.notes
    assert "SCH-11 gives another time than TQ1-7, which was used." in seen.notes


def test_takes_resources_before_sch_11() -> None:
    seen = report(
        lines(SCH=sch_11(T1030), TQ1=None, AIS=f"AIS|1|A|OV|{T0900}|||20|min", AIP="AIP|1|A|5|||")
    )
    assert times(seen) == (at(9, 0), at(9, 20))


@pytest.mark.parametrize(
    "segment", [f"AIP|1|A|55||1|{T0900}|||40|min", f"AIL|1|A|U1^R1||1|{T0900}|||40|min"]
)
def test_takes_a_person_or_a_place_where_no_service_has_a_time(segment: str) -> None:
    changes: dict[str, str | None] = {"TQ1": None, segment[:3]: segment}
    assert times(report(lines(**changes))) == (at(9, 0), at(9, 40))


def test_takes_sch_11_when_nothing_else_has_a_time() -> None:
    assert times(report(lines(SCH=sch_11(T0900, T1000), TQ1=None))) == (at(9, 0), at(10, 0))


def test_agreeing_sources_leave_no_note() -> None:
    seen = report(lines(SCH=sch_11(T0900, T0930), AIS=f"AIS|1|A|OV|{T0900}|||30|min"))
    assert seen.notes == ()


def test_spans_the_services_of_one_visit() -> None:
    seen = report(
        lines(f"AIS|2|A|LAB|{T0930}|||45|min", TQ1=None, AIS=f"AIS|1|A|OV|{T0900}|||30|min")
    )
    assert times(seen) == (at(9, 0), at(10, 15))


def test_counts_a_service_from_its_offset() -> None:
    seen = report(
        lines("AIS|2|A|LAB||30|min|30|min", TQ1=f"TQ1|1||||||{T0900}", AIS="AIS|1|A|OV||||30|min")
    )
    assert times(seen) == (at(9, 0), at(10, 0))


@pytest.mark.parametrize(
    ("tq1", "ais", "schedule", "minutes"),
    [
        # TQ1-6, then the service's own duration, then SCH-9 and SCH-10.
        (f"TQ1|1|||||25^min|{T0900}", "AIS|1|A|OV||||50|min", sch(f9="70", f10="min"), 25),
        (f"TQ1|1||||||{T0900}", "AIS|1|A|OV||||50|min^Minutes^ISO", sch(f9="60", f10="s"), 50),
        (f"TQ1|1||||||{T0900}", "AIS|1|A|OV", sch(f9="70", f10="Min"), 70),
        (f"TQ1|1||||||{T0900}", "AIS|1|A|OV", sch(f9="15"), 15),
        (f"TQ1|1||||||{T0900}", "AIS|1|A|OV", sch(f9="1800", f10="S"), 30),
        (f"TQ1|1||||||{T0900}", "AIS|1|A|OV", sch(f9="1.5", f10="hr"), 90),
        (f"TQ1|1||||||{T0900}|soon", "AIS|1|A|OV", sch(f9="15"), 15),
    ],
)
def test_takes_the_length_from_the_best_place(
    tq1: str, ais: str, schedule: str, minutes: int
) -> None:
    seen = report(lines(SCH=schedule, TQ1=tq1, AIS=ais))
    assert times(seen) == (at(9, 0), at(9, 0) + dt.timedelta(minutes=minutes))


@pytest.mark.parametrize(
    "changes",
    [
        {"TQ1": f"TQ1|1||||||{T0900}|{T0900}"},
        {"TQ1": f"TQ1|1||||||{T0930}|{T0900}"},
        {"TQ1": f"TQ1|1||||||{T0900}|202603120900-0500"},
        {"TQ1": f"TQ1|1||||||{T0900}", "SCH": sch(f9="60", f10="s")},
        {"TQ1": f"TQ1|1||||||{T0900}", "SCH": sch(f9="20", f10="fortnights")},
        {"TQ1": f"TQ1|1||||||{T0900}", "SCH": sch(f9="-20")},
        {"TQ1": f"TQ1|1||||||{T0900}"},
    ],
)
def test_leaves_an_end_open_that_makes_no_sense(changes: dict[str, str | None]) -> None:
    seen = report(lines(**changes))
    assert seen.starts_at is not None
    assert seen.ends_at is None
    assert any("visit" in note for note in seen.notes)


def test_reads_a_stamp_without_zone_where_the_sender_is() -> None:
    raw = lines(TQ1="TQ1|1||||||202603100900|202603100930")
    assert times(report(raw)) == (at(9, 0), at(9, 30))
    phoenix = report(raw, SenderProfile(zone="America/Phoenix"))
    assert times(phoenix) == (at(11, 0), at(11, 30))


def test_does_not_lend_the_offset_of_msh_7_to_a_visit_after_the_clock_change() -> None:
    # Sent in winter (-0600) for a visit at nine o'clock in summer (-0500).
    assert report(lines(TQ1="TQ1|1||||||202607100900")).starts_at == dt.datetime(
        2026, 7, 10, 14, 0, tzinfo=dt.UTC
    )


def test_keeps_the_length_over_a_clock_change() -> None:
    seen = report(lines(TQ1="TQ1|1||||||202603080130", SCH=sch(f9="60")))
    assert times(seen) == (
        dt.datetime(2026, 3, 8, 7, 30, tzinfo=dt.UTC),
        dt.datetime(2026, 3, 8, 8, 30, tzinfo=dt.UTC),
    )


def test_notes_a_time_that_a_clock_change_made_unclear() -> None:
    gap = report(lines(TQ1="TQ1|1||||||202603080230|202603080330"))
    assert any(note.startswith("TQ1-7 does not exist that night") for note in gap.notes)
    twice = report(lines(TQ1="TQ1|1||||||202611010130|202611010200"))
    assert any(note.startswith("TQ1-7 happens twice that night") for note in twice.notes)


def test_is_not_stopped_by_a_bad_time_in_a_place_that_is_not_used() -> None:
    seen = report(lines(SCH=sch_11("sometime"), AIS="AIS|1|A|OV|sometime"))
    assert times(seen) == (at(9, 0), at(9, 30))
    assert "AIS-4 is not an HL7 time stamp." in seen.notes


def test_forgets_the_time_of_a_service_that_was_taken_off() -> None:
    seen = report(
        lines(
            f"AIS|2|A|LAB|{T1000}|||30|min",
            MSH=event("S14"),
            TQ1=None,
            AIS=f"AIS|1|D|OV|{T0900}|||30|min",
        )
    )
    assert times(seen) == (at(10, 0), at(10, 30))
