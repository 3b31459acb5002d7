"""Who is waiting: the left column of the desk, for one member of staff."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from crm.models import Agent, Handoff, Interaction, QueueEntry, Task, User
from crm.queries.handoffs import offered_to
from crm.queries.queues import QueueNow, my_contacts, queues_now, waiting_in
from crm.states import AgentState, TaskStatus

#: So many of each are shown; the rest stand on their own pages.
MOST = 8
_OPEN = (TaskStatus.OPEN, TaskStatus.CLAIMED)


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
    """Six statements. Entries by acuity, then by when their service level ends."""
    agent = Agent.objects.filter(user=user).first()
    skills = agent.skills if agent else []
    queues = queues_now(skills, at=at)
    mine = [one for one in queues if one.may_take and one.waiting]
    entries = waiting_in([one.queue for one in mine], limit=MOST)
    tasks = list(
        Task.objects.filter(owner=user, status__in=_OPEN)
        .select_related("patient")
        .order_by("due_at", "pk")[: MOST + 1]
    )
    return Waiting(
        agent=agent,
        contacts=tuple(my_contacts(user)),
        handoffs=tuple(offered_to(user, skills=skills)),
        entries=tuple(entries),
        more_entries=max(0, sum(one.waiting for one in mine) - len(entries)),
        tasks=tuple(tasks[:MOST]),
        due_today=sum(task.due_at <= at + dt.timedelta(hours=12) for task in tasks),
        queues=tuple(queues),
    )
