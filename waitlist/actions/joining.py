"""A place on the list, asked for by the patient or by whoever speaks with them."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from crm.actions import find_or_open_journey
from crm.engine import Actor, publish, record
from crm.models import Patient
from scheduling.models import Location, Provider, VisitType
from waitlist.models import WaitlistEntry
from waitlist.states import EntryStatus

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
    """The patient waits for such a visit there; asking again changes nothing.

    Locks the patient (by the journey that it hangs on), so that two taps make one place.
    Publishes `waitlist.entry-joined` for a new one. Openings find it by themselves.
    """
    find_or_open_journey(patient=patient, need=NEED, by=by, at=at)
    wanted = {"patient": patient, "visit_type": visit_type, "location": location}
    waiting = WaitlistEntry.objects.filter(
        **wanted, provider=provider, status=EntryStatus.WAITING
    ).first()
    if waiting is not None:
        return waiting
    entry = WaitlistEntry.objects.create(
        **wanted, provider=provider, not_after_on=not_after_on, created_at=at
    )
    record("waitlist.entry.joined", entry, by=by, at=at, visit_type=visit_type.pk)
    publish("waitlist.entry-joined", entry, at=at)
    return entry
