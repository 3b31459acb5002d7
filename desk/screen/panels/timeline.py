"""What happened with this patient on every channel, newest first."""

from __future__ import annotations

import datetime as dt
from typing import Any

from desk.queries.timeline import timeline_of
from desk.screen.contact import DeskContact


def panel(contact: DeskContact, *, at: dt.datetime) -> dict[str, Any]:
    """Lines of the contact in hand first, then of everything before it."""
    return {"lines": timeline_of(contact.interaction, contact.steps, at=at)}
