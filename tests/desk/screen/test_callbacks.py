"""Calling back from a task, and the way from a task to its contact."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client

from crm.actions.callbacks import open_callback
from crm.actions.wrapping import wrap_up
from crm.engine import Actor
from crm.models import AuditEntry, CallAttempt, Interaction, Patient, Phone, PhoneLine, Task, User
from crm.rules.calls import CallNews
from crm.states import CallStatus, Channel, TaskKind, TaskStatus
from outreach.actions import receive_text
from tests.cast import Cast
from tests.crm.center import THEIRS, hear, line, queue
from tests.drive import settle
from tests.factories import NOW, TEST, phone_of
from tests.fakes.sms import FakeSms

pytestmark = pytest.mark.django_db


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def task(cast: Cast) -> Task:
    due_at = NOW + dt.timedelta(hours=1)
    return open_callback(
        why="Hung up after 1:10.",
        due_at=due_at,
        promised_at=due_at,
        cause_key="x",
        patient=cast.patient,
        phone=cast.phone,
        by=TEST,
        at=NOW,
    )


class TestTrying:
    def test_shows_whom_where_and_what_a_machine_may_hear(self, task: Task, cast: Cast) -> None:
        shown = signed_in(cast.agent).get(f"/desk/callbacks/{task.pk}/").content.decode()
        assert "Call back Rosa Delgado" in shown
        assert "(480) 555-0142" in shown
        assert "this is Agent from" in shown
        assert "0 of 3" in shown
        assert AuditEntry.objects.filter(verb="crm.patient.viewed").exists()

    def test_a_press_writes_the_try_down(self, task: Task, cast: Cast) -> None:
        address = f"/desk/callbacks/{task.pk}/"
        answer = signed_in(cast.agent).post(address, {"outcome": "no-answer", "note": "Rings."})
        assert (answer.status_code, answer["Location"]) == (302, f"/tasks/{task.pk}/")
        attempt = CallAttempt.objects.get()
        assert (attempt.outcome, attempt.note, attempt.by) == ("no-answer", "Rings.", cast.agent)
        assert "Call back" in signed_in(cast.agent).get(f"/tasks/{task.pk}/").content.decode()

    def test_leaves_no_message_where_somebody_else_may_listen(self, task: Task, cast: Cast) -> None:
        Patient.objects.update(sensitivity=["domestic-violence"])
        client, address = signed_in(cast.agent), f"/desk/callbacks/{task.pk}/"
        shown = client.get(address).content.decode()
        assert "Leave no message" in shown
        assert "Rosa" not in shown  # by initials
        assert client.post(address, {"outcome": "voicemail"}).status_code == 422
        assert not CallAttempt.objects.exists()

    def test_one_that_is_closed_takes_no_more(self, task: Task, cast: Cast) -> None:
        client, address = signed_in(cast.agent), f"/desk/callbacks/{task.pk}/"
        client.post(address, {"outcome": "reached"})
        assert client.post(address, {"outcome": "busy"}).status_code == 409
        assert CallAttempt.objects.count() == 1

    def test_others_do_not_come_in(self, task: Task, cast: Cast) -> None:
        address = f"/desk/callbacks/{task.pk}/"
        assert signed_in(cast.marketing).post(address, {"outcome": "reached"}).status_code == 403
        assert Client().post(address, {"outcome": "reached"}).status_code == 302
        assert signed_in(cast.agent).post(address, {"outcome": "?"}).status_code == 422
        assert signed_in(cast.agent).delete(address).status_code == 405
        task.refresh_from_db()
        assert (task.status, CallAttempt.objects.count()) == (TaskStatus.OPEN, 0)


class TestReaching:
    def test_opens_a_contact_with_all_that_the_task_knows(self, task: Task, cast: Cast) -> None:
        answer = signed_in(cast.agent).post(f"/desk/callbacks/{task.pk}/", {"outcome": "reached"})
        contact = Interaction.objects.get(channel=Channel.VOICE)
        assert answer["Location"] == f"/desk/{contact.pk}/"
        assert (contact.agent, contact.patient) == (cast.agent, cast.patient)
        assert (contact.reason, contact.call.phone) == ("Hung up after 1:10.", cast.phone)
        assert contact.call.is_outbound
        task.refresh_from_db()
        assert (task.status, task.contact) == (TaskStatus.DONE, contact)

    def test_of_a_call_that_was_given_up_keeps_its_line_and_kind(self, cast: Cast) -> None:
        line(queue())
        hear(CallNews.RANG)
        hear(CallNews.PRESSED, 5, key="2")
        hear(CallNews.ABANDONED, 70)
        task = Task.objects.get(kind=TaskKind.CALL_BACK)
        signed_in(cast.agent).post(f"/desk/callbacks/{task.pk}/", {"outcome": "reached"})
        contact = Interaction.objects.get(agent=cast.agent)
        assert (contact.call_type, contact.patient) == ("book", None)
        assert contact.call.phone == Phone.objects.get(number=THEIRS)
        assert contact.call.line == PhoneLine.objects.get()
        by = Actor.user(cast.agent)
        wrap_up(contact_id=contact.pk, disposition="x", note="", was_edited=False, by=by, at=NOW)
        settle(NOW + dt.timedelta(minutes=5))
        contact.call.refresh_from_db()
        assert contact.call.status == CallStatus.ENDED


class TestTextsAtTheDesk:
    @pytest.fixture
    def asked(self, cast: Cast, carrier: type[FakeSms]) -> Task:
        receive_text(
            from_number=str(phone_of(cast.patient).number),
            to_number=FakeSms.sender,
            body="Where do I park?",
            carrier_id="SM1",
            at=NOW,
        )
        return Task.objects.get(kind=TaskKind.ANSWER_TEXT)

    def test_become_a_contact_with_their_thread(self, asked: Task, cast: Cast) -> None:
        client = signed_in(cast.agent)
        answer = client.post(f"/desk/from-task/{asked.pk}/")
        contact = Interaction.objects.get(channel=Channel.SMS)
        assert (contact.agent, contact.patient) == (cast.agent, cast.patient)
        assert answer["Location"] == f"/desk/{contact.pk}/"
        assert "Where do I park?" in client.get(answer["Location"]).content.decode()
        client.post(f"/desk/from-task/{asked.pk}/")  # again: the same contact
        assert Interaction.objects.filter(channel=Channel.SMS).count() == 1

    def test_of_somebody_else_are_handed_over_and_not_taken(self, asked: Task, cast: Cast) -> None:
        signed_in(cast.agent).post(f"/desk/from-task/{asked.pk}/")
        answer = signed_in(cast.nurse).post(f"/desk/from-task/{asked.pk}/")
        assert answer.status_code == 409
        assert "Agent Cast has these texts" in answer.content.decode()
        assert Interaction.objects.get(channel=Channel.SMS).agent == cast.agent
