"""A phone on the wall calls the desk: it rings, is picked up where it is taken, and hangs up."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import time_machine
from django.conf import settings
from django.test import Client
from django.urls import reverse

from crm.actions.queues import claim_entry
from crm.actions.wrapping import wrap_up
from crm.engine import Actor
from crm.models import Agent, Call, Interaction, QueueEntry
from crm.states import AgentState, CallStatus
from integrations.phone_wall.calling import SOURCE
from integrations.phone_wall.queries import get_phones
from tests.cast import Cast
from tests.crm.center import OURS, agent, line, queue
from tests.drive import settle
from tests.factories import NOW

HTMX = {"HX-Request": "true"}
SPANISH = "+16025550105"


@pytest.fixture(autouse=True)
def now() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def wall(cast: Cast, client: Client) -> Client:
    line(queue(), number=OURS)
    client.force_login(cast.agent)
    return client


def press(wall: Client, cast: Cast, act: str, **headers: str) -> object:
    url = reverse("phones:call", args=[cast.phone.pk])
    return wall.post(url, {"act": act}, headers=headers)


def said(cast: Cast) -> str:
    return get_phones([cast.phone.pk], at=NOW)[0].call_said


def test_it_rings_once_however_often_it_is_pressed(wall: Client, cast: Cast) -> None:
    for headers in (HTMX, {}):
        answer = press(wall, cast, "call", **headers)
        assert answer.status_code == (200 if headers else 302)  # type: ignore[attr-defined]
    call = Call.objects.get()
    assert (call.source, call.phone, call.status) == (SOURCE, cast.phone, CallStatus.RINGING)
    assert str(call.line.number) == OURS  # type: ignore[union-attr]
    assert said(cast) == "Calling"
    page = wall.get("/phones/", {"q": "rosa"}).content.decode()
    assert 'value="hang-up"' in page


def test_it_calls_the_line_of_its_language(wall: Client, cast: Cast) -> None:
    cast.patient.language = "es"
    cast.patient.save()
    spanish = line(queue("spanish", "es"), number=SPANISH, language="es")
    press(wall, cast, "call")
    assert Call.objects.get().line == spanish


def test_whoever_takes_the_caller_has_picked_up_and_puts_down_at_the_end(
    wall: Client, cast: Cast
) -> None:
    user = agent(extension="201")
    press(wall, cast, "call")
    claim_entry(entry_id=QueueEntry.objects.get().pk, agent=user, by=Actor.user(user), at=NOW)
    settle(NOW)
    call = Call.objects.get()
    assert (call.status, call.answered_at) == (CallStatus.TALKING, NOW)
    assert said(cast) == "On the line"
    wrap_up(
        contact_id=Interaction.objects.get().pk,
        disposition="done",
        note="",
        was_edited=False,
        by=Actor.user(user),
        at=NOW,
    )
    settle(NOW)
    assert Call.objects.get().status == CallStatus.ENDED
    assert Agent.objects.get().status == AgentState.AVAILABLE
    assert said(cast) == ""


def test_hanging_up_ends_it_and_without_a_call_nothing(wall: Client, cast: Cast) -> None:
    press(wall, cast, "hang-up")
    assert not Call.objects.exists()
    press(wall, cast, "call")
    press(wall, cast, "hang-up")
    assert Call.objects.get().status == CallStatus.ABANDONED
    assert said(cast) == ""


@pytest.mark.parametrize("who", ["visitor", "not a demo", "get"])
def test_nobody_else_rings(
    wall: Client, cast: Cast, who: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = reverse("phones:call", args=[cast.phone.pk])
    if who == "visitor":
        answer = Client().post(url, {"act": "call"})
        assert answer.status_code == 302
    elif who == "get":
        assert wall.get(url).status_code == 405
    else:
        monkeypatch.setattr(settings.FIRSTCALL, "firstcall_demo", False)
        assert wall.post(url, {"act": "call"}).status_code == 404
    assert not Call.objects.exists()
