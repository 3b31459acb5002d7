"""What somebody wrote on a page, and a nurse must read: kept as a text from their phone is."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from crm.engine import Actor, insert_or_none, record
from crm.models import Patient, Phone
from crm.states import Channel
from outreach import locks
from outreach.actions.holding import alert_to, hold, how_held
from outreach.models import Message
from outreach.states import Direction, MessageStatus
from triage.actions import check_text
from triage.ports import Finding
from triage.states import HelpLine, Level


def receive_web_words(
    *,
    phone: Phone,
    patient: Patient | None,
    body: str,
    says_emergency: bool,
    language: str,
    key: str,
    by: Actor,
    at: dt.datetime,
) -> Message | None:
    """Keep words that may speak of danger, and alert the nurses as a text from `phone` would.

    The page has said where to get help, so nothing is texted. Nothing is kept of words in which
    the safety check finds nothing: None then. The same `key` again changes nothing. Locks the
    phone; publishes `outreach.text-held` and `triage.alert-raised`.

    :param says_emergency: they pressed "yes, an emergency", whatever they wrote.
    :param key: names the cause ("book:12").
    """
    # Outside the transaction: what stands behind the port is not ours, and may take its time.
    finding = check_text(body, language=language)
    if says_emergency:
        finding = Finding(level=Level.EMERGENCY, line=HelpLine.CALL_911, matches=finding.matches)
    if finding.is_none:
        return None
    with transaction.atomic():
        locks.lock_phone(phone.pk)
        message = Message(
            direction=Direction.IN,
            status=MessageStatus.RECEIVED,
            patient=patient,
            phone=phone,
            channel=Channel.WEB,
            language=language[:8],
            body=body.replace("\0", ""),
            key=f"web:{key}",
            created_at=at,
        )
        if insert_or_none(message) is None:
            return Message.objects.get(key=message.key)
        record("outreach.message.received", message, by=by, at=at, reading=how_held(finding))
        alert = alert_to(message, finding, by=by, at=at)
        if alert is not None:
            hold(message, finding, alert, by=by, at=at, is_told=True)
    return message
