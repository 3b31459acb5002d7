"""Everybody who waits and everybody who answers, for whoever oversees them."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Case, Count, F, Min, Q, When

from crm.models import Agent, AuditEntry, Interaction, InteractionStep, Queue, QueueEntry
from crm.states import Acuity, AgentState, EntryStatus
from desk.models import CallType
from desk.queries.zone import day_begins, house_zone

#: More who wait, and more steps of a contact, are not drawn; they are counted.
MOST_WAITING = 100
MOST_STEPS = 200
#: A call that somebody writes up began within so long.
_WRITING_UP = dt.timedelta(hours=4)
#: In this order: who is free, who is busy, who is away.
_STATES = (
    AgentState.AVAILABLE,
    AgentState.ON_CONTACT,
    AgentState.WRAP_UP,
    AgentState.BREAK,
    AgentState.TRAINING,
    AgentState.OFFLINE,
)


@dataclass(frozen=True, slots=True)
class QueueNow:
    """One queue as it stands, and today so far.

    `decided` are those of today for whom the service level is known: answered, or not answered
    when it ended. Who hung up before that counts neither way. `in_time` were answered within it.
    """

    queue: Queue
    waiting: int
    since: dt.datetime | None  # who waits longest came then
    late: int
    decided: int
    in_time: int
    ready: int  # agents who are free and have its skills

    @property
    def share(self) -> int | None:
        """Percent answered in time today; None before there is anything to tell."""
        return round(100 * self.in_time / self.decided) if self.decided else None


@dataclass(frozen=True, slots=True)
class Waiting:
    """Somebody in a queue."""

    entry: QueueEntry
    is_late: bool


@dataclass(frozen=True, slots=True)
class InHand:
    """A contact that an agent has, since then; one that is over has to be written up."""

    contact: Interaction
    since: dt.datetime
    is_held: bool

    @property
    def is_over(self) -> bool:
        return self.contact.ended_at is not None


@dataclass(frozen=True, slots=True)
class AgentNow:
    """Somebody at the desk: what they do, since when, and with whom."""

    agent: Agent
    contacts: tuple[InHand, ...]


@dataclass(frozen=True, slots=True)
class Board:
    """All of it. `off` counts the agents who are not at work, and are not drawn."""

    queues: tuple[QueueNow, ...]
    waiting: tuple[Waiting, ...]
    more_waiting: int
    agents: tuple[AgentNow, ...]
    off: int

    @property
    def states(self) -> dict[AgentState, int]:
        """How many agents are in each state."""
        found = dict.fromkeys(_STATES[:-1], 0)
        for one in self.agents:
            state = AgentState(one.agent.status)
            found[state] = found.get(state, 0) + 1
        return found


def read_board(*, at: dt.datetime) -> Board:
    """Six statements, however many wait and answer."""
    zone = house_zone()
    agents = list(_agents())
    writing = [one.user_id for one in agents if one.status == AgentState.WRAP_UP]
    hands = _in_hand(writing, at=at)
    queues = _queues(agents, today=day_begins(at.astimezone(zone).date(), zone), at=at)
    waiting = _waiting(at=at)
    at_work = [one for one in agents if one.status != AgentState.OFFLINE or one.user_id in hands]
    return Board(
        queues=tuple(queues),
        waiting=tuple(waiting[:MOST_WAITING]),
        more_waiting=max(0, sum(one.waiting for one in queues) - MOST_WAITING),
        agents=tuple(AgentNow(one, tuple(hands.get(one.user_id, ()))) for one in at_work),
        off=len(agents) - len(at_work),
    )


def _agents() -> list[Agent]:
    rows = Agent.objects.filter(user__is_active=True).select_related("user")
    return sorted(rows, key=lambda one: (_STATES.index(AgentState(one.status)), one.since, one.pk))


def _in_hand(writing: Collection[int], *, at: dt.datetime) -> Mapping[int, list[InHand]]:
    """Contacts by the user who has them, the newest first: those that go on, and what those who
    are `writing` up have to write up."""
    goes_on = Q(agent__isnull=False, ended_at=None)
    is_over = Q(agent__in=writing, ended_at__isnull=False, started_at__gt=at - _WRITING_UP)
    rows = Interaction.objects.filter(goes_on | is_over, wrap_up=None)
    found = defaultdict(list)
    for row in rows.select_related("call__line").order_by("-started_at", "-pk"):
        found[row.agent_id or 0].append(in_hand(row))
    return found


def in_hand(contact: Interaction) -> InHand:
    """The contact with when it was answered, or ended."""
    call = getattr(contact, "call", None)
    since = contact.ended_at or (call.answered_at if call else None) or contact.started_at
    return InHand(contact, since, is_held=bool(call and call.held_since))


def _queues(agents: Iterable[Agent], *, today: dt.datetime, at: dt.datetime) -> list[QueueNow]:
    tallies = _tallies(today=today, at=at)
    free = [set(one.skills) for one in agents if one.status == AgentState.AVAILABLE]
    return [
        QueueNow(
            queue=queue,
            ready=sum(set(queue.skills) <= skills for skills in free),
            **tallies.get(queue.pk, _NOTHING),
        )
        for queue in Queue.objects.filter(Q(is_active=True) | Q(pk__in=tallies))
    ]


#: A claim may move to somebody else, and is dated anew then; an answered call stays answered. One
#: that came from another queue was answered there, before this wait.
_CALL = "interaction__call__answered_at"
_ANSWERED_AT = Case(When(**{f"{_CALL}__gte": F("entered_at")}, then=_CALL), default="claimed_at")
_NOTHING: dict[str, Any] = {"waiting": 0, "since": None, "late": 0, "decided": 0, "in_time": 0}


def _tallies(*, today: dt.datetime, at: dt.datetime) -> dict[int, dict[str, Any]]:
    """By queue. Reads those who wait and those of today, not the years before."""
    waits = Q(status=EntryStatus.WAITING)
    late = waits & Q(answer_by__lt=at)
    answered = Q(answered_at__isnull=False, entered_at__gte=today)
    gave_up = Q(status=EntryStatus.LEFT, answered_at=None, ended_at__gt=F("answer_by"))
    rows = (
        QueueEntry.objects.filter(waits | Q(entered_at__gte=today))
        .filter(interaction__is_training=False)
        .order_by()
        .annotate(answered_at=_ANSWERED_AT)
        .values("queue_id")
        .annotate(
            waiting=Count("pk", filter=waits),
            since=Min("entered_at", filter=waits),
            late=Count("pk", filter=late),
            decided=Count(
                "pk",
                filter=answered | (Q(entered_at__gte=today) & (gave_up | late)),
            ),
            in_time=Count("pk", filter=answered & Q(answered_at__lte=F("answer_by"))),
        )
    )
    found: list[dict[str, Any]] = [dict(row) for row in rows]
    return {row.pop("queue_id"): row for row in found}


def _waiting(*, at: dt.datetime) -> list[Waiting]:
    """In the order in which they should be answered: by acuity, then by when they get late."""
    rows = QueueEntry.objects.filter(status=EntryStatus.WAITING, interaction__is_training=False)
    rows = rows.select_related("queue", "interaction__call__line")
    first = rows.order_by("answer_by", "pk")[: 5 * MOST_WAITING]
    ordered = sorted(first, key=lambda one: (Acuity(one.acuity).rank, one.answer_by, one.pk))
    return [Waiting(one, is_late=one.answer_by < at) for one in ordered]


def call_type_names() -> dict[str, str]:
    """What managers call each kind of contact, by code. One statement."""
    return dict(CallType.objects.values_list("code", "name"))


def steps_of(contact: Interaction) -> list[InteractionStep]:
    """What happened in a contact, the newest first. One statement."""
    rows = InteractionStep.objects.filter(interaction=contact).select_related("user")
    return list(rows.order_by("-at", "-pk")[:MOST_STEPS])


def free_for(contact: Interaction, *, needs: Collection[str]) -> list[Agent]:
    """Who could take it over: at work, and not who has it; those with the skills for it first."""
    rows = Agent.objects.filter(user__is_active=True).exclude(status=AgentState.OFFLINE)
    others = rows.exclude(user=contact.agent_id).select_related("user")
    return sorted(
        others,
        key=lambda one: (
            not set(needs) <= set(one.skills),
            _STATES.index(AgentState(one.status)),
            str(one.user.get_full_name()),
        ),
    )


def states_today(agent: Agent, *, at: dt.datetime) -> list[AuditEntry]:
    """The agent's changes of state of the last 24 hours, the newest first."""
    rows = AuditEntry.objects.filter(
        subject_type="crm.agent",
        subject_id=agent.pk,
        verb="crm.agent.moved",
        at__gte=at - dt.timedelta(hours=24),
    )
    return list(rows.order_by("-pk")[:20])
