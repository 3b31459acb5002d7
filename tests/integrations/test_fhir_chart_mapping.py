"""FHIR of a chart to plain values: what other EHRs write differently, and what is refused."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from crm.states import ItemStatus, ReportStatus, ReviewOutcome
from integrations.demo.chart import charts
from integrations.demo.dataset import build
from integrations.fhir.chart_mapping import REVIEW, read_coverage, read_encounter, read_lab
from integrations.fhir.chart_medications import Fills, read_fills, read_medication
from integrations.fhir.chart_plans import read_order, read_plans
from integrations.fhir.reading import FhirUnreadable

Json = dict[str, Any]
REPORT: Json = {
    "resourceType": "DiagnosticReport",
    "id": "r1",
    "status": "final",
    "code": {"coding": [{"system": "http://loinc.org", "code": "1989-3", "display": "Vitamin D"}]},
}


def lab(**changes: Any) -> Any:
    return read_lab({**REPORT, **changes})


class TestReports:
    def test_without_the_extension_nothing_counts_as_reviewed_or_released(self) -> None:
        told = lab(resultsInterpreter=[{"display": "Lena Park, MD"}])
        assert (told.reviewed_at, told.released_at, told.outcome) == (None, None, "")

    def test_an_outcome_that_nobody_knows_is_no_all_clear(self) -> None:
        review = {"url": REVIEW, "extension": [{"url": "outcome", "valueCode": "local-7"}]}
        assert lab(extension=[review]).outcome is ReviewOutcome.TALK

    def test_a_name_comes_from_the_code_where_there_are_no_words(self) -> None:
        assert lab().name == "Vitamin D"
        assert lab(code={}).name == "A test without a name"

    def test_a_day_without_an_hour_stays_that_day(self) -> None:
        assert lab(effectiveDateTime="2026-11-03").collected_at.date() == dt.date(2026, 11, 3)
        assert lab(effectiveDateTime="2026-11").collected_at is None

    def test_a_period_begins_with_the_first_specimen(self) -> None:
        told = lab(effectivePeriod={"start": "2026-11-03T10:00:00Z"})
        assert told.collected_at == dt.datetime(2026, 11, 3, 10, tzinfo=dt.UTC)

    @pytest.mark.parametrize(
        ("system", "code", "is_so"),
        [
            ("v3-ActCode", "ETH", True),
            ("v3-ActCode", "HTEST", False),
            ("v3-Confidentiality", "R", True),
            ("v3-Confidentiality", "N", False),
        ],
    )
    def test_labels_make_it_sensitive(self, system: str, code: str, is_so: bool) -> None:
        label = {"system": f"http://terminology.hl7.org/CodeSystem/{system}", "code": code}
        assert lab(meta={"security": [label]}).is_sensitive is is_so

    def test_what_was_entered_in_error_is_left_out(self) -> None:
        assert lab(status="entered-in-error") is None

    @pytest.mark.parametrize("changes", [{"status": "done"}, {"id": ""}, {"extension": "x"}])
    def test_what_makes_no_sense_is_refused(self, changes: Json) -> None:
        with pytest.raises(FhirUnreadable):
            lab(**changes)


class TestPlans:
    def test_an_activity_without_an_order_is_an_item_of_its_own(self) -> None:
        plan = {
            "resourceType": "CarePlan",
            "id": "p1",
            "title": "After surgery",
            "activity": [
                {
                    "detail": {
                        "status": "not-started",
                        "code": {"coding": [{"code": "PT"}], "text": "Physical therapy"},
                        "scheduledPeriod": {"start": "2026-12-01", "end": "2026-12-31"},
                        "quantity": {"value": 8},
                    }
                },
                {"detail": {"status": "completed", "description": "Dressing"}},
            ],
        }
        by_order, inline, unread = read_plans([plan, {"resourceType": "CarePlan"}])
        assert (by_order, unread) == ({}, 1)
        (told,) = inline
        assert (told.item_id, told.title, told.visits_planned) == ("p1.0", "Physical therapy", 8)
        assert (told.status, told.due_until_on) == (ItemStatus.ACTIVE, dt.date(2026, 12, 31))

    def test_an_order_for_one_day_is_due_that_day(self) -> None:
        body = {
            "id": "o1",
            "status": "active",
            "code": {"text": "Knee X-ray"},
            "occurrenceDateTime": "2026-12-14T10:00:00-07:00",
        }
        told = read_order(body, {})
        assert (told.due_from_on, told.due_until_on) == (dt.date(2026, 12, 14),) * 2
        assert (told.visits_planned, told.visits_done) == (1, 0)


class TestMedications:
    BODY: Json = {
        "id": "m1",
        "status": "active",
        "medicationReference": {"display": "Warfarin 5 mg"},
        "dispenseRequest": {
            "numberOfRepeatsAllowed": 3,
            "expectedSupplyDuration": {"value": 4, "code": "wk"},
        },
    }

    def test_refills_left_are_those_that_were_not_handed_over(self) -> None:
        told = read_medication(self.BODY, {"m1": Fills(3, dt.date(2026, 11, 1))})
        assert told is not None
        assert (told.name, told.days_supply, told.refills_left) == ("Warfarin 5 mg", 28, 1)

    def test_nothing_is_guessed_where_the_prescription_is_silent(self) -> None:
        told = read_medication({**self.BODY, "dispenseRequest": {}}, {})
        assert told is not None
        assert (told.days_supply, told.refills_left, told.last_filled_on) == (None, None, None)

    def test_a_fill_without_a_day_counts_as_one(self) -> None:
        fill = {"authorizingPrescription": [{"reference": "MedicationRequest/m1"}]}
        fills, unread = read_fills([fill, {**fill, "whenHandedOver": 7}])
        assert (fills, unread) == ({"m1": Fills(1, None)}, 1)

    def test_drafts_are_nobodys_medicine(self) -> None:
        assert read_medication({**self.BODY, "status": "draft"}, {}) is None


def test_a_visit_without_a_time_and_a_plan_without_a_payer_say_nothing() -> None:
    assert read_encounter({"id": "e1", "status": "finished"}) is None
    assert read_coverage({"status": "active", "payor": [{}]}) is None


def test_every_chart_of_the_demo_can_be_read() -> None:
    """All of it makes sense, is somebody's, and shows each kind of line that the desk has."""
    dataset = build(7, dt.date(2026, 11, 20))
    found: dict[str, list[Json]] = {}
    for resource in charts(dataset):
        found.setdefault(resource["resourceType"], []).append(resource)
    known = {f"Patient/{person.ehr_id}" for person in dataset.people}
    assert all(body["subject"]["reference"] in known for rows in found.values() for body in rows)
    fills, unread = read_fills(found["MedicationDispense"])
    by_order, _, bad_plans = read_plans(found["CarePlan"])
    assert (unread, bad_plans) == (0, 0)
    labs = [read_lab(body) for body in found["DiagnosticReport"]]
    meds = [read_medication(body, fills) for body in found["MedicationRequest"]]
    items = [read_order(body, by_order) for body in found["ServiceRequest"]]
    visits = [read_encounter(body) for body in found["Encounter"]]
    assert None not in labs + meds + visits
    assert {ReportStatus.REGISTERED, ReportStatus.FINAL} <= {one.status for one in labs if one}
    assert any(one.plan and one.visits_done for one in items)
    assert sum(map(len, found.values())) < 9_000  # `make up` waits for them
