"""None of the times suits a caller: why, and whether they wait for one that does."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from crm.actions.contacts import note_step
from crm.engine import Actor
from crm.models import Interaction
from crm.states import StepKind
from scheduling.actions import close_search, note_waiting
from scheduling.models import SearchRecord
from scheduling.states import Declined
from waitlist.actions import join_waitlist, wished

#: Of the step in the contact (`StepKind.TELL`): they were told that they are on the list, or not.
WAITS, LOST = "waitlist", "no-time-suits"
#: The same of an offer that they took, while somebody else's yes to it is being confirmed.
NEXT = "next-in-line"


@transaction.atomic
def decline_times(
    *,
    contact: Interaction,
    search: SearchRecord,
    why: Declined,
    note: str,
    waits: bool,
    by: Actor,
    at: dt.datetime,
) -> None:
    """Close the search with why, and put its patient on the list for what was looked for.

    Publishes `scheduling.search-lost`, and `waitlist.entry-joined` for a new place.

    :param waits: they want to be told when one frees; only of a patient who is known.
    :raises SearchOver, BookingRefused:
    """
    close_search(search_id=search.pk, declined=why, note=note, by=by, at=at)
    waits = waits and search.patient is not None
    if waits:
        wait_for(search, by=by, at=at)
    code = WAITS if waits else LOST
    note_step(contact=contact, kind=StepKind.TELL, code=code, subject=search, by=by, at=at)


def wait_for(search: SearchRecord, *, by: Actor, at: dt.datetime) -> None:
    """A place on the list for what was looked for, where and with whom it was."""
    assert search.patient is not None  # noqa: S101 the caller has asked
    join_waitlist(
        patient=search.patient, visit_type=search.visit_type, **wished(search), by=by, at=at
    )
    note_waiting(search_id=search.pk, by=by, at=at)
