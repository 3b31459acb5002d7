"""A call that is handed over."""

from __future__ import annotations

from typing import Any

import pytest

from crm.actions.contacts import open_contact
from crm.actions.handoffs import accept_handoff, decline_handoff, offer_handoff
from crm.engine import Actor
from crm.models import Agent, Handoff, Interaction, User
from crm.states import AgentState, Channel, HandoffTo
from tests.cast import Cast
from tests.factories import NOW

QUESTION = "Her knee is warm since the surgery. Is that all right until Friday?"


@pytest.fixture
def contact(cast: Cast) -> Interaction:
    return open_contact(
        channel=Channel.VOICE,
        agent=cast.agent,
        patient=cast.patient,
        specialty="Orthopedics",
        by=Actor.user(cast.agent),
        at=NOW,
    )


def at_desk(user: User, *skills: str, status: AgentState = AgentState.AVAILABLE) -> Agent:
    return Agent.objects.create(user=user, status=status, since=NOW, skills=list(skills))


def offer(contact: Interaction, to: HandoffTo, **facts: Any) -> Handoff:
    giver = facts.pop("by", contact.agent)
    do: dict[str, Any] = {"question": QUESTION, "by": Actor.user(giver), "at": NOW} | facts
    return offer_handoff(contact_id=contact.pk, to=to, **do)


def accept(handoff: Handoff, user: User) -> Handoff:
    return accept_handoff(handoff_id=handoff.pk, user=user, by=Actor.user(user), at=NOW)


def decline(handoff: Handoff, user: User, reason: str = "With a patient.") -> Handoff:
    by = Actor.user(user)
    return decline_handoff(handoff_id=handoff.pk, user=user, reason=reason, by=by, at=NOW)
