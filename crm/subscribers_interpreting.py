"""An interpreter's part ends with the contact at the latest."""

from __future__ import annotations

import datetime as dt

from crm.actions.interpreting import end_interpreter
from crm.engine import Actor
from crm.models import Call, Event

BY = Actor.system("desk")


def on_contact_wrapped(event: Event, at: dt.datetime) -> None:
    end_interpreter(contact_id=event.subject_id, by=BY, at=at)


def on_call_ended(event: Event, at: dt.datetime) -> None:
    call = Call.objects.filter(pk=event.subject_id).only("interaction_id", "ended_at").first()
    if call is not None:
        end_interpreter(contact_id=call.interaction_id, by=BY, at=call.ended_at or at)
