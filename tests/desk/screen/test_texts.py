"""A text that waits at the desk: taken, answered in one's own words, put back."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.test import Client

from crm.actions import revoke_consent
from crm.models import InteractionStep, QueueEntry, Task, User
from crm.states import Channel, EntryStatus, StepKind, TaskStatus
from outreach.models import Message
from outreach.states import Direction
from tests.cast import Cast
from tests.crm.center import queue
from tests.desk.scene import text_from
from tests.desk.screen.conftest import Desk
from tests.factories import NOW, TEST
from waitlist.actions.replies import answer_reply

pytestmark = pytest.mark.django_db
HTMX = {"hx-request": "true"}
MINUTE = dt.timedelta(minutes=1)


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


class Thread:
    """A question that waits, and an agent who has taken it."""

    def __init__(self, cast: Cast) -> None:
        queue()
        text_from(cast.phone, "Where do I park?", at=NOW - MINUTE)
        self.client, self.entry = signed_in(cast.agent), QueueEntry.objects.get()
        self.pk = self.entry.interaction_id
        self.client.post(f"/desk/claim/{self.entry.pk}/")

    def page(self) -> str:
        return self.client.get(f"/desk/{self.pk}/").content.decode()

    def newest(self) -> Message:
        return Message.objects.latest("pk")

    def reply(self, words: str, **more: Any) -> Any:
        told = {"words": words, "after": self.newest().pk} | more
        return self.client.post(f"/desk/{self.pk}/reply/", told, headers=HTMX)


@pytest.fixture
def thread(cast: Cast) -> Thread:
    return Thread(cast)


def replies() -> list[str]:
    rows = Message.objects.filter(direction=Direction.OUT, text_version__key="agent_reply")
    return list(rows.order_by("pk").values_list("body", flat=True))


def test_waits_in_the_left_column_and_opens_with_its_texts(thread: Thread) -> None:
    assert "Where do I park?" in thread.page()
    assert "Texted a question." in thread.page()
    assert Task.objects.get().status == TaskStatus.CLAIMED


def test_is_answered_in_the_agents_own_words(thread: Thread, cast: Cast) -> None:
    asked = thread.newest().pk
    page = thread.reply("Behind the building, on Elm Street. There is no fee.").content.decode()
    assert replies() == ["Behind the building, on Elm Street. There is no fee."]
    made = Message.objects.get(text_version__key="agent_reply")
    assert (made.purpose, made.phone, made.patient) == ("answer", cast.phone, cast.patient)
    assert made.interaction_id == thread.pk
    assert "on Elm Street" in page
    step = InteractionStep.objects.get(kind=StepKind.TELL)
    assert (step.code, step.subject_id) == ("text", made.pk)
    thread.reply("Behind the building, on Elm Street. There is no fee.", after=asked)
    assert len(replies()) == 1  # pressed twice
    assert thread.reply("Something else.", after=asked).status_code == 409
    assert len(replies()) == 1


@pytest.mark.parametrize(
    ("words", "named"),
    [
        ("Your biopsy is at ten.", "biopsy"),
        ("Su cita de quimioterapia es a las diez.", "quimioterapia"),
        ("Reply CANCEL if you cannot come.", "CANCEL"),
        ("Great!", "Exclamation"),
        ("x" * 161, "segments"),
        ("Yes \N{THUMBS UP SIGN}", "alphabet"),
        ("", "Write what"),
    ],
)
def test_names_what_may_not_stand_in_it_and_sends_nothing(
    thread: Thread, words: str, named: str
) -> None:
    refused = thread.reply(words)
    assert refused.status_code == 422
    assert named in refused.content.decode()
    assert words in refused.content.decode()  # no typed word is lost
    assert replies() == []


def test_nobody_is_texted_who_has_opted_out(thread: Thread, cast: Cast) -> None:
    revoke_consent(phone=cast.phone, channel=Channel.SMS, source="x", evidence={}, by=TEST, at=NOW)
    refused = thread.reply("Behind the building.")
    assert refused.status_code == 422
    assert "Call them instead" in refused.content.decode()
    assert replies() == []


def test_only_its_agent_answers(thread: Thread, cast: Cast) -> None:
    told = {"words": "Behind the building.", "after": thread.newest().pk}
    address = f"/desk/{thread.pk}/reply/"
    assert signed_in(cast.nurse).post(address, told).status_code == 409
    assert signed_in(cast.marketing).post(address, told).status_code == 403
    assert thread.client.get(address).status_code == 405
    assert replies() == []


def test_a_danger_in_the_thread_is_answered_by_nurses(thread: Thread, cast: Cast) -> None:
    text_from(cast.phone, "I have chest pain and cannot breathe", at=NOW)
    assert "A nurse answers these texts" in thread.page()
    assert thread.reply("Behind the building.").status_code == 409
    assert replies() == []


def test_a_yes_to_an_agent_goes_to_the_agent(thread: Thread, cast: Cast) -> None:
    thread.reply("Shall I look for another day?")
    Message.objects.filter(text_version__key="agent_reply").update(sent_at=NOW)
    said = text_from(cast.phone, "YES", at=NOW + MINUTE)
    answer_reply(message_id=said.pk, by=TEST, at=NOW + MINUTE)
    said.refresh_from_db()
    assert said.interaction_id == thread.pk
    assert Task.objects.latest("pk").why == "Answered a text about another time or visit."


def test_is_put_back_into_its_place(thread: Thread, cast: Cast) -> None:
    assert "Put back" in thread.page()
    answer = thread.client.post(f"/desk/{thread.pk}/put-back/")
    assert (answer.status_code, answer["Location"]) == (302, "/desk/")
    thread.entry.refresh_from_db()
    assert (thread.entry.status, thread.entry.claimed_by) == (EntryStatus.WAITING, None)
    assert thread.entry.interaction.agent is None
    assert Task.objects.get().status == TaskStatus.OPEN
    assert thread.client.post(f"/desk/{thread.pk}/put-back/").status_code == 409


def test_a_caller_on_the_line_is_not_put_back(desk: Desk) -> None:
    assert "Put back" not in desk.get("contact").content.decode()
    assert desk.post("put-back").status_code == 409
    assert desk.fresh().agent == desk.agent


def test_what_somebody_does_from_the_list_is_not_taken(thread: Thread, cast: Cast) -> None:
    thread.client.post(f"/desk/{thread.pk}/put-back/")
    Task.objects.update(status=TaskStatus.CLAIMED, owner=cast.front_desk)
    assert thread.client.post(f"/desk/{thread.pk}/take/").status_code == 409
    thread.entry.refresh_from_db()
    assert thread.entry.interaction.agent is None
