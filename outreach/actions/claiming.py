"""A thread of texts that a person takes: it becomes their contact at the desk, like a call."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from crm.actions.contact_tasks import find_worker, tie_task
from crm.actions.contacts import take_free_contact
from crm.engine import Actor, MovedMeanwhile
from crm.models import Interaction, Task, User
from crm.rules.said import say
from outreach import locks
from outreach.actions.people import causes_of
from outreach.actions.threads import thread_of


class ThreadTaken(Exception):
    """Somebody else has it; the sentence says who. They can hand it over."""


@transaction.atomic
def take_thread(*, message_id: int, agent: User, by: Actor, at: dt.datetime) -> Interaction:
    """`agent` has the contact that this text belongs to, and its tasks; a new one where none goes
    on.

    Locks the text, then the contact; publishes what opening and taking one publish.

    :raises ThreadTaken:
    """
    message = locks.lock_message(message_id)
    contact = thread_of(message, by=by, at=at)
    for task in Task.objects.filter(cause_key__in=causes_of(message)):
        tie_task(task=task, contact=contact)
    holder = contact.agent or find_worker(contact)
    if holder is not None and holder != agent:
        name = holder.get_full_name() or holder.get_username()
        raise ThreadTaken(say("%(name)s has these texts. Ask them for a hand-off.", name=name))
    try:
        return take_free_contact(contact_id=contact.pk, agent=agent, by=by, at=at)
    except MovedMeanwhile:
        raise ThreadTaken("Somebody took these texts a moment ago.") from None
