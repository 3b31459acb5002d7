"""What texts lead to, what a call later shows, and what staff compare."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
import time_machine
from django.test import Client

from crm.engine import Actor
from crm.models import Patient, Task
from crm.states import PhoneUse
from outreach.models import Message
from scheduling.actions import apply_patient_report
from scheduling.models import Appointment, SelfServiceSession
from scheduling.models.self_service import new_page_token
from scheduling.ports import IdentifierReport, PatientReport
from scheduling.queries.self_service import abandoned_sessions
from scheduling.states import SelfServiceStep, Wish
from tests.cast import Cast
from tests.desk.self_service.handset import BORN, Handset, free_slot, known
from tests.factories import SOURCE, PatientFactory, PatientPhoneFactory, phone_of
from tests.waitlist.scene import Scene
from tests.waitlist.visitor import html, words


def booked(handset: Handset, scene: Scene) -> SelfServiceSession:
    slot = free_slot(scene)
    handset.prove()
    handset.say_who()
    handset.choose(slot)
    handset.confirm()
    scene.settle()
    return handset.session


def open_link(token: str, born: dt.date | None = None, client: Client | None = None) -> Any:
    visitor = client or Client()
    if born is None:
        return visitor.get(f"/v/{token}/")
    date = {"month": str(born.month), "day": str(born.day), "year": str(born.year)}
    return visitor.post(f"/v/{token}/", date)


def test_the_texts_page_asks_for_the_birth_date_and_gives_the_calendar(
    handset: Handset, scene: Scene
) -> None:
    rosa = known()
    token = booked(handset, scene).token
    assert f"/v/{token}/" in Message.objects.filter(patient=rosa).latest("pk").body
    client = Client()
    before = html(open_link(token, client=client))
    assert "Camelback" not in before
    assert before == html(open_link(new_page_token()))
    assert client.get(f"/v/{token}/visit.ics").status_code == 302
    assert open_link(token, BORN, client).status_code == 302
    assert "You are booked" in words(client.get(f"/v/{token}/"))
    assert "Su cita está reservada" in words(client.get(f"/v/{token}/?lang=es"))
    assert b"DTSTART:20261123T170000Z" in client.get(f"/v/{token}/visit.ics").content


def test_five_wrong_dates_lock_a_link_that_exists_and_one_that_does_not(
    handset: Handset, scene: Scene
) -> None:
    known()
    token, nothing = booked(handset, scene).token, new_page_token()
    for _ in range(6):
        ours = open_link(token, BORN + dt.timedelta(days=1))
        theirs = open_link(nothing, BORN + dt.timedelta(days=1))
        assert ours.status_code == theirs.status_code
        assert html(ours) == html(theirs)
    assert open_link(token, BORN).status_code == 403


def test_names_neither_kind_nor_clinician_of_a_labelled_patient(
    handset: Handset, scene: Scene
) -> None:
    rosa = known(sensitivity=["behavioral-health"])
    token = booked(handset, scene).token
    client = Client()
    open_link(token, BORN, client)
    page = words(client.get(f"/v/{token}/"))
    assert "You are booked" in page
    assert "Heart" not in page
    assert scene.role.provider.family_name not in page
    assert rosa.pk


def test_the_calendar_file_names_neither_kind_nor_clinician_and_has_the_sites_time(
    handset: Handset, scene: Scene
) -> None:
    known(zone="America/New_York", sensitivity=["behavioral-health"])
    booked(handset, scene)
    file = handset.get("calendar").content.decode().replace("\r\n ", "")
    assert "DTSTART:20261123T170000Z" in file  # an instant: every calendar shows it by its clock
    assert "10:00 AM (Arizona time" in file
    assert "Heart" not in file
    assert scene.role.provider.family_name not in file


def test_the_zone_is_named_where_the_patients_clock_differs(handset: Handset, scene: Scene) -> None:
    rosa = known(zone="America/New_York")
    slot = free_slot(scene)
    handset.prove()
    handset.say_who()
    handset.choose(slot)
    assert "10:00 AM Arizona time, the clock at Camelback" in handset.read("check")
    Patient.objects.filter(pk=rosa.pk).update(zone="America/Phoenix")
    assert "Arizona time" not in handset.read("check")


def test_a_call_later_hears_of_what_was_left(handset: Handset, scene: Scene) -> None:
    rosa = known()
    other = PatientFactory.create()
    free_slot(scene)
    handset.prove()
    handset.say_who()
    handset.get("times")
    scene.settle(minutes=31)
    (left,) = abandoned_sessions(rosa, at=scene.at)
    assert (left.step, left.wish) == (SelfServiceStep.PERSON, Wish.NEW)
    assert (left.visit_type, left.was_sure) == (scene.visit_type, True)
    assert abandoned_sessions(other, at=scene.at) == ()
    assert abandoned_sessions(rosa, at=scene.at + dt.timedelta(days=8)) == ()


def test_whoever_left_before_saying_who_they_are_is_told_by_their_phone_alone(
    handset: Handset, scene: Scene
) -> None:
    rosa, son = known(), PatientFactory.create(given_name="Leo")
    PatientPhoneFactory.create(patient=son, phone=phone_of(rosa), use=PhoneUse.HOME)
    son.sensitivity = ["adolescent"]
    son.save()
    handset.prove()
    scene.settle(minutes=31)
    (left,) = abandoned_sessions(rosa, at=scene.at)
    assert not left.was_sure
    assert abandoned_sessions(son, at=scene.at) == ()


class TestComparing:
    """Somebody who may be known already: staff say who it is."""

    @pytest.fixture
    def rosa(self) -> Patient:
        made: Patient = PatientFactory.create(
            given_name="Rosa", family_name="Delgado", birth_on=BORN
        )
        return made

    @pytest.fixture
    def fiona(self, cast: Cast, client: Client) -> Client:
        """The front desk's browser."""
        client.force_login(cast.front_desk)
        return client

    def asked(self, handset: Handset, scene: Scene) -> Task:
        slot = free_slot(scene)
        handset.prove()
        handset.say_who()
        handset.choose(slot)
        handset.confirm()
        return Task.objects.get(kind="match-person")

    def test_the_same_person_gets_the_time(
        self, handset: Handset, scene: Scene, rosa: Patient, fiona: Client
    ) -> None:
        task = self.asked(handset, scene)
        page = words(fiona.get(f"/book-links/people/{task.pk}/"))
        assert "Typed on the page Rosa Delgado" in page
        assert "Compare" in words(fiona.get(f"/tasks/{task.pk}/"))
        answer = fiona.post(f"/book-links/people/{task.pk}/", {"who": str(rosa.pk)})
        assert answer.headers["Location"] == f"/tasks/{task.pk}/"
        visit = Appointment.objects.get(origin="firstcall")
        assert visit.patient == rosa
        task.refresh_from_db()
        assert task.status == "completed"
        session = handset.session
        assert (session.appointment, session.given_name) == (visit, "")

    def test_a_new_person_is_registered(
        self, handset: Handset, scene: Scene, rosa: Patient, fiona: Client
    ) -> None:
        task = self.asked(handset, scene)
        fiona.post(f"/book-links/people/{task.pk}/", {"who": "new"})
        assert Patient.objects.filter(family_name="Delgado").exclude(pk=rosa.pk).count() == 2
        assert Appointment.objects.filter(origin="firstcall").count() == 1

    @pytest.mark.parametrize("who", ["", "999999", "stranger"])
    def test_nobody_else_can_be_named(
        self,
        handset: Handset,
        scene: Scene,
        rosa: Patient,
        fiona: Client,
        who: str,
    ) -> None:
        task = self.asked(handset, scene)
        stranger = PatientFactory.create(family_name="Quist", birth_on=dt.date(1950, 1, 1))
        who = str(stranger.pk) if who == "stranger" else who
        answer = fiona.post(f"/book-links/people/{task.pk}/", {"who": who})
        assert answer.status_code == 422
        assert not Appointment.objects.filter(origin="firstcall").exists()

    def test_others_are_sent_away(
        self, handset: Handset, scene: Scene, cast: Cast, rosa: Patient, client: Client
    ) -> None:
        task = self.asked(handset, scene)
        client.force_login(cast.marketing)
        answer = client.post(f"/book-links/people/{task.pk}/", {"who": str(rosa.pk)})
        assert answer.status_code == 403
        assert not Appointment.objects.filter(origin="firstcall").exists()

    def test_a_time_that_has_gone_is_said_and_nothing_is_settled(
        self, handset: Handset, scene: Scene, rosa: Patient, fiona: Client
    ) -> None:
        task = self.asked(handset, scene)
        session = handset.session
        assert session.hold is not None
        with time_machine.travel(scene.at + dt.timedelta(minutes=241), tick=False):
            scene.settle(minutes=241)
            type(session.hold.slot).objects.filter(pk=session.hold.slot_id).update(
                status="busy", taken=1
            )
            answer = fiona.post(f"/book-links/people/{task.pk}/", {"who": str(rosa.pk)})
        assert answer.status_code == 409
        assert "Call them, and find another time." in words(answer)
        task.refresh_from_db()
        assert task.status == "requested"


class TestPairs:
    """Somebody who came online, and a record that the EHR made: staff say whether they are one."""

    @pytest.fixture
    def task(self, handset: Handset, scene: Scene) -> Task:
        handset.prove()
        handset.say_who("Nina", "Okoro")
        told = PatientReport(
            identifiers=(IdentifierReport(SOURCE, "ehr-nina"),),
            family_name="Okoro",
            given_name="Nina",
            birth_on=BORN,
        )
        apply_patient_report(
            told, source=SOURCE, sent_at=scene.at, by=Actor.ehr(SOURCE), at=scene.at
        )
        return Task.objects.get(kind="match-person")

    def test_both_are_shown_side_by_side_and_one_press_joins_them(
        self, task: Task, cast: Cast, client: Client
    ) -> None:
        client.force_login(cast.front_desk)
        page = words(client.get(f"/book-links/people/{task.pk}/"))
        assert "Came online Nina Okoro" in page
        assert "Told by the EHR Nina Okoro" in page
        assert client.post(f"/book-links/people/{task.pk}/", {"they": ""}).status_code == 422
        assert Patient.objects.filter(family_name="Okoro").count() == 2
        answer = client.post(f"/book-links/people/{task.pk}/", {"they": "same"})
        assert answer.headers["Location"] == f"/tasks/{task.pk}/"
        assert Patient.objects.filter(family_name="Okoro").count() == 1
        assert "It is settled" in words(client.get(f"/book-links/people/{task.pk}/"))

    def test_others_are_sent_away(self, task: Task, cast: Cast, client: Client) -> None:
        client.force_login(cast.marketing)
        answer = client.post(f"/book-links/people/{task.pk}/", {"they": "same"})
        assert answer.status_code == 403
        assert Patient.objects.filter(family_name="Okoro").count() == 2
