"""A thread of texts that a person takes: it becomes their contact at the desk, like a call."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from crm.actions.contacts import open_contact, take_contact
from crm.engine import Actor
from crm.models import Interaction, User
from crm.states import Channel
from outreach import locks


class ThreadTaken(Exception):
    """Somebody else has it; the sentence says who. They can hand it over."""


@transaction.atomic
def take_thread(*, message_id: int, agent: User, by: Actor, at: dt.datetime) -> Interaction:
    """`agent` has the contact that this text belongs to; a new one where it has none that goes on.

    What was offered, answered and asked by text stays with the same contact, and a hand-off takes
    it along. Locks the text, then the contact; publishes what opening and taking one publish.

    :raises ThreadTaken:
    """
    message = locks.lock_message(message_id)
    contact = message.interaction
    if contact is None or hasattr(contact, "wrap_up"):
        contact = open_contact(
            channel=Channel.SMS,
            agent=agent,
            patient=message.patient,
            language=message.language,
            by=by,
            at=at,
        )
        message.interaction = contact
        message.save(update_fields=["interaction"])
        return contact
    if contact.agent is not None and contact.agent != agent:
        name = contact.agent.get_full_name() or contact.agent.get_username()
        raise ThreadTaken(f"{name} has these texts. Ask them for a hand-off.")
    return take_contact(contact_id=contact.pk, agent=agent, by=by, at=at)
