"""Whose yes is it? Family phones, proxies, two offers at once, and numbers passed on.

Each through `receive_text`, to what is booked, what is texted back, and what a person gets to do.
"""

from __future__ import annotations

import datetime as dt
from itertools import count
from typing import Any

import pytest
import time_machine
from pytest_django import Settings

from crm.models import (
    AuditEntry,
    ConsentEntry,
    Patient,
    PatientPhone,
    Phone,
    Proxy,
    Task,
)
from crm.states import Sensitivity, TaskKind
from outreach.actions import receive_text, record_delivery, send
from outreach.models import Message
from outreach.ports import DeliveryReport, DeliveryStatus
from outreach.states import Direction, MessageStatus
from scheduling.models import Appointment
from tests.factories import (
    TEST,
    ConsentEntryFactory,
    PatientPhoneFactory,
    PhoneFactory,
    ProxyFactory,
    phone_of,
)
from tests.fakes.sms import FakeSms
from tests.waitlist.scene import OUR_NUMBER, Scene
from tests.waitlist.test_second_thoughts import second_offer
from tests.waitlist.visitor import Visitor, verified, words
from waitlist import texts
from waitlist.actions.identity import TRIES
from waitlist.models import Offer
from waitlist.states import OfferStatus

S = OfferStatus
CHILD_BORN = dt.date(2018, 5, 2)
DAY = dt.timedelta(days=1)
_ids = count(1)


@pytest.fixture(autouse=True)
def room_for_two(settings: Settings) -> None:
    """A phone may be sent two offers a day here: with one, a family waits its turn."""
    settings.FIRSTCALL = settings.FIRSTCALL.model_copy(
        update={"texts_per_day": 5, "texts_per_week": 9}
    )


def family(scene: Scene, *about: dict[str, Any]) -> list[Patient]:
    """Patients on one phone, each offered the same time."""
    people: list[Patient] = []
    for fields in about:
        shared: dict[str, Any] = {"number": str(phone_of(people[0]).number)} if people else {}
        people.append(scene.add_candidate(**fields, **shared))
    scene.free()
    return people


def two_offers(scene: Scene) -> tuple[Patient, Offer, Offer]:
    """One patient with an offer, and three days later in the year a second, later one."""
    patient = scene.add_candidate()
    scene.free()
    scene.settle(minutes=5)
    later = second_offer(scene, patient)
    texts.tell(later, "offer", by=TEST, at=scene.at)
    scene.settle(minutes=5)
    return patient, scene.offer_to(patient), later


def text_from(scene: Scene, phone: Phone, text: str) -> Message:
    """Whoever has this phone texts us, and it is acted on."""
    message = receive_text(
        from_number=str(phone.number),
        to_number=OUR_NUMBER,
        body=text,
        carrier_id=f"IN{next(_ids):032x}",
        at=scene.at,
    )
    scene.settle()
    return message


def said(phone: Phone) -> list[str]:
    """Keys of the texts that left for this phone after the offers, in order."""
    gone = Message.objects.filter(phone=phone, direction=Direction.OUT, sent_at__isnull=False)
    keys = [m.text_version.key for m in gone.order_by("pk") if m.text_version]
    return [key for key in keys if key not in {"offer", "offer_no_later_visit"}]


def booked() -> list[Patient]:
    """Who has a booking of ours, in order."""
    return [a.patient for a in Appointment.objects.filter(origin="firstcall").order_by("pk")]


def tasks(kind: TaskKind, patient: Patient) -> int:
    return Task.objects.filter(kind=kind, patient=patient).count()


class TestFamilyPhone:
    def test_a_yes_is_asked_about_by_initials_and_one_digit_answers_it(self, scene: Scene) -> None:
        mateo, lucia = family(scene, {"given_name": "Mateo"}, {"given_name": "Lucia"})
        scene.reply(mateo, "Yes!")
        assert booked() == []
        asked = Message.objects.get(text_version__key="offer_which_two")
        assert "(M.)" in asked.body
        assert "(L.)" in asked.body
        assert mateo.family_name not in asked.body
        assert asked.patient is None
        number = asked.choices.index(scene.offer_to(lucia).pk) + 1
        scene.reply(mateo, str(number))
        assert booked() == [lucia]
        assert scene.offer_to(lucia).status == S.WON
        told = said(phone_of(lucia))
        assert any(key.startswith("offer_confirmed") for key in told)
        assert "offer_gone" not in told  # right beside "you are booked"
        assert told[-1] == "offer_other_closed"

    def test_the_other_may_be_taken_with_the_other_number(self, scene: Scene) -> None:
        """Both stand in line for one time: the second digit is the second person's yes."""
        mateo, lucia = family(scene, {"given_name": "Mateo"}, {"given_name": "Lucia"})
        scene.ehr.go_away()
        scene.reply(mateo, "yes")
        for digit in ("1", "2", "1"):
            scene.settle(minutes=1)
            scene.reply(mateo, digit)
        statuses = {scene.offer_to(person).status for person in (mateo, lucia)}
        assert statuses == {S.ACCEPTED, S.NEXT_IN_LINE}
        assert len(booked()) == 1

    def test_the_same_initial_takes_first_names(self, scene: Scene) -> None:
        mateo, _ = family(scene, {"given_name": "Mateo"}, {"given_name": "Maria"})
        scene.reply(mateo, "yes")
        body = Message.objects.get(text_version__key="offer_which_two").body
        assert "(Mateo)" in body
        assert "(Maria)" in body

    @pytest.mark.parametrize("label", [Sensitivity.VIP, Sensitivity.EMPLOYEE])
    def test_a_privacy_label_names_nobody_and_asks_for_the_link(
        self, scene: Scene, label: Sensitivity
    ) -> None:
        mateo, lucia = family(
            scene, {"given_name": "Mateo"}, {"given_name": "Lucia", "sensitivity": [label]}
        )
        scene.reply(lucia, "yes")
        assert said(phone_of(mateo)) == ["offer_which"]
        assert booked() == []

    def test_a_no_is_asked_about_too(self, scene: Scene) -> None:
        mateo, lucia = family(scene, {"given_name": "Mateo"}, {"given_name": "Lucia"})
        scene.reply(mateo, "No thanks")
        asked = Message.objects.get(text_version__key="offer_which_not")
        scene.reply(mateo, "2")
        declined = Offer.objects.get(pk=asked.choices[1])
        kept = Offer.objects.get(pk=asked.choices[0])
        assert (declined.status, kept.status) == (S.DECLINED, S.SENT)
        assert {declined.patient, kept.patient} == {mateo, lucia}

    def test_a_second_yes_that_still_does_not_tell_is_a_persons(self, scene: Scene) -> None:
        mateo, _ = family(scene, {"given_name": "Mateo"}, {"given_name": "Lucia"})
        scene.reply(mateo, "yes")
        scene.reply(mateo, "YES")
        assert booked() == []
        assert said(phone_of(mateo)) == ["offer_which_two", "unclear_ack"]
        assert Task.objects.filter(kind=TaskKind.ANSWER_TEXT).count() == 1

    def test_a_yes_to_which_one_is_no_yes_to_the_one_that_is_left(self, scene: Scene) -> None:
        mateo, lucia = family(scene, {"given_name": "Mateo"}, {"given_name": "Lucia"})
        scene.reply(mateo, "yes")
        Offer.objects.filter(patient=lucia).update(status=S.CLOSED)
        scene.reply(mateo, "yes")
        assert booked() == []

    @pytest.mark.parametrize("digit", ["3", "both", "1 and 2", "no 2", "2?"])
    def test_anything_but_one_of_the_numbers_books_nothing(self, scene: Scene, digit: str) -> None:
        mateo, _ = family(scene, {"given_name": "Mateo"}, {"given_name": "Lucia"})
        scene.reply(mateo, "yes")
        scene.reply(mateo, digit)
        assert booked() == []
        assert Task.objects.filter(kind=TaskKind.ANSWER_TEXT).exists()

    def test_a_digit_out_of_the_blue_goes_to_a_person(self, scene: Scene) -> None:
        patient = scene.add_candidate()
        scene.free()
        scene.reply(patient, "1")
        assert booked() == []
        assert tasks(TaskKind.ANSWER_TEXT, patient) == 1

    @pytest.mark.fault(2)
    def test_a_late_yes_twice_to_two_offers_tells_that_they_are_gone(self, scene: Scene) -> None:
        """Faults to survive, 2: late, twice, to two offers, from a family phone."""
        mateo, lucia = family(scene, {"given_name": "Mateo"}, {"given_name": "Lucia"})
        scene.settle(days=3)
        assert {scene.offer_to(p).opening.status for p in (mateo, lucia)} == {"expired"}
        for _ in range(2):
            scene.reply(mateo, "yes")
            scene.settle(minutes=1)
        assert booked() == []
        assert set(said(phone_of(mateo))) == {"offer_gone"}
        for person in (mateo, lucia):
            assert scene.later_visit(person).status == "booked"


class TestTwoOffersToOnePatient:
    def test_a_yes_is_asked_about_by_its_times(self, scene: Scene) -> None:
        patient, earlier, later = two_offers(scene)
        scene.reply(patient, "yes")
        asked = Message.objects.get(text_version__key="offer_which_two")
        assert asked.choices == [earlier.pk, later.pk]
        assert asked.patient == patient
        assert "(" not in asked.body.replace("(602) 555-0100", "")
        assert booked() == []

    def test_the_older_one_may_be_meant(self, scene: Scene) -> None:
        patient, earlier, later = two_offers(scene)
        scene.reply(patient, "si")
        scene.reply(patient, "the first one")
        earlier.refresh_from_db()
        later.refresh_from_db()
        assert (earlier.status, later.status) == (S.WON, S.CLOSED)
        assert booked() == [patient]

    def test_once_one_is_settled_the_other_may_not_be_taken_by_the_other_number(
        self, scene: Scene
    ) -> None:
        patient, earlier, _ = two_offers(scene)
        scene.reply(patient, "yes")
        scene.reply(patient, "1")
        scene.reply(patient, "2")
        assert booked() == [patient]
        assert scene.offer_to(patient) == earlier

    def test_asks_in_the_language_of_the_thread(self, scene: Scene) -> None:
        patient = scene.add_candidate(language="es")
        scene.free()
        texts.tell(second_offer(scene, patient), "offer", by=TEST, at=scene.at)
        scene.settle(minutes=5)
        scene.reply(patient, "Sí")
        body = Message.objects.get(text_version__key="offer_which_two").body
        assert body.startswith("¿Cual? Responda 1 para ")


class TestProxies:
    """A parent answers for a child, by the scope they have when they answer."""

    def child(self, scene: Scene, **fields: Any) -> tuple[Patient, Proxy]:
        child = scene.add_candidate(birth_on=CHILD_BORN, given_name="Mateo")
        proxy = ProxyFactory.create(patient=child, phone=phone_of(child), **fields)
        scene.free()
        return child, proxy

    def test_a_parents_yes_books_the_childs_visit_and_says_who_answered(self, scene: Scene) -> None:
        child, proxy = self.child(scene)
        offered = Message.objects.get(patient=child, purpose="offer")
        assert offered.permission["proxy"] == proxy.pk
        scene.reply(child, "yes")
        assert booked() == [child]
        taken = AuditEntry.objects.get(verb="waitlist.offer.moved", to_status=S.ACCEPTED)
        assert (taken.actor_label, taken.actor_id) == ("proxy by sms", child.pk)

    @pytest.mark.parametrize(
        "ended",
        [
            {"court_restriction": "No contact, 2026-88"},
            {"ends_on": dt.date(2026, 11, 1), "phone": "other"},
        ],
        ids=["court", "ended"],
    )
    @pytest.mark.parametrize("text", ["yes", "no"])
    def test_one_who_may_not_any_more_decides_and_learns_nothing(
        self, scene: Scene, ended: dict[str, Any], text: str
    ) -> None:
        child = scene.add_candidate(birth_on=CHILD_BORN)
        mothers = PhoneFactory.create()
        ConsentEntryFactory.create(phone=mothers)
        proxy = ProxyFactory.create(patient=child, phone=mothers)
        scene.free()
        assert scene.offer_to(child).phone == mothers
        Proxy.objects.filter(pk=proxy.pk).update(
            **{name: value for name, value in ended.items() if name != "phone"}
        )
        text_from(scene, mothers, text)
        assert booked() == []
        assert scene.offer_to(child).status == S.SENT
        assert said(mothers) == []
        task = Task.objects.get(kind=TaskKind.ANSWER_TEXT)
        assert "Find out who wrote" in task.why

    def test_a_proxy_until_an_age_ends_on_that_birthday(self, scene: Scene) -> None:
        child = scene.add_candidate(birth_on=dt.date(2008, 11, 20))  # 18 in two days
        mothers = PhoneFactory.create()
        ConsentEntryFactory.create(phone=mothers)
        ProxyFactory.create(patient=child, phone=mothers, until_age=18)
        scene.free()
        assert scene.offer_to(child).phone == mothers
        scene.settle(days=2)
        text_from(scene, mothers, "yes")
        assert booked() == []
        assert said(mothers) == []

    def test_a_restricted_parent_cannot_use_the_link_either(self, scene: Scene) -> None:
        child, proxy = self.child(scene)
        Proxy.objects.filter(pk=proxy.pk).update(court_restriction="No contact")
        visitor = Visitor(scene.offer_to(child).token)
        with time_machine.travel(scene.at, tick=False):
            answer = visitor.say_born(CHILD_BORN)
        assert answer.status_code == 403
        assert "Mateo" not in words(answer)

    def test_a_court_order_ends_what_an_open_page_shows(self, scene: Scene) -> None:
        child, proxy = self.child(scene)
        with time_machine.travel(scene.at, tick=False):
            visitor = verified(scene.offer_to(child))
            assert "Mateo" in words(visitor.get())
            Proxy.objects.filter(pk=proxy.pk).update(court_restriction="No contact")
            assert "Mateo" not in words(visitor.get())
            visitor.post("accept")
        assert booked() == []
        assert scene.offer_to(child).status == S.SENT

    def test_an_adolescents_confidential_visit_is_never_offered_to_a_parents_phone(
        self, scene: Scene
    ) -> None:
        teen = scene.add_candidate(birth_on=dt.date(2010, 1, 1))
        ProxyFactory.create(patient=teen, phone=phone_of(teen))
        type(scene.visit_type).objects.update(is_sensitive=True)
        scene.free()
        assert not Offer.objects.filter(patient=teen).exists()
        assert Message.objects.filter(direction=Direction.OUT).count() == 0

    def test_but_on_the_confidential_phone_it_is(self, scene: Scene) -> None:
        teen = scene.add_candidate(birth_on=dt.date(2010, 1, 1))
        own = PatientPhoneFactory.create(patient=teen, is_confidential=True, rank=2)
        ConsentEntryFactory.create(phone=own.phone)
        type(scene.visit_type).objects.update(is_sensitive=True)
        scene.free()
        assert scene.offer_to(teen).phone == own.phone
        text_from(scene, own.phone, "yes")
        assert booked() == [teen]

    def test_a_label_that_comes_after_the_offer_was_queued_stops_it(
        self, scene: Scene, carrier: type[FakeSms]
    ) -> None:
        carrier.segments_per_second = 0.001  # one text, and then nothing for a quarter of an hour
        for _ in range(2):
            scene.add_candidate(birth_on=dt.date(2010, 1, 1))
        scene.free()
        waiting = Message.objects.get(status=MessageStatus.QUEUED, purpose="offer")
        assert waiting.patient is not None
        waiting.patient.sensitivity = [Sensitivity.ADOLESCENT]
        waiting.patient.save()
        scene.settle(hours=1)
        assert scene.offer_to(waiting.patient).status == S.UNREACHED
        assert len(carrier.texts) == 1


class TestRecycledNumber:
    """The number has passed to somebody else. They learn nothing, and nothing is booked."""

    def offered(self, scene: Scene) -> tuple[Patient, Phone]:
        patient = scene.add_candidate(given_name="Rosa")
        scene.free()
        return patient, phone_of(patient)

    def test_wrong_number_ends_texts_offers_and_links_at_once(self, scene: Scene) -> None:
        patient, phone = self.offered(scene)
        brother = scene.add_candidate(number=str(phone.number))
        scene.reply(patient, "Wrong number, sorry")
        assert said(phone) == ["wrong_number_ack"]
        assert scene.offer_to(patient).status == S.UNREACHED
        for person in (patient, brother):
            assert tasks(TaskKind.WRONG_NUMBER, person) == 1
        assert ConsentEntry.objects.filter(phone=phone, source="wrong-number").exists()
        with time_machine.travel(scene.at, tick=False):
            answer = Visitor(scene.offer_to(patient).token).say_born(patient.birth_on)  # type: ignore[arg-type]
        assert answer.status_code == 403
        scene.reply(patient, "yes")
        assert booked() == []

    def test_wrong_number_asks_the_next_candidate(self, scene: Scene) -> None:
        patient, _ = self.offered(scene)
        following = scene.add_candidate(days=50)
        offer = scene.offer_to(patient)
        type(offer.candidate).objects.create(
            opening=offer.opening,
            patient=following,
            kind=offer.candidate.kind,
            appointment=scene.later_visit(following),
            rank=2,
            chance=0.1,
        )
        scene.reply(patient, "wrong number")
        scene.settle(minutes=5)
        assert scene.offer_to(following).status == S.SENT

    @pytest.mark.parametrize("words_", ["Who is this?", "¿Quién es?"])
    def test_who_is_this_is_told_who_we_are_and_nothing_of_the_patient(
        self, scene: Scene, words_: str
    ) -> None:
        patient, phone = self.offered(scene)
        scene.reply(patient, words_)
        assert said(phone) == ["who_we_are"]
        body = Message.objects.get(text_version__key="who_we_are").body
        assert patient.given_name not in body
        assert tasks(TaskKind.WRONG_NUMBER, patient) == 1
        later = send(
            key="later",
            patient=patient,
            phone=phone,
            template="offer_gone",
            fields={"time": "Tue Dec 1, 9:40 AM"},
            purpose="update",  # type: ignore[arg-type]
            by=TEST,
            at=scene.at,
        )
        scene.settle(minutes=1)
        later.refresh_from_db()
        assert later.status == MessageStatus.NOT_PERMITTED

    def test_a_yes_after_who_is_this_books_nothing_until_the_date_of_birth(
        self, scene: Scene
    ) -> None:
        patient, phone = self.offered(scene)
        scene.reply(patient, "who is this")
        scene.reply(patient, "ok yes")
        assert booked() == []
        assert said(phone) == ["who_we_are", "offer_check_who"]
        with time_machine.travel(scene.at, tick=False):
            visitor = verified(scene.offer_to(patient))
            visitor.post("accept")
        scene.settle(minutes=1)
        assert booked() == [patient]
        assert said(phone)[-1].startswith("offer_confirmed")

    def test_five_wrong_dates_of_birth_end_what_is_offered_there(self, scene: Scene) -> None:
        patient, phone = self.offered(scene)
        visitor = Visitor(scene.offer_to(patient).token)
        with time_machine.travel(scene.at, tick=False):
            for _ in range(TRIES):
                visitor.say_born(dt.date(1999, 9, 9))
        assert scene.offer_to(patient).status == S.UNREACHED
        assert tasks(TaskKind.WRONG_NUMBER, patient) == 1
        scene.reply(patient, "yes")
        assert booked() == []
        assert said(phone) == []

    def test_a_number_ended_in_the_record_gets_nothing_and_answers_for_nobody(
        self, scene: Scene
    ) -> None:
        patient, phone = self.offered(scene)
        PatientPhone.objects.filter(patient=patient).update(ended_on=scene.at.date() - DAY)
        scene.reply(patient, "yes")
        assert booked() == []
        assert said(phone) == []
        assert Task.objects.filter(kind=TaskKind.ANSWER_TEXT, patient=patient).count() == 1

    def test_a_number_passed_to_another_patient_answers_for_the_first_no_more(
        self, scene: Scene
    ) -> None:
        patient, phone = self.offered(scene)
        PatientPhone.objects.filter(patient=patient).delete()
        newcomer = PatientPhoneFactory.create(phone=phone).patient
        text_from(scene, phone, "yes")
        assert booked() == []
        assert said(phone) == []
        assert not Appointment.objects.filter(patient=newcomer).exists()

    @pytest.mark.parametrize(("code", "is_nobodys"), [("30005", True), ("30006", False)])
    def test_a_dead_number_is_a_task_and_a_landline_is_none(
        self, scene: Scene, code: str, is_nobodys: bool
    ) -> None:
        patient, phone = self.offered(scene)
        offered = Message.objects.get(patient=patient, purpose="offer")
        for _ in range(2):
            report = DeliveryReport(
                status=DeliveryStatus.FAILED,
                ref=offered.ref,
                error_code=code,
                cannot_text="No texts.",
                is_nobodys=is_nobodys,
            )
            record_delivery(report=report, at=scene.at)
        scene.settle(minutes=1)
        phone.refresh_from_db()
        assert not phone.can_text
        assert scene.offer_to(patient).status == S.UNREACHED
        assert tasks(TaskKind.WRONG_NUMBER, patient) == int(is_nobodys)
