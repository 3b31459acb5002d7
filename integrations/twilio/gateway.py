"""Texts through Twilio's API, by its own SDK."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

import requests
from django.conf import settings
from django.urls import reverse
from twilio.base.exceptions import TwilioException
from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client
from urllib3.exceptions import NewConnectionError

from integrations.twilio.mapping import STATUSES, error_from
from outreach.ports import (
    DeliveryStatus,
    OutgoingText,
    SentText,
    SmsError,
    SmsUnavailable,
    SmsUnknown,
)

#: Connecting, and waiting for an answer (seconds each). Twilio answers in well under one. Two
#: calls must fit into a message's lease (`outreach.actions.dispatching`).
TIMEOUT = 5.0
#: Our clock and Twilio's may differ by this much when a text is looked for.
CLOCKS_APART = dt.timedelta(minutes=5)
#: Texts of one number that are looked through.
LOOKED_THROUGH = 50

#: The SDK logs whole requests at DEBUG: numbers and texts. They never get into a log of ours.
_silent = logging.getLogger("integrations.twilio.http")
_silent.setLevel(logging.CRITICAL)


class TwilioGateway:
    """One Twilio account. Sends from `TWILIO_FROM`, or through the messaging service if set."""

    def __init__(self) -> None:
        env = settings.FIRSTCALL
        tokens = env.twilio_auth_tokens
        self._service = env.twilio_messaging_service_sid
        self.sender: str = self._service or env.twilio_from
        self.segments_per_second: float | None = env.twilio_segments_per_second
        self._client = Client(
            env.twilio_account_sid,
            tokens[0] if tokens else "",
            http_client=TwilioHttpClient(timeout=TIMEOUT, logger=_silent),
        )
        if env.twilio_api_base:
            self._client.api.base_url = env.twilio_api_base

    def send(self, text: OutgoingText) -> SentText:
        """POST one message; a time-out after it was written leaves `SmsUnknown`."""
        try:
            made = self._client.messages.create(**self._request(text))
        except TwilioException as error:
            raise _error_from(error) from error
        except requests.RequestException as error:
            raise _error_from_network(error) from error
        except ValueError as error:  # not JSON: a proxy in between, or half an answer
            raise SmsUnknown("Twilio's answer makes no sense.") from error
        if not made.sid:
            raise SmsUnknown("Twilio's answer names no message.")
        return SentText(made.sid, _status(made.status))

    def find(self, text: OutgoingText, *, since: dt.datetime) -> Sequence[SentText]:
        """Messages to that number with that body; the list does not show our callback's ref."""
        try:
            listed = self._client.messages.list(to=text.to, limit=LOOKED_THROUGH)
        except (TwilioException, requests.RequestException, ValueError) as error:
            raise SmsUnavailable("Twilio cannot be asked what became of a text.") from error
        return [
            SentText(made.sid, _status(made.status))
            for made in listed
            if made.sid and _is_like(made, text) and _made_at(made) >= since - CLOCKS_APART
        ]

    def _request(self, text: OutgoingText) -> dict[str, Any]:
        request: dict[str, Any] = {"to": text.to, "body": text.body}
        if text.from_number:
            request["from_"] = text.from_number
        elif self._service:
            request["messaging_service_sid"] = self._service
        else:
            request["from_"] = self.sender
        if text.validity_seconds is not None:
            request["validity_period"] = text.validity_seconds
        if callback := callback_url(text):
            request["status_callback"] = callback
        return request


def callback_url(text: OutgoingText) -> str:
    """Where Twilio reports on `text`; empty on a machine that Twilio cannot reach (21609)."""
    base = settings.FIRSTCALL.public_url.rstrip("/")
    host = urlsplit(base).hostname or ""
    if "." not in host or host.startswith("127."):
        return ""
    return base + reverse("twilio:status", args=[text.ref])


def _is_like(made: Any, text: OutgoingText) -> bool:
    return made.body == text.body and str(made.direction).startswith("outbound")


def _made_at(made: Any) -> dt.datetime:
    found: dt.datetime | None = made.date_created
    if found is None:
        return dt.datetime.max.replace(tzinfo=dt.UTC)  # just made: Twilio fills it in later
    return found if found.tzinfo else found.replace(tzinfo=dt.UTC)


def _status(told: object) -> DeliveryStatus:
    return STATUSES.get(str(told), DeliveryStatus.ACCEPTED)


def _error_from(error: TwilioException) -> SmsError:
    return error_from(getattr(error, "status", None), getattr(error, "code", None))


def _error_from_network(error: requests.RequestException) -> SmsError:
    """Nothing was sent where no connection came about; else nobody knows."""
    reason = getattr(error.args[0], "reason", None) if error.args else None
    never_connected = isinstance(reason, NewConnectionError)
    if never_connected or isinstance(
        error, (requests.ConnectTimeout, requests.exceptions.SSLError)
    ):
        return SmsUnavailable("Twilio cannot be reached.")
    return SmsUnknown("Twilio did not answer in time.")
