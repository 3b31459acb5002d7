"""Somebody got a visit that they may have waited for: online, from staff, or in the EHR."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from crm.engine import Actor, MovedMeanwhile, move, record
from scheduling.models import Appointment
from scheduling.states import STANDS, Modality
from waitlist.actions.following import close_offers
from waitlist.models import Offer, WaitlistEntry
from waitlist.rules.waits import Becomes, Got, Wait, what_becomes
from waitlist.states import EntryKind, EntryStatus, OfferStatus

WHY = "they have such a visit"


def settle_waits(*, appointment_id: int, by: Actor, at: dt.datetime) -> int:
    """End what their patient waited for and has got; returns how many places ended.

    A place that the visit does not answer (`what_becomes`) goes on for sooner times. Open offers
    of a place that has ended close, since one visit was wanted, not two. Doing it again changes
    nothing.

    :raises Appointment.DoesNotExist:
    """
    visit = Appointment.objects.select_related(
        "slot", "gives_up", "visit_type", "location", "role__clinic__location"
    ).get(pk=appointment_id)
    if visit.status not in STANDS or visit.starts_at <= at or visit.visit_type is None:
        return 0
    waiting = WaitlistEntry.objects.filter(patient=visit.patient_id, status=EntryStatus.WAITING)
    entries = list(waiting.order_by("pk"))
    if not entries:
        return 0
    got = _got(visit)
    with transaction.atomic():
        ended = [entry.pk for entry in entries if _settle(entry, got, by=by, at=at)]
    open_offers = Offer.objects.filter(
        candidate__entry__in=ended, status__in=[OfferStatus.SENT, OfferStatus.NEXT_IN_LINE]
    )
    close_offers(open_offers, why=WHY, by=by, at=at)
    return len(ended)


def _settle(entry: WaitlistEntry, got: Got, *, by: Actor, at: dt.datetime) -> bool:
    """Whether the place has ended by it."""
    becomes = what_becomes(_wait(entry), got)
    if becomes is Becomes.KEPT and entry.kind != EntryKind.EARLIER:
        keep_place(entry, by=by, at=at)
    if becomes is not Becomes.ENDS:
        return False
    try:
        move(entry, to=EntryStatus.FULFILLED, by=by, at=at, reason=WHY)
    except MovedMeanwhile:
        return False  # an offer has ended it, or a person
    return True


def keep_place(entry: WaitlistEntry, *, by: Actor, at: dt.datetime) -> None:
    """They have such a visit, or are getting it, and keep their place for a better one."""
    WaitlistEntry.objects.filter(pk=entry.pk).update(kind=EntryKind.EARLIER)
    entry.kind = EntryKind.EARLIER
    record("waitlist.entry.kept", entry, by=by, at=at)


def _wait(entry: WaitlistEntry) -> Wait:
    return Wait(
        visit_type_id=entry.visit_type_id,
        provider_id=entry.provider_id,
        location_id=entry.location_id,
        not_after_on=entry.not_after_on,
        wants_earlier=entry.kind == EntryKind.EARLIER,
    )


def _got(visit: Appointment) -> Got:
    assert visit.visit_type is not None  # noqa: S101 for the type checker
    place = visit.location or (visit.role.clinic.location if visit.role else None)
    day = visit.starts_at.astimezone(place.tz if place else dt.UTC).date()
    replaced = visit.gives_up
    instead_of = visit.visit_type.stands_in_for.values_list("pk", flat=True)
    return Got(
        visit_type_ids=frozenset({visit.visit_type.pk, *instead_of}),
        provider_id=visit.provider_id,
        location_id=place.pk if place else None,
        day=day,
        is_in_person=visit.slot is None or visit.slot.modality == Modality.IN_PERSON,
        is_sooner=replaced is not None and visit.starts_at < replaced.starts_at,
    )
