"""Texts from patients: kept, read, and acted on where no offer is needed to understand them."""

from __future__ import annotations

import datetime as dt

import phonenumbers
from django.db import transaction
from django.db.models import Q

from crm.engine import Actor, insert_or_none, publish, record
from crm.models import Patient, Phone
from crm.queries import newest_stop_or_start
from crm.rules import months_on
from crm.states import Channel
from outreach import locks
from outreach.actions.heard import Heard, act_on, act_though_held
from outreach.actions.holding import alert_to, hold, how_held
from outreach.actions.outcomes import ASKED
from outreach.actions.threads import find_standing
from outreach.models import Message
from outreach.rules.also_said import read_also
from outreach.rules.replies import read_reply
from outreach.rules.segments import count_segments
from outreach.states import Direction, MessageStatus
from triage.actions import check_text
from triage.models import Alert
from triage.ports import Finding

#: A text that comes within this time of ours is taken for a reply to it.
REPLIES_WITHIN = dt.timedelta(days=30)
#: So soon after a text that has left, a reply is about that one, and not about a newer one of
#: which nobody knows yet whether it has left.
REPLIES_SOON = dt.timedelta(hours=1)


class UnreadableNumber(ValueError):
    """The sender is not a telephone number: a short code or a name. Nothing to answer to."""


def receive_text(
    *, from_number: str, to_number: str, body: str, carrier_id: str, at: dt.datetime
) -> Message:
    """Keep a text from outside and act on it; the same `carrier_id` again changes nothing.

    The safety check reads it before anything else does. What may speak of danger is answered
    with where to get help, and held for a nurse: nothing else that it asks for happens, apart
    from its opt-out. `outreach.text-held` is published then, and nothing below.

    An opt-out is in the ledger when this returns, with the phone locked, so a text being sent
    at this moment either went before it or is stopped. Tasks and answers for stop, start, help,
    a visit to cancel, a wrong number, a question and what is unclear are made here; yes, no and
    thanks depend on an offer and are left to those who hear `outreach.reply-received`, which is
    published with the message's id and how it was read. `outreach.thread-grew` tells the desk of
    whoever has the contact that it belongs to.

    :param body: as it arrived; anything at all.
    :raises UnreadableNumber: when `from_number` is not a telephone number.
    """
    phone = _phone(from_number)
    answered = _last_text_to(phone, at)
    patient = answered.patient if answered else _only_patient(phone)
    language = patient.language if patient else (answered.language if answered else "en")
    text = body.replace("\0", "")
    # Outside the transaction: what stands behind the port is not ours, and may take its time.
    finding = check_text(text, language=language, age_months=_age_months(patient, at))
    message = Message(
        direction=Direction.IN,
        status=MessageStatus.RECEIVED,
        patient=patient,
        phone=phone,
        our_number=to_number[:20],
        channel=Channel.SMS,
        language=language[:8],
        body=text,
        segments=count_segments(text).parts,
        interaction=answered.interaction if answered else None,
        in_reply_to=answered,
        key=f"in:{carrier_id}",
        carrier_id=carrier_id,
        created_at=at,
    )
    return _keep(message, finding, at)


@transaction.atomic
def _keep(message: Message, finding: Finding, at: dt.datetime) -> Message:
    """Insert the text and do what follows from it: all of it, or nothing."""
    # A text that alerts and a yes that comes right behind it: one after the other.
    locks.lock_phone(message.phone_id)
    message.interaction = message.interaction or find_standing(message)
    if insert_or_none(message) is None:
        return Message.objects.get(key=message.key)
    patient = message.patient
    by = Actor.patient(patient, channel="text") if patient else Actor.system("unknown phone")
    alert = alert_to(message, finding, by=by, at=at)
    if alert is not None:
        _hold(message, finding, alert, by=by, at=at)
    else:
        _act(message, by=by, at=at)
    if message.interaction is not None and message.interaction.agent_id is not None:
        publish("outreach.thread-grew", message.interaction, at=at)
    return message


def _act(message: Message, *, by: Actor, at: dt.datetime) -> None:
    reading = read_reply(message.body, language=message.language)
    heard = Heard(message, reading, newest_stop_or_start(message.phone))
    record("outreach.message.received", message, by=by, at=at, reading=heard.called)
    act_on(heard, by=by, at=at)


def _hold(message: Message, finding: Finding, alert: Alert, *, by: Actor, at: dt.datetime) -> None:
    """For a nurse; an opt-out holds all the same, and so does a plain call for HELP."""
    record("outreach.message.received", message, by=by, at=at, reading=how_held(finding))
    reading = read_also(message.body, language=message.language)
    heard = Heard(message, reading, newest_stop_or_start(message.phone), is_held=True)
    act_though_held(heard, by=by, at=at)
    hold(message, finding, alert, by=by, at=at)


def _age_months(patient: Patient | None, at: dt.datetime) -> int | None:
    """Completed months; None where nobody knows."""
    born = patient.birth_on if patient else None
    return months_on(at.date(), birth_on=born) if born else None


def _phone(number: str) -> Phone:
    try:
        parsed = phonenumbers.parse(number, "US")
    except phonenumbers.NumberParseException as error:
        raise UnreadableNumber("The sender is not a telephone number.") from error
    if not phonenumbers.is_possible_number(parsed):
        raise UnreadableNumber("The sender is not a telephone number.")
    e164 = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
    return Phone.objects.get_or_create(number=e164)[0]


def _last_text_to(phone: Phone, at: dt.datetime) -> Message | None:
    """The text that a reply now is about. One that is on its way counts: its patient may have it
    before the carrier has told us so, and where the carrier's answer was lost."""
    ours = Message.objects.filter(phone=phone, direction=Direction.OUT)
    lately = ours.filter(created_at__gt=at - REPLIES_WITHIN).order_by("-created_at", "-pk")
    rows = lately.select_related("patient", "interaction__journey")
    newest = rows.filter(Q(sent_at__isnull=False) | Q(status__in=ASKED)).first()
    if newest is None or newest.sent_at is not None:
        return newest
    return rows.filter(sent_at__gt=at - REPLIES_SOON).first() or newest


def _only_patient(phone: Phone) -> Patient | None:
    """The patient whose phone it is; None where nobody's or several people's."""
    holders = Patient.objects.filter(
        patient_phones__phone=phone, patient_phones__ended_on__isnull=True
    )
    found = list(holders[:2])
    return found[0] if len(found) == 1 else None
