"""A thread of texts as one contact at the desk: where a text belongs, and where it waits."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import Q

from crm.actions.asking import ask_at_desk
from crm.actions.contacts import ContactOver, open_contact
from crm.engine import Actor
from crm.models import Interaction, Task
from crm.queries.queues import queue_of_writer
from crm.states import Channel, EntryStatus
from outreach.models import Message

_STANDS = (EntryStatus.WAITING, EntryStatus.CLAIMED)


def wait_for_person(*, message: Message, task: Task, by: Actor, at: dt.datetime) -> bool:
    """Have the thread of `message` wait at the desk for whoever does `task`; once for each thread.

    It waits where those wait who call the same line about the same, by their language. Nothing
    happens where no queue is for them: then the task stands in the list alone. The caller holds the
    phone, or has just made the message. Returns whether somebody has the thread just now, and
    answers.
    """
    about = specialty_of(message)
    queue = queue_of_writer(language=message.language, number=message.our_number, specialty=about)
    if queue is None:
        return False
    told: dict[str, Any] = {"task": task, "queue": queue, "about": task.why, "by": by, "at": at}
    try:
        entry = ask_at_desk(contact=thread_of(message, by=by, at=at), **told)
    except ContactOver:  # wrapped up in this instant
        message.interaction = None
        entry = ask_at_desk(contact=thread_of(message, by=by, at=at), **told)
    return entry is None


def specialty_of(message: Message) -> str:
    """The service line that it is about, by the thread that it goes on with, or answers."""
    asked = message.in_reply_to
    known = (message.interaction, asked.interaction if asked else None)
    return next((one.specialty for one in known if one is not None and one.specialty), "")


def thread_of(message: Message, *, by: Actor, at: dt.datetime) -> Interaction:
    """The contact that `message` belongs to; a new one where none goes on.

    What was offered, answered and asked by text stays with the same contact. A text that answers
    one of ours from a telephone call has a contact of its own: that call is another conversation.
    """
    known = message.interaction
    contact = known if known is not None and _goes_on(known) else find_standing(message)
    if contact is None:
        contact = open_contact(
            channel=Channel.SMS,
            patient=message.patient,
            language=message.language,
            specialty=specialty_of(message),
            by=by,
            at=at,
        )
    if message.interaction_id != contact.pk:
        message.interaction = contact
        message.save(update_fields=["interaction"])
    return contact


def _goes_on(contact: Interaction) -> bool:
    return contact.channel == Channel.SMS and not hasattr(contact, "wrap_up")


def find_standing(message: Message) -> Interaction | None:
    """The thread of that phone, about the same person, that waits or that somebody has."""
    rows = Interaction.objects.filter(
        Q(queue_entries__status__in=_STANDS) | Q(agent__isnull=False),
        channel=Channel.SMS,
        patient=message.patient,
        messages__phone=message.phone_id,
        wrap_up=None,
    )
    return rows.select_related("patient", "journey", "agent").order_by("-started_at").first()
