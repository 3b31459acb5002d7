"""Texts that may speak of danger: answered at once, and held for a nurse.

Nothing that a held text asks for happens by itself, apart from its opt-out. Message, alert and
answer commit together, so a process that dies afterward costs until the next sweep.
"""

from __future__ import annotations

import datetime as dt
from typing import Final

from django.conf import settings

from crm.engine import Actor, move, publish
from crm.engine.audit import subject_type
from crm.models import Patient
from crm.states import Purpose
from outreach.actions.sending import send
from outreach.models import Message
from outreach.states import Direction, MessageStatus
from outreach.texts import LANGUAGES
from triage.actions import raise_alert
from triage.models import Alert
from triage.ports import Finding
from triage.states import HelpLine, Level

#: The same answer does not go twice to a phone within this time: another machine may be
#: answering ours, and a person has it already.
ANSWER_AGAIN_AFTER: Final = dt.timedelta(minutes=10)
#: How a text is read that nothing was found in, while a nurse is at an earlier one.
FOLLOWS_ALERT: Final = "follows-alert"
_ANSWERS: Final = {
    HelpLine.CALL_911: "safety_911",
    HelpLine.CRISIS_988: "safety_988",
    HelpLine.POISON: "safety_poison",
}


def alert_to(message: Message, finding: Finding, *, by: Actor, at: dt.datetime) -> Alert | None:
    """The alert that must hold `message`; None where it may be acted on.

    The caller holds the phone's lock.
    """
    return raise_alert(
        finding=finding,
        phone=message.phone,
        patient=message.patient,
        journey=message.interaction.journey if message.interaction else None,
        cause_key=f"outreach.message:{message.pk}:safety",
        by=by,
        at=at,
    )


def hold(
    message: Message,
    finding: Finding,
    alert: Alert,
    *,
    by: Actor,
    at: dt.datetime,
    is_told: bool = False,
) -> None:
    """Answer `message`, and leave what it asks for to a person.

    Publishes `outreach.text-held`.

    :param is_told: a page has said where to get help: no text does.
    """
    reading = how_held(finding)
    move(
        message,
        to=MessageStatus.HELD,
        by=by,
        at=at,
        reading=reading,
        subject_type=subject_type(alert),
        subject_id=alert.pk,
    )
    if not finding.is_none and not is_told:
        _answer(message, finding, alert, by=by, at=at)
    publish("outreach.text-held", message, at=at, reading=reading, alert=alert.pk)


def how_held(finding: Finding) -> str:
    """What a held text is read as."""
    return FOLLOWS_ALERT if finding.is_none else str(finding.level)


def _answer(
    message: Message, finding: Finding, alert: Alert, *, by: Actor, at: dt.datetime
) -> None:
    """Where to get help, at any hour, to whoever wrote, opted out or not (decision 0008)."""
    template = choose_answer(finding, message.patient)
    if _answered_lately(message, template, at):
        return
    send(
        key=f"outreach.message:{message.pk}:{template}",
        patient=message.patient,
        phone=message.phone,
        template=template,
        fields={"phone": settings.FIRSTCALL.organization_phone},
        purpose=Purpose.SAFETY,
        subject=alert,
        interaction=message.interaction,
        in_reply_to=message,
        by=by,
        at=at,
    )


def choose_answer(finding: Finding, patient: Patient | None) -> str:
    """The key of the text: by whom it names, and in both languages unless one is sure."""
    key = "safety_person"
    if finding.level is Level.EMERGENCY and finding.line is not None:
        key = _ANSWERS[finding.line]
    spoken = patient.language[:2].lower() if patient else ""
    is_sure = spoken in LANGUAGES and finding.languages <= {spoken}
    return key if is_sure else f"{key}_both"


def _answered_lately(message: Message, template: str, at: dt.datetime) -> bool:
    """Whether it has gone, or will; one that failed has told nobody where to get help."""
    sent = Message.objects.filter(phone=message.phone, direction=Direction.OUT)
    sent = sent.exclude(status=MessageStatus.FAILED)
    return sent.filter(text_version__key=template, created_at__gt=at - ANSWER_AGAIN_AFTER).exists()
