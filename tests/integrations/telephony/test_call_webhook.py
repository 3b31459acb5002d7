"""The webhook of telephone systems: signed, kept, acted on at once, refused with the reason."""

from __future__ import annotations

import base64
import datetime as dt
import json
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from pydantic import SecretStr

from config.env import get_env
from crm.engine import run_step
from crm.models import Call, Event, Interaction, QueueEntry, Task
from crm.states import Aid, CallStatus
from integrations.inbox import tasks
from integrations.inbox.actions import STEP, replay
from integrations.models import InboxMessage, TurnedAway
from integrations.states import Door, InboxKind, InboxStatus
from integrations.telephony.mapping import call_event, call_told
from integrations.telephony.serializers import NEWS, CallEventInput
from tests.crm.center import OURS, agent, line, queue
from tests.factories import NOW, TEST
from tests.integrations.test_webhooks_rest import faults, signed

pytestmark = pytest.mark.django_db
URL = "/webhooks/telephony/calls/"
OWN = "whsec_" + base64.b64encode(b"the secret of a telephone system").decode()


@pytest.fixture(autouse=True)
def at_now() -> Any:
    """The signature's time stamp is compared with the real clock."""
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture(autouse=True)
def center() -> None:
    line(queue())
    agent(extension="201")


def event(name: str = "rang", **call: Any) -> dict[str, Any]:
    rang = {"caller": "+14805550199", "called": OURS} if name == "rang" else {}
    return {
        "event": f"call.{name}",
        "source": "pbx",
        "at": NOW.isoformat(),
        "call": {"id": "c1"} | rang | call,
    }


def send(body: object, *, headers: dict[str, str] | None = None, **sign_with: Any) -> Any:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    given = signed(raw, **sign_with) if headers is None else headers
    return Client().post(URL, raw, content_type="application/json", headers=given)


def test_a_ring_is_at_the_desk_before_the_answer_goes_out() -> None:
    answer = send(event(aid="tty"))
    message = InboxMessage.objects.get()
    assert (answer.status_code, answer.json()) == (202, {"id": message.pk, "status": "accepted"})
    assert reverse("telephony:call-event") == URL
    call = Call.objects.get()
    assert (call.status, call.aid) == (CallStatus.RINGING, Aid.TTY)
    assert QueueEntry.objects.count() == 1
    assert Event.objects.filter(name="crm.call-rang").count() == 1
    assert (message.kind, message.status, message.due_at) == (
        InboxKind.CALLS,
        InboxStatus.APPLIED,
        None,
    )
    assert message.outcome == f"Call {call.pk}: rang."


@pytest.mark.parametrize("name", NEWS)
def test_every_kind_of_news_is_taken(name: str) -> None:
    send(event(), key="first")
    body = event(name.removeprefix("call."), extension="201", key="2")
    assert send(body, key="second").status_code == 202
    assert not InboxMessage.objects.filter(status=InboxStatus.REFUSED).exists()


def test_a_whole_call_with_its_end_first() -> None:
    for n, name in enumerate(["abandoned", "rang"]):
        send(event(name), key=f"m{n}")
    assert Call.objects.get().status == CallStatus.ABANDONED
    assert Task.objects.get().title == "Hung up after 0:00, call back"


def test_the_same_event_again_is_heard_once() -> None:
    answers = [send(event(), key=key).json() for key in ("a", "a", "b")]
    assert answers[0] == answers[1]
    first, other = InboxMessage.objects.order_by("pk")
    assert (first.repeats, other.status) == (1, InboxStatus.IGNORED)
    assert Interaction.objects.count() == 1


def test_what_an_operator_should_set_up_stands_in_the_inbox() -> None:
    send(event(called="+16025559999"), key="a")
    send(event("answered", extension="299"), key="b")
    said = " ".join(InboxMessage.objects.order_by("pk").values_list("outcome", flat=True))
    assert "No line has the number of ours: add the line." in said
    assert "No agent has the extension 299." in said


# --- turned away, refused, tried again -------------------------------------------------------


@pytest.mark.parametrize("headers", [{}, {"webhook-id": "x"}])
def test_what_is_not_signed_leaves_nothing(headers: dict[str, str]) -> None:
    answer = send(event(), headers=headers)
    assert (answer.status_code, answer["Content-Type"]) == (401, "application/problem+json")
    assert not InboxMessage.objects.exists()
    assert not Call.objects.exists()
    assert TurnedAway.objects.get().door == Door.CALLS


def test_its_own_secret_counts_alone_where_one_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(get_env(), "telephony_secret", SecretStr(OWN))
    assert send(event()).status_code == 401
    assert not InboxMessage.objects.exists()
    assert send(event(), secret=OWN).status_code == 202


@pytest.mark.parametrize(
    ("body", "places"),
    [
        (event(called=""), ["call.called"]),
        (event("pressed"), ["call.key"]),
        (event("pressed", key="hello"), ["call.key"]),
        (event("missed"), ["call.extension"]),
        (event("melted"), ["event"]),
        (event() | {"at": "2026-11-18T10:00:00"}, ["at"]),
        (event(aid="loud", direction="up"), ["call.aid", "call.direction"]),
        ({"event": "call.rang"}, ["source", "at", "call"]),
    ],
)
def test_what_cannot_be_read_is_kept_with_every_fault(body: object, places: list[str]) -> None:
    answer = send(body)
    assert (answer.status_code, sorted(faults(answer))) == (422, sorted(places))
    message = InboxMessage.objects.get()
    assert (message.kind, message.status) == (InboxKind.CALLS, InboxStatus.REFUSED)
    assert not Call.objects.exists()


def test_news_from_the_future_is_refused_until_its_time_has_come() -> None:
    later = NOW + dt.timedelta(minutes=6)
    assert send(event() | {"at": later.isoformat()}).status_code == 202
    message = InboxMessage.objects.get()
    assert (message.status, message.refused_field) == (InboxStatus.REFUSED, "at")
    assert not Call.objects.exists()
    replay(message_id=message.pk, by=TEST, at=later)
    assert run_step(STEP, message.pk, at=later)
    assert Call.objects.get().rang_at == later


def test_what_we_stumble_over_is_kept_and_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    applied = tasks.APPLIERS[InboxKind.CALLS]

    def stumble(*_: object) -> Any:
        raise RuntimeError("a fault of ours")

    monkeypatch.setitem(tasks.APPLIERS, InboxKind.CALLS, stumble)
    assert send(event()).status_code == 202
    message = InboxMessage.objects.get()
    assert (message.status, Call.objects.count()) == (InboxStatus.RECEIVED, 0)
    monkeypatch.setitem(tasks.APPLIERS, InboxKind.CALLS, applied)
    assert run_step(STEP, message.pk, at=NOW + dt.timedelta(seconds=3))
    assert Call.objects.get().status == CallStatus.RINGING


def test_only_posts_are_taken() -> None:
    assert Client().get(URL).status_code == 405


def test_what_is_sent_is_what_is_read() -> None:
    body = event("answered", extension="201", direction="outbound", aid="relay")
    checked = CallEventInput(data=body)
    assert checked.is_valid()
    told = call_told(checked.validated_data)
    again = CallEventInput(data=call_event(told))
    assert again.is_valid()
    assert call_told(again.validated_data) == told
