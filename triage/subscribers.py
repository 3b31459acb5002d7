"""What triage does when something happens below. One action call each."""

from __future__ import annotations

import datetime as dt

from crm.models import Event
from triage import actions


def on_task_changed(event: Event, at: dt.datetime) -> None:
    """`crm.task-claimed`, `-put-back` and `-closed`."""
    actions.follow_task(task_id=event.subject_id, at=at)
