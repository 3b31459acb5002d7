"""Fault 29: a message that we stumble over holds up nobody."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from crm.engine import Actor
from integrations.hl7v2 import receive
from integrations.hl7v2.ack import read_acks
from integrations.inbox.actions import receive_hl7, replay
from integrations.inbox.tasks import STUMBLES
from integrations.models import Hl7Sender, InboxMessage
from integrations.states import InboxStatus
from scheduling.models import Appointment
from tests.drive import settle
from tests.factories import NOW
from tests.integrations.hl7 import event, lines, sch

pytestmark = pytest.mark.django_db
LATER = "202603021201-0600"


def send(trigger: str, visit: str, key: str, *, sent: str = LATER, status: str = "Booked") -> str:
    """The answer's code."""
    head = event(trigger).replace("202603021200-0600", sent).replace("|M1|", f"|{key}|")
    raw = lines(MSH=head, SCH=sch(status, f2=visit))
    (ack,) = read_acks(receive_hl7(raw, peer="a", at=NOW))
    return ack.code


@pytest.fixture
def poison(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Messages of key POISON make us stumble, until it is undone."""
    apply = receive._apply_parsed

    def stumble(parsed: Any, *rest: Any) -> Any:
        if parsed.header.control_id == "POISON":
            raise KeyError("Nuñez^Ana")
        return apply(parsed, *rest)

    monkeypatch.setattr(receive, "_apply_parsed", stumble)
    return monkeypatch


@pytest.mark.fault(29)
def test_a_poison_message_does_not_block_its_lane(poison: pytest.MonkeyPatch) -> None:
    """Of its own visit, of others, before it is put in quarantine and after."""
    Hl7Sender.objects.create(name="APP|FAC", zone="America/Chicago")
    assert send("S12", "F1", "M1") == "AA"
    assert send("S14", "F1", "POISON", sent="202603021202-0600") == "AE"
    assert send("S12", "F2", "M2") == "AA"
    assert send("S15", "F1", "M3", sent="202603021203-0600", status="Cancelled") == "AA"
    message = InboxMessage.objects.get(key="POISON")
    now = NOW
    for _ in range(STUMBLES + 1):
        message.refresh_from_db()
        assert message.status == InboxStatus.RECEIVED
        now = message.due_at or now
        settle(now)
    message.refresh_from_db()
    assert (message.status, message.due_at) == (InboxStatus.REFUSED, None)
    assert "quarantine" in message.outcome
    assert "KeyError" in message.outcome
    assert "Ana" not in message.outcome
    assert settle(now + dt.timedelta(days=1)) == 0, "nobody tries it again by itself"
    poison.undo()
    replay(message_id=message.pk, by=Actor.system("test"), at=now)
    settle(now)
    message.refresh_from_db()
    assert message.status == InboxStatus.IGNORED, "the newer cancel of its visit stands"
    assert Appointment.objects.get(source_id="F1").status == "cancelled"
