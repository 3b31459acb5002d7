"""A mended copy of a refused message: what came is kept, and who changed what is known."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from crm.engine import Actor
from crm.models import AuditEntry, Patient
from crm.states import Role
from integrations.hl7v2.ack import read_acks
from integrations.inbox import actions, mending
from integrations.inbox.actions import receive_hl7
from integrations.models import Hl7Sender, InboxMessage
from integrations.states import InboxStatus
from scheduling.models import Appointment
from tests.cast import Cast
from tests.drive import settle
from tests.factories import NOW
from tests.integrations.hl7 import lines
from tests.integrations.test_inbox_views import client_of, looks_of, text_of

pytestmark = pytest.mark.django_db
RAW = lines(PID="PID|1||||Nuñez^Ana||19800229|F").decode().encode("latin-1")


@pytest.fixture(autouse=True)
def _at_now() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def refused() -> InboxMessage:
    """A booking whose patient has no identifier, in latin-1."""
    Hl7Sender.objects.create(name="APP|FAC", zone="America/Chicago", charset="8859/1")
    receive_hl7(RAW, peer="a", at=NOW)
    message = InboxMessage.objects.get()
    assert (message.status, message.refused_field) == (InboxStatus.REFUSED, "PID-3")
    return message


@pytest.fixture
def manager(cast: Cast) -> Client:
    return client_of(cast.manager)


def page(message: InboxMessage) -> str:
    return reverse("inbox:message-mend", args=[message.pk])


def mended(message: InboxMessage) -> str:
    return mending.as_text(message).replace("PID|1||||", "PID|1||77^^^MRN^MR||")


def test_shows_the_difference_and_what_it_would_be_and_does_nothing(
    cast: Cast, manager: Client, refused: InboxMessage
) -> None:
    shown = text_of(manager.get(page(refused)))
    assert "Nuñez^Ana" in shown
    looked = text_of(manager.post(page(refused), {"body": mended(refused), "look": "1"}))
    assert "+ PID|1||77^^^MRN^MR||Nuñez^Ana" in looked
    assert "- PID|1||||Nuñez^Ana" in looked
    assert "It would be read as: booked." in looked
    still = text_of(manager.post(page(refused), {"body": mending.as_text(refused), "look": "1"}))
    assert "refused at <strong>PID-3</strong>" in still
    assert InboxMessage.objects.count() == 1
    assert looks_of(cast.manager) == [refused.pk] * 3


def test_the_copy_is_tried_and_what_came_stays(
    cast: Cast, manager: Client, refused: InboxMessage
) -> None:
    answer = manager.post(page(refused), {"body": mended(refused), "try": "1"})
    copy = InboxMessage.objects.latest("pk")
    assert answer["Location"] == reverse("inbox:message", args=[copy.pk])
    settle(NOW)
    copy.refresh_from_db()
    refused.refresh_from_db()
    assert (copy.status, copy.mended_from_id) == (InboxStatus.APPLIED, refused.pk)
    assert (refused.status, bytes(refused.body)) == (InboxStatus.SET_ASIDE, RAW)
    assert Patient.objects.get(identifiers__value="77").family_name == "Nuñez", (
        "in the character set that it came in"
    )
    entry = AuditEntry.objects.get(verb="integrations.inbox.mended")
    assert (entry.actor_id, entry.detail["original"]) == (cast.manager.pk, refused.pk)
    assert f"message {copy.pk}" in text_of(manager.get(reverse("inbox:message", args=[refused.pk])))


def test_who_sends_the_original_again_hears_that_it_is_done(refused: InboxMessage) -> None:
    by = Actor.system("test")
    body = mending.as_bytes(refused, mended(refused))
    actions.mend(message_id=refused.pk, body=body, by=by, at=NOW)
    InboxMessage.objects.filter(pk=refused.pk).update(answer=b"")
    settle(NOW)
    (ack,) = read_acks(receive_hl7(RAW, peer="a", at=NOW))
    assert ack.is_accepted
    assert Appointment.objects.count() == 1


@pytest.mark.parametrize("change", ["same", "empty", "applied meanwhile"])
def test_what_cannot_be_mended_is_said_and_nothing_changes(
    manager: Client, refused: InboxMessage, change: str
) -> None:
    text = {"same": mending.as_text(refused), "empty": "  "}.get(change, mended(refused))
    if change == "applied meanwhile":
        InboxMessage.objects.update(status=InboxStatus.APPLIED)
    answer = manager.post(page(refused), {"body": text, "try": "1"})
    assert answer.status_code == {"same": 409, "empty": 422}.get(change, 302)
    assert InboxMessage.objects.count() == 1


@pytest.mark.parametrize("role", [Role.AGENT, Role.FRONT_DESK, Role.MARKETING])
def test_others_see_and_mend_nothing(cast: Cast, refused: InboxMessage, role: Role) -> None:
    client = client_of(cast.staff(role))
    assert client.get(page(refused)).status_code == 403
    answer = client.post(page(refused), {"body": mended(refused), "try": "1"})
    assert answer.status_code == 403
    assert InboxMessage.objects.count() == 1


def test_a_message_that_does_not_exist_is_not_found(manager: Client) -> None:
    assert manager.get(reverse("inbox:message-mend", args=[9])).status_code == 404
