"""A place on the list, asked for by the patient or by whoever speaks with them."""

from __future__ import annotations

import datetime as dt
from typing import TypedDict

from django.db import transaction

from crm.actions import find_or_open_journey
from crm.engine import Actor, move, publish, record
from crm.models import Patient
from scheduling.actions import BookingRefused
from scheduling.locks import lock_names
from scheduling.models import (
    Appointment,
    CatalogEntry,
    Location,
    Provider,
    SearchRecord,
    VisitType,
)
from scheduling.rules import HiddenBy
from scheduling.states import LIVE, SearchStatus
from waitlist.models import WaitlistEntry
from waitlist.queries.claims import CAME
from waitlist.states import EntryKind, EntryStatus

NEED = "A place on the list"
#: Whoever found nothing is thought of for visits within so many days of their search.
UNMET_FOR = dt.timedelta(days=90)


class Wished(TypedDict):
    """A site and a clinician, or any."""

    location: Location | None
    provider: Provider | None


@transaction.atomic
def join_waitlist(
    *,
    patient: Patient,
    visit_type: VisitType,
    by: Actor,
    at: dt.datetime,
    location: Location | None = None,
    provider: Provider | None = None,
    not_after_on: dt.date | None = None,
) -> WaitlistEntry:
    """The patient waits for such a visit there, or for an earlier one than they have; asking again
    changes nothing.

    Locks the patient (by the journey that it hangs on), so that two taps make one place.
    Publishes `waitlist.entry-joined` for a new one. Openings find it by themselves.

    :raises BookingRefused: for a kind of visit that is no longer booked.
    """
    if _is_retired(visit_type):
        raise BookingRefused(f"{visit_type} is no longer booked.", rule=HiddenBy.RETIRED)
    find_or_open_journey(patient=patient, need=NEED, by=by, at=at)
    wanted = {"patient": patient, "visit_type": visit_type, "location": location}
    waiting = WaitlistEntry.objects.filter(
        **wanted, provider=provider, status=EntryStatus.WAITING
    ).first()
    if waiting is not None and not _is_over(waiting):
        return waiting
    if waiting is not None:
        move(waiting, to=EntryStatus.FULFILLED, by=by, at=at, reason="they have come since")
    entry = WaitlistEntry.objects.create(
        **wanted,
        provider=provider,
        kind=EntryKind.EARLIER if _has_one(patient, visit_type, at=at) else EntryKind.WAITLIST,
        not_after_on=not_after_on,
        created_at=at,
    )
    record("waitlist.entry.joined", entry, by=by, at=at, visit_type=visit_type.pk)
    publish("waitlist.entry-joined", entry, at=at)
    return entry


@transaction.atomic
def want_what_was_lost(*, search_id: int, by: Actor, at: dt.datetime) -> WaitlistEntry | None:
    """Whoever looked for a visit and was shown nothing is a candidate when a time frees, without
    anybody's asking (`UNMET_REQUEST`). Whether they may be texted is asked when one does.

    None where that is not so: times were shown; it is not known who looked; the agent has asked
    them why and whether they want to wait; they wait for it, or have such a visit, already; it is
    no longer booked. Doing it again changes nothing. Publishes `waitlist.entry-joined`.

    :raises SearchRecord.DoesNotExist:
    """
    search = SearchRecord.objects.select_related("patient", "visit_type").get(pk=search_id)
    patient, kind = search.patient, search.visit_type
    if patient is None or search.status != SearchStatus.LOST or search.declined:
        return None
    lock_names(f"unmet {patient.pk} {kind.pk}")
    waits = WaitlistEntry.objects.filter(
        patient=patient, visit_type=kind, status=EntryStatus.WAITING
    )
    if waits.exists() or _has_one(patient, kind, at=at) or _is_retired(kind):
        return None
    wanted = search.wanted
    entry = WaitlistEntry.objects.create(
        patient=patient,
        visit_type=kind,
        kind=EntryKind.UNMET_REQUEST,
        **wished(search),
        not_before_on=_day(wanted.get("first_on")),
        not_after_on=_day(wanted.get("last_on")) or (search.searched_at + UNMET_FOR).date(),
        created_at=search.created_at,
    )
    record("waitlist.entry.unmet", entry, by=by, at=at, search=search.pk, visit_type=kind.pk)
    publish("waitlist.entry-joined", entry, at=at)
    return entry


def wished(search: SearchRecord) -> Wished:
    """Where and with whom it was looked for."""
    wanted = search.wanted
    return {
        "location": Location.objects.filter(pk=wanted.get("location_id")).first(),
        "provider": Provider.objects.filter(pk=wanted.get("provider_id")).first(),
    }


def _day(said: str | None) -> dt.date | None:
    return dt.date.fromisoformat(said) if said else None


def _is_retired(visit_type: VisitType) -> bool:
    return CatalogEntry.objects.filter(visit_type=visit_type, is_retired=True).exists()


def _is_over(entry: WaitlistEntry) -> bool:
    """Whether they have had such a visit since they began to wait: asked anew, they wait anew."""
    return Appointment.objects.filter(
        patient=entry.patient_id,
        visit_type=entry.visit_type_id,
        status__in=CAME,
        starts_at__gt=entry.created_at,
    ).exists()


def _has_one(patient: Patient, visit_type: VisitType, *, at: dt.datetime) -> bool:
    return Appointment.objects.filter(
        patient=patient, visit_type=visit_type, status__in=LIVE, starts_at__gt=at
    ).exists()
