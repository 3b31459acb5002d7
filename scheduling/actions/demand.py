"""The lost-demand ledger: a search is kept from its first look to its end."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.db import transaction

from crm.engine import Actor, move, publish, record
from crm.models import Patient, User
from crm.states import Channel
from scheduling import locks
from scheduling.models import Appointment, Location, SearchRecord
from scheduling.rules.search import Criteria, as_json
from scheduling.states import Declined, Lack, SearchStatus

CLOSE_SEARCH = "scheduling.search"
#: Nobody looked again for so long: the search is over.
QUIET = dt.timedelta(minutes=30)


class SearchOver(Exception):
    """It has ended already; the text says how, for staff."""


def keep_search(
    *,
    criteria: Criteria,
    shown: int,
    hidden: Mapping[str, int],
    lack: Lack | None,
    by: Actor,
    at: dt.datetime,
    search_id: int | None = None,
    user: User | None = None,
    patient: Patient | None = None,
    location: Location | None = None,
    channel: Channel = Channel.DESK,
) -> SearchRecord:
    """Write down what is looked for; a refined search updates its own row.

    :param shown: how many times were on the first page, and `hidden` how many each rule left out.
    :param lack: what it is short of, where nothing could be shown.
    :param search_id: the search that is refined. Begun anew where that one is over, somebody
        else's or about another patient.
    """
    looked: dict[str, Any] = {
        "visit_type_id": criteria.visit_type_id,
        "patient": patient,
        "location": location,
        "wanted": as_json(criteria),
        "searched_at": at,
        "due_at": at + QUIET,
        "shown": shown,
        "hidden": dict(hidden),
        "lack": lack or "",
        "lack_rule": _first(hidden) if lack is Lack.HIDDEN else "",
    }
    with transaction.atomic():
        known = locks.find_locked_search(search_id) if search_id else None
        if known is None or not _goes_on(known, user=user, patient=patient):
            made = SearchRecord.objects.create(
                **looked, channel=channel, by=user, created_at=at, status=SearchStatus.OPEN
            )
            record("scheduling.search.begun", made, by=by, at=at)
            return made
        SearchRecord.objects.filter(pk=known.pk).update(**looked, looks=known.looks + 1)
    return SearchRecord.objects.get(pk=known.pk)


def _goes_on(known: SearchRecord, *, user: User | None, patient: Patient | None) -> bool:
    """Whether a look is part of it: the patient may be named later, not changed."""
    same_patient = known.patient_id is None or (patient and known.patient_id == patient.pk)
    is_theirs = known.by_id == (user.pk if user else None)
    return known.status == SearchStatus.OPEN and is_theirs and bool(same_patient)


def _first(hidden: Mapping[str, int]) -> str:
    return max(hidden, key=lambda rule: hidden[rule], default="")


def close_search(
    *, search_id: int, declined: Declined, note: str, by: Actor, at: dt.datetime
) -> SearchRecord:
    """The agent says why none of the times suits. Publishes `scheduling.search-lost`.

    :raises SearchOver: when it was booked, or closed by somebody already.
    :raises SearchRecord.DoesNotExist:
    """
    with transaction.atomic():
        search = locks.lock_search(search_id)
        if search.status not in {SearchStatus.OPEN, SearchStatus.ABANDONED}:
            raise SearchOver("It was booked." if search.appointment_id else "It is closed already.")
        # What was never shown cannot be declined: then what it lacked stands.
        lack = search.lack or Lack.DECLINED
        _lose(search, to=SearchStatus.LOST, by=by, at=at, lack=lack, declined=declined, note=note)
    return search


def close_booked(*, search_id: int, appointment: Appointment, by: Actor, at: dt.datetime) -> None:
    """It ended in a booking; one that ended otherwise before is corrected."""
    with transaction.atomic():
        search = locks.find_locked_search(search_id)
        if search is None or search.status == SearchStatus.BOOKED:
            return
        move(
            search,
            to=SearchStatus.BOOKED,
            by=by,
            at=at,
            appointment=appointment,
            closed_at=at,
            due_at=None,
            lack="",
            lack_rule="",
        )


def close_quiet_search(*, search_id: int, by: Actor, at: dt.datetime) -> dt.datetime | None:
    """End a search that nobody went on with; returns when that may be, None when it is over.

    Lost where there was nothing to show; abandoned where nobody said why none was taken.

    :raises SearchRecord.DoesNotExist:
    """
    with transaction.atomic():
        search = locks.lock_search(search_id)
        if search.status != SearchStatus.OPEN:
            return None
        if search.searched_at + QUIET > at:
            return search.searched_at + QUIET
        to = SearchStatus.LOST if search.lack else SearchStatus.ABANDONED
        _lose(search, to=to, by=by, at=at)
    return None


def note_waiting(*, search_id: int, by: Actor, at: dt.datetime) -> None:
    """The patient stands on the waitlist for what was not found."""
    with transaction.atomic():
        search = locks.lock_search(search_id)
        if search.waits_since is None:
            SearchRecord.objects.filter(pk=search.pk).update(waits_since=at)
            record("scheduling.search.waits", search, by=by, at=at)


def _lose(
    search: SearchRecord, *, to: SearchStatus, by: Actor, at: dt.datetime, **said: Any
) -> None:
    move(search, to=to, by=by, at=at, closed_at=at, due_at=None, **said)
    publish("scheduling.search-lost", search, at=at, how=to, visit_type=search.visit_type_id)
