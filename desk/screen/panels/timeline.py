"""What happened with this patient on every channel, newest first."""

from __future__ import annotations

import datetime as dt
from typing import Any

from crm.saying import translated
from crm.states import ChartPart
from desk.queries.story import Place
from desk.queries.timeline import Only, Teller, read_story
from desk.screen.contact import DeskContact
from desk.screen.panels.chart import NOT_THEIRS


def panel(contact: DeskContact, *, at: dt.datetime) -> dict[str, Any]:
    """The newest page: the contact in hand first, then what was before it."""
    return part_of_story(contact, at=at)


def part_of_story(
    contact: DeskContact,
    *,
    before: Place | None = None,
    only: Only | None = None,
    at: dt.datetime,
) -> dict[str, Any]:
    """A page of it. `stays`: the reader has asked for this part, so no refresh takes it away."""
    hears = contact.hears(ChartPart.VISITS)
    teller = Teller(
        contact=contact.interaction,
        steps=contact.steps,
        zone=contact.zone,
        hears=hears,
        names_all=contact.names_all,
    )
    story = read_story(teller, before=before, only=only, at=at)
    return {
        "lines": story.lines,
        "earlier": story.earlier,
        "only": only,
        "filters": tuple(Only) if hears else (),
        "goes_on": before is not None,
        "stays": before is not None or only is not None,
        "why_not": "" if hears else translated(NOT_THEIRS),
    }
