"""Who may take a contact, who has waited too long, and what an agent is doing: pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable

from crm.states import AgentState

_AT_WORK = frozenset({AgentState.AVAILABLE, AgentState.ON_CONTACT, AgentState.WRAP_UP})


def is_late(answer_by: dt.datetime, *, at: dt.datetime) -> bool:
    """The service level has ended, and nobody has answered."""
    return at > answer_by


def missing_skills(needed: Iterable[str], has: Collection[str]) -> tuple[str, ...]:
    """Those that a queue needs and an agent has not, in the queue's order."""
    return tuple(skill for skill in needed if skill not in has)


def age_words(since: dt.datetime, *, at: dt.datetime) -> str:
    """How long somebody has waited: "now", "3 min", "1 h 5 min", "2 days"."""
    minutes = max(0, int((at - since).total_seconds() // 60))
    if minutes < 1:
        return "now"
    if minutes < 60:
        return f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    if hours < 24:
        return f"{hours} h {minutes} min" if minutes else f"{hours} h"
    return "1 day" if hours < 48 else f"{hours // 24} days"


def state_after(state: AgentState, *, has_contact: bool, must_wrap_up: bool) -> AgentState:
    """What an agent is doing, once a contact was taken, went away or ended.

    Whoever is on a break, in training or away stays so until they take a contact, or say otherwise.
    """
    if has_contact:
        return AgentState.ON_CONTACT
    if state not in _AT_WORK:
        return state
    return AgentState.WRAP_UP if must_wrap_up else AgentState.AVAILABLE
