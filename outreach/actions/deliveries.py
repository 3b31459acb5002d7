"""Status callbacks. They come twice, late and out of order; a message only moves forward."""

from __future__ import annotations

import datetime as dt

import structlog
from django.db import transaction

from crm.engine import Actor, move
from outreach import locks
from outreach.actions import outcomes
from outreach.models import Message
from outreach.ports import DeliveryReport, DeliveryStatus
from outreach.states import Direction, MessageStatus

log = structlog.get_logger(__name__)
BY = Actor.system("carrier")


@transaction.atomic
def record_delivery(*, report: DeliveryReport, at: dt.datetime) -> Message | None:
    """Apply one report; None when it is about no message of ours.

    Locks the phone, then the message. Publishes `outreach.message-sent`, `-delivered` or
    `-not-sent` when something moved; repeats and older news move nothing.
    """
    found = _find(report)
    if found is None:
        log.warning("delivery.unknown_message", status=report.status, code=report.error_code)
        return None
    locks.lock_phone(found.phone_id)
    message = locks.lock_message(found.pk)
    if message.status == MessageStatus.QUEUED and message.asked_at is not None:
        # We took it back for lost and were about to send it again; the carrier had it.
        move(message, to=MessageStatus.SENDING, by=BY, at=at, reason="The carrier has it.")
    _apply(message, report, at)
    return message


def _find(report: DeliveryReport) -> Message | None:
    sent = Message.objects.filter(direction=Direction.OUT)
    if report.ref is not None:
        return sent.filter(ref=report.ref).first()
    return sent.filter(carrier_id=report.carrier_id).first() if report.carrier_id else None


def _apply(message: Message, report: DeliveryReport, at: dt.datetime) -> None:
    if report.status in {DeliveryStatus.ACCEPTED, DeliveryStatus.SENT}:
        outcomes.set_sent(message, carrier_id=report.carrier_id, by=BY, at=at)
    elif report.status == DeliveryStatus.DELIVERED:
        outcomes.set_delivered(message, carrier_id=report.carrier_id, by=BY, at=at)
    else:
        outcomes.set_failed(
            message,
            code=report.error_code,
            carrier_id=report.carrier_id,
            reason="The carrier could not deliver it.",
            cannot_text=report.cannot_text,
            opted_out=report.opted_out,
            is_nobodys=report.is_nobodys,
            by=BY,
            at=at,
        )
