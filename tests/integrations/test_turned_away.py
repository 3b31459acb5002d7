"""Who is turned away before anything is kept: counted, and shown to an operator."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.test import Client
from django.urls import reverse

from crm.models import User
from crm.states import Role
from integrations.inbox import door
from integrations.inbox.door import count_turned_away, note_turned_away
from integrations.models import InboxMessage, TurnedAway
from integrations.states import Door
from tests.cast import Cast
from tests.factories import NOW
from tests.integrations.test_webhooks_rest import VISITS, send, visit_event

pytestmark = pytest.mark.django_db
PAGE, FILE = reverse("inbox:turned-away"), reverse("inbox:turned-away-export")


@pytest.fixture(autouse=True)
def _at_now() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


def turn_away(*, peer: str = "10.0.0.9", at: dt.datetime = NOW) -> None:
    note_turned_away(
        door=Door.REST, peer=peer, reason="too-large", sentence="The body is too long.", at=at
    )


def reasons() -> dict[str, int]:
    return dict(TurnedAway.objects.values_list("reason", "times"))


def test_counts_a_body_that_is_too_long(client: Client) -> None:
    body = b" " * (settings.FIRSTCALL.webhook_max_bytes + 1)
    answer = client.post(VISITS, body, content_type="application/json")
    assert answer.status_code == 413
    assert reasons() == {"too-large": 1}
    assert not InboxMessage.objects.exists()


@pytest.mark.parametrize("what", ["wrong", "old"])
def test_counts_a_signature_that_is_wrong_or_old(what: str) -> None:
    signed: dict[str, Any] = {"at": NOW - dt.timedelta(hours=1)} if what == "old" else {}
    headers = {"webhook-signature": "v1,d3Jvbmc="} if what == "wrong" else None
    assert send(visit_event(), headers=headers, **signed).status_code == 401
    assert list(reasons().values()) == [1]


def test_counts_what_twilio_did_not_sign(client: Client) -> None:
    assert client.post("/webhooks/twilio/inbound/", {"Body": "hello"}).status_code == 403
    assert reasons() == {"bad-signature": 1}


def test_what_is_kept_is_not_turned_away(client: Client) -> None:
    assert send(visit_event()).status_code == 202
    assert send({"event": "no such thing"}).status_code == 422
    assert reasons() == {}


def test_the_same_again_is_one_line_with_a_count() -> None:
    for minute in range(3):
        turn_away(at=NOW + dt.timedelta(minutes=minute))
    row = TurnedAway.objects.get()
    assert (row.times, row.first_at, row.last_at) == (3, NOW, NOW + dt.timedelta(minutes=2))


def test_more_peers_than_are_told_apart_are_counted_together(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(door, "MOST_PEERS", 2)
    for number in range(5):
        turn_away(peer=f"10.0.0.{number}")
    assert dict(TurnedAway.objects.values_list("peer", "times")) == {
        "10.0.0.0": 1,
        "10.0.0.1": 1,
        "others": 3,
    }


def test_forgets_what_is_older_than_two_weeks() -> None:
    turn_away(at=NOW - dt.timedelta(days=15))
    turn_away()
    assert count_turned_away(at=NOW) == 1


@pytest.mark.parametrize("role", Role)
def test_the_page_and_the_file_are_for_those_who_see_the_inbox(
    role: Role, cast: Cast, client: Client
) -> None:
    User.objects.filter(pk=cast.agent.pk).update(roles=[role])
    client.force_login(cast.agent, backend="django.contrib.auth.backends.ModelBackend")
    turn_away(peer="10.0.0.7")
    page, file = client.get(PAGE), client.get(FILE)
    if role in {Role.MANAGER, Role.ADMIN}:
        assert b"10.0.0.7" in page.content
        assert b"10.0.0.7" in file.content
    else:
        assert (page.status_code, file.status_code) == (403, 403)


def test_the_inbox_says_how_many(cast: Cast, client: Client) -> None:
    client.force_login(cast.manager, backend="django.contrib.auth.backends.ModelBackend")
    assert b"Nobody was turned away" in client.get(PAGE).content
    turn_away()
    said = client.get(reverse("inbox:messages")).content.decode()
    assert 'Turned away <span class="num">1</span>' in said
    assert client.post(PAGE).status_code == 405
