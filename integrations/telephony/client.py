"""A telephone system's end of the webhook: one event, signed and posted."""

from __future__ import annotations

import datetime as dt
import json
import uuid
from typing import Final

import httpx
from standardwebhooks import Webhook

from crm.rules.calls import CallTold
from integrations.telephony.mapping import call_event

PATH: Final = "/webhooks/telephony/calls/"
SECONDS: Final = 10.0


class NotTold(Exception):
    """The event was not taken, or nobody answered; the sentence says what was said."""


def tell(told: CallTold, *, base: str, secret: str, at: dt.datetime) -> None:
    """Post it to the Firstcall at `base` ("http://127.0.0.1:8000").

    :param secret: as Standard Webhooks writes it: "whsec_…".
    :raises NotTold:
    """
    body = json.dumps(call_event(told)).encode()
    key = f"msg_{uuid.uuid4().hex}"
    headers = {
        "Content-Type": "application/json",
        "webhook-id": key,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": Webhook(secret).sign(key, at, body.decode()),
    }
    try:
        answer = httpx.post(f"{base}{PATH}", content=body, headers=headers, timeout=SECONDS)
    except httpx.HTTPError as error:
        raise NotTold(f"Nobody answers at {base} ({type(error).__name__}).") from error
    if answer.status_code != 202:
        raise NotTold(f"{base} answered {answer.status_code}: {answer.text[:300]}")
