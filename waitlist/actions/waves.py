"""The next wave of an opening, by how far its clinic lets Firstcall go."""

from __future__ import annotations

import datetime as dt

from crm.engine import Actor
from scheduling.states import FillMode
from waitlist.actions.modes import follow_mode_with
from waitlist.actions.offering import send_wave
from waitlist.actions.planning import Looked
from waitlist.actions.proposing import propose_wave
from waitlist.actions.watching import watch_wave


def next_wave(*, looked: Looked, by: Actor, at: dt.datetime) -> dt.datetime | None:
    """Do what the opening's mode says is next; returns when to come again.

    Automatic sends, clerk-confirmed proposes, shadow writes down. An opening whose clinic has
    switched offers off asks nobody else: what is out is honored until the deadline.
    """
    opening = looked.opening
    if opening.mode != looked.slot.role.clinic.mode:
        # It opened in the moment of the switch, and nobody has told it.
        follow_mode_with(opening_id=opening.pk, by=by, at=at)
        opening.refresh_from_db(fields=["mode"])
    match opening.mode:
        case FillMode.AUTOMATIC:
            return send_wave(opening_id=opening.pk, by=by, at=at, looked=looked)
        case FillMode.CLERK_CONFIRMED:
            return propose_wave(opening_id=opening.pk, by=by, at=at)
        case FillMode.SHADOW:
            return watch_wave(opening_id=opening.pk, by=by, at=at)
        case _:
            return opening.deadline_at
