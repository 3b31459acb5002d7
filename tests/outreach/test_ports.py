"""The fake carrier keeps the contract too; and no carrier is none."""

from __future__ import annotations

import pytest

from outreach.ports import NoSmsGateway, SmsGateway, SmsRefused, get_gateway
from tests.factories import NOW
from tests.fakes.sms import FakeSms
from tests.integrations.sms_contract import SmsGatewayContract, outgoing

pytestmark = pytest.mark.django_db


class TestFake(SmsGatewayContract):
    @pytest.fixture
    def gateway(self, carrier: type[FakeSms]) -> SmsGateway:
        return get_gateway()

    def opt_out(self, number: str) -> None:
        FakeSms.blocked.add(number)

    def opt_in(self, number: str) -> None:
        FakeSms.blocked.discard(number)


def test_without_a_carrier_every_text_is_refused_with_what_to_do() -> None:
    gateway: SmsGateway = NoSmsGateway()
    text = outgoing()
    with pytest.raises(SmsRefused, match="TWILIO_ACCOUNT_SID"):
        gateway.send(text)
    assert list(gateway.find(text, since=NOW)) == []
