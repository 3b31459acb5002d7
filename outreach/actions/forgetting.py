"""One-time codes are wiped from what was sent once they are worth nothing."""

from __future__ import annotations

import datetime as dt
import re
from typing import Final

from crm.states import Purpose
from outreach.models import Message

_CODE: Final = re.compile(r"\d{6}")
_WIPED: Final = "******"


def forget_code(message: Message, *, at: dt.datetime) -> dt.datetime | None:
    """Wipe the code from a message that is settled, when its time has passed.

    Returns when to come again; None when there is nothing to wipe. Until then the carrier may
    have to be asked about it by its words.
    """
    if message.purpose != Purpose.CODE or message.valid_until is None:
        return None
    if message.valid_until > at:
        return message.valid_until
    body = Message.objects.values_list("body", flat=True).get(pk=message.pk)
    Message.objects.filter(pk=message.pk).update(body=_CODE.sub(_WIPED, body))
    return None
