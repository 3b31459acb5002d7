"""The panels of a chart: what each line says, what may be done with it, and who may hear it."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from crm.models import (
    CarePlanItem,
    ChartFetch,
    Encounter,
    Interaction,
    InteractionStep,
    LabReport,
    Medication,
    Proxy,
    Task,
    Verification,
    WrapUp,
)
from crm.states import (
    Acuity,
    ChartPart,
    DrugClass,
    ItemStatus,
    MedicationStatus,
    ProxyScope,
    ReportStatus,
    Speaker,
    StepKind,
    TaskKind,
)
from desk.screen.contact import DeskContact, read_contact
from desk.screen.panels import BY_NAME, labs, plan, visits
from desk.states import CHART_PANELS
from scheduling.models import Appointment, Slot, SourceCode
from scheduling.states import AppointmentStatus
from tests.cast import Cast
from tests.desk.screen.conftest import Desk
from tests.factories import NOW, SOURCE, AppointmentFactory, CoverageFactory, SlotFactory
from triage.models import Alert

pytestmark = pytest.mark.django_db

DAY = dt.timedelta(days=1)
TODAY = NOW.date()


def fetched(desk: Desk, part: ChartPart, **facts: Any) -> ChartFetch:
    said = {"asked_at": NOW, "fetched_at": NOW - dt.timedelta(minutes=2), **facts}
    row, _ = ChartFetch.objects.update_or_create(patient=desk.patient, part=part, defaults=said)
    return row


def a_lab(desk: Desk, name: str = "Vitamin D", **facts: Any) -> LabReport:
    said = {
        "source_id": name,
        "status": ReportStatus.FINAL,
        "collected_at": NOW - 4 * DAY,
        "reviewed_at": NOW - DAY,
        "reviewed_by": "Lena Park, MD",
        "released_at": NOW - DAY,
        **facts,
    }
    return LabReport.objects.create(patient=desk.patient, name=name, **said)


def a_drug(desk: Desk, name: str = "Apixaban 5 mg", **facts: Any) -> Medication:
    said = {
        "source_id": name,
        "status": MedicationStatus.ACTIVE,
        "days_supply": 30,
        "last_filled_on": TODAY - 26 * DAY,
        "refills_left": 3,
        "drug_class": DrugClass.ANTICOAGULANT,
        "pharmacy": "Desert Rx",
        **facts,
    }
    return Medication.objects.create(patient=desk.patient, name=name, **said)


def text_of(desk: Desk, name: str) -> str:
    page = desk.get("panel", name)
    assert page.status_code == 200
    text: str = page.content.decode()
    return text


def verified(desk: Desk) -> DeskContact:
    """The contact as the screen reads it, with nothing asked of the EHR yet."""
    desk.know()
    ChartFetch.objects.all().delete()
    return read_contact(desk.contact.pk, at=NOW)


def as_proxy(desk: Desk, *scope: ProxyScope) -> None:
    """A mother speaks, with the right to these."""
    proxy = Proxy.objects.create(
        patient=desk.patient, name="Ana", relationship="mother", scope=list(scope)
    )
    Verification.objects.filter(passed=True).update(speaker=Speaker.PROXY, proxy=proxy)
    Interaction.objects.filter(pk=desk.contact.pk).update(speaker=Speaker.PROXY)


class TestEveryPanel:
    def test_nothing_shows_before_two_identifiers(self, desk: Desk) -> None:
        for name in CHART_PANELS:
            page = desk.get("panel", name)
            assert (page.status_code, page.content) == (204, b"")
            assert desk.post("chart", name).status_code == 404

    def test_an_empty_one_says_whether_anybody_asked(self, desk: Desk) -> None:
        verified(desk)
        for name, part in CHART_PANELS.items():
            assert "EHR not asked yet" in text_of(desk, name)
            fetched(desk, part)
            text = text_of(desk, name)
            assert "EHR 2 min ago" in text
            assert "Not known.</li>" not in text

    def test_a_slow_ehr_leaves_what_stands_and_is_heard_when_it_answers(self, desk: Desk) -> None:
        verified(desk)
        for name, part in CHART_PANELS.items():
            row = fetched(desk, part, due_at=NOW, fetched_at=NOW - dt.timedelta(hours=3))
            text = text_of(desk, name)
            assert "EHR 3 h ago, still asking" in text
            assert f"live:crm.chartfetch:{row.pk} from:body, every 5s" in text

    def test_an_absent_ehr_says_so_and_can_be_asked_again(self, desk: Desk) -> None:
        verified(desk)
        reason = "The EHR cannot be reached."
        for name, part in CHART_PANELS.items():
            row = fetched(desk, part, failed_at=NOW, reason=reason)
            text = text_of(desk, name)
            assert f"{reason} What stands here is older." in text
            assert desk.url("chart", name) in text
            assert desk.post("chart", name).status_code == 200
            row.refresh_from_db()
            assert row.due_at == NOW
            assert InteractionStep.objects.filter(kind="look", code=name).exists()

    def test_a_part_that_nobody_has_is_not_asked_for(self, desk: Desk) -> None:
        verified(desk)
        assert desk.post("chart", "secrets").status_code == 404
        assert not ChartFetch.objects.exists()

    def test_somebody_else_may_look_and_not_act(self, desk: Desk, cast: Cast) -> None:
        verified(desk)
        desk.client.force_login(cast.nurse, backend="django.contrib.auth.backends.ModelBackend")
        page = desk.post("chart", "labs")
        assert page.status_code == 409
        assert "has this contact" in page.content.decode()
        assert not ChartFetch.objects.exists()

    def test_only_who_takes_calls_may_act_and_only_by_post(self, desk: Desk, cast: Cast) -> None:
        verified(desk)
        lab, drug = a_lab(desk), a_drug(desk)
        acts = (("chart", "labs"), ("lab", lab.pk), ("refill",))
        for act in acts:
            assert desk.client.get(desk.url(*act)).status_code == 405
        desk.client.force_login(cast.marketing, backend="django.contrib.auth.backends.ModelBackend")
        said = {"refill-medication": drug.pk, "refill-days_left": 1}
        for act in acts:
            assert desk.client.post(desk.url(*act), said).status_code == 403
        assert not ChartFetch.objects.exists()
        assert not Task.objects.exists()

    def test_training_asks_nobody(self, desk: Desk) -> None:
        verified(desk)
        type(desk.contact).objects.update(is_training=True)
        assert desk.post("chart", "labs").status_code == 409
        assert not ChartFetch.objects.exists()


class TestLabs:
    def test_says_what_may_be_said_and_asks_the_clinic_once(self, desk: Desk) -> None:
        verified(desk)
        lab = a_lab(desk)
        text = text_of(desk, "labs")
        assert "Say: results are in the portal" in text
        assert "reviewed Nov 17 by Lena Park, MD" in text
        page = desk.post("lab", lab.pk)
        assert page.headers["HX-Trigger"] == '{"contact:changed": {}}'
        assert "The clinic tells them where it is" in page.content.decode()
        assert desk.url("lab", lab.pk) not in page.content.decode()
        assert Task.objects.get().title == "Tell them where results are"

    def test_a_confidential_test_has_no_name(self, desk: Desk) -> None:
        verified(desk)
        a_lab(desk, "HIV screen", is_sensitive=True)
        text = text_of(desk, "labs")
        assert "A confidential test" in text
        assert "HIV" not in text

    def test_a_report_of_somebody_else_is_not_asked_about(self, desk: Desk) -> None:
        verified(desk)
        other = a_lab(desk)
        LabReport.objects.update(patient=AppointmentFactory.create().patient)
        assert desk.post("lab", other.pk).status_code == 404
        assert not Task.objects.exists()

    def test_what_is_under_way_asks_nothing(self, desk: Desk) -> None:
        verified(desk)
        lab = a_lab(desk, status=ReportStatus.REGISTERED, reviewed_at=None)
        assert desk.post("lab", lab.pk).status_code == 409
        assert not Task.objects.exists()

    def test_a_proxy_hears_of_results_only_by_right(self, desk: Desk) -> None:
        verified(desk)
        lab = a_lab(desk)
        a_lab(desk, "HIV screen", is_sensitive=True)
        as_proxy(desk, ProxyScope.SCHEDULING)
        text = text_of(desk, "labs")
        assert "Not for whoever speaks" in text
        assert "Vitamin" not in text
        assert desk.post("lab", lab.pk).status_code == 404
        Proxy.objects.update(scope=[ProxyScope.RESULTS])
        text = text_of(desk, "labs")
        assert "Vitamin D" in text
        assert "1 more, for the patient" in text
        assert "confidential test" not in text

    def test_takes_three_statements(
        self, desk: Desk, django_assert_num_queries: DjangoAssertNumQueries
    ) -> None:
        contact = verified(desk)
        for number in range(8):
            a_lab(desk, f"Test {number}")
        with django_assert_num_queries(3):
            found = labs.panel(contact, at=NOW)
        assert (len(found["lines"]), found["more"]) == (6, True)


@pytest.fixture
def slot(db: None) -> Slot:
    """A clinic whose visit type and clinician the EHR knows by codes of its own."""
    slot = SlotFactory.create()
    SourceCode.objects.create(
        source=SOURCE, kind="visit-type", code="X-1", visit_type=slot.visit_type
    )
    SourceCode.objects.create(
        source=SOURCE, kind="provider", code="P-1", provider=slot.role.provider
    )
    return slot


def an_item(desk: Desk, **facts: Any) -> CarePlanItem:
    said = {
        "source_id": "o1",
        "title": "Knee X-ray",
        "status": ItemStatus.ACTIVE,
        "visit_type_code": "X-1",
        "ordered_by": "Lena Park, MD",
        "due_until_on": dt.date(2026, 12, 14),
        **facts,
    }
    return CarePlanItem.objects.create(patient=desk.patient, **said)


class TestPlan:
    def test_what_is_due_can_be_booked_from_here(self, desk: Desk, slot: Slot) -> None:
        verified(desk)
        an_item(desk)
        text = text_of(desk, "plan")
        assert "Lena Park, MD · due by Dec 14" in text
        assert "1 due" in text
        assert f"{desk.url('talk')}?visit_type={slot.visit_type_id}" in text

    def test_what_is_booked_is_on_track(
        self, desk: Desk, slot: Slot, django_assert_num_queries: DjangoAssertNumQueries
    ) -> None:
        contact = verified(desk)
        an_item(desk)
        book(desk, slot, starts_at=NOW + 9 * DAY)
        with django_assert_num_queries(4):
            found = plan.panel(contact, at=NOW)
        assert (found["due"], found["lines"][0].advice.words) == (0, "next Nov 27")
        assert "Book:" not in text_of(desk, "plan")

    def test_a_kind_that_we_do_not_know_cannot_be_booked(self, desk: Desk) -> None:
        verified(desk)
        an_item(desk, visit_type_code="unheard-of")
        text = text_of(desk, "plan")
        assert "due by Dec 14" in text
        assert "Book:" not in text


def book(desk: Desk, slot: Slot, *, starts_at: dt.datetime, **facts: Any) -> Appointment:
    return AppointmentFactory.create(
        patient=desk.patient,
        provider=slot.role.provider,
        location=slot.role.clinic.location,
        role=slot.role,
        slot=None,
        visit_type=slot.visit_type,
        starts_at=starts_at,
        ends_at=starts_at + dt.timedelta(minutes=30),
        **facts,
    )


class TestVisits:
    def test_ours_and_the_ehrs_stand_together_once_each(
        self, desk: Desk, slot: Slot, django_assert_num_queries: DjangoAssertNumQueries
    ) -> None:
        contact = verified(desk)
        ours = book(
            desk,
            slot,
            starts_at=NOW - 30 * DAY,
            status=AppointmentStatus.FULFILLED,
            source=SOURCE,
            source_id="visit-1",
        )
        told = {"patient": desk.patient, "provider": "Lena Park, MD", "title": "Post-op check"}
        Encounter.objects.create(
            source_id="e1", starts_at=ours.starts_at, appointment_key="visit-1", **told
        )
        Encounter.objects.create(
            source_id="e2",
            starts_at=NOW - 300 * DAY,
            visit_type_code="X-1",
            provider_code="P-1",
            **told,
        )
        with django_assert_num_queries(4):
            lines = visits.panel(contact, at=NOW)["lines"]
        assert [line.is_theirs for line in lines] == [False, True]
        again = (slot.visit_type_id, slot.role.provider_id)
        assert {(line.visit_type_id, line.provider_id) for line in lines} == {again}
        text = text_of(desk, "visits")
        assert f"visit_type={again[0]}&amp;provider={again[1]}" in text
        assert "Post-op check" in text

    def test_a_sensitive_visit_is_not_named_to_a_proxy(self, desk: Desk, slot: Slot) -> None:
        verified(desk)
        as_proxy(desk, ProxyScope.SCHEDULING)
        book(desk, slot, starts_at=NOW - 30 * DAY, status=AppointmentStatus.FULFILLED)
        type(slot.visit_type).objects.update(is_sensitive=True, name="Medication treatment")
        assert "Medication treatment" not in text_of(desk, "visits")


class TestCoverage:
    def test_says_until_when_each_holds_and_when_it_was_checked(self, desk: Desk) -> None:
        verified(desk)
        for facts in (
            {"status": "active", "ends_on": TODAY + 40 * DAY},
            {"status": "active", "ends_on": TODAY - DAY},
            {"status": "cancelled"},
            {"starts_on": TODAY + 5 * DAY},
            {},
        ):
            CoverageFactory.create(patient=desk.patient, checked_at=NOW - 3 * DAY, **facts)
        text = text_of(desk, "coverage")
        for words in (
            "active until Dec 28",
            "ended Nov 17",
            "cancelled",
            "begins Nov 23",
            "on file",
            "checked 3 days ago",
            "Check now",
        ):
            assert words in text


class TestRefills:
    def ask(self, desk: Desk, **said: Any) -> Any:
        return desk.post("refill", **{f"refill-{name}": value for name, value in said.items()})

    def test_nearly_out_of_a_critical_drug_is_a_nurse_now(self, desk: Desk) -> None:
        verified(desk)
        drug = a_drug(desk)
        page = self.ask(desk, medication=drug.pk, days_left=1, pharmacy="Desert Rx")
        text = page.content.decode()
        assert "Nurse now" in text
        assert "I get you a nurse now" in text
        assert f"{desk.url('handoff')}?to=nurse" in text
        task = Task.objects.get()
        assert task.kind == TaskKind.ASK_NURSE
        assert "The caller: 1 day left." in task.why

    def test_what_a_nurse_must_hear_stops_the_call(self, desk: Desk) -> None:
        verified(desk)
        drug = a_drug(desk)
        self.ask(desk, medication=drug.pk, days_left=1)
        assert desk.contact.steps.get(kind=StepKind.SAFETY).code == "refill"
        assert "A nurse must hear this now" in desk.get("talk").content.decode()
        assert desk.post("not-now").status_code == 409
        assert desk.post("wrap", disposition="told", note="").status_code == 409
        assert not WrapUp.objects.exists()

    def test_what_is_typed_for_one_is_checked_for_danger(self, desk: Desk) -> None:
        verified(desk)
        said = "pills, I took the whole bottle to kill myself"
        self.ask(desk, medication="other", drug=said, days_left=0)
        assert Interaction.objects.get().acuity == Acuity.EMERGENCY
        assert Alert.objects.get().patient == desk.patient
        assert Task.objects.filter(kind=TaskKind.REFILL).exists()

    def test_enough_refills_is_a_request_for_the_clinic(self, desk: Desk) -> None:
        verified(desk)
        drug = a_drug(desk, "Lisinopril 20 mg", drug_class=DrugClass.OTHER)
        self.ask(desk, medication=drug.pk, days_left=4)
        assert Task.objects.get().kind == TaskKind.REFILL
        assert "ask there in two working days" in text_of(desk, "refills")

    def test_too_early_leaves_no_task_and_says_from_when(self, desk: Desk) -> None:
        verified(desk)
        drug = a_drug(desk, last_filled_on=TODAY - 5 * DAY, drug_class=DrugClass.OTHER)
        self.ask(desk, medication=drug.pk, days_left=25)
        assert not Task.objects.exists()
        assert "can fill it from Dec 5" in text_of(desk, "refills")

    def test_what_is_missing_is_asked_for(self, desk: Desk) -> None:
        verified(desk)
        drug = a_drug(desk)
        for said, why in (
            ({}, "Choose the medicine."),
            ({"medication": "other", "days_left": 3}, "Write what they call it."),
            ({"medication": "0", "days_left": 3}, "Choose it again."),
            ({"medication": drug.pk}, "Ask how many days are left"),
        ):
            page = self.ask(desk, **said)
            assert page.status_code == 422
            assert why in page.content.decode()
        assert not Task.objects.exists()

    def test_without_script_it_ends_on_the_screen(self, desk: Desk) -> None:
        verified(desk)
        said = {"refill-medication": "other", "refill-drug": "insulin", "refill-unknown": "on"}
        page = desk.client.post(desk.url("refill"), said)
        assert page.status_code == 302
        assert page.headers["Location"] == reverse("desk:screen-contact", args=[desk.contact.pk])
        assert Task.objects.get().kind == TaskKind.ASK_NURSE
        page = desk.client.post(desk.url("refill"), {})
        assert page.status_code == 422
        assert "Choose the medicine." in page.content.decode()


@pytest.mark.parametrize("name", ["coverage", "refills"])
def test_other_panels_take_few_statements(
    desk: Desk, name: str, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    contact = verified(desk)
    drug = a_drug(desk)
    CoverageFactory.create(patient=desk.patient)
    if name == "refills":
        TestRefills().ask(desk, medication=drug.pk, days_left=1)
    with django_assert_num_queries({"coverage": 2, "refills": 4}[name]):
        BY_NAME[name].read(contact, at=NOW)
