"""What happened with this patient on every channel, newest first."""

from __future__ import annotations

import datetime as dt
from typing import Any

from crm.states import ChartPart
from desk.queries.timeline import timeline_of
from desk.screen.contact import DeskContact
from desk.screen.panels.chart import NOT_THEIRS


def panel(contact: DeskContact, *, at: dt.datetime) -> dict[str, Any]:
    """Lines of the contact in hand first, then of everything before it."""
    hears = contact.hears(ChartPart.VISITS)
    lines = timeline_of(
        contact.interaction,
        contact.steps,
        zone=contact.zone,
        hears=hears,
        names_all=contact.names_all,
        at=at,
    )
    return {"lines": lines, "why_not": "" if hears else NOT_THEIRS}
