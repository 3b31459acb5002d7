"""The admin: every page opens, no state can be edited, looks and changes leave a trace."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.admin.options import ModelAdmin
from django.test import Client, RequestFactory
from django.urls import reverse

from crm.actions.contacts import identify_contact
from crm.actions.verifying import verify_contact
from crm.admin import Kept
from crm.engine import publish, record
from crm.engine.models import StatusRow
from crm.models import (
    Agent,
    AuditEntry,
    Event,
    EventDelivery,
    Handoff,
    OnCall,
    PhoneLine,
    Queue,
    User,
    WrapUp,
)
from crm.rules.calls import CallNews
from crm.states import HandoffTo, Role
from scheduling.models import Clinic, ClinicPolicy, EhrWrite, ServiceRequest
from scheduling.queries.policies import policy_of
from tests.cast import Cast
from tests.crm.center import OURS as OUR_NUMBER
from tests.crm.center import agent, hear, line, queue
from tests.factories import (
    NOW,
    TEST,
    AcceptedCoverageFactory,
    AppointmentFactory,
    CandidateFactory,
    ClinicFactory,
    ClinicPolicyFactory,
    CoverageFactory,
    EhrWriteFactory,
    FrequencyLimitFactory,
    ImportedScoreFactory,
    InteractionFactory,
    NoFeePayerFactory,
    OfferFactory,
    PatientIdentifierFactory,
    PlannedWaveFactory,
    ProviderRuleFactory,
    ProxyFactory,
    ScoreWeightFactory,
    ServiceRequestFactory,
    SourceCodeFactory,
    TaskFactory,
    WaitlistEntryFactory,
)
from waitlist.models import Offer

OURS = ("crm", "scheduling", "waitlist")
PAGES = [
    model_admin
    for model, model_admin in admin.site._registry.items()
    if model._meta.app_label in OURS
]


def url(model_admin: ModelAdmin[Any], page: str, *args: object) -> str:
    meta = model_admin.model._meta
    return reverse(f"admin:{meta.app_label}_{meta.model_name}_{page}", args=args)


@pytest.fixture
def rows(cast: Cast) -> None:
    """At least one row of everything."""
    record("test.done", cast.patient, by=TEST, at=NOW)
    publish("test.happened", cast.patient, at=NOW)
    EventDelivery.objects.create(
        event=Event.objects.latest("pk"), subscriber="tests.nobody", last_error="quotes a row"
    )
    SourceCodeFactory.create(role=AppointmentFactory.create().role)
    for factory in (
        AcceptedCoverageFactory,
        CandidateFactory,
        ClinicPolicyFactory,
        CoverageFactory,
        EhrWriteFactory,
        FrequencyLimitFactory,
        ImportedScoreFactory,
        InteractionFactory,
        NoFeePayerFactory,
        OfferFactory,
        PlannedWaveFactory,
        PatientIdentifierFactory,
        ProviderRuleFactory,
        ProxyFactory,
        ScoreWeightFactory,
        ServiceRequestFactory,
        TaskFactory,
        WaitlistEntryFactory,
    ):
        factory.create()
    one_call(cast)


def one_call(cast: Cast) -> None:
    """A contact that leaves a row of everything of the contact center."""
    line(queue())
    user = agent(extension="201")
    contact = hear(CallNews.RANG).interaction
    hear(CallNews.ANSWERED, 5, extension="201")
    identify_contact(contact_id=contact.pk, patient=cast.patient, by=TEST, at=NOW)
    verify_contact(contact_id=contact.pk, said={}, by=TEST, at=NOW)
    Handoff.objects.create(
        interaction=contact, to=HandoffTo.NURSE, question="Now?", offered_by=user, offered_at=NOW
    )
    WrapUp.objects.create(interaction=contact, disposition="done", at=NOW)
    OnCall.objects.create(user=user, starts_at=NOW, ends_at=NOW + dt.timedelta(hours=8))


@pytest.fixture
def root(rows: None, client: Client) -> Client:
    """Somebody above all roles."""
    client.force_login(
        User.objects.create(username="root", is_staff=True, is_superuser=True, is_active=True)
    )
    return client


def looks() -> set[str]:
    rows = AuditEntry.objects.filter(verb="crm.patient.viewed")
    return {row.detail["what"] for row in rows}


@pytest.mark.parametrize("model_admin", PAGES, ids=lambda a: a.model._meta.label_lower)
def test_every_page_opens(model_admin: ModelAdmin[Any], root: Client) -> None:
    assert root.get(url(model_admin, "changelist")).status_code == 200
    assert root.get(url(model_admin, "changelist") + "?q=1").status_code == 200
    row = model_admin.model._base_manager.order_by("pk").first()
    assert row is not None
    assert root.get(url(model_admin, "change", row.pk)).status_code == 200


@pytest.mark.parametrize(
    "model_admin",
    [a for a in PAGES if issubclass(a.model, StatusRow)],
    ids=lambda a: a.model._meta.label_lower,
)
def test_nobody_can_edit_a_state(model_admin: ModelAdmin[Any], root: Client) -> None:
    row = model_admin.model._base_manager.order_by("pk").first()
    assert row is not None
    was = row.status
    answer = root.post(url(model_admin, "change", row.pk), {"status": "made-up"})
    assert answer.status_code in ({200, 302} if isinstance(model_admin, Kept) else {403})
    row.refresh_from_db()
    assert row.status == was


@pytest.mark.parametrize("model_admin", PAGES, ids=lambda a: a.model._meta.label_lower)
def test_nothing_is_deleted_here(model_admin: ModelAdmin[Any], root: Client) -> None:
    row = model_admin.model._base_manager.order_by("pk").first()
    assert row is not None
    count = model_admin.model._base_manager.count()
    assert root.post(url(model_admin, "delete", row.pk), {"post": "yes"}).status_code == 403
    assert model_admin.model._base_manager.count() == count


@pytest.mark.parametrize("role", [*Role, None])
def test_rights_come_from_roles(rows: None, cast: Cast, client: Client, role: Role | None) -> None:
    user = cast.staff(role) if role else cast.outsider
    User.objects.filter(pk=user.pk).update(is_staff=True)
    client.force_login(user)
    care = {Role.AGENT, Role.NURSE, Role.FRONT_DESK, Role.MANAGER, Role.ADMIN}
    patients = client.get(reverse("admin:crm_patient_changelist"))
    assert patients.status_code == (200 if role in care else 403)
    staff = client.get(reverse("admin:crm_user_changelist"))
    assert staff.status_code == (200 if role is Role.ADMIN else 403)


def test_a_look_at_a_patient_leaves_a_trace(root: Client, cast: Cast) -> None:
    root.get(reverse("admin:crm_patient_change", args=[cast.patient.pk]))
    entry = AuditEntry.objects.get(verb="crm.patient.viewed")
    assert (entry.patient_id, entry.actor_label) == (cast.patient.pk, "root")
    assert entry.detail == {"what": f"admin, crm.patient {cast.patient.pk}"}


def test_a_look_at_rows_that_name_patients_leaves_a_trace(root: Client) -> None:
    write = EhrWrite.objects.get()
    root.get(reverse("admin:waitlist_offer_changelist"))
    root.get(reverse("admin:scheduling_ehrwrite_change", args=[write.pk]))
    root.get(reverse("admin:scheduling_slot_changelist"))
    assert looks() == {
        "admin, waitlist.offer list",
        f"admin, scheduling.ehrwrite {write.pk}",
    }


def test_an_offers_page_keeps_its_secret(root: Client) -> None:
    offer = Offer.objects.get()
    page = root.get(reverse("admin:waitlist_offer_change", args=[offer.pk])).content.decode()
    assert offer.token not in page


def test_an_administrator_gives_a_role_and_that_is_written_down(
    rows: None, cast: Cast, client: Client
) -> None:
    User.objects.filter(pk=cast.admin.pk).update(is_staff=True)
    client.force_login(cast.admin)
    path = reverse("admin:crm_user_change", args=[cast.outsider.pk])
    sent = {
        "username": "outsider",
        "is_active": "on",
        "is_superuser": "on",
        "roles": ["agent", "nurse"],
    }
    assert client.post(path, sent).status_code == 302
    cast.outsider.refresh_from_db()
    assert cast.outsider.roles == ["agent", "nurse"]
    assert not cast.outsider.is_superuser
    entry = AuditEntry.objects.get(verb="crm.user.changed")
    assert (entry.actor_id, entry.subject_id) == (cast.admin.pk, cast.outsider.pk)
    assert "roles" in entry.detail["fields"]


def test_a_password_that_is_set_is_written_down_and_a_refused_one_is_not(
    root: Client, cast: Cast
) -> None:
    path = reverse("admin:auth_user_password_change", args=[cast.agent.pk])
    for first, second in (("correct-horse-42", "other"), ("correct-horse-42", "correct-horse-42")):
        root.post(path, {"password1": first, "password2": second, "usable_password": "true"})
    cast.agent.refresh_from_db()
    assert cast.agent.check_password("correct-horse-42")
    entry = AuditEntry.objects.get(verb="crm.user.password-changed")
    assert (entry.actor_label, entry.subject_id, entry.detail) == ("root", cast.agent.pk, {})


@pytest.mark.parametrize("role", Role)
def test_what_a_delivery_failed_of_is_for_administrators(
    rows: None, cast: Cast, client: Client, role: Role
) -> None:
    User.objects.filter(pk=cast.staff(role).pk).update(is_staff=True)
    client.force_login(cast.staff(role))
    delivery = EventDelivery.objects.get(subscriber="tests.nobody")
    page = client.get(reverse("admin:crm_eventdelivery_change", args=[delivery.pk]))
    assert page.status_code == (200 if role is Role.ADMIN else 403)
    assert ("quotes a row" in page.content.decode()) is (role is Role.ADMIN)


def test_an_administrator_cannot_take_over_who_is_above_all_roles(root: Client, cast: Cast) -> None:
    above = User.objects.get(username="root")
    User.objects.filter(pk=cast.admin.pk).update(is_staff=True)
    client = Client()
    client.force_login(cast.admin)
    path = reverse("admin:crm_user_change", args=[above.pk])
    assert client.post(path, {"username": "mine"}).status_code == 403
    password = reverse("admin:auth_user_password_change", args=[above.pk])
    assert client.post(password, {"password1": "x", "password2": "x"}).status_code == 403
    above.refresh_from_db()
    assert above.username == "root"


def test_a_clinics_settings_are_kept_up_and_written_down(root: Client) -> None:
    clinic: Clinic = ClinicFactory.create(siu_rule_signed_at=None, siu_rule_signed_by=None)
    path = reverse("admin:scheduling_clinic_change", args=[clinic.pk])
    sent = {
        "location": clinic.location_id,
        "specialty": clinic.specialty,
        "name": clinic.name,
        "mode": "off",
        "max_disappointed": "3",
        "interpreter_notice_hours": "0",
        "transport_notice_hours": "0",
    }
    assert root.post(path, sent).status_code == 302
    clinic.refresh_from_db()
    assert (clinic.mode, clinic.max_disappointed) == ("off", 3)
    entry = AuditEntry.objects.get(verb="scheduling.clinic.changed")
    assert entry.detail == {"fields": ["max_disappointed", "mode"]}


@pytest.mark.parametrize("role", Role)
def test_lines_and_agents_are_kept_by_whoever_oversees_the_desk(
    rows: None, cast: Cast, client: Client, role: Role
) -> None:
    User.objects.filter(pk=cast.staff(role).pk).update(is_staff=True)
    client.force_login(cast.staff(role))
    oversees = role in {Role.MANAGER, Role.ADMIN}
    known = Agent.objects.get()
    path = reverse("admin:crm_agent_change", args=[known.pk])
    answer = client.post(path, {"skills": "es,nurse", "extension": "301"})
    assert answer.status_code == (302 if oversees else 403)
    known.refresh_from_db()
    assert known.skills == (["es", "nurse"] if oversees else [])
    changes = AuditEntry.objects.filter(verb="crm.agent.changed")
    assert changes.count() == (1 if oversees else 0)


def test_a_menu_that_leads_nowhere_is_not_kept(root: Client) -> None:
    kept = PhoneLine.objects.get()
    path = reverse("admin:crm_phoneline_change", args=[kept.pk])
    sent = {"number": OUR_NUMBER, "name": "L", "language": "en", "queue": Queue.objects.get().pk}
    answer = root.post(path, sent | {"menu": '{"2": {"queue": "mars"}}'})
    assert "Key 2 leads to a queue that does not exist." in answer.content.decode()
    assert root.post(path, sent | {"menu": '{"2": {"queue": "general"}}'}).status_code == 302
    kept.refresh_from_db()
    assert kept.menu == {"2": {"queue": "general"}}


@pytest.mark.parametrize("role", [*Role, None])
def test_orders_are_kept_by_who_runs_a_schedule_and_for_the_orders_own_patient(
    cast: Cast, client: Client, role: Role | None
) -> None:
    user = cast.staff(role) if role else cast.outsider
    User.objects.filter(pk=user.pk).update(is_staff=True)
    client.force_login(user)
    visit = AppointmentFactory.create(patient=cast.patient)
    strange = AppointmentFactory.create(visit_type=visit.visit_type)
    path = reverse("admin:scheduling_servicerequest_add")
    sent = {
        "patient": cast.patient.pk,
        "visit_type": visit.visit_type_id,
        "appointment": strange.pk,
        "is_active": "on",
        "authorization": "A-1",
        "valid_from_on": "2026-12-01",
        "valid_until_on": "2026-11-30",
        "follows": visit.pk,
        "follows_after_days": "0",
    }
    may = role in {Role.FRONT_DESK, Role.MANAGER, Role.ADMIN}
    refused = client.post(path, sent)
    assert refused.status_code == (200 if may else 403)
    if may:
        page = refused.content.decode()
        assert "This visit is another patient" in page
        assert "It cannot end before it begins." in page
    assert not ServiceRequest.objects.exists()
    sent |= {"appointment": visit.pk, "follows": "", "valid_until_on": "2026-12-01"}
    assert client.post(path, sent).status_code == (302 if may else 403)
    assert ServiceRequest.objects.filter(appointment=visit).exists() is may
    added = AuditEntry.objects.filter(verb="scheduling.servicerequest.added")
    assert [entry.patient_id for entry in added] == [cast.patient.pk] * may


def test_only_how_a_patient_talks_and_travels_is_mended_here(root: Client, cast: Cast) -> None:
    path = reverse("admin:crm_patient_change", args=[cast.patient.pk])
    lines = ("identifiers", "patient_phones", "proxies", "coverages")
    sent = {f"{name}-{many}_FORMS": "0" for name in lines for many in ("TOTAL", "INITIAL")}
    sent |= {"family_name": "Other", "needs_transport": "on", "spoken_language": "ara"}
    assert root.post(path, sent).status_code == 302
    cast.patient.refresh_from_db()
    assert (cast.patient.needs_transport, cast.patient.spoken_language) == (True, "ara")
    assert cast.patient.family_name == "Delgado"
    entry = AuditEntry.objects.get(verb="crm.patient.changed")
    assert entry.detail == {"fields": ["needs_transport", "spoken_language"]}


def test_registers_what_it_should() -> None:
    request = RequestFactory().get("/")
    request.user = User(is_superuser=True, is_staff=True, is_active=True)
    writable = {a.model.__name__ for a in PAGES if a.has_change_permission(request)}
    assert writable == {
        "AcceptedCoverage",
        "Agent",
        "Clinic",
        "ClinicPolicy",
        "NoFeePayer",
        "Coverage",
        "FrequencyLimit",
        "Location",
        "OnCall",
        "Patient",
        "PhoneLine",
        "Provider",
        "ProviderRole",
        "ProviderRule",
        "Queue",
        "ScoreWeight",
        "ServiceRequest",
        "SourceCode",
        "User",
        "VisitType",
    }


def test_a_clinics_policy_is_kept_with_its_exemptions_ticked(root: Client) -> None:
    clinic = ClinicFactory.create()
    sent = {
        "clinic": clinic.pk, "late_cancel_hours": 48, "missed_limit": 2, "missed_months": 6,
        "exempt": ["weather", "hospital-stay"], "limit_kind": "by-phone", "limit_months": 3,
        "missed_fee": "25.00", "grace_minutes": 5, "squeeze_minutes": 15,
    }  # fmt: skip
    path = reverse("admin:scheduling_clinicpolicy_add")
    assert root.get(path).status_code == 200
    assert root.post(path, sent | {"squeeze_minutes": 1}).status_code == 200  # before the grace
    assert not ClinicPolicy.objects.filter(clinic=clinic).exists()
    assert root.post(path, sent).status_code == 302
    policy = policy_of(clinic.pk)
    assert policy.exempt == {"weather", "hospital-stay"}
    assert policy.late_cancel_hours == 48
    assert policy.missed_fee == 25
    assert AuditEntry.objects.filter(verb="scheduling.clinicpolicy.added").exists()
