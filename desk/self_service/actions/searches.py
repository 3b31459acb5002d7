"""The lost-demand ledger hears of every look at times online, as of one at the desk."""

from __future__ import annotations

import datetime as dt

from crm.states import Channel
from desk.self_service.actions.actors import actor_of
from desk.self_service.searching import Times
from scheduling.actions.demand import close_booked, keep_search, note_waiting
from scheduling.models import SelfServiceSession


def keep_look(session: SelfServiceSession, found: Times, *, at: dt.datetime) -> None:
    """Write down what was looked for and shown; a further look updates the same search."""
    search = keep_search(
        criteria=found.criteria,
        shown=len(found.slots),
        hidden=found.hidden,
        lack=found.lack,
        search_id=session.search_id,
        patient=session.patient,
        location=session.location,
        channel=Channel.WEB,
        by=actor_of(session),
        at=at,
    )
    if session.search_id != search.pk:
        SelfServiceSession.objects.filter(pk=session.pk).update(search=search)


def settle_search(session: SelfServiceSession, *, at: dt.datetime) -> None:
    """It ended in a request for a time, or in a place on the list."""
    if session.search_id is None:
        return
    by = actor_of(session)
    if session.appointment is not None:
        close_booked(search_id=session.search_id, appointment=session.appointment, by=by, at=at)
    elif session.entry_id is not None:
        note_waiting(search_id=session.search_id, by=by, at=at)
