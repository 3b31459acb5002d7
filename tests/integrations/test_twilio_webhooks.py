"""Twilio's calls: signed ones act, all others change nothing."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from pydantic import SecretStr
from twilio.request_validator import RequestValidator

from crm.models import AuditEntry, Event
from crm.queries import is_opted_out
from outreach.models import Message
from outreach.states import Direction, MessageStatus
from tests.cast import Cast
from tests.factories import NOW, MessageFactory

pytestmark = pytest.mark.django_db

PUBLIC = "https://firstcall.example.org"
CURRENT, FORMER = "current-token", "former-token"
INBOUND = "/webhooks/twilio/inbound/"


@pytest.fixture(autouse=True)
def _account(monkeypatch: pytest.MonkeyPatch) -> None:
    env = django_settings.FIRSTCALL
    monkeypatch.setattr(env, "twilio_auth_token", SecretStr(f"{CURRENT},{FORMER}"))
    monkeypatch.setattr(env, "public_url", PUBLIC + "/")


def post(
    path: str, params: dict[str, str], *, token: str = CURRENT, signed_url: str = "", **extra: Any
) -> HttpResponse:
    """POST as Twilio does, behind a proxy: we see another host than the public one."""
    signature = RequestValidator(token).compute_signature(signed_url or PUBLIC + path, params)
    headers = {"X-Twilio-Signature": signature, **extra}
    client = Client(enforce_csrf_checks=True)
    response = client.post(path, params, headers=headers)
    assert isinstance(response, HttpResponse)
    return response


def text(cast: Cast, body: str = "STOP", sid: str = "SM1") -> dict[str, str]:
    return {
        "MessageSid": sid,
        "AccountSid": "AC1",
        "From": str(cast.phone.number),
        "To": "+16025550100",
        "Body": body,
        "NumMedia": "0",
    }


class TestInbound:
    def test_a_text_is_taken_and_answered_with_nothing(self, cast: Cast) -> None:
        response = post(INBOUND, text(cast, "Sí, por favor \N{THUMBS UP SIGN}"))
        assert response.status_code == 200
        assert response["Content-Type"] == "text/xml"
        assert response.content.endswith(b"<Response/>")
        message = Message.objects.get(direction=Direction.IN)
        assert (message.reading, message.patient) == ("yes", cast.patient)

    def test_stop_holds_when_we_answer(self, cast: Cast) -> None:
        post(INBOUND, text(cast))
        assert is_opted_out(cast.phone)

    @pytest.mark.fault(8)
    def test_the_same_message_a_hundred_times_is_one(self, cast: Cast) -> None:
        answers = {post(INBOUND, text(cast)).content for _ in range(100)}
        assert len(answers) == 1
        assert Message.objects.count() == 1
        assert Event.objects.filter(name="outreach.reply-received").count() == 1

    def test_a_sender_without_a_number_is_heard_and_left(self, cast: Cast) -> None:
        response = post(INBOUND, {**text(cast), "From": "AMAZON"})
        assert response.status_code == 200
        assert not Message.objects.exists()

    def test_a_call_without_an_id_is_refused(self, cast: Cast) -> None:
        assert post(INBOUND, {**text(cast), "MessageSid": ""}).status_code == 400
        assert not Message.objects.exists()

    def test_both_tokens_hold_while_rotating(self, cast: Cast) -> None:
        for n, token in enumerate((CURRENT, FORMER)):
            assert post(INBOUND, text(cast, sid=f"SM{n}"), token=token).status_code == 200


@pytest.mark.fault(22)
class TestForged:
    """Faults to survive, 22: forged and old signatures."""

    def check_nothing_changed(self, cast: Cast) -> None:
        assert not Message.objects.filter(direction=Direction.IN).exists()
        assert not is_opted_out(cast.phone)
        assert not AuditEntry.objects.exists()
        assert not Event.objects.exists()

    def test_a_wrong_token(self, cast: Cast) -> None:
        assert post(INBOUND, text(cast), token="retired").status_code == 403
        self.check_nothing_changed(cast)

    def test_a_signature_for_another_address(self, cast: Cast) -> None:
        response = post(INBOUND, text(cast), signed_url="https://elsewhere.example.org" + INBOUND)
        assert response.status_code == 403
        self.check_nothing_changed(cast)

    def test_other_words_under_a_true_signature(self, cast: Cast) -> None:
        signature = RequestValidator(CURRENT).compute_signature(
            PUBLIC + INBOUND, text(cast, "Thanks")
        )
        response = Client().post(
            INBOUND, text(cast, "STOP"), headers={"X-Twilio-Signature": signature}
        )
        assert response.status_code == 403
        self.check_nothing_changed(cast)

    @pytest.mark.parametrize("headers", [{}, {"X-Twilio-Signature": ""}])
    def test_no_signature(self, cast: Cast, headers: dict[str, str]) -> None:
        assert Client().post(INBOUND, text(cast), headers=headers).status_code == 403
        self.check_nothing_changed(cast)

    def test_nobody_is_let_in_where_there_is_no_token(
        self, cast: Cast, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(django_settings.FIRSTCALL, "twilio_auth_token", SecretStr(""))
        assert post(INBOUND, text(cast), token="").status_code == 403
        self.check_nothing_changed(cast)

    @pytest.mark.parametrize("path", [INBOUND, f"/webhooks/twilio/status/{uuid.UUID(int=7)}/"])
    def test_a_get_is_no_call_of_twilios(self, path: str) -> None:
        assert Client().get(path).status_code == 405


class TestStatus:
    @pytest.fixture
    def message(self, cast: Cast) -> Message:
        row: Message = MessageFactory.create(
            patient=cast.patient,
            phone=cast.phone,
            status=MessageStatus.SENDING,
            asked_at=NOW,
        )
        return row

    def tell(self, message: Message, status: str, **params: str) -> HttpResponse:
        path = reverse("twilio:status", args=[message.ref])
        return post(path, {"MessageSid": "SM5", "MessageStatus": status, **params})

    def test_moves_the_message_that_the_address_names(self, message: Message) -> None:
        for status in ("delivered", "sent", "queued", "delivered"):
            assert self.tell(message, status).status_code == 204
        message.refresh_from_db()
        assert (message.status, message.carrier_id) == (MessageStatus.DELIVERED, "SM5")

    def test_a_landline_gets_no_more_texts(self, message: Message) -> None:
        self.tell(message, "undelivered", ErrorCode="30006")
        message.refresh_from_db()
        message.phone.refresh_from_db()
        assert (message.status, message.error_code) == (MessageStatus.FAILED, "30006")
        assert not message.phone.can_text

    def test_a_text_of_nobodys_is_answered_alike(self) -> None:
        path = reverse("twilio:status", args=[uuid.uuid4()])
        assert post(path, {"MessageSid": "SM5", "MessageStatus": "sent"}).status_code == 204

    def test_a_forged_one_moves_nothing(self, message: Message) -> None:
        path = reverse("twilio:status", args=[message.ref])
        params = {"MessageSid": "SM5", "MessageStatus": "delivered"}
        assert post(path, params, token="retired").status_code == 403
        message.refresh_from_db()
        assert message.status == MessageStatus.SENDING
