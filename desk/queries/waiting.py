"""Who is waiting: the left column of the desk, for one member of staff."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Final, Protocol, cast

from django.db.models import Count, F, Q, QuerySet, Subquery, Value, Window

from crm.engine.compiled import compiled
from crm.models import Agent, Handoff, Interaction, QueueEntry, Task, User
from crm.queries.handoffs import offers_now
from crm.queries.queues import MOST_IN_HAND, QueueNow, my_contacts, queues_now, waiting_in
from crm.states import AgentState, Role, TaskStatus
from desk.queries.zone import house_day

#: So many of each are shown; the rest stand on their own pages.
MOST = 8
_OPEN = (TaskStatus.OPEN, TaskStatus.CLAIMED)
#: For a queue's sake all desks together look again some twenty times a second, however many there
#: are: each within so many milliseconds for each agent at work, and whoever is free sooner.
MS_EACH, MS_EACH_FREE, LEAST_MS = 200, 20, 400
_AT_WORK: Final = (
    Agent.objects.exclude(status=AgentState.OFFLINE)
    .values(all=Value(1))
    .annotate(count=Count("pk"))
    .values("count")
)


class DueTask(Protocol):
    """A `Task` with the day on which it is due by the house's clock, and which day it is there."""

    pk: int
    title: str
    why: str
    patient_id: int | None
    due_at: dt.datetime
    due_on: dt.date
    today: dt.date
    due_today: int  # of all of them, not of this one


@dataclass(frozen=True, slots=True)
class Waiting:
    """Everything of the left column. `due_today` counts those that are late, too."""

    user: User
    agent: Agent | None
    at_work: int
    contacts: tuple[Interaction, ...]
    handoffs: tuple[Handoff, ...]
    entries: tuple[QueueEntry, ...]
    more_entries: int
    tasks: tuple[DueTask, ...]
    due_today: int
    queues: tuple[QueueNow, ...]
    ringing: frozenset[int] = frozenset()

    @property
    def state(self) -> AgentState:
        return AgentState(self.agent.status) if self.agent else AgentState.OFFLINE

    @property
    def has_all_contacts(self) -> bool:
        """Whether what they have in hand is shown whole."""
        return len(self.contacts) < MOST_IN_HAND

    def without(self, ringing: Collection[int]) -> Waiting:
        """Those that ring at the reader's own telephone stand in one place only."""
        entries = tuple(one for one in self.entries if one.interaction_id not in ringing)
        return replace(self, entries=entries, ringing=frozenset(ringing))

    @property
    def hears(self) -> tuple[str, ...]:
        """Whom an event must concern, or be about, for the column to look again, by the names of
        static/js/live.js. An event of a queue reaches everybody who may take from it.

        What is asked of all nurses or managers names none of them: they hear of every hand-off.
        """
        asked = self.user.has_role(Role.NURSE, Role.MANAGER, Role.ADMIN)
        handed = (one.interaction_id for one in self.handoffs)
        contacts = {*(one.pk for one in self.contacts), *handed, *self.ringing}
        return (
            f"agent:{self.user.pk}",
            *(f"contact:{pk}" for pk in sorted(contacts)),
            *(f"crm.task:{task.pk}" for task in self.tasks),
            *(("crm.handoff",) if asked else ()),
            *(f"queue:{one.queue.pk}" for one in self.queues if one.may_take),
        )

    @property
    def looks_within_ms(self) -> int:
        """How soon after an event of a queue, at a random moment."""
        each = MS_EACH_FREE if self.state == AgentState.AVAILABLE else MS_EACH
        return max(LEAST_MS, each * self.at_work)

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
    agent = next(iter(_agent(user=user.pk)), None)
    skills = agent.skills if agent else []
    queues = queues_now(skills, at=at)
    mine = [one for one in queues if one.may_take and one.waiting]
    entries = waiting_in([one.queue for one in mine], limit=MOST)
    tasks = _tasks_of(user, at=at)
    return Waiting(
        user=user,
        agent=agent,
        at_work=getattr(agent, "at_work", None) or 0,
        contacts=tuple(my_contacts(user)),
        handoffs=tuple(offers_now(user, skills=skills)),
        entries=tuple(entries),
        more_entries=max(0, sum(one.waiting for one in mine) - len(entries)),
        tasks=tuple(tasks),
        due_today=tasks[0].due_today if tasks else 0,
        queues=tuple(queues),
    )


def _tasks_of(user: User, *, at: dt.datetime) -> list[DueTask]:
    """The first ones that are due, with how many are due today among all."""
    return cast("list[DueTask]", _due(owner=user.pk, at=at))


@compiled
def _due(*, owner: int, at: dt.datetime) -> QuerySet[Task]:
    rows = Task.objects.filter(owner=owner, status__in=_OPEN).select_related("patient")
    rows = rows.annotate(due_on=house_day("due_at"), today=house_day(at))
    due = Count("pk", filter=Q(due_on__lte=F("today")))
    return rows.annotate(due_today=Window(due)).order_by("due_at", "pk")[:MOST]


@compiled
def _agent(*, user: int) -> QuerySet[Agent]:
    return Agent.objects.filter(user=user).annotate(at_work=Subquery(_AT_WORK))
