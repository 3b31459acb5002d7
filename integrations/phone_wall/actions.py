"""What a person does on the wall."""

from __future__ import annotations

import datetime as dt
import uuid

from integrations.phone_wall.gateway import NUMBER
from outreach.actions import receive_text
from outreach.models import Message


def reply(*, number: str, body: str, at: dt.datetime) -> Message:
    """Text us from a phone on the wall: the same way in as a real carrier's.

    :raises UnreadableNumber: when `number` is not a telephone number.
    """
    return receive_text(
        from_number=number,
        to_number=NUMBER,
        body=body,
        carrier_id=f"PW{uuid.uuid4().hex}",
        at=at,
    )
