"""What became of an outbound message: one place for the carrier's answers and its callbacks."""

from __future__ import annotations

import datetime as dt
from typing import Any

from crm.actions import mark_cannot_text, revoke_consent
from crm.engine import Actor, move
from crm.states import Channel
from outreach.actions.doubting import doubt_for_everybody
from outreach.actions.sending import tell
from outreach.models import Message
from outreach.rules.doubts import Doubt
from outreach.states import MessageStatus

#: The carrier has been asked, and its answer may still come.
ASKED = frozenset({MessageStatus.SENDING, MessageStatus.UNKNOWN})

# All of these want the message locked, in a transaction of the caller; `set_sent` may be tried
# without, and raises `MovedMeanwhile` when somebody else has been at it.


def set_sent(message: Message, *, carrier_id: str, by: Actor, at: dt.datetime) -> None:
    """The carrier has it. Harmless when a callback has said so, or more, already."""
    if message.status in ASKED:
        fields = _carrier_id(message, carrier_id)
        move(message, to=MessageStatus.SENT, by=by, at=at, sent_at=at, **fields)
        tell("sent", message, at=at)


def set_delivered(message: Message, *, carrier_id: str, by: Actor, at: dt.datetime) -> None:
    """It has arrived, whatever was said before."""
    if message.status not in ASKED | {MessageStatus.SENT, MessageStatus.FAILED}:
        return
    fields = _carrier_id(message, carrier_id)
    fields["sent_at"] = message.sent_at or at
    move(message, to=MessageStatus.DELIVERED, by=by, at=at, delivered_at=at, **fields)
    tell("delivered", message, at=at)


def set_failed(
    message: Message,
    *,
    code: str,
    by: Actor,
    at: dt.datetime,
    carrier_id: str = "",
    reason: str = "",
    cannot_text: str = "",
    opted_out: bool = False,
    is_nobodys: bool = False,
) -> None:
    """It will not arrive; what the code says about the phone is remembered."""
    if message.status not in ASKED | {MessageStatus.SENT}:
        return
    fields = _carrier_id(message, carrier_id)
    move(message, to=MessageStatus.FAILED, by=by, at=at, reason=reason, error_code=code, **fields)
    if cannot_text:
        mark_cannot_text(phone=message.phone, reason=cannot_text, by=by, at=at)
    if opted_out:
        note_carrier_opt_out(message, code=code, by=by, at=at)
    if is_nobodys:
        doubt_for_everybody(phone=message.phone, why=Doubt.NOBODYS, by=by, at=at)
    tell("not-sent", message, at=at, rule=code)


def set_not_sent(
    message: Message,
    *,
    to: MessageStatus,
    rule: str,
    reason: str,
    by: Actor,
    at: dt.datetime,
    **fields: Any,
) -> None:
    """It never reached the carrier: not permitted, or too late."""
    move(message, to=to, by=by, at=at, reason=reason, detail={"rule": rule}, **fields)
    tell("not-sent", message, at=at, rule=rule)


def note_carrier_opt_out(message: Message, *, code: str, by: Actor, at: dt.datetime) -> None:
    """The person opted out at the carrier without our hearing of it: into the ledger."""
    revoke_consent(
        phone=message.phone,
        channel=Channel.SMS,
        source=f"carrier-{code}",
        evidence={"message": message.pk, "code": code},
        by=by,
        at=at,
    )


def _carrier_id(message: Message, carrier_id: str) -> dict[str, Any]:
    return {"carrier_id": carrier_id} if carrier_id and not message.carrier_id else {}
