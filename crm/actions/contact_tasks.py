"""Tasks that are done in a contact: whoever takes one of the two has both.

A text that a person must answer is a task in a list and a contact that waits in a queue. Two
people who take the one and the other in the same instant meet at the task: one of them has it.
"""

from __future__ import annotations

import datetime as dt
from typing import Final

from django.db import models, transaction

from crm import locks
from crm.actions.tasks import claim_task, close_task, put_back_task
from crm.engine import Actor
from crm.models import Interaction, Task, User
from crm.states import EntryStatus, TaskStatus

_TO_DO: Final = (TaskStatus.OPEN, TaskStatus.CLAIMED)


class ThreadHeld(Exception):
    """Somebody else answers in the same contact; the sentence says who."""


@transaction.atomic
def take_from_list(*, task: Task, owner: User, by: Actor, at: dt.datetime) -> Task:
    """Take an open task on from the list, with all that is still to be done in its contact: a
    thread, however many texts there are to answer, is one person's. Locks the contact.

    One that waits again, though somebody who is away has it still, is for anybody; so is what was
    left of a contact that is over.

    :raises ThreadHeld: somebody else has the contact, or another task of it.
    :raises MovedMeanwhile: somebody took it a moment ago.
    :raises TaskClosed:
    """
    if task.contact_id is None:
        return claim_task(task=task, owner=owner, by=by, at=at)
    contact = locks.lock_interaction(task.contact_id)
    if not hasattr(contact, "wrap_up"):
        _check_nobody_elses(contact, owner)
    claim_task(task=task, owner=owner, by=by, at=at)
    for other in _to_do(contact).filter(status=TaskStatus.OPEN):
        claim_task(task=other, owner=owner, by=by, at=at)
    return task


def _check_nobody_elses(contact: Interaction, owner: User) -> None:
    waits = contact.queue_entries.filter(status=EntryStatus.WAITING).exists()
    holder = find_worker(contact) or (None if waits else contact.agent)
    if holder is not None and holder.pk != owner.pk:
        name = holder.get_full_name() or holder.get_username()
        raise ThreadHeld(f"{name} has this conversation. Ask them, or put their task back first.")


def tie_task(*, task: Task, contact: Interaction) -> None:
    """Say in which contact the task is done."""
    if task.contact_id != contact.pk:
        task.contact = contact
        task.save(update_fields=["contact"])


def find_worker(contact: Interaction) -> User | None:
    """Who is at one of the contact's tasks without having the contact: from the list of tasks."""
    taken = _to_do(contact).filter(status=TaskStatus.CLAIMED).exclude(owner=contact.agent_id)
    row = taken.select_related("owner").first()
    return row.owner if row else None


def claim_its_tasks(
    *, contact: Interaction, agent: User, had: int | None, by: Actor, at: dt.datetime
) -> None:
    """`agent` has taken the contact: open tasks of it are theirs, and those of whoever `had` it.

    :raises MovedMeanwhile: somebody took one from the list in this instant.
    """
    for task in _to_do(contact).exclude(owner=agent):
        if task.status == TaskStatus.CLAIMED and task.owner_id != had:
            continue
        if task.status == TaskStatus.CLAIMED:
            put_back_task(task=task, by=by, at=at)
        claim_task(task=task, owner=agent, by=by, at=at)


def put_back_its_tasks(
    *, contact: Interaction, had: int | None, by: Actor, at: dt.datetime
) -> None:
    """The contact waits again, and so do its tasks."""
    for task in _to_do(contact).filter(status=TaskStatus.CLAIMED, owner=had):
        put_back_task(task=task, by=by, at=at)


@transaction.atomic
def close_its_tasks(*, contact_id: int, by: Actor, at: dt.datetime) -> None:
    """The contact is wrapped up: what was to be done in it is done. Locks the contact.

    What somebody else has taken on from the list stays with them.
    """
    contact = locks.lock_interaction(contact_id)
    theirs = models.Q(owner=None) | models.Q(owner=contact.agent_id)
    for task in _to_do(contact).filter(theirs):
        close_task(task=task, by=by, at=at, reason="Seen to at the desk.")


def has_work(contact: Interaction) -> bool:
    """Whether one of its tasks still asks for a person."""
    return _to_do(contact).exists()


def _to_do(contact: Interaction) -> models.QuerySet[Task]:
    return Task.objects.filter(contact=contact, status__in=_TO_DO).order_by("pk")
