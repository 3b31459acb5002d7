"""The next wave of an opening, by how far its clinic lets Firstcall go."""

from __future__ import annotations

import datetime as dt

from crm.engine import Actor
from scheduling.states import FillMode
from waitlist.actions.modes import follow_mode_with
from waitlist.actions.offering import send_wave
from waitlist.actions.proposing import propose_wave
from waitlist.actions.watching import watch_wave
from waitlist.models import Opening


def next_wave(*, opening_id: int, by: Actor, at: dt.datetime) -> dt.datetime | None:
    """Do what the opening's mode says is next; returns when to come again.

    Automatic sends, clerk-confirmed proposes, shadow writes down. An opening whose clinic has
    switched offers off asks nobody else: what is out is honored until the deadline.
    """
    opening = Opening.objects.select_related("slot__role__clinic").get(pk=opening_id)
    if opening.mode != opening.slot.role.clinic.mode:
        # It opened in the moment of the switch, and nobody has told it.
        follow_mode_with(opening_id=opening_id, by=by, at=at)
        opening.refresh_from_db(fields=["mode"])
    match opening.mode:
        case FillMode.AUTOMATIC:
            return send_wave(opening_id=opening_id, by=by, at=at)
        case FillMode.CLERK_CONFIRMED:
            return propose_wave(opening_id=opening_id, by=by, at=at)
        case FillMode.SHADOW:
            return watch_wave(opening_id=opening_id, by=by, at=at)
        case _:
            return opening.deadline_at
