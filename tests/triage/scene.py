"""Texts that may speak of danger, and what became of them."""

from __future__ import annotations

import datetime as dt
from itertools import count

from crm.models import Phone
from outreach.actions import receive_text
from outreach.models import Message
from outreach.states import Direction
from tests.factories import NOW
from triage.models import Alert

OUR_NUMBER = "+16025550100"
MINUTE = dt.timedelta(minutes=1)
_sids = count(1)


def text_from(
    phone: Phone | str, body: str, *, at: dt.datetime = NOW, carrier_id: str = ""
) -> Message:
    """They text us."""
    return receive_text(
        from_number=phone if isinstance(phone, str) else str(phone.number),
        to_number=OUR_NUMBER,
        body=body,
        carrier_id=carrier_id or f"SMt{next(_sids):031x}",
        at=at,
    )


def answers() -> list[str]:
    """Keys of the texts that we have queued, in order."""
    sent = Message.objects.filter(direction=Direction.OUT, text_version__isnull=False)
    return list(sent.order_by("pk").values_list("text_version__key", flat=True))


def only_alert() -> Alert:
    return Alert.objects.select_related("task").get()
