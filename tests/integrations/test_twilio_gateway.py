"""The Twilio adapter against a loopback server that speaks Twilio's wire format."""

from __future__ import annotations

import datetime as dt
import logging
import socket
from collections.abc import Iterator

import pytest
from django.conf import settings as django_settings
from pydantic import SecretStr

from integrations.twilio import gateway as module
from integrations.twilio.gateway import TwilioGateway
from outreach.ports import (
    DeliveryStatus,
    SmsError,
    SmsGateway,
    SmsRefused,
    SmsUnavailable,
    SmsUnknown,
)
from tests.factories import NOW
from tests.fakes.twilio_server import ACCOUNT, TOKEN, TwilioServer, serve_twilio
from tests.integrations.sms_contract import PATIENT, SmsGatewayContract, outgoing

pytestmark = pytest.mark.django_db


@pytest.fixture
def twilio(monkeypatch: pytest.MonkeyPatch) -> Iterator[TwilioServer]:
    """A Twilio account on this machine, with our environment pointing at it."""
    env = django_settings.FIRSTCALL
    with serve_twilio() as server:
        for name, value in {
            "twilio_account_sid": ACCOUNT,
            "twilio_auth_token": SecretStr(f"{TOKEN},former-token"),
            "twilio_from": "+16025550100",
            "twilio_messaging_service_sid": "",
            "twilio_segments_per_second": 3.0,
            "twilio_api_base": server.url,
            "public_url": "https://firstcall.example.org",
        }.items():
            monkeypatch.setattr(env, name, value)
        yield server


class TestContract(SmsGatewayContract):
    @pytest.fixture(autouse=True)
    def _server(self, twilio: TwilioServer) -> None:
        self.twilio = twilio

    @pytest.fixture
    def gateway(self, twilio: TwilioServer) -> SmsGateway:
        return TwilioGateway()

    def opt_out(self, number: str) -> None:
        self.twilio.blocked.add(number)

    def opt_in(self, number: str) -> None:
        self.twilio.blocked.discard(number)


class TestRequest:
    def test_says_what_twilio_needs(self, twilio: TwilioServer) -> None:
        text = outgoing("Camelback: a time is open. \N{LATIN SMALL LETTER N WITH TILDE}")
        sent = TwilioGateway().send(text)
        assert sent.status == DeliveryStatus.ACCEPTED
        assert twilio.requests == [
            {
                "To": PATIENT,
                "From": "+16025550100",
                "Body": text.body,
                "ValidityPeriod": "600",
                "StatusCallback": (
                    f"https://firstcall.example.org/webhooks/twilio/status/{text.ref}/"
                ),
            }
        ]

    def test_goes_through_the_messaging_service_where_there_is_one(
        self, twilio: TwilioServer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(django_settings.FIRSTCALL, "twilio_messaging_service_sid", "MG1")
        gateway = TwilioGateway()
        gateway.send(outgoing())
        assert gateway.sender == "MG1"
        assert twilio.requests[0]["MessagingServiceSid"] == "MG1"
        assert "From" not in twilio.requests[0]

    @pytest.mark.parametrize("url", ["http://localhost:8000", "http://127.0.0.1:8000"])
    def test_asks_for_no_callback_where_twilio_cannot_reach_us(
        self, twilio: TwilioServer, monkeypatch: pytest.MonkeyPatch, url: str
    ) -> None:
        monkeypatch.setattr(django_settings.FIRSTCALL, "public_url", url)
        TwilioGateway().send(outgoing())
        assert "StatusCallback" not in twilio.requests[0]

    def test_keeps_to_the_configured_rate(self, twilio: TwilioServer) -> None:
        assert TwilioGateway().segments_per_second == 3.0


class TestTrouble:
    @pytest.mark.parametrize(
        ("trouble", "kind"),
        [
            ((400, 21614), SmsRefused),
            ((429, 20429), SmsUnavailable),
            ((400, 21611), SmsUnavailable),
            ((503, 20503), SmsUnavailable),
            ((500, 20500), SmsUnknown),
            ("garbage", SmsUnknown),
            ("hang-up", SmsUnknown),
            ("slow", SmsUnknown),
        ],
    )
    def test_is_told_apart(
        self,
        twilio: TwilioServer,
        monkeypatch: pytest.MonkeyPatch,
        trouble: tuple[int, int] | str,
        kind: type[SmsError],
    ) -> None:
        monkeypatch.setattr(module, "TIMEOUT", 0.3)
        twilio.trouble.append(trouble)
        with pytest.raises(SmsError) as raised:
            TwilioGateway().send(outgoing())
        assert type(raised.value) is kind

    def test_wrong_credentials_make_texts_wait_for_the_operator(
        self, twilio: TwilioServer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(django_settings.FIRSTCALL, "twilio_auth_token", SecretStr("wrong"))
        with pytest.raises(SmsUnavailable, match="credentials"):
            TwilioGateway().send(outgoing())

    def test_a_refused_connection_sent_nothing(
        self, twilio: TwilioServer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            nobody = f"http://127.0.0.1:{free.getsockname()[1]}"
        monkeypatch.setattr(django_settings.FIRSTCALL, "twilio_api_base", nobody)
        with pytest.raises(SmsUnavailable, match="reached"):
            TwilioGateway().send(outgoing())

    @pytest.mark.fault(23)
    def test_an_ambiguous_post_is_found_again(
        self, twilio: TwilioServer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Faults to survive, 23: ambiguous POST, no duplicate."""
        monkeypatch.setattr(module, "TIMEOUT", 0.3)
        twilio.trouble.append("slow")
        gateway, text = TwilioGateway(), outgoing()
        with pytest.raises(SmsUnknown):
            gateway.send(text)
        found = gateway.find(text, since=NOW)
        assert [sent.carrier_id for sent in found] == [twilio.messages[0]["sid"]]

    @pytest.mark.parametrize("trouble", [(500, 20500), (429, 20429), "garbage"])
    def test_a_look_that_fails_is_no_answer(
        self, twilio: TwilioServer, trouble: tuple[int, int] | str
    ) -> None:
        twilio.trouble.append(trouble)
        with pytest.raises(SmsUnavailable):
            TwilioGateway().find(outgoing(), since=NOW)


class TestFind:
    def test_newest_first_and_none_from_before(self, twilio: TwilioServer) -> None:
        gateway, text = TwilioGateway(), outgoing()
        first, second = gateway.send(text), gateway.send(text)
        now = dt.datetime.now(dt.UTC)
        found = [sent.carrier_id for sent in gateway.find(text, since=now)]
        assert found == [second.carrier_id, first.carrier_id]
        assert gateway.find(text, since=now + dt.timedelta(minutes=6)) == []

    def test_takes_no_inbound_text_for_ours(self, twilio: TwilioServer) -> None:
        gateway, text = TwilioGateway(), outgoing()
        gateway.send(text)
        twilio.messages[0]["direction"] = "inbound"
        assert gateway.find(text, since=NOW) == []


def test_neither_number_nor_text_reaches_a_log_or_an_error(
    twilio: TwilioServer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    twilio.trouble.append((400, 21614))
    gateway = TwilioGateway()
    with pytest.raises(SmsRefused) as refused:
        gateway.send(outgoing("zebra"))
    gateway.send(outgoing("zebra"))
    told = caplog.text + str(refused.value)
    assert "zebra" not in told
    assert "602555" not in told
