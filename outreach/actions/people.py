"""Texts that need a person: a task, and a word to the sender that somebody will read it."""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.db import transaction

from crm.actions import open_task
from crm.engine import Actor
from crm.models import Task
from crm.states import Purpose, TaskKind, TaskStatus
from outreach.actions.sending import send
from outreach.actions.threads import wait_for_person
from outreach.models import Message
from outreach.states import Direction

#: When somebody should have looked at it.
DUE_IN = {
    TaskKind.ANSWER_TEXT: dt.timedelta(hours=2),
    TaskKind.CANCEL_VISIT: dt.timedelta(hours=1),
    TaskKind.MEANT_CANCEL: dt.timedelta(hours=4),
    TaskKind.WRONG_NUMBER: dt.timedelta(days=1),
}
TITLES = {
    TaskKind.ANSWER_TEXT: "Answer a text",
    TaskKind.CANCEL_VISIT: "May want to give up a visit: ask before anything changes",
    TaskKind.MEANT_CANCEL: "Texted CANCEL and is opted out: was a visit meant?",
    TaskKind.WRONG_NUMBER: "Wrong number: mend the patient's record",
}
#: These say "a person will read it"; once a day is enough.
ACKNOWLEDGMENTS = ("unclear_ack", "question_ack")
ONE_DAY = dt.timedelta(hours=24)
#: Somebody waits for an answer to these; the others mend a record, or call when there is time.
WAIT_AT_DESK = frozenset({TaskKind.ANSWER_TEXT, TaskKind.CANCEL_VISIT})


@transaction.atomic
def hand_to_person(
    *,
    message: Message,
    why: str,
    by: Actor,
    at: dt.datetime,
    kind: TaskKind = TaskKind.ANSWER_TEXT,
    template: str = "unclear_ack",
) -> Task:
    """Open the task for an inbound `message` and text back that a person will answer.

    What asks for an answer waits at the desk as well, in the queue for it, once for each thread.
    One task for each message and kind. `why` is for staff, without the patient's words: those
    stand in the thread. At most one such text a day goes back to a phone; no template, no text.
    """
    task = open_task(
        kind=kind,
        title=TITLES[kind],
        why=why,
        patient=message.patient,
        journey=message.interaction.journey if message.interaction else None,
        due_at=at + DUE_IN[kind],
        cause_key=cause_of(message, kind),
        by=by,
        at=at,
    )
    waits = kind in WAIT_AT_DESK and task.status == TaskStatus.OPEN
    if waits and wait_for_person(message=message, task=task, by=by, at=at):
        return task  # they are talking with each other
    if template and not (template in ACKNOWLEDGMENTS and _acknowledged_lately(message, at)):
        answer(message, template, by=by, at=at)
    return task


def cause_of(message: Message, kind: TaskKind) -> str:
    """The key of the task that asks a person about `message`."""
    return f"outreach.message:{message.pk}:{kind}"


def causes_of(message: Message) -> list[str]:
    """Of every task that `message` may have opened."""
    return [cause_of(message, kind) for kind in TITLES]


def answer(
    message: Message, template: str, *, by: Actor, at: dt.datetime, to_whoever: bool = False
) -> Message:
    """Text back to whoever sent `message`, once for each template.

    :param to_whoever: it goes to the phone and not to the patient, who may be somebody else; the
        template says nothing of any patient.
    """
    return send(
        key=f"outreach.message:{message.pk}:{template}",
        patient=None if to_whoever else message.patient,
        phone=message.phone,
        template=template,
        fields={
            "organization": settings.FIRSTCALL.organization_name,
            "phone": settings.FIRSTCALL.organization_phone,
        },
        purpose=Purpose.ANSWER,
        interaction=message.interaction,
        in_reply_to=message,
        by=by,
        at=at,
    )


def _acknowledged_lately(message: Message, at: dt.datetime) -> bool:
    sent = Message.objects.filter(phone=message.phone, direction=Direction.OUT)
    return sent.filter(text_version__key__in=ACKNOWLEDGMENTS, created_at__gt=at - ONE_DAY).exists()
