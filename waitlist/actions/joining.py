"""A place on the list, asked for by the patient or by whoever speaks with them."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from crm.actions import find_or_open_journey
from crm.engine import Actor, move, publish, record
from crm.models import Patient
from scheduling.actions import BookingRefused
from scheduling.models import Appointment, CatalogEntry, Location, Provider, VisitType
from scheduling.rules import HiddenBy
from scheduling.states import LIVE
from waitlist.models import WaitlistEntry
from waitlist.queries.claims import CAME
from waitlist.states import EntryKind, EntryStatus

NEED = "A place on the list"


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
    if CatalogEntry.objects.filter(visit_type=visit_type, is_retired=True).exists():
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
