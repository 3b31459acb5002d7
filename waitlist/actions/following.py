"""What happens to slots, visits and texts, and what becomes of openings and offers by it."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from crm.engine import Actor, move, wake
from scheduling.models import Appointment
from scheduling.states import FreedBy
from waitlist import locks
from waitlist.actions.answers import claim_for_next
from waitlist.actions.closing import close_opening
from waitlist.actions.openings import STEP, open_opening
from waitlist.models import Offer, Opening
from waitlist.states import LIVE_OPENING, OfferStatus, OpeningStatus


def follow_freed_slot(
    *, slot_id: int, cause: FreedBy, freed_appointment_id: int | None, by: Actor, at: dt.datetime
) -> Opening | None:
    """A freed slot becomes an opening, below the one whose winner gave it up, if any.

    Where an opening lives already (its claim fell through), it goes on: the next in line first.
    """
    freed = Appointment.objects.filter(pk=freed_appointment_id or 0).first()
    opening = open_opening(
        slot_id=slot_id,
        cause=cause,
        freed_appointment=freed,
        parent=_parent(freed),
        by=by,
        at=at,
    )
    if opening is None:
        _go_on(slot_id, by=by, at=at)
    return opening


def _parent(freed: Appointment | None) -> Opening | None:
    if freed is None:
        return None
    took = {OfferStatus.ACCEPTED, OfferStatus.WON}
    won = Offer.objects.filter(gives_up=freed, status__in=took, appointment__isnull=False)
    winner = won.select_related("opening").first()
    return winner.opening if winner else None


def _go_on(slot_id: int, *, by: Actor, at: dt.datetime) -> None:
    with transaction.atomic():
        opening = _lock_live_opening(slot_id)
        if opening is None or opening.status != OpeningStatus.OFFERING:
            return
        if claim_for_next(opening, by=by, at=at) is None and opening.closed_at is None:
            wake(opening, STEP, at=at)


def close_because_taken(
    *, slot_id: int, appointment_id: int | None, by: Actor, at: dt.datetime
) -> None:
    """The slot is no longer free: close its opening, unless its own winner took it.

    While the winner's visit is being confirmed the EHR decides who has the slot.
    """
    with transaction.atomic():
        opening = _lock_live_opening(slot_id)
        if opening is None or opening.status == OpeningStatus.CLAIMED:
            return
        why = "booked elsewhere" if appointment_id else "no longer free in the EHR"
        close_opening(opening, to=OpeningStatus.TAKEN, why=why, by=by, at=at)


def _lock_live_opening(slot_id: int) -> Opening | None:
    live = Opening.objects.filter(slot_id=slot_id, status__in=LIVE_OPENING)
    pk = live.values_list("pk", flat=True).first()
    if pk is None:
        return None
    opening = locks.lock_opening(pk)
    return opening if opening.status in LIVE_OPENING else None


def drop_claim(*, appointment_id: int, by: Actor, at: dt.datetime) -> None:
    """The winner's visit was cancelled before the EHR had confirmed it.

    Whether the slot is free again is for the EHR to say, as after any cancelled visit; until
    then no wave goes out, and then the next in line has it.
    """
    found = Offer.objects.filter(appointment_id=appointment_id, status=OfferStatus.ACCEPTED)
    pk = found.values_list("pk", flat=True).first()
    if pk is None:
        return
    with transaction.atomic():
        opening, offer = locks.lock_offer(pk)
        if offer.status != OfferStatus.ACCEPTED:
            return
        move(offer, to=OfferStatus.CLOSED, by=by, at=at, reason="the visit was cancelled")
        move(opening, to=OpeningStatus.OFFERING, by=by, at=at, reason="the visit was cancelled")
        wake(opening, STEP, at=at)


def mark_unreached(*, offer_id: int, by: Actor, at: dt.datetime) -> None:
    """The offer's own text could not be sent: the next candidate is asked."""
    with transaction.atomic():
        opening, offer = locks.lock_offer(offer_id)
        if offer.status != OfferStatus.SENT:
            return
        move(offer, to=OfferStatus.UNREACHED, by=by, at=at, reason="its text was not sent")
        if opening.status == OpeningStatus.OFFERING:
            wake(opening, STEP, at=at)
