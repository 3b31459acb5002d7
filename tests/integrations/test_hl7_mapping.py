"""Every public SIU sample, as a person would read it; then the traps they do not hold."""

from __future__ import annotations

import datetime as dt

import pytest

from integrations.hl7v2.errors import AckCode, ErrorCode, Hl7Refused
from integrations.hl7v2.mapping import SenderProfile, map_siu
from integrations.hl7v2.parse import read_message
from scheduling.ports import CodeReport, ReportKind
from scheduling.states import AppointmentStatus, CancelledBy, CancelReason
from tests.integrations.hl7 import CHICAGO, HERE, SMALL, event, lines, report, sample, sch

#: The samples' own offset.
PLUS_0215 = dt.timezone(dt.timedelta(hours=2, minutes=15))


def local(year: int, month: int, day: int, hour: int, minute: int) -> dt.datetime:
    return dt.datetime(year, month, day, hour, minute, tzinfo=PLUS_0215)


BIOPSY = {
    "starts_at": local(2021, 9, 24, 9, 30),
    "ends_at": local(2021, 9, 24, 10, 20),
    "visit_type": "76164006",
    "location": "GH Clinic",
    "room": "055/Room01",
    "providers": ["1210"],
}
CHECKUP = {
    "starts_at": local(2021, 8, 18, 11, 30),
    "ends_at": local(2021, 8, 18, 12, 30),
    "visit_type": "CHECKUP",
    "location": "GHH Hospital",
    "room": "OPD12/Room 55",
    "providers": ["600", "400", "500"],  # the physician first, then who draws blood and X-rays
}
MOVED = {"starts_at": local(2021, 8, 20, 11, 30), "ends_at": local(2021, 8, 20, 12, 30)}

SAMPLES = {
    "SIU-S12-01": ("booked", "booked", local(2021, 9, 14, 11, 20), BIOPSY),
    "SIU-S12-02": ("booked", "booked", local(2021, 8, 10, 11, 30), CHECKUP),
    "SIU-S13-01": ("rescheduled", "booked", local(2021, 9, 20, 11, 26), BIOPSY),
    "SIU-S13-02": ("rescheduled", "booked", local(2021, 8, 18, 11, 30), CHECKUP | MOVED),
    "SIU-S14-01": (
        "modified",
        "booked",
        local(2021, 9, 20, 11, 26),
        BIOPSY | {"room": "055/Room02"},
    ),
    "SIU-S14-02": ("modified", "booked", local(2021, 8, 17, 11, 30), CHECKUP),
    "SIU-S15-01": ("cancelled", "cancelled", local(2021, 9, 23, 11, 26), BIOPSY),
    "SIU-S15-02": ("cancelled", "cancelled", local(2021, 8, 18, 10, 30), CHECKUP),
    "SIU-S16-01": ("discontinued", "cancelled", local(1989, 8, 18, 11, 26), BIOPSY),
    "SIU-S16-02": ("discontinued", "cancelled", local(2021, 8, 10, 12, 0), CHECKUP),
    "SIU-S17-01": ("deleted", "entered-in-error", local(2021, 9, 23, 11, 26), BIOPSY),
    "SIU-S17-02": ("deleted", "entered-in-error", local(2021, 8, 10, 10, 30), CHECKUP),
    "SIU-S26-01": ("no-show", "noshow", local(2021, 9, 24, 10, 0), BIOPSY),
    "SIU-S26-02": ("no-show", "noshow", local(2021, 8, 18, 11, 30), CHECKUP),
}


def test_has_an_expectation_for_every_sample() -> None:
    assert {path.stem for path in HERE.glob("SIU-*.hl7")} == set(SAMPLES)


@pytest.mark.parametrize("name", sorted(SAMPLES))
def test_reads_a_sample_as_a_person_would(name: str) -> None:
    kind, status, sent_at, visit = SAMPLES[name]
    seen = report(sample(name))
    assert seen.source == "SCHApp|GHHSFacility"
    assert seen.appointment_id == "36996"
    assert (seen.kind, seen.status) == (kind, status)
    assert seen.sent_at == sent_at
    assert not seen.tells_slots
    assert {
        "starts_at": seen.starts_at,
        "ends_at": seen.ends_at,
        "visit_type": seen.visit_type and seen.visit_type.code,
        "location": seen.location and seen.location.code,
        "room": seen.room and seen.room.code,
        "providers": [provider.identifier for provider in seen.providers],
    } == visit
    # The NTE segments say who cancelled, in prose; prose is not read, and "Add" is no reason.
    assert seen.cancelled_by is CancelledBy.UNKNOWN
    assert seen.cancel_reason is None
    assert seen.patient is not None
    assert [i.value for i in seen.patient.identifiers] == ["PATID1234"]


def test_says_in_its_notes_what_it_had_to_decide() -> None:
    seen = report(sample("SIU-S15-01"))
    notes = seen.notes
    assert "SCH-11 gives another time than TQ1-7, which was used." in notes
    assert "SCH-6 says what was done, not why." in notes
    assert seen.patient is not None
    assert seen.patient.is_deceased  # PID-30


@pytest.mark.parametrize("name", ["ADT-A08-01", "LAB-ORU-1", "REF-I12-01"])
def test_rejects_another_kind_of_message(name: str) -> None:
    with pytest.raises(Hl7Refused) as caught:
        report(sample(name))
    assert (caught.value.ack_code, caught.value.field) == (AckCode.REJECT, "MSH-9")
    assert caught.value.error_code is ErrorCode.UNSUPPORTED_MESSAGE


@pytest.mark.parametrize("trigger", ["S23", "S24", "S99", "A08", ""])
def test_rejects_an_event_that_it_does_not_take(trigger: str) -> None:
    with pytest.raises(Hl7Refused) as caught:
        report(lines(MSH=event(trigger)))
    assert (caught.value.ack_code, caught.value.field) == (AckCode.REJECT, "MSH-9.2")
    assert caught.value.error_code is ErrorCode.UNSUPPORTED_EVENT


def test_rejects_a_training_message_unless_the_sender_is_set_up_for_it() -> None:
    training = lines(MSH=SMALL["MSH"].replace("|P|2.5.1", "|T|2.5.1"))
    with pytest.raises(Hl7Refused) as caught:
        report(training)
    assert (caught.value.ack_code, caught.value.field) == (AckCode.REJECT, "MSH-11")
    sender = SenderProfile(zone="America/Chicago", processing_ids=frozenset({"P", "T"}))
    assert report(training, sender).kind is ReportKind.BOOKED
    silent = lines(MSH=SMALL["MSH"].replace("|P|2.5.1", "||2.5.1"))
    assert report(silent).kind is ReportKind.BOOKED


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"SCH": None}, "SCH"),
        ({"SCH": "SCH|||||"}, "SCH-2"),
        ({"SCH": 'SCH|""|""'}, "SCH-2"),
        ({"SCH": "SCH||" + "9" * 200}, "SCH-2"),
        ({"MSH": SMALL["MSH"].replace("202603021200-0600", "")}, "MSH-7"),
        ({"MSH": SMALL["MSH"].replace("202603021200-0600", "20260302")}, "MSH-7"),
        ({"MSH": SMALL["MSH"].replace("202603021200-0600", "yesterday")}, "MSH-7"),
        ({"MSH": SMALL["MSH"].replace("APP|FAC", "|")}, "MSH-3"),
        ({"TQ1": None}, "TQ1-7"),
        ({"TQ1": "TQ1|1||||||20260310"}, "TQ1-7"),
        ({"TQ1": None, "AIS": "AIS|1|A|OV|noon"}, "AIS-4"),
        ({"PID": None}, "PID"),
        ({"PID": "PID|1||||Nuñez^Ana"}, "PID-3"),
        ({"PID": "PID|1||123-45-6789^^^^SS||Nuñez^Ana"}, "PID-3"),
        ({"SCH": sch("Waitlist")}, "SCH-25"),
        ({"SCH": sch("Blocked")}, "SCH-25"),
    ],
)
def test_refuses_a_new_visit_that_lacks_what_it_needs(
    changes: dict[str, str | None], field: str
) -> None:
    with pytest.raises(Hl7Refused) as caught:
        report(lines(**changes))
    assert caught.value.ack_code is AckCode.ERROR
    assert caught.value.field == field
    for secret in ("Nuñez", "Ana", "123-45", "yesterday", "noon"):
        assert secret not in caught.value.sentence


# --- status --------------------------------------------------------------------------


@pytest.mark.parametrize("status", ["Booked", "Cancelled", "Noshow", "Complete", "7", ""])
@pytest.mark.parametrize(
    ("trigger", "expected"),
    [
        ("S15", AppointmentStatus.CANCELLED),
        ("S16", AppointmentStatus.CANCELLED),
        ("S17", AppointmentStatus.ENTERED_IN_ERROR),
        ("S26", AppointmentStatus.NO_SHOW),
    ],
)
def test_lets_the_event_win_where_it_ends_the_visit(
    trigger: str, expected: AppointmentStatus, status: str
) -> None:
    assert report(lines(MSH=event(trigger), SCH=sch(status))).status is expected


def test_notes_a_no_show_that_is_still_called_booked() -> None:
    notes = report(lines(MSH=event("S26"), SCH=sch("Booked"))).notes
    assert any(note.startswith("SCH-25 says booked; the event says noshow") for note in notes)
    agreeing = report(lines(MSH=event("S26"), SCH=sch("NOSHOW^No Show"))).notes
    assert not any("SCH-25" in note for note in agreeing)


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("Booked", "booked"),
        ("BOOKED", "booked"),
        ("Overbook", "booked"),
        ("Pending", "booked"),
        ("", "booked"),
        ("Checked In", "arrived"),
        ("Started", "arrived"),
        ("Complete^Completed^HL70278", "fulfilled"),
        ("9^No Show", "noshow"),
        ("Canceled", "cancelled"),
    ],
)
def test_reads_status_names_of_any_spelling(code: str, expected: str) -> None:
    assert report(lines(MSH=event("S14"), SCH=sch(code))).status == expected


def test_reads_numeric_and_local_codes_through_the_senders_table() -> None:
    sender = SenderProfile(
        zone="America/Chicago",
        statuses={
            "3": AppointmentStatus.CANCELLED,
            "arr-LOC": AppointmentStatus.ARRIVED,
            "Complete": AppointmentStatus.ARRIVED,  # before the standard's meaning
        },
    )
    for code, expected in [("3", "cancelled"), ("ARRLOC", "arrived"), ("complete", "arrived")]:
        assert report(lines(MSH=event("S14"), SCH=sch(code)), sender).status == expected


def test_reads_an_unknown_code_as_booked_when_the_event_says_so() -> None:
    for trigger in ("S12", "S13"):
        seen = report(lines(MSH=event(trigger), SCH=sch("7")))
        assert seen.status is AppointmentStatus.BOOKED
        assert any("SCH-25 is not in" in note for note in seen.notes)


def test_refuses_a_change_to_a_status_that_nobody_knows() -> None:
    with pytest.raises(Hl7Refused) as caught:
        report(lines(MSH=event("S14"), SCH=sch("7")))
    assert (caught.value.ack_code, caught.value.field) == (AckCode.ERROR, "SCH-25")


# --- identity ------------------------------------------------------------------------


def test_prefers_the_fillers_id() -> None:
    assert report(lines()).appointment_id == "F1"
    assert report(lines(SCH="SCH|P1|")).appointment_id == "P1"
    by_placer = SenderProfile(zone="America/Chicago", appointment_id_from="SCH-1")
    assert report(lines(), by_placer).appointment_id == "P1"
    assert report(lines(SCH="SCH||F1"), by_placer).appointment_id == "F1"


def test_tells_occurrences_of_a_series_apart() -> None:
    assert report(lines(SCH=sch(f3="4"))).appointment_id == "F1/4"
    assert report(lines(SCH=sch(f3="0"))).appointment_id == "F1"


def test_recognizes_the_identifier_that_we_gave() -> None:
    assert report(lines(SCH=sch(f1="b-77^FIRSTCALL"))).our_identifier == "b-77"
    assert report(lines(SCH=sch(f1="b-77^OTHER"))).our_identifier == ""
    assert report(lines()).our_identifier == ""


def test_names_the_source_by_the_message_or_by_the_profile() -> None:
    named = lines(MSH=SMALL["MSH"].replace("APP|FAC", "APP^1.2^ISO|FAC^3.4^ISO"))
    assert report(named).source == "APP|FAC"
    assert report(named, SenderProfile(zone="UTC", source="epic-east")).source == "epic-east"


def test_refuses_a_profile_without_a_real_zone() -> None:
    with pytest.raises(KeyError):
        SenderProfile(zone="America/Springfield")


# --- why and by whom -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("reason", "by"),
    [
        ("PAT", CancelledBy.PATIENT),
        ("pat-crs^Patient: Canceled via Reminder", CancelledBy.PATIENT),
        ("12^Patient request", CancelledBy.PATIENT),
        ("PROV", CancelledBy.PROVIDER),
        ("maint", CancelledBy.ORGANIZATION),
        ("oth-weath^Weather", CancelledBy.ORGANIZATION),
        ("other^Other", CancelledBy.UNKNOWN),
        ("X9", CancelledBy.UNKNOWN),
    ],
)
def test_reads_who_cancelled_from_the_reason(reason: str, by: CancelledBy) -> None:
    seen = report(lines(MSH=event("S15"), SCH=sch("Cancelled", f6=reason)))
    assert seen.cancelled_by is by
    assert seen.cancel_reason is not None
    assert seen.cancel_reason.code == reason.split("^", maxsplit=1)[0]


def test_asks_the_senders_reasons_first() -> None:
    sender = SenderProfile(zone="UTC", cancel_reasons={"X9": CancelledBy.PROVIDER})
    cancelled = lines(MSH=event("S15"), SCH=sch("Cancelled", f6="X9^Sick"))
    assert report(cancelled, sender).cancelled_by is CancelledBy.PROVIDER


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ("pat-lt", CancelReason.NO_RIDE),
        ("PAT", CancelReason.PATIENT_UNSAID),
        ("12^Patient request", CancelReason.PATIENT_UNSAID),
        ("oth-weath", CancelReason.CLOSED),
        ("X9^Sick", CancelReason.SICK),
        ("X8", None),
        ("other", None),
        ("Z1", None),
    ],
)
def test_reads_why_by_the_standard_codes_and_the_senders_own(
    said: str, reason: CancelReason | None
) -> None:
    sender = SenderProfile(
        zone="UTC", cancel_reasons={"X9": CancelReason.SICK, "X8": CancelledBy.PROVIDER}
    )
    seen = report(lines(MSH=event("S15"), SCH=sch("Cancelled", f6=said)), sender)
    assert seen.cancel_code is reason
    if reason is not None:
        assert seen.cancelled_by is reason.who


def test_takes_sch_7_for_a_cancel_reason_only_when_a_table_knows_it() -> None:
    known = report(lines(MSH=event("S15"), SCH=sch("Cancelled", f7="PROV")))
    assert known.cancel_reason == CodeReport("PROV")
    unknown = report(lines(MSH=event("S15"), SCH=sch("Cancelled", f7="CHECKUP")))
    assert unknown.cancel_reason is None


def test_does_not_read_prose() -> None:
    cancelled = lines("NTE|1||Cancelled by patient", MSH=event("S15"), SCH=sch("Cancelled"))
    assert report(cancelled).cancelled_by is CancelledBy.UNKNOWN


def test_has_no_cancel_reason_for_a_visit_that_stands() -> None:
    assert report(lines(SCH=sch(f6="PAT"))).cancel_reason is None
    by_status = report(lines(MSH=event("S14"), SCH=sch("Cancelled", f6="PAT")))
    assert by_status.cancelled_by is CancelledBy.PATIENT


# --- what is missing where it does not matter ------------------------------------------


@pytest.mark.parametrize("trigger", ["S15", "S16", "S17", "S26"])
def test_ends_a_visit_that_is_named_and_nothing_more(trigger: str) -> None:
    raw = lines(MSH=event(trigger), TQ1=None, PID=None, RGS=None, AIS=None, AIL=None, AIP=None)
    seen = report(raw)
    assert (seen.appointment_id, seen.starts_at, seen.patient) == ("F1", None, None)
    assert seen.providers == ()
    assert "The message does not identify the patient." in seen.notes


def test_cancels_a_visit_whose_time_cannot_be_read() -> None:
    seen = report(lines(MSH=event("S15"), TQ1="TQ1|1||||||sometime"))
    assert seen.status is AppointmentStatus.CANCELLED
    assert seen.starts_at is None
    assert "TQ1-7 is not an HL7 time stamp." in seen.notes


def test_changes_a_visit_without_repeating_its_time() -> None:
    assert report(lines(MSH=event("S14"), TQ1=None)).starts_at is None


def test_notes_values_that_the_sender_deletes() -> None:
    seen = report(lines(PID='PID|1||77^^^MRN^MR||Nuñez^Ana||""|F|||||""'))
    assert seen.patient is not None
    assert (seen.patient.birth_on, seen.patient.phones) == (None, ())
    assert 'PID-7: the sender deletes this value ("").' in seen.notes
    assert 'PID-13: the sender deletes this value ("").' in seen.notes


def test_carries_the_remarks_of_reading_the_bytes() -> None:
    message = read_message(lines().replace("ñ".encode(), b"\xf1"))
    seen = map_siu(message, CHICAGO)
    assert seen.patient is not None
    assert seen.patient.family_name == "Nuñez"
    assert any("read as iso8859-1" in note for note in seen.notes)
