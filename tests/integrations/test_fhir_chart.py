"""The chart contract: the real adapter against the practice EHR over HTTP, and the fake."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest

from crm.ports import (
    CarePlanTold,
    ChartUnavailable,
    CoverageTold,
    EncounterTold,
    LabTold,
    MedicationTold,
)
from crm.states import ReportStatus
from integrations.fhir import chart as module
from integrations.fhir.chart import FhirChartGateway
from integrations.fhir.chart_mapping import REVIEW
from integrations.fhir.client import FhirClient
from tests.fakes.chart import FakeChart
from tests.integrations.chart_contract import SINCE, THEN, ChartBench, ChartContract, new_key
from tests.integrations.ehr_server import TOKEN, EhrServer, free_port

Json = dict[str, Any]
ACT_CODE = "http://terminology.hl7.org/CodeSystem/v3-ActCode"


def _instant(at: dt.datetime | None) -> str | None:
    return at.isoformat().replace("+00:00", "Z") if at else None


def _told(**parts: Any) -> Json:
    """A resource without what is not said."""
    return {name: value for name, value in parts.items() if value}


def _subject(patient_id: str) -> Json:
    return {"reference": f"Patient/{patient_id}"}


class PracticeChartBench:
    """The practice EHR, filled by hand as a vendor's own screens would."""

    def __init__(self, server: EhrServer) -> None:
        self.server = server
        self.client = server.client()
        self.gateway = FhirChartGateway(self.client, source="practice-ehr")

    def add_lab(self, patient_id: str, told: LabTold) -> None:
        review = [
            _told(url="reviewed", valueDateTime=_instant(told.reviewed_at)),
            _told(url="released", valueDateTime=_instant(told.released_at)),
            _told(url="outcome", valueCode=str(told.outcome)),
        ]
        self.server.put(
            _told(
                resourceType="DiagnosticReport",
                id=told.report_id,
                meta={"security": [{"system": ACT_CODE, "code": "HIV"}]}
                if told.is_sensitive
                else None,
                status=str(told.status),
                code={"text": told.name},
                category=told.category and [{"coding": [{"code": told.category}]}],
                subject=_subject(patient_id),
                effectiveDateTime=_instant(told.collected_at),
                issued=_instant(told.issued_at),
                resultsInterpreter=told.reviewed_by and [{"display": told.reviewed_by}],
                extension=[
                    {"url": REVIEW, "extension": [part for part in review if len(part) > 1]}
                ],
                conclusion="Nobody at the desk may read this.",
            )
        )

    def add_item(self, patient_id: str, told: CarePlanTold) -> None:
        order = _told(
            resourceType="ServiceRequest",
            id=told.item_id,
            status=str(told.status),
            intent="order",
            subject=_subject(patient_id),
            code={"coding": [{"code": told.visit_type_code}], "text": told.title},
            quantityQuantity={"value": told.visits_planned},
            occurrencePeriod={"start": str(told.due_from_on), "end": str(told.due_until_on)},
            authoredOn=str(told.ordered_on),
            requester={"display": told.ordered_by},
        )
        plan = {
            "resourceType": "CarePlan",
            "id": new_key("plan"),
            "status": "active",
            "intent": "plan",
            "title": told.plan,
            "subject": _subject(patient_id),
            "activity": [
                {
                    "reference": {"reference": f"ServiceRequest/{told.item_id}"},
                    "outcomeReference": [{"display": "A visit"}] * told.visits_done,
                }
            ],
        }
        self.server.put(order, plan)

    def add_medication(self, patient_id: str, told: MedicationTold) -> None:
        drug = {
            "coding": [{"system": "http://www.whocc.no/atc", "code": told.atc}],
            "text": told.name,
        }
        request = {
            "resourceType": "MedicationRequest",
            "id": told.medication_id,
            "status": str(told.status),
            "intent": "order",
            "subject": _subject(patient_id),
            "medicationCodeableConcept": drug,
            "requester": {"display": told.prescriber},
            "dispenseRequest": {
                "numberOfRepeatsAllowed": (told.refills_left or 0) + 1,
                "expectedSupplyDuration": {"value": told.days_supply, "code": "d"},
                "performer": {"display": told.pharmacy},
            },
        }
        days = ("2026-09-20", str(told.last_filled_on))
        fills = [
            {
                "resourceType": "MedicationDispense",
                "id": new_key("fill"),
                "status": "completed",
                "subject": _subject(patient_id),
                "authorizingPrescription": [
                    {"reference": f"MedicationRequest/{told.medication_id}"}
                ],
                "whenHandedOver": day,
            }
            for day in days
        ]
        self.server.put(request, *fills)

    def add_encounter(self, patient_id: str, told: EncounterTold) -> None:
        self.server.put(
            {
                "resourceType": "Encounter",
                "id": told.encounter_id,
                "status": "finished",
                "class": {"code": "AMB"},
                "type": [{"coding": [{"code": told.visit_type_code}], "text": told.title}],
                "subject": _subject(patient_id),
                "period": {"start": _instant(told.starts_at)},
                "participant": [
                    {
                        "individual": {
                            "reference": f"Practitioner/{told.provider_id}",
                            "display": told.provider,
                        }
                    }
                ],
                "location": [{"location": {"display": told.location}}],
                "appointment": [{"reference": f"Appointment/{told.appointment_id}"}],
            }
        )

    def add_coverage(self, patient_id: str, told: CoverageTold) -> None:
        self.server.put(
            {
                "resourceType": "Coverage",
                "id": new_key("coverage"),
                "status": told.status,
                "subscriberId": told.member_id,
                "beneficiary": _subject(patient_id),
                "payor": [{"display": told.payer}],
                "period": {"start": str(told.starts_on), "end": str(told.ends_on)},
                "class": [
                    {"type": {"coding": [{"code": "plan"}]}, "value": "1", "name": told.plan}
                ],
            }
        )

    def go_away(self) -> None:
        self.gateway = FhirChartGateway(
            FhirClient(f"http://127.0.0.1:{free_port()}/fhir", TOKEN), source="practice-ehr"
        )


@pytest.fixture
def practice_bench(practice_ehr: EhrServer) -> Iterator[PracticeChartBench]:
    practice_ehr.calm()
    bench = PracticeChartBench(practice_ehr)
    yield bench
    practice_ehr.calm()
    bench.client.close()


class TestFhirChartGateway(ChartContract):
    @pytest.fixture
    def chart(self, practice_bench: PracticeChartBench) -> ChartBench:
        return practice_bench


class TestFakeChart(ChartContract):
    @pytest.fixture
    def chart(self) -> ChartBench:
        return FakeBench()


class FakeBench(FakeChart):
    """The fake is its own bench."""

    @property
    def gateway(self) -> FakeChart:
        return self

    def add_lab(self, patient_id: str, told: LabTold) -> None:
        self.labs[patient_id].append(told)

    def add_item(self, patient_id: str, told: CarePlanTold) -> None:
        self.plan[patient_id].append(told)

    def add_medication(self, patient_id: str, told: MedicationTold) -> None:
        self.medications[patient_id].append(told)

    def add_encounter(self, patient_id: str, told: EncounterTold) -> None:
        self.encounters[patient_id].append(told)

    def add_coverage(self, patient_id: str, told: CoverageTold) -> None:
        self.coverages[patient_id].append(told)

    def go_away(self) -> None:
        self.is_away = True


def _some_labs(bench: PracticeChartBench, patient: str, count: int) -> list[str]:
    keys = [new_key("report") for _ in range(count)]
    for key in keys:
        bench.add_lab(patient, LabTold(key, "CRP", ReportStatus.FINAL, collected_at=THEN))
    return keys


def test_reads_page_after_page(
    practice_bench: PracticeChartBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "PAGE", "2")
    patient = new_key("patient")
    keys = _some_labs(practice_bench, patient, 5)
    answer = practice_bench.gateway.read_labs(patient, since=SINCE)
    assert ([row.report_id for row in answer.rows], answer.has_more) == (keys, False)


def test_says_that_there_is_more_than_it_reads(
    practice_bench: PracticeChartBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "PAGE", "1")
    patient = new_key("patient")
    keys = _some_labs(practice_bench, patient, 4)
    answer = practice_bench.gateway.read_labs(patient, since=SINCE)
    assert ([row.report_id for row in answer.rows], answer.has_more) == (keys[:3], True)


def test_no_result_leaves_the_ehr(practice_bench: PracticeChartBench) -> None:
    patient = new_key("patient")
    _some_labs(practice_bench, patient, 1)
    params = {"patient": patient, "_elements": module._REPORT_ELEMENTS}
    body = practice_bench.client.read("DiagnosticReport", params=params).body
    assert body is not None
    (entry,) = body["entry"]
    assert "conclusion" not in entry["resource"]
    assert entry["resource"]["code"] == {"text": "CRP"}


def test_a_slow_ehr_is_given_up(practice_ehr: EhrServer) -> None:
    practice_ehr.calm()
    practice_ehr.set_switches(slow_ms=600)
    client = practice_ehr.client(read_seconds=0.2)
    try:
        with pytest.raises(ChartUnavailable, match="did not answer in time"):
            FhirChartGateway(client, source="x").read_coverages("p-1")
    finally:
        practice_ehr.calm()
        client.close()


def test_what_makes_no_sense_hides_nothing_else(practice_bench: PracticeChartBench) -> None:
    patient = new_key("patient")
    (good,) = _some_labs(practice_bench, patient, 1)
    practice_bench.server.put(
        {
            "resourceType": "DiagnosticReport",
            "id": new_key("report"),
            "status": "final",
            "code": {"coding": "no list"},
            "subject": _subject(patient),
            "effectiveDateTime": _instant(THEN),
        }
    )
    answer = practice_bench.gateway.read_labs(patient, since=SINCE)
    assert [row.report_id for row in answer.rows] == [good]
    assert answer.unread == 1
