"""What happens to slots, visits and texts, and what becomes of openings and offers by it."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.db.models import Q, QuerySet

from crm.engine import Actor, move, wake
from crm.states import Purpose
from outreach.actions import withdraw
from scheduling.models import Appointment, Slot
from scheduling.states import FreedBy, SlotStatus
from waitlist import locks, texts
from waitlist.actions.answers import claim_for_next
from waitlist.actions.closing import close_opening
from waitlist.actions.openings import STEP, open_opening
from waitlist.models import Offer, Opening
from waitlist.states import LIVE_OPENING, OfferStatus, OpeningStatus

MOVED = "moved to another time in the EHR"


def follow_freed_slot(
    *, slot_id: int, cause: FreedBy, freed_appointment_id: int | None, by: Actor, at: dt.datetime
) -> Opening | None:
    """A freed slot becomes an opening, below the one whose winner gave it up, if any.

    Where an opening lives already (its claim fell through, or its clinic lifted a restriction),
    it goes on: the next in line first. One for another time than the slot has now ends, and a
    new one begins.
    """
    _close_if_moved(slot_id, by=by, at=at)
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


def _close_if_moved(slot_id: int, *, by: Actor, at: dt.datetime) -> None:
    """The EHR moved a free slot: the time that people were offered is no longer there."""
    with transaction.atomic():
        opening = _lock_live_opening(slot_id)
        if opening is None or opening.status == OpeningStatus.CLAIMED:
            return
        if Slot.objects.values_list("starts_at", flat=True).get(pk=slot_id) != opening.starts_at:
            close_opening(opening, to=OpeningStatus.TAKEN, why=MOVED, by=by, at=at)


def _parent(freed: Appointment | None) -> Opening | None:
    if freed is None:
        return None
    took = {OfferStatus.ACCEPTED, OfferStatus.WON}
    won = Offer.objects.filter(gives_up=freed, status__in=took, appointment__isnull=False)
    winner = won.select_related("opening").first()
    return winner.opening if winner else None


def go_on_after_hold(*, slot_id: int, by: Actor, at: dt.datetime) -> None:
    """Somebody kept the slot for minutes and did not book it: the next in line has it, and waves
    go on."""
    _go_on(slot_id, by=by, at=at)


def _go_on(slot_id: int, *, by: Actor, at: dt.datetime) -> None:
    with transaction.atomic():
        opening = _lock_live_opening(slot_id)
        if opening is None or opening.status not in {
            OpeningStatus.OFFERING,
            OpeningStatus.LATER,
        }:
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
        if _is_free_as_offered(opening):
            return  # old news: it was taken, and is free again
        why = "booked elsewhere" if appointment_id else _why_not_free(opening)
        close_opening(opening, to=OpeningStatus.TAKEN, why=why, by=by, at=at)


def _is_free_as_offered(opening: Opening) -> bool:
    """Whether the slot is free now, at the time that people were offered."""
    slot = Slot.objects.get(pk=opening.slot_id)
    return slot.status == SlotStatus.FREE and slot.starts_at == opening.starts_at


def _why_not_free(opening: Opening) -> str:
    starts_at = Slot.objects.values_list("starts_at", flat=True).get(pk=opening.slot_id)
    return MOVED if starts_at != opening.starts_at else "no longer free in the EHR"


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
        back_to = OpeningStatus.PAUSED if opening.is_paused else OpeningStatus.OFFERING
        move(opening, to=back_to, by=by, at=at, reason="the visit was cancelled")
        texts.tell(offer, "offer_refused", by=by, at=at)
        wake(opening, STEP, at=at)


def close_rivals(*, offer_id: int, by: Actor, at: dt.datetime) -> int:
    """A winner's other open offers for the same need close: one visit was wanted, not two.

    By opening, each in the order of its key. Returns how many; nobody is told, since the text
    that said "booked" says it all.
    """
    won = Offer.objects.select_related("candidate").get(pk=offer_id)
    same_need = Q(candidate__entry__isnull=False, candidate__entry=won.candidate.entry_id) | Q(
        gives_up__isnull=False, gives_up=won.gives_up_id
    )
    rivals = Offer.objects.filter(
        same_need, patient=won.patient_id, status__in=[OfferStatus.SENT, OfferStatus.NEXT_IN_LINE]
    ).exclude(pk=won.pk)
    return close_offers(rivals, why="took another time", by=by, at=at)


def close_offers(offers: QuerySet[Offer], *, why: str, by: Actor, at: dt.datetime) -> int:
    """Those of them that are open and unanswered, or in line, close; by opening, each in the order
    of its key and in a transaction of its own. Returns how many; their patients are not told."""
    closed = 0
    for pk in offers.order_by("opening_id", "pk").values_list("pk", flat=True):
        with transaction.atomic():
            opening, offer = locks.lock_offer(pk)
            if offer.status not in {OfferStatus.SENT, OfferStatus.NEXT_IN_LINE}:
                continue
            move(offer, to=OfferStatus.CLOSED, by=by, at=at, reason=why)
            withdraw(subjects=[offer], purpose=Purpose.OFFER, why=why, by=by, at=at)
            if opening.status == OpeningStatus.OFFERING:
                wake(opening, STEP, at=at)
            closed += 1
    return closed


def mark_unreached(*, offer_id: int, by: Actor, at: dt.datetime) -> None:
    """The offer's own text could not be sent: the next candidate is asked."""
    with transaction.atomic():
        opening, offer = locks.lock_offer(offer_id)
        if offer.status != OfferStatus.SENT:
            return
        move(offer, to=OfferStatus.UNREACHED, by=by, at=at, reason="its text was not sent")
        if opening.status == OpeningStatus.OFFERING:
            wake(opening, STEP, at=at)
