"""Somebody who came online, and of whom the EHR tells later: linked, asked about, or let be."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from crm.actions import register_person
from crm.engine import Actor
from crm.models import AuditEntry, Patient, PatientIdentifier, Task
from crm.rules.names import Named
from crm.states import TaskKind
from scheduling.actions import apply_appointment_report, apply_patient_report, request_booking
from scheduling.actions.joining import CannotJoin, not_the_same, same_person
from scheduling.linking import find_pair
from scheduling.models import Appointment
from scheduling.ports import (
    AppointmentReport,
    IdentifierReport,
    PatientReport,
    PhoneReport,
    ReportKind,
)
from scheduling.states import AppointmentStatus
from tests.factories import NOW, SOURCE, JourneyFactory, PhoneFactory
from tests.scheduling.day import BY, free_slot
from tests.waitlist.scene import Scene

pytestmark = pytest.mark.django_db

NUMBER = "+16025550177"
BORN = dt.date(1980, 3, 14)
TOLD = PatientReport(
    identifiers=(IdentifierReport("urn:mrn", "4711"),),
    family_name="Delgado",
    given_name="Rosa",
    birth_on=BORN,
    phones=(PhoneReport(NUMBER, NUMBER),),
)


@pytest.fixture
def rosa() -> Patient:
    """She came online; no system knows her."""
    return register_person(
        named=Named("Rosa", "Delgado", BORN),
        phone=PhoneFactory.create(number=NUMBER),
        language="en",
        source="self-service",
        by=BY,
        at=NOW,
    )


def hear(told: PatientReport) -> Patient:
    """The EHR tells of a person (ADT); whom it means here."""
    apply_patient_report(told, source=SOURCE, sent_at=NOW, by=Actor.ehr(SOURCE), at=NOW)
    return PatientIdentifier.objects.get(system="urn:mrn", value="4711").patient


def asked() -> list[Task]:
    return list(Task.objects.filter(kind=TaskKind.MATCH_PERSON))


def test_who_is_surely_meant_is_linked_and_nobody_is_made_twice(rosa: Patient) -> None:
    assert hear(replace(TOLD, family_name="DELGADO")) == rosa
    assert hear(TOLD) == rosa
    assert Patient.objects.count() == 1
    assert not asked()
    linked = AuditEntry.objects.filter(verb="crm.patient.linked")
    assert [row.actor_label for row in linked] == [Actor.ehr(SOURCE).label]


def test_the_news_of_what_they_asked_for_online_confirms_it(scene: Scene, rosa: Patient) -> None:
    slot = free_slot(scene)
    asked_for = request_booking(slot_id=slot.pk, patient=rosa, by=BY, at=scene.at)
    report = AppointmentReport(
        source=SOURCE,
        kind=ReportKind.BOOKED,
        appointment_id="told-1",
        status=AppointmentStatus.BOOKED,
        sent_at=scene.at + dt.timedelta(minutes=1),
        tells_slots=True,
        starts_at=slot.starts_at,
        ends_at=slot.ends_at,
        patient=TOLD,
    )
    apply_appointment_report(report, by=Actor.ehr(SOURCE), at=scene.at + dt.timedelta(minutes=1))
    visit = Appointment.objects.get(patient=rosa)
    assert (visit.pk, visit.status, visit.source_id) == (asked_for.pk, "booked", "told-1")


@pytest.mark.parametrize(
    "told",
    [
        replace(TOLD, phones=()),
        replace(TOLD, phones=(PhoneReport("", "+16025550178"),)),
        replace(TOLD, family_name="Delgada"),
        replace(TOLD, given_name="R"),
    ],
)
def test_who_may_be_meant_is_asked_about(rosa: Patient, told: PatientReport) -> None:
    other = hear(told)
    (task,) = asked()
    assert other != rosa
    assert find_pair(task) == (rosa, other)
    hear(told)
    assert asked() == [task]


@pytest.mark.parametrize(
    "told",
    [
        replace(TOLD, given_name="Lucia", family_name="Quist", phones=()),
        replace(TOLD, birth_on=dt.date(1951, 7, 2)),
        replace(TOLD, birth_on=None),
    ],
)
def test_who_is_somebody_else_is_let_be(rosa: Patient, told: PatientReport) -> None:
    assert hear(told) != rosa
    assert not asked()


def test_twins_on_one_phone_are_told_apart(rosa: Patient) -> None:
    assert hear(replace(TOLD, given_name="Lucia")) != rosa
    assert not PatientIdentifier.objects.filter(patient=rosa).exists()


def test_two_who_are_alike_are_not_chosen_between(rosa: Patient) -> None:
    twin = Patient.objects.create(given_name="Rosa", family_name="Delgado", birth_on=BORN)
    twin.patient_phones.create(phone=rosa.phones.get())
    assert hear(TOLD) not in {rosa, twin}
    assert len(asked()) == 2


def test_whom_a_system_knows_is_never_matched_by_name(rosa: Patient) -> None:
    PatientIdentifier.objects.create(patient=rosa, system="elsewhere", value="1")
    assert hear(TOLD) != rosa
    assert not asked()


def test_one_press_makes_them_one(scene: Scene, rosa: Patient) -> None:
    told = replace(TOLD, family_name="Delgado Ruiz", phones=())
    other = hear(told)
    (task,) = asked()
    visit = Appointment.objects.filter(pk=scene.visit.pk)
    visit.update(patient=other)
    same_person(task=task, by=BY, at=NOW)
    assert PatientIdentifier.objects.get(value="4711").patient == rosa
    assert visit.get().patient == rosa
    rosa.refresh_from_db()
    assert rosa.family_name == "Delgado Ruiz"
    assert not Patient.objects.filter(pk=other.pk).exists()
    assert hear(told) == rosa
    with pytest.raises(CannotJoin, match="already"):
        same_person(task=task, by=BY, at=NOW)


def test_a_record_with_a_history_is_not_made_one_here(rosa: Patient) -> None:
    other = hear(replace(TOLD, phones=()))
    JourneyFactory.create(patient=other)
    (task,) = asked()
    with pytest.raises(CannotJoin, match="history"):
        same_person(task=task, by=BY, at=NOW)
    assert find_pair(task) == (rosa, other)
    assert hear(TOLD) == other


def test_one_press_says_that_they_are_two(rosa: Patient) -> None:
    other = hear(replace(TOLD, phones=()))
    (task,) = asked()
    not_the_same(task=task, by=BY, at=NOW)
    task.refresh_from_db()
    assert task.status == "completed"
    assert find_pair(task) == (rosa, other)
    assert AuditEntry.objects.filter(verb="crm.patient.told-apart").count() == 1
