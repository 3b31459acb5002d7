"""What integrations do when the floors below say that something happened."""

from __future__ import annotations

import datetime as dt

from crm.engine import Actor
from crm.engine.models import Event
from integrations.inbox.actions import replay_waiting
from integrations.inbox.outcomes import visit_key
from scheduling.models import Appointment


def try_what_waited(event: Event, at: dt.datetime) -> None:
    """A visit is known now: the news of its end may have come before it (out of order)."""
    visit = Appointment.objects.filter(pk=event.subject_id).first()
    if visit is not None and visit.source_id:
        replay_waiting(
            waits_for=visit_key(visit.source, visit.source_id), by=Actor.system("inbox"), at=at
        )
