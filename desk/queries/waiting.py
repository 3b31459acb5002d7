"""Who is waiting: the left column of the desk, for one member of staff."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Min

from crm.models import Agent, Handoff, Interaction, Queue, QueueEntry, Task, User
from crm.queries.handoffs import offered_to
from crm.queries.queues import my_contacts, waits_for
from crm.states import AgentState, EntryStatus, TaskStatus

#: So many of each are shown; the rest stand on their own pages.
MOST = 8
_OPEN = (TaskStatus.OPEN, TaskStatus.CLAIMED)


@dataclass(frozen=True, slots=True)
class QueueNow:
    """One queue as it stands."""

    queue: Queue
    waiting: int
    since: dt.datetime | None  # who waits longest came then
    is_late: bool
    may_take: bool


@dataclass(frozen=True, slots=True)
class Waiting:
    """Everything of the left column."""

    agent: Agent | None
    contacts: tuple[Interaction, ...]
    handoffs: tuple[Handoff, ...]
    entries: tuple[QueueEntry, ...]
    more_entries: int
    tasks: tuple[Task, ...]
    due_today: int
    queues: tuple[QueueNow, ...]

    @property
    def state(self) -> AgentState:
        return AgentState(self.agent.status) if self.agent else AgentState.OFFLINE

    @property
    def patient_ids(self) -> frozenset[int]:
        """Whoever is named: for the audit."""
        contacts = (
            *self.contacts,
            *(entry.interaction for entry in self.entries),
            *(one.interaction for one in self.handoffs),
        )
        ids = {one.patient_id for one in contacts} | {one.patient_id for one in self.tasks}
        return frozenset(pk for pk in ids if pk is not None)


def waiting_for(user: User, *, at: dt.datetime) -> Waiting:
    """Nine statements. Entries by acuity, then by when their service level ends."""
    agent = Agent.objects.filter(user=user).first()
    skills = set(agent.skills) if agent else set()
    queues = _queues(skills, at=at)
    entries = waits_for(user, at=at).entries
    tasks = list(
        Task.objects.filter(owner=user, status__in=_OPEN)
        .select_related("patient")
        .order_by("due_at", "pk")[: MOST + 1]
    )
    return Waiting(
        agent=agent,
        contacts=tuple(my_contacts(user)),
        handoffs=tuple(offered_to(user)),
        entries=entries[:MOST],
        more_entries=max(0, len(entries) - MOST),
        tasks=tuple(tasks[:MOST]),
        due_today=sum(task.due_at <= at + dt.timedelta(hours=12) for task in tasks),
        queues=tuple(queues),
    )


def _queues(skills: set[str], *, at: dt.datetime) -> list[QueueNow]:
    """Two statements: those who wait are few, those who ever waited are not."""
    waiting = QueueEntry.objects.filter(status=EntryStatus.WAITING).values("queue")
    tallies: dict[int, Mapping[str, Any]] = {
        row["queue"]: row
        for row in waiting.annotate(
            count=Count("pk"), since=Min("entered_at"), answer_by=Min("answer_by")
        )
    }
    return [
        _queue_now(queue, tallies.get(queue.pk), may_take=set(queue.skills) <= skills, at=at)
        for queue in Queue.objects.filter(is_active=True).order_by("rank", "name")
    ]


def _queue_now(
    queue: Queue, tally: Mapping[str, Any] | None, *, may_take: bool, at: dt.datetime
) -> QueueNow:
    if tally is None:
        return QueueNow(queue, 0, None, is_late=False, may_take=may_take)
    late = tally["answer_by"] < at
    return QueueNow(queue, tally["count"], tally["since"], is_late=late, may_take=may_take)
