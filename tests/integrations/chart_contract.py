"""What every `ChartGateway` must do: run against the fake and against the real adapter.

A test module subclasses `ChartContract` and gives it the fixture `chart`, a `ChartBench`.
"""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Protocol

import pytest

from crm.ports import (
    CarePlanTold,
    ChartGateway,
    ChartUnavailable,
    CoverageTold,
    EncounterTold,
    LabTold,
    MedicationTold,
)
from crm.states import ItemStatus, MedicationStatus, ReportStatus, ReviewOutcome

THEN = dt.datetime(2026, 10, 1, 16, 30, tzinfo=dt.UTC)
SINCE = dt.date(2026, 9, 1)
DOCTOR = "Lena Park, MD"


class ChartBench(Protocol):
    """An EHR on the test bench: its gateway, and hands that write charts."""

    @property
    def gateway(self) -> ChartGateway: ...

    def add_lab(self, patient_id: str, told: LabTold) -> None: ...

    def add_item(self, patient_id: str, told: CarePlanTold) -> None: ...

    def add_medication(self, patient_id: str, told: MedicationTold) -> None: ...

    def add_encounter(self, patient_id: str, told: EncounterTold) -> None: ...

    def add_coverage(self, patient_id: str, told: CoverageTold) -> None: ...

    def go_away(self) -> None:
        """From now on nobody answers in time."""


def new_key(kind: str) -> str:
    return f"{kind}-{uuid.uuid4().hex[:12]}"


class ChartContract:
    """The contract. `chart` comes from the subclass."""

    def test_reads_how_a_report_stands(self, chart: ChartBench) -> None:
        told = LabTold(
            report_id=new_key("report"),
            name="Vitamin D",
            status=ReportStatus.FINAL,
            category="LAB",
            collected_at=THEN,
            issued_at=THEN + dt.timedelta(days=2),
            reviewed_at=THEN + dt.timedelta(days=3),
            reviewed_by=DOCTOR,
            outcome=ReviewOutcome.NO_ACTION,
            released_at=THEN + dt.timedelta(days=3),
        )
        patient = new_key("patient")
        chart.add_lab(patient, told)
        chart.add_lab(new_key("patient"), told_again(told))
        answer = chart.gateway.read_labs(patient, since=SINCE)
        assert (answer.rows, answer.unread, answer.has_more) == ((told,), 0, False)

    def test_marks_a_sensitive_report(self, chart: ChartBench) -> None:
        told = LabTold(
            new_key("report"),
            "HIV screen",
            ReportStatus.REGISTERED,
            collected_at=THEN,
            is_sensitive=True,
        )
        patient = new_key("patient")
        chart.add_lab(patient, told)
        assert chart.gateway.read_labs(patient, since=SINCE).rows == (told,)

    def test_leaves_out_reports_from_before(self, chart: ChartBench) -> None:
        patient = new_key("patient")
        chart.add_lab(
            patient, LabTold(new_key("report"), "CRP", ReportStatus.FINAL, collected_at=THEN)
        )
        after = THEN.date() + dt.timedelta(days=1)
        assert chart.gateway.read_labs(patient, since=after).rows == ()

    def test_reads_what_was_ordered_and_what_is_done_of_it(self, chart: ChartBench) -> None:
        told = CarePlanTold(
            item_id=new_key("order"),
            title="Physical therapy",
            status=ItemStatus.ACTIVE,
            plan="After knee surgery",
            visit_type_code="PT",
            ordered_on=dt.date(2026, 9, 30),
            ordered_by=DOCTOR,
            due_from_on=dt.date(2026, 10, 5),
            due_until_on=dt.date(2026, 12, 14),
            visits_planned=8,
            visits_done=5,
        )
        patient = new_key("patient")
        chart.add_item(patient, told)
        assert chart.gateway.read_plan(patient).rows == (told,)

    def test_reads_prescriptions_with_their_supply(self, chart: ChartBench) -> None:
        told = MedicationTold(
            medication_id=new_key("prescription"),
            name="Apixaban 5 mg",
            status=MedicationStatus.ACTIVE,
            atc="B01AF02",
            days_supply=30,
            last_filled_on=dt.date(2026, 10, 20),
            refills_left=2,
            pharmacy="Desert Rx",
            prescriber=DOCTOR,
        )
        patient = new_key("patient")
        chart.add_medication(patient, told)
        assert chart.gateway.read_medications(patient).rows == (told,)

    def test_reads_past_visits(self, chart: ChartBench) -> None:
        told = EncounterTold(
            encounter_id=new_key("encounter"),
            starts_at=THEN,
            title="Post-op check",
            visit_type_code="BONES-FU",
            provider_id="P101",
            provider=DOCTOR,
            location="Northgate",
            appointment_id="visit-1",
        )
        patient = new_key("patient")
        chart.add_encounter(patient, told)
        assert chart.gateway.read_encounters(patient, since=SINCE).rows == (told,)

    def test_reads_coverage(self, chart: ChartBench) -> None:
        told = CoverageTold(
            payer="Desert Mutual",
            status="active",
            plan="PPO",
            member_id="M123",
            starts_on=dt.date(2026, 1, 1),
            ends_on=dt.date(2026, 12, 31),
        )
        patient = new_key("patient")
        chart.add_coverage(patient, told)
        assert chart.gateway.read_coverages(patient).rows == (told,)

    def test_somebody_without_a_chart_has_an_empty_one(self, chart: ChartBench) -> None:
        patient = new_key("patient")
        gateway = chart.gateway
        assert gateway.read_labs(patient, since=SINCE).rows == ()
        assert gateway.read_plan(patient).rows == ()
        assert gateway.read_medications(patient).rows == ()
        assert gateway.read_encounters(patient, since=SINCE).rows == ()
        assert gateway.read_coverages(patient).rows == ()

    def test_says_so_when_the_ehr_is_away(self, chart: ChartBench) -> None:
        chart.go_away()
        with pytest.raises(ChartUnavailable, match=r"EHR"):
            chart.gateway.read_labs(new_key("patient"), since=SINCE)


def told_again(told: LabTold) -> LabTold:
    """The same of somebody else, under a key of its own."""
    return LabTold(new_key("report"), told.name, told.status, collected_at=told.collected_at)
