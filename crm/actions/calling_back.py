"""Somebody who was called back and reached: from then on it is a contact like any other."""

from __future__ import annotations

import datetime as dt
from typing import Final

from django.db import transaction

from crm import locks
from crm.actions.callbacks import Logged, log_attempt
from crm.actions.contact_tasks import tie_task
from crm.actions.contacts import open_contact
from crm.engine import Actor, move
from crm.models import Call, Callback, Interaction, Task, User
from crm.states import AttemptOutcome, CallStatus, Channel

#: Calls of which no telephone system tells: an agent has dialed. Ended with their contact.
SOURCE: Final = "desk"


@transaction.atomic
def reach(
    *, task_id: int, agent: User, by: Actor, at: dt.datetime, zone: str = "", note: str = ""
) -> tuple[Logged, Interaction]:
    """They are on the line: the try is written down, which closes the task, and `agent` has a
    contact with the patient, phone, journey and reason of the task.

    Publishes what the try and opening a contact publish.

    :param zone: IANA zone of the person.
    :raises TaskClosed: somebody reached them meanwhile, or it was closed.
    """
    logged = log_attempt(
        task_id=task_id, outcome=AttemptOutcome.REACHED, note=note, zone=zone, by=by, at=at
    )
    rows = Task.objects.select_related("patient", "journey", "callback__phone")
    task = rows.select_related("callback__interaction__call__line").get(pk=task_id)
    contact = _open(task, agent, by=by, at=at)
    tie_task(task=task, contact=contact)
    return logged, contact


def _open(task: Task, agent: User, *, by: Actor, at: dt.datetime) -> Interaction:
    callback: Callback | None = getattr(task, "callback", None)
    before = callback.interaction if callback else None
    contact = open_contact(
        channel=Channel.VOICE,
        agent=agent,
        patient=task.patient,
        language=callback.language if callback else "",
        specialty=before.specialty if before else "",
        by=by,
        at=at,
    )
    contact.journey = task.journey if task.patient else None
    contact.reason = task.why[:300]
    contact.call_type = before.call_type if before else ""
    contact.summary = task.title
    contact.save(update_fields=["journey", "reason", "call_type", "summary"])
    earlier = getattr(before, "call", None)
    phone = callback.phone if callback else None
    Call.objects.create(
        interaction=contact,
        source=SOURCE,
        source_id=str(contact.pk),
        line=earlier.line if earlier else None,
        phone=phone or (earlier.phone if earlier else None),
        status=CallStatus.TALKING,
        is_outbound=True,
        rang_at=at,
        answered_at=at,
    )
    return contact


@transaction.atomic
def hang_up(*, contact_id: int, by: Actor, at: dt.datetime) -> None:
    """The contact is wrapped up: a call that an agent dialed is over with it. Locks the contact.

    What a telephone system tells of ends when it says so.
    """
    contact = locks.lock_interaction(contact_id)
    call = Call.objects.filter(interaction=contact, source=SOURCE).first()
    if call is not None and call.status == CallStatus.TALKING:
        move(call, to=CallStatus.ENDED, by=by, at=at, ended_at=contact.ended_at or at)
