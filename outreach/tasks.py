"""The step that takes queued messages to the carrier."""

from __future__ import annotations

import datetime as dt

from crm.engine import step
from outreach import actions
from outreach.actions.dispatching import LEASE
from outreach.models import Message


@step(
    name=actions.DISPATCH,
    model=Message,
    queue="messages",
    lease_seconds=int(LEASE.total_seconds()),
)
def dispatch(pk: int, at: dt.datetime) -> dt.datetime | None:
    return actions.dispatch(pk, at)
