"""Coverage, order and interpreter, as HL7 and FHIR tell them, from the message to our rows."""

from __future__ import annotations

import datetime as dt

import pytest

from crm.models import Coverage, Patient
from integrations.fhir.mapping import read_appointment
from integrations.fhir.patients import INTERPRETER, read_patient
from integrations.hl7v2.ack import read_acks
from integrations.inbox.actions import receive_hl7
from integrations.models import Hl7Sender
from scheduling.models import ServiceRequest, SourceCode
from scheduling.ports import CoverageReport, OrderReport
from tests.factories import NOW, VisitTypeFactory
from tests.integrations.hl7 import lines, report, sample, sch
from tests.integrations.test_webhooks_fhir import appointment

IN1 = "IN1|1|BAV^Blue Advantage|IC1|Blue Cross||||||||20260101|20261231" + "|" * 23 + "M-77"
ORDERED = sch() + "|ORD-9"


def test_hl7_tells_of_coverage() -> None:
    patient = report(lines(IN1, IN1.replace("Blue Cross", "Acme"))).patient
    assert patient is not None
    blue = CoverageReport(
        "Blue Cross", "Blue Advantage", "M-77", dt.date(2026, 1, 1), dt.date(2026, 12, 31)
    )
    assert [each.payer for each in patient.coverages] == ["Blue Cross", "Acme"]
    assert patient.coverages[0] == blue


def test_hl7_tells_of_the_order_and_its_authorization() -> None:
    granted = "AUT|P|C|Payer|20260301|20260601|A-123|||||6"
    told = report(lines(granted, SCH=ORDERED)).order
    day = dt.date(2026, 3, 1)
    assert told == OrderReport("ORD-9", None, "A-123", day, dt.date(2026, 6, 1), 6)
    assert report(lines()).order is None


@pytest.mark.parametrize(
    ("told", "key"),
    [
        ("|17^LAB", "17^LAB"),
        ("|17^CLINIC^1.2.3^ISO", "17^CLINIC"),
        ("|17^^1.2.3^ISO", "17^1.2.3"),
        ("||18^LAB", "18^LAB"),
        ("|" + "9" * 119 + "^LAB", None),
    ],
)
def test_hl7_tells_one_systems_order_from_anothers(told: str, key: str | None) -> None:
    order = report(lines(SCH=sch() + told)).order
    assert (order.order_id if order else None) == key


def test_hl7_tells_of_an_interpreter_by_the_one_who_comes() -> None:
    booked = report(lines("AIP|2|A|88^Sol^Marta|INT^Interpreter")).patient
    silent = report(lines()).patient
    assert booked is not None
    assert silent is not None
    assert (booked.needs_interpreter, silent.needs_interpreter) == (True, None)


@pytest.mark.parametrize(
    ("based_on", "order"),
    [
        ([{"reference": "ServiceRequest/77"}], OrderReport("77")),
        ([{"reference": "https://ehr.example.org/r4/ServiceRequest/77"}], OrderReport("77")),
        ([{"reference": "#o"}], OrderReport("ORD-9", not_before_on=dt.date(2026, 12, 1))),
        ([{"reference": "#nobody"}], None),
        ([{"display": "by phone"}], None),
        ([], None),
    ],
)
def test_fhir_tells_of_the_order(based_on: list[dict[str, str]], order: OrderReport | None) -> None:
    contained = {
        "resourceType": "ServiceRequest",
        "id": "o",
        "identifier": [{"value": "ORD-9"}],
        "occurrencePeriod": {"start": "2026-12-01T00:00:00Z"},
    }
    body = appointment(basedOn=based_on, contained=[contained])
    assert read_appointment(body, source="ehr").order == order


@pytest.mark.parametrize("said", [True, False, None])
def test_fhir_tells_whether_an_interpreter_is_needed(said: bool | None) -> None:
    extension = [] if said is None else [{"url": INTERPRETER, "valueBoolean": said}]
    body = {"resourceType": "Patient", "id": "1", "extension": extension}
    assert read_patient(body, source="ehr").needs_interpreter is said


@pytest.mark.django_db
def test_what_hl7_tells_is_kept() -> None:
    Hl7Sender.objects.create(name="APP|FAC", zone="America/Chicago")
    kind = VisitTypeFactory.create()
    SourceCode.objects.create(source="APP|FAC", kind="visit-type", code="OV", visit_type=kind)
    raw = lines(IN1, "AIP|2|A|88^Sol^Marta|INT^Interpreter", SCH=ORDERED)
    (ack,) = read_acks(receive_hl7(raw, peer="a", at=NOW))
    assert ack.is_accepted
    patient = Patient.objects.get()
    assert patient.needs_interpreter
    assert (Coverage.objects.get().patient, Coverage.objects.get().member_id) == (patient, "M-77")
    order = ServiceRequest.objects.get()
    assert (order.source_id, order.patient, order.visit_type) == ("ORD-9", patient, kind)


@pytest.mark.django_db
def test_the_samples_coverage_is_kept() -> None:
    Hl7Sender.objects.create(name="ADTApp|GHHSFacility", zone="America/Chicago")
    receive_hl7(sample("ADT-A08-01").replace(b"\n", b"\r"), peer="a", at=NOW)
    assert Coverage.objects.get().payer == "Blue Cross Blue Shield of Texas"
