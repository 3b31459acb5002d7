"""FHIR R4 to reports and back.

The inline samples follow the official R4 examples (hl7.org/fhir/R4, CC0); the examples
themselves are read, too, where they are present.
"""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest

from integrations.fhir.mapping import (
    cancelled_by,
    read_appointment,
    read_slot,
    write_appointment,
    write_cancellation,
)
from integrations.fhir.patients import read_patient, read_phone
from integrations.fhir.reading import FhirUnreadable
from scheduling.ports import (
    BookingDraft,
    CodeReport,
    IdentifierReport,
    PatientReport,
    PhoneReport,
    ProviderReport,
    ReportKind,
)
from scheduling.states import AppointmentStatus, CancelledBy, SlotStatus

EXAMPLES = Path(__file__).resolve().parents[3] / "shared" / "data" / "fhir"
RECEIVED = dt.datetime(2026, 11, 21, 12, 0, tzinfo=dt.UTC)
CANCELLATION = "http://terminology.hl7.org/CodeSystem/appointment-cancellation-reason"

# After hl7.org/fhir/R4/appointment-example.json (CC0).
APPOINTMENT: dict[str, Any] = {
    "resourceType": "Appointment",
    "id": "example",
    "meta": {"versionId": "7", "lastUpdated": "2013-12-01T10:00:00.5-05:00"},
    "identifier": [
        {"system": "http://example.org/sampleappointment-identifier", "value": "123"},
        {"system": "urn:firstcall:appointment", "value": "ours-1"},
    ],
    "status": "booked",
    "serviceType": [{"coding": [{"code": "52", "display": "General Discussion"}]}],
    "appointmentType": {
        "coding": [
            {
                "system": "http://terminology.hl7.org/CodeSystem/v2-0276",
                "code": "FOLLOWUP",
                "display": "A follow up visit from a previous appointment",
            }
        ]
    },
    "description": "Discussion on the results of your recent MRI",
    "start": "2013-12-10T09:00:00Z",
    "end": "2013-12-10T11:00:00Z",
    "slot": [{"reference": "Slot/example"}],
    "participant": [
        {
            "actor": {"reference": "Patient/example", "display": "Peter James Chalmers"},
            "status": "accepted",
        },
        {
            "actor": {"reference": "Practitioner/example", "display": "Dr Adam Careful"},
            "status": "accepted",
        },
        {
            "actor": {"reference": "Location/1", "display": "South Wing, second floor"},
            "status": "accepted",
        },
    ],
}
# After hl7.org/fhir/R4/slot-example.json (CC0).
SLOT: dict[str, Any] = {
    "resourceType": "Slot",
    "id": "example",
    "meta": {"lastUpdated": "2013-12-20T08:00:00Z"},
    "serviceType": [{"coding": [{"code": "57", "display": "Immunization"}]}],
    "schedule": {"reference": "Schedule/example"},
    "status": "free",
    "start": "2013-12-25T09:15:00Z",
    "end": "2013-12-25T09:30:00Z",
}
SCHEDULE: dict[str, Any] = {
    "resourceType": "Schedule",
    "id": "example",
    "actor": [
        {"reference": "Location/1", "display": "South Wing"},
        {"reference": "PractitionerRole/7", "display": "Dr Adam Careful"},
    ],
}


def test_reads_an_appointment_whole() -> None:
    report = read_appointment(APPOINTMENT, source="main-ehr")

    assert report.source == "main-ehr"
    assert report.kind is ReportKind.STATE
    assert report.appointment_id == "example"
    assert report.status is AppointmentStatus.BOOKED
    assert report.sent_at == dt.datetime(2013, 12, 1, 15, 0, 0, 500_000, tzinfo=dt.UTC)
    assert report.tells_slots
    assert report.starts_at == dt.datetime(2013, 12, 10, 9, 0, tzinfo=dt.UTC)
    assert report.ends_at == dt.datetime(2013, 12, 10, 11, 0, tzinfo=dt.UTC)
    assert report.patient == PatientReport(identifiers=(IdentifierReport("main-ehr", "example"),))
    assert report.providers == (ProviderReport("example", family_name="Dr Adam Careful"),)
    assert report.location == CodeReport("1", "South Wing, second floor")
    assert report.visit_type == CodeReport("52", "General Discussion")
    assert report.services == (CodeReport("52", "General Discussion"),)
    assert report.cancelled_by is CancelledBy.UNKNOWN
    assert report.slot_id == "example"
    assert report.version == "7"
    assert report.our_identifier == "ours-1"
    assert report.notes == ("Discussion on the results of your recent MRI",)


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("proposed", AppointmentStatus.REQUESTED),
        ("pending", AppointmentStatus.REQUESTED),
        ("waitlist", AppointmentStatus.REQUESTED),
        ("booked", AppointmentStatus.BOOKED),
        ("arrived", AppointmentStatus.ARRIVED),
        ("checked-in", AppointmentStatus.ARRIVED),
        ("fulfilled", AppointmentStatus.FULFILLED),
        ("cancelled", AppointmentStatus.CANCELLED),
        ("noshow", AppointmentStatus.NO_SHOW),
        ("entered-in-error", AppointmentStatus.ENTERED_IN_ERROR),
    ],
)
def test_reads_each_status_of_an_appointment(status: str, expected: AppointmentStatus) -> None:
    report = read_appointment({**APPOINTMENT, "status": status}, source="main-ehr")
    assert report.status is expected


@pytest.mark.parametrize(
    ("code", "system", "expected"),
    [
        ("pat", CANCELLATION, CancelledBy.PATIENT),
        ("pat-lt", CANCELLATION, CancelledBy.PATIENT),
        ("prov", CANCELLATION, CancelledBy.PROVIDER),
        ("prov-hosp", CANCELLATION, CancelledBy.PROVIDER),
        ("maint", CANCELLATION, CancelledBy.ORGANIZATION),
        ("meds-inc", CANCELLATION, CancelledBy.ORGANIZATION),
        ("other", CANCELLATION, CancelledBy.ORGANIZATION),
        ("oth-weath", CANCELLATION, CancelledBy.ORGANIZATION),
        ("patently-odd", CANCELLATION, CancelledBy.UNKNOWN),
        ("", CANCELLATION, CancelledBy.UNKNOWN),
        ("pat", "http://ehr.example/reasons", CancelledBy.UNKNOWN),
        ("pat", "", CancelledBy.UNKNOWN),
    ],
)
def test_tells_who_gave_the_visit_up(code: str, system: str, expected: CancelledBy) -> None:
    assert cancelled_by(CodeReport(code=code, system=system)) is expected


def test_reads_the_reason_in_the_spelling_of_r4() -> None:
    coding = {"system": CANCELLATION, "code": "pat-fb", "display": "Feeling Better"}
    body = {**APPOINTMENT, "status": "cancelled", "cancelationReason": {"coding": [coding]}}

    report = read_appointment(body, source="main-ehr")

    assert report.cancel_reason == CodeReport("pat-fb", "Feeling Better", CANCELLATION)
    assert report.cancelled_by is CancelledBy.PATIENT


def test_uses_the_time_of_receipt_when_the_ehr_names_none() -> None:
    body = {name: value for name, value in APPOINTMENT.items() if name != "meta"}

    report = read_appointment(body, source="main-ehr", sent_at=RECEIVED)

    assert report.sent_at == RECEIVED
    assert report.version == ""
    with pytest.raises(FhirUnreadable, match="lastUpdated"):
        read_appointment(body, source="main-ehr")


def test_reads_a_contained_patient_without_its_local_id() -> None:
    contained = {
        "resourceType": "Patient",
        "id": "p1",
        "identifier": [{"system": "urn:mrn", "value": "12"}],
        "name": [{"family": "Chalmers"}],
    }
    body = {**APPOINTMENT, "contained": [contained]}

    patient = read_appointment(body, source="main-ehr").patient

    assert patient is not None
    assert patient.identifiers == (IdentifierReport("urn:mrn", "12"),)
    assert patient.family_name == "Chalmers"


def test_reads_a_patient_named_by_an_identifier_only() -> None:
    actor = {"type": "Patient", "identifier": {"system": "urn:mrn", "value": "12"}}
    body = {**APPOINTMENT, "participant": [{"actor": actor, "status": "accepted"}]}

    patient = read_appointment(body, source="main-ehr").patient

    assert patient == PatientReport(identifiers=(IdentifierReport("urn:mrn", "12"),))


def test_reads_absolute_and_versioned_references() -> None:
    url = "https://ehr.example/fhir/Practitioner/p-9/_history/3"
    body = {**APPOINTMENT, "participant": [{"actor": {"reference": url}, "status": "accepted"}]}

    assert read_appointment(body, source="main-ehr").providers == (ProviderReport("p-9"),)


def test_accepts_a_cancelled_visit_without_its_time() -> None:
    body = {**APPOINTMENT, "status": "cancelled"}
    del body["start"], body["end"]

    assert read_appointment(body, source="main-ehr").starts_at is None


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"resourceType": "Patient"}, "resourceType"),
        ({"id": ""}, "Appointment.id"),
        ({"id": "a/b"}, "Appointment.id"),
        ({"id": 7}, "Appointment.id"),
        ({"status": "maybe"}, "Appointment.status"),
        ({"status": ["booked"]}, "Appointment.status"),
        ({"start": "2013-12-10"}, "Appointment.start"),
        ({"start": "2013-12-10T09:00:00"}, "Appointment.start"),
        ({"start": "2013-02-30T09:00:00Z"}, "Appointment.start"),
        ({"start": "0001-01-01T00:00:00+14:00"}, "Appointment.start"),
        ({"start": "9999-12-31T23:59:59-12:00"}, "Appointment.start"),
        ({"start": None}, "Appointment.start"),
        ({"end": "2013-12-10T09:00:00Z"}, "Appointment.end"),
        ({"end": ""}, "Appointment.end"),
        ({"meta": {"lastUpdated": "today"}}, "Appointment.meta.lastUpdated"),
        ({"meta": "new"}, "Appointment.meta"),
        ({"participant": {"actor": {}}}, "Appointment.participant"),
        ({"participant": ["Dr Careful"]}, "Appointment.participant"),
        ({"participant": [{"actor": "Dr Careful"}]}, "Appointment.participant.actor"),
        ({"slot": "Slot/1"}, "Appointment.slot"),
        ({"comment": "a\x00b"}, "Appointment.comment"),
        ({"comment": "\ud800"}, "Appointment.comment"),
        ({"serviceType": [{"coding": "52"}]}, "Appointment.serviceType.coding"),
        ({"cancelationReason": []}, "Appointment.cancelationReason"),
    ],
)
def test_names_the_field_that_makes_no_sense(change: dict[str, Any], field: str) -> None:
    with pytest.raises(FhirUnreadable) as caught:
        read_appointment({**APPOINTMENT, **change}, source="main-ehr", sent_at=RECEIVED)

    assert caught.value.field == field
    assert caught.value.sentence.endswith(".")


def test_reads_a_slot_with_the_actors_of_its_schedule() -> None:
    report = read_slot(SLOT, source="main-ehr", schedule=SCHEDULE)

    assert report.source == "main-ehr"
    assert report.slot_id == "example"
    assert report.status is SlotStatus.FREE
    assert report.sent_at == dt.datetime(2013, 12, 20, 8, 0, tzinfo=dt.UTC)
    assert report.starts_at == dt.datetime(2013, 12, 25, 9, 15, tzinfo=dt.UTC)
    assert report.ends_at == dt.datetime(2013, 12, 25, 9, 30, tzinfo=dt.UTC)
    assert report.provider == ProviderReport("PractitionerRole/7", family_name="Dr Adam Careful")
    assert report.location == CodeReport("1", "South Wing")
    assert report.visit_type == CodeReport("57", "Immunization")


def test_reads_the_schedule_that_a_slot_contains() -> None:
    report = read_slot({**SLOT, "contained": [SCHEDULE]}, source="main-ehr")
    assert report.location == CodeReport("1", "South Wing")


def test_reads_a_slot_without_its_schedule() -> None:
    report = read_slot(SLOT, source="main-ehr")
    assert (report.provider, report.location) == (None, None)


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("free", SlotStatus.FREE),
        ("busy", SlotStatus.BUSY),
        ("busy-tentative", SlotStatus.BUSY),
        ("busy-unavailable", SlotStatus.BLOCKED),
        ("entered-in-error", SlotStatus.WITHDRAWN),
    ],
)
def test_reads_each_status_of_a_slot(status: str, expected: SlotStatus) -> None:
    assert read_slot({**SLOT, "status": status}, source="main-ehr").status is expected


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"status": "open"}, "Slot.status"),
        ({"status": {}}, "Slot.status"),
        ({"end": SLOT["start"]}, "Slot.end"),
        ({"start": ""}, "Slot.start"),
        ({"id": None}, "Slot.id"),
    ],
)
def test_names_the_field_of_a_slot_that_makes_no_sense(change: dict[str, Any], field: str) -> None:
    with pytest.raises(FhirUnreadable) as caught:
        read_slot({**SLOT, **change}, source="main-ehr")

    assert caught.value.field == field


def test_reads_a_patient_whole() -> None:
    # After hl7.org/fhir/R4/patient-example.json (CC0).
    body = {
        "resourceType": "Patient",
        "id": "example",
        "identifier": [
            {"use": "usual", "system": "urn:oid:1.2.36.146.595.217.0.1", "value": "12345"},
            {"use": "old", "system": "urn:oid:1.2.36.146.595.217.0.1", "value": "99"},
            {"system": "urn:empty"},
        ],
        "name": [
            {"use": "old", "family": "Gone"},
            {"use": "usual", "given": ["Jim"]},
            {"use": "official", "family": "Chalmers", "given": ["Peter", "James"]},
        ],
        "telecom": [
            {"use": "home"},
            {"system": "phone", "value": "(602) 555-0142", "use": "work", "rank": 2},
            {"system": "phone", "value": "(602) 555-0143", "use": "mobile", "rank": 1},
            {"system": "phone", "value": "(602) 555-0144", "use": "old"},
            {"system": "sms", "value": "602-555-0145"},
            {"system": "email", "value": "jim@example.org"},
        ],
        "gender": "male",
        "birthDate": "1974-12-25",
        "communication": [
            {"language": {"coding": [{"code": "en-US"}]}},
            {"language": {"coding": [{"code": "ES"}]}, "preferred": True},
        ],
        "address": [
            {"use": "old", "city": "Elsewhere"},
            {"use": "work", "city": "Work"},
            {
                "use": "home",
                "line": ["534 Erewhon St", "Unit 2"],
                "city": "Phoenix",
                "state": "AZ",
                "postalCode": "85004",
            },
        ],
    }

    assert read_patient(body, source="main-ehr") == PatientReport(
        identifiers=(
            IdentifierReport("main-ehr", "example"),
            IdentifierReport("urn:oid:1.2.36.146.595.217.0.1", "12345"),
        ),
        family_name="Chalmers",
        given_name="Peter James",
        birth_on=dt.date(1974, 12, 25),
        sex="male",
        language="es",
        phones=(
            PhoneReport("(602) 555-0143", "+16025550143", "mobile"),
            PhoneReport("(602) 555-0142", "+16025550142", "work"),
            PhoneReport("602-555-0145", "+16025550145", "mobile"),
        ),
        address_lines=("534 Erewhon St", "Unit 2"),
        city="Phoenix",
        state="AZ",
        postal_code="85004",
    )


@pytest.mark.parametrize("birth", ["1974", "1974-12", ""])
def test_leaves_an_imprecise_birth_date_out(birth: str) -> None:
    body = {"resourceType": "Patient", "id": "1", "birthDate": birth, "gender": "robot"}

    report = read_patient(body, source="main-ehr")

    assert report.birth_on is None
    assert report.sex == "unknown"


@pytest.mark.parametrize("birth", ["1974-13-01", "yesterday", 1974, "0974-01-01"])
def test_refuses_a_birth_date_that_is_none(birth: object) -> None:
    with pytest.raises(FhirUnreadable, match="birthDate"):
        read_patient({"resourceType": "Patient", "id": "1", "birthDate": birth}, source="x")


@pytest.mark.parametrize(
    ("raw", "number"),
    [
        ("+44 20 7946 0018", "+442079460018"),
        ("602.555.0142", "+16025550142"),
        ("ext 4123", ""),
        ("(555) silent", ""),
        ("12", ""),
        ("1" * 400, ""),
    ],
)
def test_reads_phones_as_people_write_them(raw: str, number: str) -> None:
    assert read_phone(raw) == PhoneReport(raw=raw, number=number, use="home")


def draft(**changes: Any) -> BookingDraft:
    start = dt.datetime(2031, 3, 4, 8, 0, tzinfo=dt.timezone(dt.timedelta(hours=-7)))
    facts: dict[str, Any] = {
        "identifier": "ours-2",
        "patient_id": "p",
        "slot_id": "s",
        "provider_id": "d",
        "location_id": "l",
        "visit_type_code": "colonoscopy",
        "starts_at": start,
        "ends_at": start + dt.timedelta(minutes=30),
    }
    return BookingDraft(**{**facts, **changes})


def test_what_it_writes_for_a_draft_reads_the_same() -> None:
    wanted = draft()
    stored = {**write_appointment(wanted), "id": "new"}

    report = read_appointment(stored, source="main-ehr", sent_at=RECEIVED)

    assert stored["start"] == "2031-03-04T15:00:00.000Z"
    assert (report.starts_at, report.ends_at) == (wanted.starts_at, wanted.ends_at)
    assert report.status is AppointmentStatus.BOOKED
    assert report.our_identifier == "ours-2"
    assert report.slot_id == "s"
    assert report.patient == PatientReport(identifiers=(IdentifierReport("main-ehr", "p"),))
    assert report.providers == (ProviderReport("d"),)
    assert report.location == CodeReport("l")
    assert report.visit_type == CodeReport("colonoscopy")


def test_names_all_that_a_visit_takes() -> None:
    wanted = draft(further_provider_ids=("d2",), room_ids=("theater-1", "Device/ct-3"))
    body = write_appointment(wanted)
    references = [participant["actor"]["reference"] for participant in body["participant"]]
    assert references == [
        "Patient/p",
        "Practitioner/d",
        "Practitioner/d2",
        "Location/l",
        "Location/theater-1",
        "Device/ct-3",
    ]
    report = read_appointment({**body, "id": "new"}, source="main-ehr", sent_at=RECEIVED)
    assert (report.location, report.room) == (CodeReport("l"), CodeReport("theater-1"))
    assert report.providers == (ProviderReport("d"), ProviderReport("d2"))
    device = write_appointment(draft(room_ids=("Device/ct-3",)))
    report = read_appointment({**device, "id": "new"}, source="main-ehr", sent_at=RECEIVED)
    assert report.room == CodeReport("Device/ct-3")
    report = read_appointment(
        {**write_appointment(draft()), "id": "new"}, source="main-ehr", sent_at=RECEIVED
    )
    assert report.room is None


def test_leaves_out_what_a_draft_does_not_know() -> None:
    body = write_appointment(draft(slot_id="", location_id="", visit_type_code=""))

    references = [participant["actor"]["reference"] for participant in body["participant"]]
    assert references == ["Patient/p", "Practitioner/d"]
    assert not {"slot", "serviceType"} & body.keys()


def test_refuses_to_write_a_time_without_zone() -> None:
    with pytest.raises(ValueError, match="zone"):
        write_appointment(draft(starts_at=dt.datetime(2031, 3, 4, 8, 0)))  # noqa: DTZ001


@pytest.mark.parametrize("reason", list(CancelledBy))
def test_the_reason_that_it_writes_reads_the_same(reason: CancelledBy) -> None:
    cancelled = write_cancellation(APPOINTMENT, reason=reason)

    report = read_appointment(cancelled, source="main-ehr")

    assert report.status is AppointmentStatus.CANCELLED
    assert report.cancelled_by is reason
    assert APPOINTMENT["status"] == "booked"


def examples(pattern: str) -> list[Path]:
    """The samples that are present; a test without any says so instead of passing."""
    return sorted(EXAMPLES.glob(pattern))


needs_examples = pytest.mark.skipif(
    not EXAMPLES.is_dir(), reason=f"SKIPPED: the official R4 examples are not at {EXAMPLES}"
)


@needs_examples
def test_reads_every_official_appointment() -> None:
    read = {
        path.name: read_appointment(json.loads(path.read_text()), source="hl7", sent_at=RECEIVED)
        for path in examples("r4-examples/Appointment-*.json")
    }

    assert read["Appointment-example.json"].location == CodeReport("1", "South Wing, second floor")
    assert [p.identifier for p in read["Appointment-2docs.json"].providers] == ["example", "f202"]
    request = read["Appointment-examplereq.json"]
    assert request.status is AppointmentStatus.REQUESTED
    assert (request.starts_at, request.slot_id) == (None, "example")


@needs_examples
def test_reads_every_official_slot() -> None:
    schedule = json.loads((EXAMPLES / "r4-examples/Schedule-example.json").read_text())
    statuses = {
        path.name: read_slot(
            json.loads(path.read_text()), source="hl7", sent_at=RECEIVED, schedule=schedule
        ).status
        for path in examples("r4-examples/Slot-*.json")
    }

    assert statuses == {
        "Slot-1.json": SlotStatus.BUSY,
        "Slot-2.json": SlotStatus.BUSY,
        "Slot-3.json": SlotStatus.BLOCKED,
        "Slot-example.json": SlotStatus.FREE,
    }


@needs_examples
def test_reads_every_synthetic_patient() -> None:
    people = [
        read_patient(entry["resource"], source="synthea")
        for path in examples("synthea/*.json")
        for entry in json.loads(path.read_text())["entry"]
        if entry["resource"]["resourceType"] == "Patient"
    ]

    assert len(people) == 4
    for person in people:
        assert person.family_name
        assert person.birth_on
        assert person.phones[0].number.startswith("+1")
        assert len(person.identifiers) > 1
