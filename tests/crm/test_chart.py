"""Charts in our tables: asked for once, replaced when read, left standing when the EHR is away."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import override_settings

from crm import gateways, tasks_chart
from crm.actions.chart import ask_for_chart
from crm.actions.chart_requests import ask_about_lab, ask_for_refill
from crm.actions.contacts import identify_contact, open_contact
from crm.engine import Actor
from crm.models import (
    AuditEntry,
    Callback,
    CarePlanItem,
    ChartFetch,
    Coverage,
    Encounter,
    Event,
    Interaction,
    LabReport,
    Medication,
    Patient,
    PatientIdentifier,
    Task,
)
from crm.ports import (
    CarePlanTold,
    CoverageTold,
    EncounterTold,
    LabTold,
    MedicationTold,
)
from crm.queries.chart import parts_of_chart
from crm.rules.chart_labs import LabAct
from crm.rules.refills import RefillWay
from crm.states import (
    Acuity,
    Channel,
    ChartPart,
    DrugClass,
    ItemStatus,
    MedicationStatus,
    ReportStatus,
    TaskKind,
)
from tests.cast import Cast
from tests.drive import settle
from tests.factories import NOW, SOURCE, TEST, CoverageFactory, PatientFactory
from tests.fakes.chart import FakeChart

pytestmark = pytest.mark.django_db

KEY = "patient-1"
MINUTE = dt.timedelta(minutes=1)


@pytest.fixture
def chart(monkeypatch: pytest.MonkeyPatch) -> FakeChart:
    fake = FakeChart()
    monkeypatch.setattr(tasks_chart, "get_chart", lambda: fake)
    fake.labs[KEY] = [LabTold("r1", "Vitamin D", ReportStatus.FINAL, collected_at=NOW)]
    fake.plan[KEY] = [CarePlanTold("o1", "Knee X-ray", ItemStatus.ACTIVE)]
    fake.medications[KEY] = [
        MedicationTold("m1", "Apixaban 5 mg", MedicationStatus.ACTIVE),
        MedicationTold("m2", "Oxycodone 5 mg", MedicationStatus.ACTIVE),
    ]
    fake.encounters[KEY] = [EncounterTold("e1", NOW - dt.timedelta(days=300), "Post-op check")]
    fake.coverages[KEY] = [CoverageTold("Desert Mutual", "active", plan="PPO", member_id="M1")]
    return fake


@pytest.fixture
def patient() -> Patient:
    row = PatientFactory.create()
    PatientIdentifier.objects.create(patient=row, system=SOURCE, value=KEY)
    return row


def read(patient: Patient, *, at: dt.datetime = NOW, anew: bool = False) -> None:
    ask_for_chart(patient_id=patient.pk, anew=anew, by=TEST, at=at)
    settle(at)


def words(patient: Patient, part: ChartPart, *, at: dt.datetime = NOW) -> str:
    return parts_of_chart(patient.pk, at=at)[part].freshness.words


def labs_of(patient: Patient) -> ChartFetch:
    return ChartFetch.objects.get(patient=patient, part=ChartPart.LABS)


class TestReading:
    def test_every_part_is_kept_with_its_age(self, patient: Patient, chart: FakeChart) -> None:
        read(patient)
        assert LabReport.objects.get().name == "Vitamin D"
        assert CarePlanItem.objects.get().title == "Knee X-ray"
        assert Encounter.objects.get().title == "Post-op check"
        assert dict(Medication.objects.values_list("drug_class", "is_controlled")) == {
            DrugClass.ANTICOAGULANT: False,
            DrugClass.OTHER: True,
        }
        covered = Coverage.objects.get()
        assert (covered.plan, covered.status, covered.checked_at) == ("PPO", "active", NOW)
        for part in ChartPart:
            assert words(patient, part, at=NOW + 2 * MINUTE) == "EHR 2 min ago"
        told = Event.objects.filter(name="crm.chart-read").values_list("payload__part", flat=True)
        assert set(told) == {str(part) for part in ChartPart}

    def test_reading_again_replaces_what_stood_and_keeps_keys(
        self, patient: Patient, chart: FakeChart
    ) -> None:
        read(patient)
        before = LabReport.objects.get().pk
        chart.labs[KEY] = [
            LabTold("r1", "Vitamin D", ReportStatus.CORRECTED, collected_at=NOW),
            LabTold("r2", "CRP", ReportStatus.REGISTERED, collected_at=NOW),
        ]
        chart.plan[KEY] = []
        read(patient, at=NOW + 6 * MINUTE)
        assert LabReport.objects.get(pk=before).status == ReportStatus.CORRECTED
        assert LabReport.objects.count() == 2
        assert not CarePlanItem.objects.exists()

    def test_a_check_updates_the_coverage_that_is_meant(
        self, patient: Patient, chart: FakeChart
    ) -> None:
        known = CoverageFactory.create(patient=patient, payer="DESERT MUTUAL", member_id="M1")
        other = CoverageFactory.create(patient=patient, payer="Medicare", member_id="X")
        read(patient)
        known.refresh_from_db()
        other.refresh_from_db()
        assert (known.status, known.checked_at) == ("active", NOW)
        assert (other.status, other.checked_at) == ("", None)
        assert Coverage.objects.count() == 2

    def test_what_was_read_a_moment_ago_is_not_asked_for_again(
        self, patient: Patient, chart: FakeChart
    ) -> None:
        read(patient)
        read(patient, at=NOW + 4 * MINUTE)
        assert len(chart.asked) == len(ChartPart)
        read(patient, at=NOW + 4 * MINUTE, anew=True)
        assert len(chart.asked) == 2 * len(ChartPart)
        assert AuditEntry.objects.filter(verb="crm.chart.asked").count() == 2

    def test_a_patient_with_two_charts_has_both_read(
        self, patient: Patient, chart: FakeChart
    ) -> None:
        PatientIdentifier.objects.create(patient=patient, system=SOURCE, value="patient-2")
        chart.labs["patient-2"] = [LabTold("r9", "CRP", ReportStatus.FINAL)]
        read(patient)
        assert set(LabReport.objects.values_list("source_id", flat=True)) == {"r1", "r9"}

    def test_what_makes_no_sense_is_counted(self, patient: Patient, chart: FakeChart) -> None:
        chart.unread = 2
        read(patient)
        assert parts_of_chart(patient.pk, at=NOW)[ChartPart.LABS].unread == 2


class TestEhrAway:
    def test_what_stands_stays_with_its_age_and_the_reason(
        self, patient: Patient, chart: FakeChart
    ) -> None:
        read(patient)
        chart.is_away = True
        later = NOW + 60 * MINUTE
        ask_for_chart(patient_id=patient.pk, by=TEST, at=later)
        assert words(patient, ChartPart.LABS, at=later) == "EHR 1 h ago, still asking"
        settle(later)
        found = parts_of_chart(patient.pk, at=later)[ChartPart.LABS].freshness
        assert found.why == "The EHR cannot be reached."
        assert found.is_known
        assert LabReport.objects.count() == 1

    def test_it_is_asked_again_a_few_times_and_then_left_alone(
        self, patient: Patient, chart: FakeChart
    ) -> None:
        chart.is_away = True
        read(patient)
        assert labs_of(patient).due_at == NOW + dt.timedelta(seconds=5)
        settle(NOW + dt.timedelta(seconds=5))
        settle(NOW + dt.timedelta(seconds=25))
        assert (labs_of(patient).due_at, labs_of(patient).tries) == (None, 3)
        chart.is_away = False
        read(patient, at=NOW + MINUTE)
        row = labs_of(patient)
        assert (row.failed_at, row.reason, row.tries) == (None, "", 0)
        assert words(patient, ChartPart.LABS, at=NOW + MINUTE) == "EHR just now"

    def test_a_patient_whom_the_ehr_does_not_know_is_not_asked_about(
        self, chart: FakeChart
    ) -> None:
        stranger = PatientFactory.create()
        read(stranger)
        assert not chart.asked
        found = parts_of_chart(stranger.pk, at=NOW)[ChartPart.LABS].freshness
        assert (found.words, found.is_asking) == ("EHR not read", False)
        assert found.why.startswith("Not in the EHR")

    def test_the_gateway_is_named_by_a_setting(self) -> None:
        with override_settings(CHART_GATEWAY="tests.fakes.chart.FakeChart"):
            assert isinstance(gateways.get_chart(), FakeChart)


class TestContacts:
    def test_saying_whom_it_is_about_brings_their_chart(
        self, patient: Patient, chart: FakeChart, cast: Cast
    ) -> None:
        contact = open_contact(channel=Channel.VOICE, by=TEST, at=NOW, agent=cast.agent)
        identify_contact(contact_id=contact.pk, patient=patient, by=TEST, at=NOW)
        settle(NOW)
        assert LabReport.objects.filter(patient=patient).exists()


@pytest.fixture
def contact(patient: Patient, chart: FakeChart, cast: Cast) -> Interaction:
    read(patient)
    return open_contact(channel=Channel.VOICE, by=TEST, at=NOW, agent=cast.agent, patient=patient)


class TestRequests:
    def test_a_result_makes_one_task_for_each_contact(self, contact: Interaction) -> None:
        lab = LabReport.objects.get()
        for _ in range(2):
            ask_about_lab(contact=contact, lab=lab, act=LabAct.TELL_WHERE, by=TEST, at=NOW)
        task = Task.objects.get()
        assert (task.kind, task.title) == (TaskKind.FOLLOW_UP, "Tell them where results are")
        assert "Vitamin D" in task.why

    def test_a_confidential_one_is_not_named(self, contact: Interaction) -> None:
        LabReport.objects.update(is_sensitive=True)
        lab = LabReport.objects.get()
        task = ask_about_lab(contact=contact, lab=lab, act=LabAct.CALL_BACK, by=TEST, at=NOW)
        assert task.kind == TaskKind.CALL_BACK
        assert Callback.objects.get().interaction == contact
        assert "Vitamin" not in task.title + task.why

    def test_out_of_a_blood_thinner_is_a_task_for_a_nurse_due_now(
        self, contact: Interaction
    ) -> None:
        asked = ask_for_refill(
            contact=contact,
            medication=Medication.objects.get(name__startswith="Apixaban"),
            drug="",
            pharmacy="Desert Rx",
            days_left=0,
            by=Actor.system("test"),
            at=NOW,
            on=NOW.date(),
        )
        assert asked.decision.way is RefillWay.NURSE_NOW
        assert asked.task is not None
        assert (asked.task.kind, asked.task.due_at) == (TaskKind.ASK_NURSE, NOW)
        assert "Desert Rx" in asked.task.why
        assert Interaction.objects.get(pk=contact.pk).acuity == Acuity.NURSE_NOW

    def test_a_drug_that_only_the_caller_names_is_known_by_its_name(
        self, contact: Interaction
    ) -> None:
        asked = ask_for_refill(
            contact=contact,
            medication=None,
            drug="insuline",
            pharmacy="",
            days_left=None,
            by=TEST,
            at=NOW,
            on=NOW.date(),
        )
        assert asked.decision.way is RefillWay.NURSE_NOW
