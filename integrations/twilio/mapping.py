"""Twilio's codes and states in our words. Pure.

Sources: Twilio's error dictionary (https://www.twilio.com/docs/api/errors) and the message
resource's states (https://www.twilio.com/docs/messaging/api/message-resource).
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping
from typing import Final

from outreach.ports import (
    DeliveryReport,
    DeliveryStatus,
    RecipientOptedOut,
    SmsError,
    SmsRefused,
    SmsUnavailable,
    SmsUnknown,
)

OPTED_OUT: Final = "21610"

CANNOT_TEXT: Final[Mapping[str, str]] = {
    "21211": "Not a valid telephone number.",
    "21614": "Not a mobile number.",
    "30005": "No such telephone number.",
    "30006": "A landline, or a carrier without texts.",
}
"""Codes after which no text will ever arrive. 30003 is not among them: a phone that is off."""

NO_SUCH_NUMBER: Final = frozenset({"21211", "30005"})
"""Those of them that say that the number is nobody's: given up, or never given out."""

STATUSES: Final[Mapping[str, DeliveryStatus]] = {
    "accepted": DeliveryStatus.ACCEPTED,
    "scheduled": DeliveryStatus.ACCEPTED,
    "queued": DeliveryStatus.ACCEPTED,
    "sending": DeliveryStatus.ACCEPTED,
    "sent": DeliveryStatus.SENT,
    "delivered": DeliveryStatus.DELIVERED,
    "read": DeliveryStatus.DELIVERED,
    "undelivered": DeliveryStatus.FAILED,
    "failed": DeliveryStatus.FAILED,
    "canceled": DeliveryStatus.FAILED,
}

_QUEUE_FULL: Final = frozenset({"21611"})
_RATE_LIMITED: Final = frozenset({"20429", "14107"})
_OUR_CREDENTIALS: Final = frozenset({401, 403})


def delivery_report(params: Mapping[str, str], *, ref: uuid.UUID | None) -> DeliveryReport | None:
    """A status callback as a report; None for a state that says nothing about delivery."""
    status = STATUSES.get(params.get("MessageStatus") or params.get("SmsStatus") or "")
    if status is None:
        return None
    code = params.get("ErrorCode", "")[:16] if status == DeliveryStatus.FAILED else ""
    return DeliveryReport(
        status=status,
        ref=ref,
        carrier_id=params.get("MessageSid", "")[:64],
        error_code=code,
        cannot_text=CANNOT_TEXT.get(code, ""),
        opted_out=code == OPTED_OUT,
        is_nobodys=code in NO_SUCH_NUMBER,
    )


def error_from(status: int | None, code: object) -> SmsError:
    """What Twilio's answer to a POST means. Its own sentence is left out: it has the number.

    :param status: of the HTTP answer.
    :param code: Twilio's, or the status again where there was none.
    """
    told = str(code or status or "")
    if told == OPTED_OUT:
        return RecipientOptedOut("The person has opted out at the carrier.", code=told)
    if passing := _passing_trouble(status, told):
        sentence, wait = passing
        return SmsUnavailable(sentence, code=told, retry_after=wait)
    if status is not None and 400 <= status < 500:
        reason = CANNOT_TEXT.get(told, "")
        sentence = reason or f"Twilio refused the text (code {told})."
        nobodys = told in NO_SUCH_NUMBER
        return SmsRefused(sentence, code=told, cannot_text=reason, is_nobodys=nobodys)
    return SmsUnknown("Twilio gave no answer that says whether it has the text.", code=told)


def _passing_trouble(status: int | None, told: str) -> tuple[str, dt.timedelta] | None:
    """What certainly kept Twilio from taking the text, and when to try again."""
    if told in _QUEUE_FULL:
        return "The sender's queue is full.", dt.timedelta(minutes=2)
    if status == 429 or told in _RATE_LIMITED:
        return "Twilio asks for fewer requests.", dt.timedelta(seconds=5)
    if status in _OUR_CREDENTIALS:  # an operator's to mend: the texts wait for it
        sentence = "Twilio refuses our credentials: check TWILIO_ACCOUNT_SID and _AUTH_TOKEN."
        return sentence, dt.timedelta(minutes=1)
    if status == 503:
        return "Twilio is not available.", dt.timedelta(seconds=15)
    return None
