"""Who is at work, and at what: said by themselves, or seen from the contacts they have in hand."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable
from typing import Final

from django.db import transaction
from django.db.models import Count, Q

from crm import locks
from crm.engine import Actor, insert_those_free, move, publish
from crm.models import Agent, Interaction, User
from crm.rules.queues import state_after
from crm.states import AgentState

#: A contact that was forgotten keeps nobody busy for longer.
IN_HAND_FOR: Final = dt.timedelta(days=1)


@transaction.atomic
def set_agent_state(*, user: User, to: AgentState, by: Actor, at: dt.datetime) -> Agent:
    """`user` is free, away, on a break; made known at the first time. Saying it twice is once.

    Locks the agent; publishes `crm.agent-changed`.
    """
    [agent] = _agents([user.pk], at=at)
    _set(agent, to, by=by, at=at)
    return agent


@transaction.atomic(savepoint=False)
def follow_contacts(*, user_ids: Iterable[int | None], by: Actor, at: dt.datetime) -> None:
    """Let the state of each say what they have in hand: a contact, one to write up, or nothing.

    Call it after a contact was taken, went to somebody else, or ended. Locks the agents, by key;
    publishes `crm.agent-changed` where a state changed.
    """
    wanted = {pk for pk in user_ids if pk is not None}
    if not wanted:
        return
    agents, in_hand = _agents(wanted, at=at), _in_hand(wanted, at=at)
    for agent in agents:
        going_on, over = in_hand.get(agent.user_id, (0, 0))
        state = AgentState(agent.status)
        to = state_after(state, has_contact=going_on > 0, must_wrap_up=over > 0)
        _set(agent, to, by=by, at=at)


def _set(agent: Agent, to: AgentState, *, by: Actor, at: dt.datetime) -> None:
    if agent.status != to:
        move(agent, to=to, by=by, at=at, since=at)
        publish("crm.agent-changed", agent, at=at, to=str(to))


def _agents(user_ids: Collection[int], *, at: dt.datetime) -> list[Agent]:
    """Their rows, locked, each made where it is missing."""
    found = locks.lock_agents(user_ids)
    missing = set(user_ids) - {agent.user_id for agent in found}
    if not missing:
        return found
    new = [Agent(user_id=pk, since=at) for pk in sorted(missing)]
    insert_those_free(new, known_by="user_id")
    return locks.lock_agents(user_ids)


def _in_hand(user_ids: Collection[int], *, at: dt.datetime) -> dict[int, tuple[int, int]]:
    """By user: contacts that go on, and those that are over and not written up. Not training."""
    rows = (
        Interaction.objects.filter(
            agent__in=user_ids, wrap_up=None, is_training=False, started_at__gt=at - IN_HAND_FOR
        )
        .values("agent_id")
        .annotate(
            going_on=Count("pk", filter=Q(ended_at=None)),
            over=Count("pk", filter=Q(ended_at__isnull=False)),
        )
    )
    return {row["agent_id"]: (row["going_on"], row["over"]) for row in rows}
