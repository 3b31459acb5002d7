"""What every SMS gateway keeps to, the fake among them.

A test class inherits it and gives a `gateway`, and how its carrier hears STOP and START.
"""

from __future__ import annotations

from abc import ABC, abstractmethod

import pytest

from outreach.models import Message
from outreach.ports import OutgoingText, RecipientOptedOut, SmsGateway
from outreach.states import MessageStatus
from tests.factories import NOW, MessageFactory, PhoneFactory

STRANGER = "+16025550999"
PATIENT = "+16025550142"


def outgoing(body: str = "Camelback: a time is open.", to: str = PATIENT) -> OutgoingText:
    """A text whose intent is written, as it is when a gateway gets it."""
    row: Message = MessageFactory.create(
        phone=PhoneFactory.create(number=to),
        body=body,
        status=MessageStatus.SENDING,
        asked_at=NOW,
        created_at=NOW,
    )
    return OutgoingText(ref=row.ref, to=to, body=body, validity_seconds=600)


class SmsGatewayContract(ABC):
    @pytest.fixture
    @abstractmethod
    def gateway(self) -> SmsGateway:
        """The adapter under test."""

    @abstractmethod
    def opt_out(self, number: str) -> None:
        """That phone texts STOP."""

    @abstractmethod
    def opt_in(self, number: str) -> None:
        """That phone texts START."""

    def test_names_its_sender_and_its_rate(self, gateway: SmsGateway) -> None:
        assert gateway.sender
        assert gateway.segments_per_second is None or gateway.segments_per_second > 0

    def test_each_text_gets_an_id_of_its_own(self, gateway: SmsGateway) -> None:
        first, second = gateway.send(outgoing()), gateway.send(outgoing())
        assert first.carrier_id
        assert second.carrier_id
        assert first.carrier_id != second.carrier_id

    def test_finds_what_it_took(self, gateway: SmsGateway) -> None:
        text = outgoing()
        sent = gateway.send(text)
        assert sent.carrier_id in [found.carrier_id for found in gateway.find(text, since=NOW)]

    def test_finds_nothing_that_it_did_not_take(self, gateway: SmsGateway) -> None:
        gateway.send(outgoing())
        gateway.send(outgoing(to=STRANGER))
        never_sent = outgoing(body="Another text.")
        assert list(gateway.find(never_sent, since=NOW)) == []

    def test_sends_nothing_to_somebody_who_opted_out(self, gateway: SmsGateway) -> None:
        self.opt_out(PATIENT)
        text = outgoing()
        with pytest.raises(RecipientOptedOut) as refused:
            gateway.send(text)
        assert refused.value.code == "21610"
        assert list(gateway.find(text, since=NOW)) == []
        assert gateway.send(outgoing(to=STRANGER)).carrier_id

    def test_sends_again_after_start(self, gateway: SmsGateway) -> None:
        self.opt_out(PATIENT)
        self.opt_in(PATIENT)
        assert gateway.send(outgoing()).carrier_id
