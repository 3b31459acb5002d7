"""What each kind of text from a patient does, where no offer is needed to understand it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db.models import Q

from crm.actions import grant_consent, revoke_consent
from crm.engine import Actor, move, publish
from crm.models import ConsentEntry, Phone
from crm.states import Channel, ConsentDecision, Purpose, TaskKind
from outreach.actions.doubting import doubt_for_everybody
from outreach.actions.people import answer, hand_to_person
from outreach.models import Message
from outreach.queries import find_choices
from outreach.rules.doubts import WHY, Doubt
from outreach.rules.replies import Reading, ReplyKind
from outreach.states import MessageStatus

#: What a YES is called when the phone had opted out: it books nothing and is seen by a person.
OPTED_OUT_YES = "opted-out-yes"
#: Opt-outs that START does not undo: whoever has the phone now is not the patient.
NOT_THE_PATIENT = str(Doubt.WRONG_NUMBER)
_OPTED_IN_AT_CARRIER = frozenset({"start", "unstop"})


@dataclass(frozen=True, slots=True)
class Heard:
    """An inbound text with what is known of its phone at that moment."""

    message: Message
    reading: Reading
    standing: ConsentEntry | None  # the newest STOP or START
    is_held: bool = False  # for a nurse, who answers

    @property
    def was_opted_out(self) -> bool:
        return self.standing is not None and self.standing.decision == ConsentDecision.REVOKED

    @property
    def may_answer(self) -> bool:
        return not (self.was_opted_out or self.is_held)

    @property
    def called(self) -> str:
        """The reading as others hear it."""
        if self.reading.kind == ReplyKind.YES and self.was_opted_out:
            return OPTED_OUT_YES
        return str(self.reading.kind)


def act_on(heard: Heard, *, by: Actor, at: dt.datetime) -> None:
    """Do what a text asks for, mark it as read, and tell those who answer yes and no."""
    act = _ACTS.get(heard.reading.kind)
    if act is not None:
        act(heard, by, at)
    if heard.called == OPTED_OUT_YES:
        why = (
            "This phone had opted out and texted yes. Nothing was booked and no text can be "
            "sent: call them."
        )
        hand_to_person(message=heard.message, why=why, template="", by=by, at=at)
    message, called = heard.message, heard.called
    move(message, to=MessageStatus.READ, by=by, at=at, reading=called)
    publish("outreach.reply-received", message, at=at, message_id=message.pk, reading=called)


def act_though_held(heard: Heard, *, by: Actor, at: dt.datetime) -> None:
    """An opt-out, a wrong number and a plain call for HELP hold, whatever else the text says."""
    if heard.reading.kind in _NEVER_HELD:
        _ACTS[heard.reading.kind](heard, by, at)


def _stop(heard: Heard, by: Actor, at: dt.datetime) -> None:
    """Ends the texts. The carrier confirms its own words itself, and blocks us by then."""
    message, reading = heard.message, heard.reading
    _revoke(heard, "carrier-keyword" if reading.carrier_word else "patient-text", by, at)
    if not reading.carrier_word and heard.may_answer:
        answer(message, "stop_confirm", by=by, at=at)
    if reading.visit_may_be_meant:
        why = "The carrier takes CANCEL for an opt-out. Call and ask whether a visit was meant."
        kind = TaskKind.MEANT_CANCEL
        hand_to_person(message=message, why=why, kind=kind, template="", by=by, at=at)


def _wrong_number(heard: Heard, by: Actor, at: dt.datetime) -> None:
    message = heard.message
    _revoke(heard, NOT_THE_PATIENT, by, at)
    why = Doubt.WRONG_NUMBER
    if not doubt_for_everybody(phone=message.phone, why=why, message=message, by=by, at=at):
        kind = TaskKind.WRONG_NUMBER
        hand_to_person(message=message, why=WHY[why], kind=kind, template="", by=by, at=at)
    if heard.may_answer:
        answer(message, "wrong_number_ack", to_whoever=True, by=by, at=at)


def _who_are_we(heard: Heard, by: Actor, at: dt.datetime) -> None:
    """Says who we are, and nothing of any patient: the number may be somebody else's by now."""
    message, why = heard.message, Doubt.ASKED_WHO
    if not doubt_for_everybody(phone=message.phone, why=why, message=message, by=by, at=at):
        said = "Asked who we are. Nobody's record has this phone."
        hand_to_person(message=message, why=said, template="", by=by, at=at)
    if heard.may_answer:
        answer(message, "who_we_are", to_whoever=True, by=by, at=at)


def _choice(heard: Heard, by: Actor, at: dt.datetime) -> None:
    """A bare number is left to those who asked "reply 1 or 2"; else nobody knows what it means."""
    if find_choices(heard.message) is None:
        _ask_person(heard, by, at)


def _start(heard: Heard, by: Actor, at: dt.datetime) -> None:
    """Undoes the STOP of the same phone that stands, and nothing else.

    The entry names what it undoes; `crm.rules` reads it as no consent of its own.
    """
    message = heard.message
    if not heard.was_opted_out or heard.standing is None:
        answer(message, "help", by=by, at=at)
        return
    if _is_somebody_elses(message.phone):
        why = "Texted START after telling us that it is a wrong number. Whose phone is it now?"
        hand_to_person(message=message, why=why, template="", by=by, at=at)
        return
    word = message.body.strip().lower()
    grant_consent(
        phone=message.phone,
        channel=Channel.SMS,
        purpose=Purpose.ALL,
        source="carrier-keyword" if word in _OPTED_IN_AT_CARRIER else "patient-text",
        evidence={"message": message.pk, "undoes": heard.standing.pk},
        by=by,
        at=at,
    )
    answer(message, "start_confirm", by=by, at=at)


def _is_somebody_elses(phone: Phone) -> bool:
    """Whether we were told of a wrong number, and nobody has agreed on this phone since."""
    for_everybody = ConsentEntry.objects.filter(
        phone=phone, channel=Channel.SMS, purpose=Purpose.ALL, patient=None
    )
    told = for_everybody.filter(Q(source=NOT_THE_PATIENT) | Q(decision=ConsentDecision.GRANTED))
    newest = told.order_by("-at", "-decision", "-pk").first()
    return newest is not None and newest.source == NOT_THE_PATIENT


def _help(heard: Heard, by: Actor, at: dt.datetime) -> None:
    if not heard.was_opted_out:
        answer(heard.message, "help", by=by, at=at)


def _cancel_visit(heard: Heard, by: Actor, at: dt.datetime) -> None:
    template = "" if heard.was_opted_out else "cancel_visit_ack"
    why = "Texted that they may not come. Ask which visit, and whether they want another time."
    kind = TaskKind.CANCEL_VISIT
    hand_to_person(message=heard.message, why=why, kind=kind, template=template, by=by, at=at)


def _ask_person(heard: Heard, by: Actor, at: dt.datetime) -> None:
    asked = heard.reading.kind == ReplyKind.QUESTION
    why = "Texted a question." if asked else "Texted something that needs a person to read."
    template = "question_ack" if asked else "unclear_ack"
    template = "" if heard.was_opted_out else template
    hand_to_person(message=heard.message, why=why, template=template, by=by, at=at)


_ACTS = {
    ReplyKind.STOP: _stop,
    ReplyKind.WRONG_NUMBER: _wrong_number,
    ReplyKind.WHO: _who_are_we,
    ReplyKind.CHOICE: _choice,
    ReplyKind.START: _start,
    ReplyKind.HELP: _help,
    ReplyKind.CANCEL_VISIT: _cancel_visit,
    ReplyKind.QUESTION: _ask_person,
    ReplyKind.UNCLEAR: _ask_person,
}


_NEVER_HELD = frozenset({ReplyKind.STOP, ReplyKind.WRONG_NUMBER, ReplyKind.HELP})


def _revoke(heard: Heard, source: str, by: Actor, at: dt.datetime) -> None:
    """Everything, for everybody on this phone. The evidence is our own row of the text."""
    revoke_consent(
        phone=heard.message.phone,
        channel=Channel.SMS,
        source=source,
        evidence={"message": heard.message.pk, "carrier_id": heard.message.carrier_id},
        by=by,
        at=at,
    )
