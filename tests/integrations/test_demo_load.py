"""The demo in our tables: all of it, once, under every constraint, and without a sound."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.models import Count, F, Model, Q
from pytest_django import DjangoDbBlocker

from crm.actions.calls import story_of
from crm.models import (
    Agent,
    AuditEntry,
    Call,
    ConsentEntry,
    Coverage,
    Event,
    EventDelivery,
    Installation,
    Patient,
    PatientIdentifier,
    PatientMerge,
    PatientPhone,
    Phone,
    PhoneLine,
    Proxy,
    Queue,
    Task,
    User,
)
from crm.queries.handoffs import on_call_now
from crm.states import Acuity, CallStatus, Channel, Role, TaskKind, TaskStatus
from desk.queries.waiting import waiting_for
from desk.shipped.call_types import CALL_TYPES
from integrations.demo import contacts, ehr
from integrations.demo import load as loading
from integrations.demo.dataset import as_of, build
from integrations.demo.load import DemoRefused, Loaded, load
from integrations.demo.schedules import AHEAD
from integrations.models import Hl7Sender, InboxMessage
from outreach.models import Message
from outreach.states import Direction
from scheduling.actions.templates import plan_schedule
from scheduling.models import (
    Absence,
    AcceptedCoverage,
    Appointment,
    Clinic,
    EhrWrite,
    FrequencyLimit,
    Location,
    Provider,
    ProviderRole,
    ProviderRule,
    Room,
    ServiceRequest,
    Slot,
    SlotFeedback,
    SourceCode,
    TemplateProposal,
    VisitType,
)
from scheduling.queries import get_slot
from scheduling.queries.schedules import scheduled_roles
from scheduling.states import LIVE, FillMode, Origin, SlotStatus
from tests.factories import PatientFactory
from tests.integrations.demo import SEED, demo_loaded, say_nothing
from tests.waitlist.needs_cast import standing
from waitlist.models import Offer, Opening, WaitlistEntry
from waitlist.queries.requirements import Claim, requirements_of
from waitlist.rules.eligibility import NEEDS

AT = dt.datetime(2026, 11, 20, 17, 30, tzinfo=dt.UTC)
LOADED_MODELS = (
    *(Location, Clinic, Provider, ProviderRole, Room, VisitType, SourceCode, Hl7Sender),
    *(Patient, PatientIdentifier, Phone, PatientPhone, Proxy, ConsentEntry, User),
    *(Slot, Appointment, WaitlistEntry),
    *(Coverage, ServiceRequest, ProviderRule, AcceptedCoverage, FrequencyLimit),
    *(Queue, PhoneLine, Agent),
)
pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def demo(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Loaded]:
    with demo_loaded(django_db_blocker, AT) as loaded:
        yield loaded


def test_loads_every_row_of_the_dataset(demo: Loaded) -> None:
    dataset = as_of(build(SEED, AT.date()), AT)
    assert demo.is_new
    assert Location.objects.count() == len(dataset.sites) == demo.counts["sites"]
    assert Provider.objects.count() == 12
    theirs = {"clinic__owns_schedule": False}  # the EHR's; one clinic makes its own
    assert ProviderRole.objects.filter(**theirs).count() == 12
    assert Clinic.objects.filter(owns_schedule=False).count() == 11
    assert len(dataset.people) == demo.counts["patients"]
    assert Patient.objects.count() == demo.counts["patients"] + demo.counts["second records"]
    assert Phone.objects.count() == len(dataset.lines) + demo.counts["on call"]
    assert PatientPhone.objects.count() == len(dataset.phones)
    assert Proxy.objects.count() == len(dataset.proxies)
    assert ConsentEntry.objects.count() == len(dataset.consents)
    assert Slot.objects.exclude(source="").count() == len(dataset.slots)
    assert WaitlistEntry.objects.count() == len(dataset.waiting)
    assert ServiceRequest.objects.count() == len(dataset.orders) == demo.counts["orders"]
    assert Patient.objects.filter(needs_transport=True).count() == len(dataset.rides)
    statuses = Counter(Appointment.objects.values_list("status", flat=True))
    assert statuses == Counter(str(visit.status) for visit in dataset.visits)


@pytest.mark.usefixtures("demo")
def test_tells_nobody() -> None:
    """What is free from the start was free before we came: no opening, no text, no write."""
    for model in (EventDelivery, Opening, Offer, EhrWrite, InboxMessage):
        assert not model._default_manager.exists()
    assert not Message.objects.exclude(direction=Direction.IN).exists()
    assert not Event.objects.filter(name__startswith="scheduling.slot-").exists()


@pytest.mark.usefixtures("demo")
def test_only_release_rules_are_due_and_none_of_them_yet() -> None:
    due = Slot.objects.filter(due_at__isnull=False)
    assert due.exists()
    assert not due.exclude(due_at=F("release_at")).exists()
    assert not due.filter(due_at__lte=AT).exists()
    assert not Slot.objects.filter(release_at__isnull=False, due_at__isnull=True).exists()


@pytest.mark.usefixtures("demo")
def test_somebody_is_left_out_by_every_rule_about_what_a_visit_needs() -> None:
    """And most of them by none, or no story could be told."""
    told: Counter[str] = Counter()
    for kind in (
        "BONES-INJ",
        "BONES-FU",
        "HEART-ECHO",
        "HEART-FU",
        "FM-PHYS",
        "FM-NEW",
        "SKIN-PROC",
    ):
        for role in ProviderRole.objects.filter(clinic__visit_types__code=kind):
            slot = role.slots.filter(
                visit_type__code=kind, starts_at__gt=AT + dt.timedelta(hours=26)
            ).order_by("starts_at")[0]
            told.update(_needs_that_stand(get_slot(slot.pk)))
    of_visits = {str(name) for name, _ in NEEDS} - {"kept-for"}  # that is of single slots
    assert set(told) - {"kept-for"} == of_visits | {""}
    assert told[""] > 0.65 * told.total()


def _needs_that_stand(slot: Slot) -> list[str]:
    """For each patient with a later visit of that kind here: the rule, or nothing."""
    visits = Appointment.objects.filter(
        visit_type=slot.visit_type,
        role__clinic=slot.role.clinic,
        status="booked",
        starts_at__gt=slot.starts_at,
    )
    claims = {v.patient_id: Claim(v.patient_id, v.visit_type_id, v.pk) for v in visits}
    asked = requirements_of(claims.values(), slot, at=AT)
    found = [standing(one.requirements, at=AT) for one in asked.values()]
    return [rule for no in found for rule in (no.rule.split("+") if no else [""])]


@pytest.mark.usefixtures("demo")
def test_says_so_in_the_audit() -> None:
    entry = AuditEntry.objects.get(verb="crm.installation.demo-loaded")
    assert entry.at == AT
    assert entry.detail == {"seed": SEED}


@pytest.mark.usefixtures("demo")
@pytest.mark.parametrize("model", LOADED_MODELS, ids=lambda model: model.__name__)
def test_rows_would_pass_a_form(model: type[Model]) -> None:
    """Choices, lengths and formats, which the database alone does not check."""
    rows = list(model._default_manager.order_by("?")[:25])
    assert rows
    for row in rows:
        row.clean_fields(exclude=["password"])


@pytest.mark.usefixtures("demo")
def test_constraints_hold_for_every_row() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


@pytest.mark.usefixtures("demo")
def test_seats_agree_with_visits() -> None:
    """A slot's count is what stands on it, or the first report about it would change it."""
    live = Count("appointments", filter=Q(appointments__status__in=LIVE))
    today = AT.replace(hour=0, minute=0)
    slots = Slot.objects.annotate(live=live).filter(starts_at__gt=AT)
    assert not slots.exclude(taken=F("live")).exists()
    assert not slots.filter(status=SlotStatus.BUSY, taken=0).exists()
    assert not slots.exclude(status=SlotStatus.BUSY).filter(taken__gt=0).exists()
    assert not Appointment.objects.filter(slot__isnull=False, starts_at__lt=today).exists()


@pytest.mark.usefixtures("demo")
def test_visits_are_the_ehrs_own_words() -> None:
    source = settings.FIRSTCALL.ehr_source
    assert not Appointment.objects.exclude(origin=Origin.EHR, source=source).exists()
    assert not Appointment.objects.filter(Q(source_id="") | Q(source_sent_at__gte=AT)).exists()
    assert not Appointment.objects.filter(role__isnull=True).exists()
    theirs = Slot.objects.filter(role__clinic__owns_schedule=False)
    assert not theirs.exclude(source=source).exists()


@pytest.mark.usefixtures("demo")
def test_everybody_is_known_to_the_ehr() -> None:
    for system in ("urn:sonora:mrn", settings.FIRSTCALL.ehr_source):
        known = PatientIdentifier.objects.filter(system=system).values("patient")
        strangers = Patient.objects.exclude(pk__in=known)
        assert not strangers.filter(merges_given_up=None).exists()


@pytest.mark.usefixtures("demo")
def test_every_clinic_fills_by_itself_and_has_signed() -> None:
    manager = User.objects.get(username="manager")
    for clinic in Clinic.objects.filter(owns_schedule=False):
        assert clinic.mode == FillMode.AUTOMATIC
        assert clinic.siu_rule_signed_by == manager
        assert clinic.siu_rule_signed_at is not None
        assert clinic.siu_rule_signed_at < AT
        assert not clinic.visit_types.filter(is_sensitive=True).exists()
        assert clinic.visit_types.exists()


@pytest.mark.usefixtures("demo")
def test_staff_sign_in_by_click_only() -> None:
    doctors = User.objects.filter(username__startswith="dr-")
    assert not any(user.has_usable_password() for user in doctors)
    users = {user.username: user for user in User.objects.difference(doctors)}
    assert set(users) == {str(role) for role in Role} - {"integration"}
    for name, user in users.items():
        assert user.roles == [name]
        assert not user.has_usable_password()
        assert (user.is_staff, user.is_superuser) == (name == "admin", name == "admin")


def test_leaves_a_loaded_demo_alone(demo: Loaded) -> None:
    again = load(seed=99, at=AT + dt.timedelta(days=3), with_ehr=False, say=say_nothing)
    assert not again.is_new
    assert (again.seed, again.at) == (demo.seed, demo.at)
    assert Patient.objects.count() == demo.counts["patients"] + demo.counts["second records"]
    assert Installation.objects.get().demo_seed == SEED


def test_goes_on_with_the_ehr_from_the_first_seed_and_day(
    demo: Loaded, monkeypatch: pytest.MonkeyPatch
) -> None:
    filled = []

    def fill(_client: object, dataset: object, *, progress: ehr.Progress) -> int:
        filled.append(dataset)
        progress(10, 10)
        return 10

    monkeypatch.setattr(ehr, "is_filled", lambda *_args, **_facts: False)
    monkeypatch.setattr(ehr, "fill", fill)
    said: list[str] = []
    again = load(seed=99, at=AT + dt.timedelta(days=3), say=said.append)
    assert filled == [as_of(build(SEED, AT.date()), AT)]
    assert again.counts == {"resources in the practice EHR": 10}
    assert said == ["Practice EHR: 10 of 10 resources …"]


def test_the_command_tells_what_it_did(demo: Loaded, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("load_demo", "--skip-ehr")
    assert f"since {demo.at:%Y-%m-%d %H:%M} UTC (seed {SEED})" in capsys.readouterr().out


def test_refuses_outside_demo_mode(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings.FIRSTCALL, "firstcall_demo", False)
    before = Patient.objects.count(), Installation.objects.count()
    with pytest.raises(DemoRefused, match="FIRSTCALL_DEMO=1"):
        load(seed=SEED, at=AT, with_ehr=False, say=say_nothing)
    with pytest.raises(CommandError, match="FIRSTCALL_DEMO=1"):
        call_command("load_demo")
    assert (Patient.objects.count(), Installation.objects.count()) == before


def test_refuses_a_database_with_patients(monkeypatch: pytest.MonkeyPatch) -> None:
    Installation.objects.filter(pk=1).update(demo_loaded_at=None, demo_seed=None)
    PatientFactory.create()
    monkeypatch.setattr(loading, "build", pytest.fail)
    with pytest.raises(DemoRefused, match="holds patients already"):
        load(seed=SEED, at=AT, with_ehr=False, say=say_nothing)
    assert not Installation.objects.filter(demo_loaded_at__isnull=False).exists()


@pytest.mark.usefixtures("demo")
def test_the_desk_has_lines_agents_and_people_who_wait() -> None:
    assert {agent.user.username for agent in Agent.objects.all()} == {
        *("agent", "nurse", "front-desk", "manager"),
    }
    alma = User.objects.get(username="agent")
    waits = waiting_for(alma, at=AT)
    assert [one.queue.code for one in waits.queues if one.may_take] == [
        *("orthopedics", "primary-care", "spanish", "general"),
    ]
    assert {entry.queue.code for entry in waits.entries} <= {"spanish", "general", "orthopedics"}
    assert {entry.interaction.channel for entry in waits.entries} == {Channel.SMS, Channel.WEB}
    for entry in waits.entries:  # each is a task as well, of the same contact
        assert entry.interaction.tasks.get().status == TaskStatus.OPEN
    call = Call.objects.exclude(source=contacts.SOURCE).get()
    assert story_of(call, was_taken=False).status == call.status == CallStatus.ABANDONED
    assert Task.objects.get(kind=TaskKind.CALL_BACK).callback.phone == call.phone


@pytest.mark.usefixtures("demo")
def test_one_clinic_makes_its_own_schedule_and_the_desk_has_told_others() -> None:
    clinic = Clinic.objects.get(owns_schedule=True)
    slots = Slot.objects.filter(role__clinic=clinic)
    assert slots.count() > 100
    assert not slots.filter(pattern__isnull=True).exists()
    plan = plan_schedule(scheduled_roles(), first_on=AT.date(), last_on=AT.date() + AHEAD, at=AT)
    assert plan.changes_nothing
    assert Absence.objects.count() == 1
    assert set(TemplateProposal.objects.values_list("status", flat=True)) == {
        "proposed",
        "accepted",
    }
    assert SlotFeedback.objects.count() == 3


@pytest.mark.usefixtures("demo")
def test_every_page_of_the_desk_has_something_to_show() -> None:
    """Whom to page now and later, queues that a script hands to, pairs to decide about."""
    for later in (dt.timedelta(0), dt.timedelta(days=40)):
        for specialty in ("Orthopedics", ""):
            first, *_, last = on_call_now(specialty=specialty, at=AT + later)
            assert (first.level, first.phone is not None) == (1, True)
            assert (last.level, last.user.username) == (2, "nurse")
    exits = {one.code for kind in CALL_TYPES for one in kind.terms.exits}
    offices = {"billing", "records", "community", "privacy"}
    skills = {skill for agent in Agent.objects.all() for skill in agent.skills}
    assert offices <= {queue.code for queue in Queue.objects.all()} & skills
    assert offices & exits
    nurse = waiting_for(User.objects.get(username="nurse"), at=AT)
    assert {one.queue.code for one in nurse.queues if one.waiting} >= {"nurse", "orthopedics"}
    assert {entry.acuity for entry in nurse.entries} >= {Acuity.HOURS_2}
    merges = Counter(PatientMerge.objects.values_list("status", flat=True))
    assert merges == {"flagged": 2, "dismissed": 1, "merged": 1}
    assert Task.objects.filter(kind=TaskKind.DUPLICATE).count() == 2
