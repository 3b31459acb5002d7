"""What scheduling does about its own events, after the commit."""

from __future__ import annotations

import datetime as dt

from crm.engine import Actor
from crm.models import Event
from scheduling.actions import give_up_later_visit, settle_request

BY = Actor.system("booking")


def on_appointment_confirmed(event: Event, at: dt.datetime) -> None:
    """Books first, gives up after: never the other way round."""
    give_up_later_visit(appointment_id=event.subject_id, by=BY, at=at)


def on_appointment_settled(event: Event, at: dt.datetime) -> None:
    """Booked, refused or cancelled: whoever was asked to book it need not any more."""
    settle_request(appointment_id=event.subject_id, by=BY, at=at)
