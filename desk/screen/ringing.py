"""Calls that ring at an agent's own telephone: who it may be, before anybody has answered."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from crm.models import Agent, Interaction
from crm.queries.finding_caller import CallerCandidate, callers_on
from crm.queries.queues import ringing_at
from desk.queries.call_types import find_call_type
from desk.screen.panels.interpreter import name_of
from desk.screen.speaking import says_nothing


@dataclass(frozen=True, slots=True)
class Ring:
    """A call that rings. `callers` are possible names and no more: a number names nobody.

    `wait_id`: the wait in a queue by which it is taken; None where it waits in none.
    """

    contact: Interaction
    wait_id: int | None
    language: str
    callers: tuple[CallerCandidate, ...]


def rings_for(agent: Agent | None, *, at: dt.datetime) -> tuple[Ring, ...]:
    """Those that ring at the agent's extension, the longest first.

    One statement for who has an extension, and up to six more for each that rings. Those who wait
    in a queue are named to nobody: only whoever is to answer needs to know who it may be.
    """
    if agent is None:
        return ()
    return tuple(_ring(one, at=at) for one in ringing_at(agent.extension, at=at))


def _ring(contact: Interaction, *, at: dt.datetime) -> Ring:
    kind = find_call_type(contact.call_type) if contact.call_type else None
    phone = contact.call.phone
    callers = callers_on(phone, at=at) if phone and not says_nothing(kind) else ()
    wait_id: int | None = getattr(contact, "wait_id", None)
    return Ring(contact, wait_id, name_of(contact.language), callers)
