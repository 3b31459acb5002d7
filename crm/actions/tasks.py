"""Tasks for people: opened once for each cause, claimed, closed."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from crm.engine import Actor, insert_or_none, move, publish, record
from crm.models import Journey, Patient, Task, User
from crm.states import TaskKind, TaskStatus


class TaskClosed(Exception):
    """Somebody else has finished or cancelled this task meanwhile."""


@transaction.atomic
def open_task(
    *,
    kind: TaskKind,
    title: str,
    cause_key: str,
    due_at: dt.datetime,
    by: Actor,
    at: dt.datetime,
    why: str = "",
    patient: Patient | None = None,
    journey: Journey | None = None,
) -> Task:
    """The task for `cause_key`: a new one, or the one that this cause has made already.

    Publishes `crm.task-opened` for a new one. `title` and `why` are for staff on a page that
    checks who may see the patient.
    """
    task = insert_or_none(
        Task(
            kind=kind,
            title=title[:200],
            why=why[:500],
            patient=patient,
            journey=journey,
            due_at=due_at,
            created_at=at,
            cause_key=cause_key,
        )
    )
    if task is None:
        return Task.objects.get(cause_key=cause_key)
    record("crm.task.opened", task, by=by, at=at, kind=kind, cause=cause_key)
    publish("crm.task-opened", task, at=at, kind=str(kind))
    return task


@transaction.atomic
def hasten_task(
    *, task: Task, title: str, why: str, due_at: dt.datetime, by: Actor, at: dt.datetime
) -> Task:
    """Say that an open task has become more urgent; never makes it due later.

    Publishes `crm.task-hastened`.
    """
    task.title, task.why = title[:200], why[:500]
    task.due_at = min(task.due_at, due_at)
    task.save(update_fields=["title", "why", "due_at"])
    record("crm.task.hastened", task, by=by, at=at)
    publish("crm.task-hastened", task, at=at)
    return task


def claim_task(*, task: Task, owner: User, by: Actor, at: dt.datetime) -> Task:
    """Take an open task on.

    :raises MovedMeanwhile: when somebody else was faster.
    :raises TaskClosed: when it is closed.
    """
    _check_open(task)
    with transaction.atomic():
        move(task, to=TaskStatus.CLAIMED, by=by, at=at, owner=owner)
        _tell("claimed", task, at=at)
    return task


def close_task(
    *, task: Task, by: Actor, at: dt.datetime, reason: str = "", done: bool = True
) -> Task:
    """Finish a task, or cancel it with `done=False` when nothing needs doing.

    :raises MovedMeanwhile: when somebody changed it since it was read.
    :raises TaskClosed: when it is closed already.
    """
    _check_open(task)
    to = TaskStatus.DONE if done else TaskStatus.CANCELLED
    with transaction.atomic():
        move(task, to=to, by=by, at=at, reason=reason, closed_at=at)
        _tell("closed", task, at=at)
    return task


def settle_task(
    *, cause_key: str, by: Actor, at: dt.datetime, reason: str = "", done: bool = True
) -> Task | None:
    """Close the task of that cause, if it is open: what it asked for is done, or void.

    :raises MovedMeanwhile: when somebody changed it in this very moment.
    """
    task = Task.objects.filter(
        cause_key=cause_key, status__in=[TaskStatus.OPEN, TaskStatus.CLAIMED]
    ).first()
    if task is None:
        return None
    return close_task(task=task, by=by, at=at, reason=reason, done=done)


def put_back_task(*, task: Task, by: Actor, at: dt.datetime) -> Task:
    """Leave a task to whoever takes it next: one that somebody has, or one closed by mistake.

    :raises MovedMeanwhile: when somebody changed it since it was read.
    :raises IllegalMove: when nobody has it.
    """
    with transaction.atomic():
        move(task, to=TaskStatus.OPEN, by=by, at=at, owner=None, closed_at=None)
        _tell("put-back", task, at=at)
    return task


def _tell(what: str, task: Task, *, at: dt.datetime) -> None:
    """Publishes `crm.task-<what>`; of a task that is done in a contact also `crm.task-of-contact`,
    since few tasks are, and nobody is rung for all the others."""
    publish(f"crm.task-{what}", task, at=at)
    if task.contact_id is not None:
        publish("crm.task-of-contact", task, at=at, contact=task.contact_id)


def _check_open(task: Task) -> None:
    if task.status not in {TaskStatus.OPEN, TaskStatus.CLAIMED}:
        raise TaskClosed("This task is closed already. Reload the page to see what became of it.")
