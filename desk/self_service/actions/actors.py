"""Who acts at a session."""

from __future__ import annotations

from crm.engine import Actor
from scheduling.actions.self_service import VISITOR
from scheduling.models import SelfServiceSession

CHANNEL = "web"


def actor_of(session: SelfServiceSession) -> Actor:
    """The patient, or who acts for them; before that somebody unknown."""
    if session.patient is None:
        return VISITOR
    made = Actor.proxy if session.by_proxy else Actor.patient
    return made(session.patient, channel=CHANNEL)
