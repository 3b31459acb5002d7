"""What outreach does when something happens below."""

from __future__ import annotations

import datetime as dt

from crm.models import Event
from outreach import actions


def recheck_queue(event: Event, at: dt.datetime) -> None:
    """`crm.opted-out`: texts that wait for this phone are looked at now, not at their hour."""
    actions.recheck_queue(phone_id=event.subject_id, at=at)
