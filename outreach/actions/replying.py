"""An answer by text, in an agent's own words, within a conversation that they have in hand."""

from __future__ import annotations

import datetime as dt
from typing import Final

from django.db import transaction

from crm.actions.contacts import note_step
from crm.engine import Actor
from crm.models import Interaction
from crm.queries import contact_permission
from crm.rules.said import say, say_all
from crm.states import Channel, Purpose, StepKind
from outreach.actions.sending import send
from outreach.models import Message
from outreach.queries import may_go_now
from outreach.rules.linting import lint_words
from outreach.rules.render import render
from outreach.states import Direction

TEMPLATE: Final = "agent_reply"
#: Of the step in the contact (`StepKind.TELL`).
CODE: Final = "text"
_KEY: Final = "desk.reply:"
#: An answer that could not go for so long answers nothing any more.
_HOLDS: Final = dt.timedelta(hours=24)


class CannotReply(Exception):
    """No text goes out; the sentence says why, and what may not stand in it."""


class RepliedMeanwhile(Exception):
    """Something else was texted since they looked."""


@transaction.atomic
def reply_by_text(
    *, contact: Interaction, words: str, after: int, zone: str, by: Actor, at: dt.datetime
) -> Message:
    """Queue `words` for whoever texted last in this contact; pressing twice sends once.

    Whether it may go is asked again when its turn comes: permission, hours. Publishes
    `outreach.message-queued`.

    :param words: in the language of the reader; one segment, nothing of their care.
    :param after: the key of the newest text that the agent saw.
    :param zone: IANA, of the patient or the house.
    :raises CannotReply:
    :raises RepliedMeanwhile:
    """
    if problems := lint_words(words):
        raise CannotReply(" ".join(problem.sentence for problem in problems))
    asked = find_asked(contact)
    if asked is None:
        raise CannotReply("They have not texted us in this contact. Call them.")
    _check_permitted(asked, at=at)
    fields = {"words": words}
    made = send(
        key=f"{_KEY}{contact.pk}:{after}",
        patient=asked.patient,
        phone=asked.phone,
        template=TEMPLATE,
        fields=fields,
        purpose=Purpose.ANSWER,
        zone=zone,
        interaction=contact,
        in_reply_to=asked,
        valid_until=at + _HOLDS,
        by=by,
        at=at,
    )
    if made.body != render(TEMPLATE, made.language, fields):
        raise RepliedMeanwhile("Something else was texted a moment ago. Read it, then send yours.")
    if made.created_at == at:
        note_step(contact=contact, kind=StepKind.TELL, code=CODE, subject=made, by=by, at=at)
    return made


def find_asked(contact: Interaction) -> Message | None:
    """The newest text of theirs in this contact."""
    rows = Message.objects.filter(interaction=contact, direction=Direction.IN, channel=Channel.SMS)
    return rows.select_related("phone", "patient").order_by("-created_at", "-pk").first()


def why_not_now(message: Message, *, at: dt.datetime) -> str:
    """Why a queued reply waits: the hours, with from when on it may go; else empty."""
    answer = may_go_now(message, zone=message.zone, at=at)
    return "" if answer.allowed else answer.sentence


def is_of_a_person(message: Message | None) -> bool:
    """Whether an agent typed it: what comes back is for them, and answers no offer."""
    return message is not None and message.key.startswith(_KEY)


def _check_permitted(asked: Message, *, at: dt.datetime) -> None:
    said = contact_permission(
        patient=asked.patient,
        phone=asked.phone,
        channel=Channel.SMS,
        purpose=Purpose.ANSWER,
        at=at,
    )
    if not said.allowed:
        raise CannotReply(say_all([say(said.sentence), say("Call them instead.")]))
