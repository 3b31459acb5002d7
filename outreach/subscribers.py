"""What outreach does when something happens below."""

from __future__ import annotations

import datetime as dt

from crm.actions.handoffs import hasten_handoff
from crm.models import Event
from outreach import actions


def recheck_queue(event: Event, at: dt.datetime) -> None:
    """`crm.opted-out`: texts that wait for this phone are looked at now, not at their hour."""
    actions.recheck_queue(phone_id=event.subject_id, at=at)


def page_on_call(event: Event, at: dt.datetime) -> None:
    """`crm.provider-paged`: text whoever is on call that somebody asks for them."""
    actions.page_on_call(
        handoff_id=event.subject_id,
        on_call_id=int(event.payload["on_call"]),
        level=int(event.payload["level"]),
        at=at,
    )


def on_page_not_sent(event: Event, at: dt.datetime) -> None:
    """`outreach.message-not-sent`: a page that cannot go out is not waited for."""
    if event.payload["about_type"] == "crm.handoff":
        hasten_handoff(handoff_id=int(event.payload["about_id"]), at=at)
