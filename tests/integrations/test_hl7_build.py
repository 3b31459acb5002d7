"""What the builder writes, the mapping reads back."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from integrations.hl7v2.build import STATUSES, Person, Visit, siu
from integrations.hl7v2.mapping import TRIGGERS
from scheduling.ports import CodeReport, IdentifierReport, PhoneReport, ProviderReport
from scheduling.states import CancelledBy
from tests.integrations.hl7 import report

PHOENIX = ZoneInfo("America/Phoenix")
START = dt.datetime(2026, 3, 10, 9, 0, tzinfo=PHOENIX)

VISIT = Visit(
    filler_id="F|1",
    placer_id="b-77",
    placer_namespace="FIRSTCALL",
    starts_at=START,
    ends_at=START + dt.timedelta(minutes=40),
    provider=("1210", "Ruiz & Sons", "Elena"),
    location="North Clinic",
    room=("CARD", "R^1"),
    visit_type=("ECHO", "Echocardiogram"),
    reason=("PAT", "Patient request"),
)
PATIENT = Person(
    identifiers=(("MRN", "77"), ("EAST", "A~8")),
    family_name="Nuñez",
    given_name="Ana",
    birth_on=dt.date(1980, 2, 29),
    sex="F",
    phones=("(602) 555-0142", "602-555-0143"),
    language="es",
    address=("12 Elm St", "Phoenix", "AZ", "85003"),
)


def build(trigger: str = "S12", visit: Visit = VISIT, patient: Person = PATIENT) -> bytes:
    return siu(trigger, control_id="M|1", sent_at=START, visit=visit, patient=patient)


@pytest.mark.parametrize("trigger", sorted(STATUSES))
def test_is_read_back_as_it_was_meant(trigger: str) -> None:
    seen = report(build(trigger))
    assert seen.kind is TRIGGERS[trigger]
    assert seen.source == "PRACTICE|DEMO"
    assert (seen.appointment_id, seen.our_identifier) == ("F|1", "b-77")
    assert (seen.sent_at, seen.starts_at, seen.ends_at) == (START, VISIT.starts_at, VISIT.ends_at)
    assert seen.providers == (ProviderReport("1210", "Ruiz & Sons", "Elena", "Physician"),)
    assert seen.location == CodeReport("North Clinic", "North Clinic")
    assert seen.room == CodeReport("CARD/R^1", "R^1", "North Clinic")
    assert seen.visit_type == CodeReport("ECHO", "Echocardiogram")
    assert seen.patient is not None
    assert seen.patient.identifiers == (
        IdentifierReport("MRN", "77"),
        IdentifierReport("EAST", "A~8"),
    )
    assert (seen.patient.family_name, seen.patient.given_name) == ("Nuñez", "Ana")
    assert (seen.patient.birth_on, seen.patient.sex) == (PATIENT.birth_on, "female")
    assert seen.patient.phones[0] == PhoneReport("(602) 555-0142", "+16025550142", "home")
    assert seen.patient.postal_code == "85003"
    assert seen.notes == ()


def test_says_who_cancelled() -> None:
    assert report(build("S15")).cancelled_by is CancelledBy.PATIENT


def test_does_not_build_another_event() -> None:
    with pytest.raises(ValueError, match="S18"):
        build("S18")


@settings(deadline=None)  # a busy machine is no failure
@given(name=st.text(min_size=1, max_size=40), number=st.text(min_size=1, max_size=40))
def test_writes_any_text_without_breaking_the_message(name: str, number: str) -> None:
    patient = Person(identifiers=(("MRN", "1"), ("X", number)), family_name=name, given_name="A")
    seen = report(build(patient=patient)).patient
    assert seen is not None
    assert seen.given_name == "A"
    assert seen.identifiers[0] == IdentifierReport("MRN", "1")
