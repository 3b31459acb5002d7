"""Something that a person must do with somebody: a task in the list, and a contact that waits."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from crm.actions.contact_tasks import claim_its_tasks, tie_task
from crm.actions.queues import enter_queue, find_wait
from crm.engine import Actor
from crm.models import Agent, Interaction, Queue, QueueEntry, Task
from crm.states import AgentState, EntryStatus


@transaction.atomic
def ask_at_desk(
    *,
    task: Task,
    contact: Interaction,
    queue: Queue,
    about: str,
    by: Actor,
    at: dt.datetime,
) -> QueueEntry | None:
    """Have `contact` wait in `queue` until somebody does `task`; once, however much there is to do.

    Where its agent is at work it stays in their hands, and the task is theirs; where somebody has
    another of its tasks on from the list, it does not wait for a second one. Returns its wait, and
    None where its agent has it.

    :param about: what is read of it before it is taken, without the patient's words; what
        is said of the contact already stays.
    :raises ContactOver: it has been wrapped up.
    """
    tie_task(task=task, contact=contact)
    if not contact.summary:
        contact.summary = about[:300]
        contact.save(update_fields=["summary"])
    if contact.agent is not None and _is_at_work(contact.agent_id):
        claim_its_tasks(contact=contact, agent=contact.agent, had=None, by=by, at=at)
        return None
    standing = find_wait(contact)
    if standing is not None and standing.status == EntryStatus.CLAIMED and contact.agent is None:
        return standing
    return enter_queue(contact_id=contact.pk, queue=queue, by=by, at=at)


def _is_at_work(user_id: int | None) -> bool:
    agents = Agent.objects.filter(user=user_id)
    return agents.exclude(status=AgentState.OFFLINE).exists()
