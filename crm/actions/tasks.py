"""Tasks: the next action, who does it, by when, and why."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from crm.engine import Actor, insert_or_none, publish, record
from crm.models import Journey, Patient, Task
from crm.states import TaskKind, TaskStatus


def open_task(
    *,
    kind: TaskKind,
    title: str,
    why: str,
    due_at: dt.datetime,
    cause_key: str,
    by: Actor,
    at: dt.datetime,
    patient: Patient | None = None,
    journey: Journey | None = None,
) -> Task:
    """Put a task on the desk, once for each `cause_key`. Publishes `crm.task-opened`."""
    with transaction.atomic():
        task = insert_or_none(
            Task(
                kind=kind,
                status=TaskStatus.OPEN,
                title=title,
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
        record("crm.task.opened", task, by=by, at=at, kind=kind)
        publish("crm.task-opened", task, at=at)
    return task
