"""The demo's carrier keeps the contract, and behaves as a carrier does."""

from __future__ import annotations

import pytest
from django.conf import settings as django_settings
from django.utils import timezone
from pytest_django import Settings

from crm.engine import run_step
from crm.queries import is_opted_out
from crm.states import TaskKind
from integrations.phone_wall.actions import reply
from integrations.phone_wall.gateway import NUMBER, PhoneWallGateway
from outreach.actions import DISPATCH
from outreach.models import Message
from outreach.ports import SmsGateway, SmsRefused, get_gateway
from outreach.states import Direction, MessageStatus
from tests.cast import Cast
from tests.factories import NOW, MessageFactory
from tests.integrations.sms_contract import SmsGatewayContract, outgoing

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _demo(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(django_settings.FIRSTCALL, "firstcall_demo", True)


class TestContract(SmsGatewayContract):
    @pytest.fixture
    def gateway(self) -> SmsGateway:
        return PhoneWallGateway()

    def opt_out(self, number: str) -> None:
        reply(number=number, body="STOP", at=timezone.now())

    def opt_in(self, number: str) -> None:
        reply(number=number, body="START", at=timezone.now())


def test_a_text_is_on_the_wall_at_once(cast: Cast, settings: Settings) -> None:
    settings.SMS_GATEWAY = "integrations.phone_wall.gateway.PhoneWallGateway"
    assert isinstance(get_gateway(), PhoneWallGateway)
    message = MessageFactory.create(patient=cast.patient, phone=cast.phone)
    run_step(DISPATCH, message.pk, at=NOW)
    message.refresh_from_db()
    assert (message.status, message.our_number) == (MessageStatus.DELIVERED, NUMBER)
    assert message.carrier_id == f"PW{message.ref.hex}"


def test_a_reply_comes_in_as_a_text_does(cast: Cast) -> None:
    message = reply(number=str(cast.phone.number), body="CANCEL", at=NOW)
    assert (message.direction, message.reading) == (Direction.IN, "stop")
    assert message.our_number == NUMBER
    assert is_opted_out(cast.phone)
    assert cast.patient.task_set.get().kind == TaskKind.MEANT_CANCEL


def test_words_that_are_no_carriers_block_nothing_at_the_carrier(cast: Cast) -> None:
    reply(number=str(cast.phone.number), body="please stop texting me", at=NOW)
    assert is_opted_out(cast.phone)
    assert PhoneWallGateway().send(outgoing(to=str(cast.phone.number))).carrier_id


def test_outside_a_demo_it_is_no_carrier(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(django_settings.FIRSTCALL, "firstcall_demo", False)
    text = outgoing()
    with pytest.raises(SmsRefused, match="demo"):
        PhoneWallGateway().send(text)
    assert Message.objects.get(ref=text.ref).status == MessageStatus.SENDING
