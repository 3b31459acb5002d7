"""What the page of one task knows: the texts, whom to call, and what it is about."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from crm.actions import claim_task, close_task, put_back_task
from crm.engine import Actor
from crm.models import Patient, PatientIdentifier, Phone, Task
from crm.states import Sensitivity, TaskKind, TaskStatus
from desk.queries import find_next_task, get_task_detail
from desk.queries.task_detail import TaskDetail
from desk.queries.task_thread import MOST_TEXTS
from scheduling.states import AppointmentStatus, EhrOperation
from tests.cast import Cast
from tests.desk.scene import OFFER, QUESTION, offered, question, refused_write, task_of, text_from
from tests.factories import (
    NOW,
    AppointmentFactory,
    EhrWriteFactory,
    MessageFactory,
    OfferFactory,
    PatientFactory,
    PatientPhoneFactory,
    PhoneFactory,
    ProxyFactory,
    TaskFactory,
    phone_of,
    reachable_patient,
)
from waitlist.states import OfferStatus

pytestmark = pytest.mark.django_db
MINUTE, DAY = dt.timedelta(minutes=1), dt.timedelta(days=1)


def detail(task: Task) -> TaskDetail:
    return get_task_detail(task.pk, at=NOW)


def notes(task: Task) -> dict[str, tuple[str, ...]]:
    about = detail(task).about
    assert about is not None
    return {contact.number: contact.notes for contact in about.contacts}


def callable_numbers(task: Task) -> list[str]:
    about = detail(task).about
    assert about is not None
    return [contact.number for contact in about.contacts if contact.may_call]


class TestTexts:
    def test_stand_newest_last_with_the_one_in_question_marked(self, cast: Cast) -> None:
        texts = detail(question(cast.patient)).thread.texts
        assert [text.is_ours for text in texts] == [True, False, True]
        assert [text.body for text in texts if text.is_asked] == [QUESTION]
        assert [text.reading for text in texts if text.is_asked] == ["question"]

    def test_keep_the_patients_own_link_secret(self, cast: Cast) -> None:
        first = detail(question(cast.patient)).thread.texts[0]
        assert "s3cret" in OFFER
        assert first.body == OFFER.replace("s3cret/", "…")

    def test_have_those_on_the_phone_and_those_with_the_patient_elsewhere(self, cast: Cast) -> None:
        other_phone = PhoneFactory.create()
        MessageFactory.create(patient=cast.patient, phone=other_phone, body="elsewhere")
        MessageFactory.create(phone=other_phone, body="not theirs")
        sibling = PatientFactory.create()
        MessageFactory.create(patient=sibling, phone=cast.phone, body="for a sibling")
        texts = {t.body: t for t in detail(question(cast.patient)).thread.texts}
        assert texts["elsewhere"].of_another is False
        assert texts["for a sibling"].of_another is True
        assert "not theirs" not in texts

    def test_about_somebody_else_with_a_label_are_withheld_and_counted(self, cast: Cast) -> None:
        teen = PatientFactory.create(sensitivity=[Sensitivity.ADOLESCENT])
        MessageFactory.create(patient=teen, phone=cast.phone, body="hush", created_at=NOW - MINUTE)
        thread = detail(question(cast.patient)).thread
        assert thread.withheld == 1
        assert "hush" not in repr(thread)
        assert teen.pk not in detail(question(cast.patient)).people_shown

    def test_with_the_labelled_patient_themselves_are_shown(self) -> None:
        teen = reachable_patient(sensitivity=[Sensitivity.ADOLESCENT])
        thread = detail(question(teen)).thread
        assert (thread.withheld, len(thread.texts)) == (0, 3)

    def test_always_have_the_one_in_question_however_old(self, cast: Cast) -> None:
        task = question(cast.patient, at=NOW - DAY)
        for n in range(MOST_TEXTS):
            MessageFactory.create(
                patient=cast.patient, phone=cast.phone, created_at=NOW - n * MINUTE
            )
        thread = detail(task).thread
        assert thread.left_off
        assert thread.texts[0].is_asked
        assert len(thread.texts) == MOST_TEXTS + 1


class TestWhomToCall:
    def test_the_patient_with_record_number_age_and_the_phone_that_wrote(self, cast: Cast) -> None:
        PatientIdentifier.objects.create(patient=cast.patient, system="urn:mrn", value="00418822")
        about = detail(question(cast.patient)).about
        assert about is not None
        assert (about.person.full_name, about.person.mrn) == ("Rosa Delgado", "00418822")
        assert about.age == 46
        [contact] = about.contacts
        assert (contact.number, contact.said) == ("+14805550142", "(480) 555-0142")
        assert (contact.wrote, contact.may_call, contact.notes) == (True, True, ())

    def test_an_opt_out_of_texts_does_not_forbid_the_call(self, cast: Cast) -> None:
        offered(cast.patient, at=NOW - MINUTE)
        task = task_of(text_from(cast.phone, "CANCEL"))
        assert task.kind == TaskKind.MEANT_CANCEL
        assert notes(task) == {"+14805550142": ("opted out of texts",)}
        assert callable_numbers(task) == ["+14805550142"]

    def test_a_number_that_is_no_longer_theirs_is_not_called(self, cast: Cast) -> None:
        old = PhoneFactory.create(number="+16025550171")
        PatientPhoneFactory.create(
            patient=cast.patient, phone=old, rank=2, ended_on=NOW.date() - DAY
        )
        task = question(cast.patient)
        assert notes(task)["+16025550171"] == ("no longer theirs",)
        assert callable_numbers(task) == ["+14805550142"]

    def test_only_the_confidential_phone_of_somebody_who_must_have_one(self) -> None:
        patient = reachable_patient(
            number="+16025550172", sensitivity=[Sensitivity.DOMESTIC_VIOLENCE]
        )
        safe = PhoneFactory.create(number="+16025550173")
        PatientPhoneFactory.create(patient=patient, phone=safe, rank=2, is_confidential=True)
        task = TaskFactory.create(patient=patient)
        assert list(notes(task)) == ["+16025550173", "+16025550172"]
        assert callable_numbers(task) == ["+16025550173"]

    def test_a_child_through_their_proxy_and_nobody_whom_a_court_keeps_away(self) -> None:
        child = reachable_patient(number="+16025550174", birth_on=dt.date(2018, 5, 2))
        mother = PhoneFactory.create(number="+16025550175")
        father = PhoneFactory.create(number="+16025550176")
        ProxyFactory.create(patient=child, phone=mother)
        ProxyFactory.create(
            patient=child, phone=father, name="Leo Ruiz", court_restriction="order 12"
        )
        task = TaskFactory.create(patient=child)
        assert "Ana Alvarez, mother" in notes(task)["+16025550175"]
        assert "no contact: a court order" in notes(task)["+16025550176"]
        assert "+16025550176" not in callable_numbers(task)
        assert "+16025550175" in callable_numbers(task)

    def test_a_court_order_holds_when_the_child_has_died(self) -> None:
        child = PatientFactory.create(deceased_at=NOW)
        phone = PhoneFactory.create(number="+16025550176")
        ProxyFactory.create(patient=child, phone=phone, court_restriction="order 12")
        task = TaskFactory.create(patient=child)
        assert callable_numbers(task) == []
        about = detail(task).about
        assert about is not None
        assert about.has_died

    def test_a_phone_that_is_not_in_their_record_says_so(self, cast: Cast) -> None:
        sister = PhoneFactory.create(number="+16025550178")
        asked = MessageFactory.create(inbound=True, patient=cast.patient, phone=sister)
        task = TaskFactory.create(
            patient=cast.patient, cause_key=f"outreach.message:{asked.pk}:answer-text"
        )
        assert notes(task)["+16025550178"] == ("not in their record",)

    def test_a_shared_phone_without_a_known_writer_lists_who_has_it(self) -> None:
        phone = PhoneFactory.create(number="+16025550177")
        for given, born, labels in (
            ("Ana", dt.date(1950, 1, 1), []),
            ("Ben", dt.date(2010, 1, 1), [Sensitivity.ADOLESCENT]),
        ):
            patient = PatientFactory.create(
                given_name=given, family_name="Ruiz", birth_on=born, sensitivity=labels
            )
            PatientPhoneFactory.create(patient=patient, phone=phone)
        found = detail(task_of(text_from(phone, QUESTION)))
        assert found.about is None
        assert found.stranger is not None
        assert [person.name for person in found.stranger.people] == ["Ana Ruiz", "B. R."]
        assert found.people_shown == {person.pk for person in found.stranger.people}
        assert found.stranger.contact.may_call


class TestWhatItIsAbout:
    def test_a_write_that_the_ehr_refused(self, cast: Cast) -> None:
        write = detail(refused_write(cast.patient)).cause.write
        assert write is not None
        assert (write.operation, write.tries) == (EhrOperation.BOOK, 3)
        assert write.answer == "409 the slot is taken"
        assert write.visit.visit_type == "Cardiology follow-up"

    def test_visits_at_one_time_without_saying_whose_the_other_is(self, cast: Cast) -> None:
        first = AppointmentFactory.create(patient=cast.patient)
        AppointmentFactory.create(role=first.role, starts_at=first.starts_at)
        task = TaskFactory.create(patient=cast.patient, cause_key=f"overlap:{first.pk}:2026")
        own, other = detail(task).cause.overlap
        assert (own.of_another, other.of_another) == (False, True)
        assert own.provider == other.provider

    @pytest.mark.parametrize(
        "cause_key", ["outreach.message:999:answer-text", "ehr-write:999", "overlap:999:x", "x:y"]
    )
    def test_nothing_where_the_cause_is_gone(self, cause_key: str) -> None:
        found = detail(TaskFactory.create(cause_key=cause_key))
        assert (found.cause.write, found.cause.overlap, found.cause_text_id) == (None, (), None)
        assert found.thread.texts == ()

    def test_visits_to_come_that_stand(self, cast: Cast) -> None:
        later = AppointmentFactory.create(patient=cast.patient, starts_at=NOW + 2 * DAY)
        now = AppointmentFactory.create(patient=cast.patient, starts_at=NOW - MINUTE)
        AppointmentFactory.create(patient=cast.patient, starts_at=NOW - DAY)
        AppointmentFactory.create(
            patient=cast.patient, starts_at=NOW + DAY, status=AppointmentStatus.NO_SHOW
        )
        AppointmentFactory.create()
        found = detail(TaskFactory.create(patient=cast.patient)).visits
        assert [visit.pk for visit in found] == [now.pk, later.pk]

    def test_offers_that_are_still_out(self, cast: Cast) -> None:
        out = OfferFactory.create(candidate__patient=cast.patient)
        OfferFactory.create(candidate__patient=cast.patient, status=OfferStatus.DECLINED)
        OfferFactory.create(candidate__patient=cast.patient, opening__deadline_at=NOW)
        found = detail(TaskFactory.create(patient=cast.patient)).offers
        assert [offer.opening_id for offer in found] == [out.opening_id]

    def test_their_other_open_tasks(self, cast: Cast) -> None:
        task = TaskFactory.create(patient=cast.patient)
        late = TaskFactory.create(patient=cast.patient, due_at=NOW)
        TaskFactory.create(patient=cast.patient, status=TaskStatus.DONE)
        TaskFactory.create()
        assert [(o.pk, o.is_late) for o in detail(task).others] == [(late.pk, True)]

    def test_what_happened_to_it_and_what_was_written(self, cast: Cast) -> None:
        task, by = question(cast.patient), Actor.user(cast.agent)
        claim_task(task=task, owner=cast.agent, by=by, at=NOW)
        put_back_task(task=task, by=by, at=NOW)
        close_task(task=task, by=by, at=NOW, reason="Called back.")
        put_back_task(task=task, by=by, at=NOW)
        close_task(task=task, by=by, at=NOW, reason="Twice.", done=False)
        found = detail(task)
        said = ["Opened", "Taken", "Put back", "Done", "Opened again", "Closed: nothing to do"]
        assert [step.text for step in found.steps] == said
        assert found.closed_by is not None
        assert (found.closed_by.note, found.closed_by.by) == ("Twice.", "Agent Cast")


class TestItsClock:
    def test_is_the_patients(self, cast: Cast) -> None:
        assert detail(question(cast.patient)).zone == "America/Phoenix"

    def test_is_a_sites_where_nothing_says_more(self) -> None:
        assert detail(TaskFactory.create()).zone == "UTC"
        AppointmentFactory.create(role__clinic__location__zone="America/Chicago")
        assert detail(TaskFactory.create()).zone == "America/Chicago"


def full(patient: Patient, n: int) -> Task:
    """A task with `n` of everything beside it."""
    task = question(patient)
    for day in range(n):
        AppointmentFactory.create(patient=patient, starts_at=NOW + (day + 1) * DAY)
        OfferFactory.create(candidate__patient=patient)
        TaskFactory.create(patient=patient)
        MessageFactory.create(patient=patient, phone=phone_of(patient))
        ProxyFactory.create(patient=patient)
        PatientPhoneFactory.create(patient=patient)
    return task


@pytest.mark.parametrize("n", [1, 4])
def test_takes_the_same_queries_however_much_there_is(
    cast: Cast, django_assert_num_queries: Any, n: int
) -> None:
    task = full(cast.patient, n)
    with django_assert_num_queries(12):
        assert len(detail(task).visits) == n


class TestTheNext:
    def test_is_the_first_due_that_nobody_else_has(self, cast: Cast) -> None:
        gone = TaskFactory.create(due_at=NOW - DAY, status=TaskStatus.DONE)
        TaskFactory.create(due_at=NOW - DAY, status=TaskStatus.CLAIMED, owner=cast.nurse)
        here = TaskFactory.create(due_at=NOW - MINUTE)
        mine = TaskFactory.create(due_at=NOW, status=TaskStatus.CLAIMED, owner=cast.agent)
        TaskFactory.create(due_at=NOW + MINUTE)
        found = find_next_task(after=here.pk, kind=None, user_id=cast.agent.pk)
        assert found == mine.pk
        assert find_next_task(after=gone.pk, kind=None, user_id=cast.nurse.pk) != gone.pk

    def test_is_of_the_chosen_kind_or_none(self, cast: Cast) -> None:
        TaskFactory.create(due_at=NOW)
        other = TaskFactory.create(kind=TaskKind.OVERLAP)
        me = cast.agent.pk
        assert find_next_task(after=0, kind=TaskKind.OVERLAP, user_id=me) == other.pk
        assert find_next_task(after=other.pk, kind=TaskKind.OVERLAP, user_id=me) is None


def test_an_appointment_told_without_names_has_a_line_all_the_same() -> None:
    write = EhrWriteFactory.create(
        operation=EhrOperation.CANCEL,
        appointment__provider=None,
        appointment__location=None,
        appointment__visit_type=None,
        appointment__told_provider="WELBY^MARCUS",
        appointment__ends_at=NOW + 43 * DAY,
    )
    found = detail(TaskFactory.create(cause_key=f"ehr-write:{write.pk}")).cause.write
    assert found is not None
    assert (found.visit.provider, found.visit.site) == ("WELBY^MARCUS", "")


def test_a_phone_outside_the_country_is_said_as_it_is_dialed() -> None:
    phone: Phone = PhoneFactory.create(number="+447911123456")
    stranger = detail(task_of(text_from(phone, QUESTION))).stranger
    assert stranger is not None
    assert stranger.contact.said == "+44 7911 123456"
