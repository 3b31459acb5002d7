"""Taking a queued message to the carrier: decide, write the intent, ask, write the answer.

The intent (`SENDING`) is committed before the carrier is asked. A worker that dies in between
leaves it behind; whoever finds it looks at the carrier's list before sending again, since the
carrier's POST is not idempotent (a time-out there means "unknown").
"""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from crm.engine import Actor, MovedMeanwhile, move, publish, wake
from crm.rules.law import LAW, Hours
from crm.states import Purpose
from outreach import locks
from outreach.actions import outcomes
from outreach.actions.forgetting import forget_code
from outreach.actions.pace import take_turn
from outreach.actions.sending import DISPATCH
from outreach.models import Message
from outreach.ports import (
    OutgoingText,
    RecipientOptedOut,
    SmsError,
    SmsRefused,
    SmsUnavailable,
    SmsUnknown,
    get_gateway,
)
from outreach.queries import SendAnswer, may_go_now
from outreach.states import MessageStatus

BY = Actor.system("outreach")

#: How long one run of the step may take: two calls to the carrier of up to ten seconds each (look,
#: send), and our part. An intent older than this has lost its worker.
LEASE = dt.timedelta(seconds=30)
#: A text whose POST timed out shows up in the carrier's list by then, or never went.
LOOK_AFTER = dt.timedelta(seconds=30)
#: When the carrier is down or full and names no time.
TRY_AGAIN_AFTER = dt.timedelta(seconds=15)
#: The longest validity that Twilio takes (ten hours); others take more.
LONGEST_VALIDITY = dt.timedelta(hours=10)


def dispatch(pk: int, at: dt.datetime) -> dt.datetime | None:
    """Do the next thing for one outbound message; returns when to come again."""
    known = Message.objects.only("status", "asked_at", "phone_id", "purpose", "valid_until")
    message = known.filter(pk=pk).first()
    if message is None:
        return None
    again_at = _go_on(message, at)
    return forget_code(message, at=at) if again_at is None else again_at


def _go_on(message: Message, at: dt.datetime) -> dt.datetime | None:
    if message.status == MessageStatus.QUEUED:
        return _send(message, at)
    if message.status == MessageStatus.SENDING and message.asked_at is not None:
        lease_until = message.asked_at + LEASE
        if message.asked_at <= at < lease_until:  # later than now: the clock was set back
            return lease_until  # another worker is at it
    if message.status in outcomes.ASKED:
        return _look_up(message, at)
    return None


def recheck_queue(*, phone_id: int, at: dt.datetime) -> None:
    """Ring for every message that waits to go to this phone, whenever it was due."""
    waiting = Message.objects.filter(
        phone=phone_id, status=MessageStatus.QUEUED, due_at__isnull=False
    )
    for message in waiting:
        wake(message, DISPATCH, at=at)


def _send(queued: Message, at: dt.datetime) -> dt.datetime | None:
    with transaction.atomic():
        message, again_at = _claim(queued, at)
    if message is None:
        return again_at
    try:
        sent = get_gateway().send(_outgoing(message, at))
    except SmsError as error:
        return _write_failure(message, error, at)
    _note_sent(message, sent.carrier_id, at)
    return None


def _note_sent(message: Message, carrier_id: str, at: dt.datetime) -> None:
    """The carrier took it. As a rule nothing has happened to it since we wrote the intent, and
    the move, which names that status, says so: it need not be locked and read again."""
    with transaction.atomic():
        try:
            outcomes.set_sent(message, carrier_id=carrier_id, by=BY, at=at)
        except MovedMeanwhile:  # a callback was quicker
            outcomes.set_sent(_lock(message), carrier_id=carrier_id, by=BY, at=at)


def _claim(queued: Message, at: dt.datetime) -> tuple[Message | None, dt.datetime | None]:
    """Write the intent if the message may go now; else None, and when to come again.

    Locks the phone, then the message: an opt-out that commits before this is seen, and one that
    comes after it finds the text on its way.
    """
    message = _lock(queued)
    if message.status != MessageStatus.QUEUED:
        return None, at + LEASE
    if message.valid_until is not None and message.valid_until <= at:
        _give_up(message, "expired", "Its time had passed when its turn came.", at)
        return None, None
    answer = may_go_now(message, zone=message.zone, at=at)
    if not answer.allowed:
        return None, _put_off(message, answer, at)
    gateway = get_gateway()
    sender = message.our_number or gateway.sender
    rate = gateway.segments_per_second
    turn_at = take_turn(message, sender=sender, segments_per_second=rate, at=at)
    if turn_at is not None:
        return None, turn_at
    number = sender if sender.startswith("+") else ""  # a pool chooses its number itself
    move(
        message,
        to=MessageStatus.SENDING,
        by=BY,
        at=at,
        permission=answer.proof,
        asked_at=at,
        our_number=number,
    )
    return message, None


def _lock(message: Message) -> Message:
    locks.lock_phone(message.phone_id)
    return locks.lock_message(message.pk)


def _put_off(message: Message, answer: SendAnswer, at: dt.datetime) -> dt.datetime | None:
    """Wait until the hour or the budget allows it, or end it where waiting does not help."""
    if answer.retry_at is None:
        outcomes.set_not_sent(
            message,
            to=MessageStatus.NOT_PERMITTED,
            rule=answer.rule,
            reason=answer.sentence,
            permission={**message.permission, **answer.proof},
            by=BY,
            at=at,
        )
        return None
    if message.valid_until is not None and answer.retry_at >= message.valid_until:
        _give_up(message, answer.rule, answer.sentence, at)
        return None
    if LAW[Purpose(message.purpose)].hours is Hours.IN_CONVERSATION:
        _tell_of_wait(message, answer.retry_at, at)
    return answer.retry_at


def _tell_of_wait(message: Message, until: dt.datetime, at: dt.datetime) -> None:
    """Somebody waits for this: whoever had it sent may have a person call instead."""
    publish(
        "outreach.message-put-off",
        message,
        at=at,
        purpose=str(message.purpose),
        about_type=message.subject_type,
        about_id=message.subject_id,
        until=until.isoformat(),
    )


def _give_up(message: Message, rule: str, reason: str, at: dt.datetime) -> None:
    outcomes.set_not_sent(
        message, to=MessageStatus.TOO_LATE, rule=rule, reason=reason, by=BY, at=at
    )


def _outgoing(message: Message, at: dt.datetime) -> OutgoingText:
    validity = None
    if message.valid_until is not None:
        validity = int(min(message.valid_until - at, LONGEST_VALIDITY).total_seconds())
    return OutgoingText(
        ref=message.ref,
        to=str(message.phone.number),
        body=message.body,
        from_number=message.our_number,
        validity_seconds=max(validity, 1) if validity is not None else None,
    )


def _write_failure(message: Message, error: SmsError, at: dt.datetime) -> dt.datetime | None:
    with transaction.atomic():
        held = _lock(message)
        if held.status != MessageStatus.SENDING:
            return None  # a callback knows better
        if isinstance(error, SmsUnavailable):
            move(held, to=MessageStatus.QUEUED, by=BY, at=at, reason=str(error))
            return at + (error.retry_after or TRY_AGAIN_AFTER)
        if isinstance(error, SmsUnknown):
            move(held, to=MessageStatus.UNKNOWN, by=BY, at=at, reason=str(error))
            return at + LOOK_AFTER
        outcomes.set_failed(
            held,
            code=error.code,
            reason=str(error),
            cannot_text=error.cannot_text if isinstance(error, SmsRefused) else "",
            is_nobodys=isinstance(error, SmsRefused) and error.is_nobodys,
            opted_out=isinstance(error, RecipientOptedOut),
            by=BY,
            at=at,
        )
    return None


def _look_up(asked: Message, at: dt.datetime) -> dt.datetime | None:
    """Ask the carrier whether it has the text; only if it has not, the text goes again."""
    message = Message.objects.select_related("phone").get(pk=asked.pk)
    try:
        found = get_gateway().find(_outgoing(message, at), since=message.created_at)
    except SmsUnavailable as error:
        return at + (error.retry_after or TRY_AGAIN_AFTER)
    ids = [text.carrier_id for text in found]
    taken = set(Message.objects.filter(carrier_id__in=ids).values_list("carrier_id", flat=True))
    with transaction.atomic():
        held = _lock(message)
        if held.status not in outcomes.ASKED:
            return None
        if held.status == MessageStatus.SENDING:
            reason = "The worker that sent it left no answer."
            move(held, to=MessageStatus.UNKNOWN, by=BY, at=at, reason=reason)
        mine = next((carrier_id for carrier_id in ids if carrier_id not in taken), None)
        if mine is not None:
            outcomes.set_sent(held, carrier_id=mine, by=BY, at=at)
            return None
        move(held, to=MessageStatus.QUEUED, by=BY, at=at, reason="The carrier does not have it.")
    return _send(held, at)
