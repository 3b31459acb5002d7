"""What patients answer to an offer. First YES wins."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import transaction

from crm.engine import Actor, move, publish, written_together
from scheduling.actions import BookingRefused, SlotHeld, SlotTaken, request_booking
from scheduling.models import Appointment
from scheduling.rules import HiddenBy
from scheduling.states import LIVE, SlotStatus
from waitlist import locks, texts
from waitlist.actions.closing import close_opening
from waitlist.actions.needs import past_needs
from waitlist.models import Offer, Opening
from waitlist.queries.requirements import asked_kind
from waitlist.states import LIVE_OFFER, EntryStatus, OfferStatus, OpeningStatus

_TAKES_A_YES = frozenset({OpeningStatus.OFFERING, OpeningStatus.PAUSED, OpeningStatus.CLAIMED})


NOT_NEEDED = "The visit that this time would replace has been moved or given up."


class OfferClosed(Exception):
    """The time is gone, or was never this patient's to take; `offer` tells which."""

    def __init__(self, offer: Offer) -> None:
        super().__init__("This time is no longer open.")
        self.offer = offer


def accept_offer(
    *, offer_id: int, channel: str, by: Actor, at: dt.datetime, set_aside: str = ""
) -> Offer:
    """The patient says yes.

    Locks the opening, the offer, the slot, in that order. The first yes takes the slot and
    becomes *accepted* while the EHR is asked; a later one is *next in line*. Saying yes again
    changes nothing. Publishes `waitlist.offer-accepted` or `waitlist.offer-next-in-line`.

    :param set_aside: why staff book it although a need stands against it (`past_needs`).
    :raises OfferClosed: when the opening has ended or the slot has just gone.
    :raises scheduling.actions.BookingRefused: when a rule hides the slot from this patient,
        such as another visit of theirs at that time, or an authorization that has ended since;
        the offer stays as it was.
    """
    closed: Offer
    with transaction.atomic(), written_together():
        opening, offer = locks.lock_offer_to_answer(offer_id)
        if offer.status in {OfferStatus.ACCEPTED, OfferStatus.NEXT_IN_LINE, OfferStatus.WON}:
            return offer
        if _can_still_be_taken(opening, offer, at):
            answered: dict[str, Any] = {"answered_at": at, "answered_by": channel}
            if opening.status == OpeningStatus.CLAIMED:
                return _line_up(opening, offer, answered, "offer_next_in_line", by=by, at=at)
            if offer.slot.status == SlotStatus.VACATED:
                # An earlier claim fell through; the EHR has not yet said that it is free.
                return _line_up(opening, offer, answered, "offer_pending_yours", by=by, at=at)
            try:
                if _claim(opening, offer, answered, set_aside=set_aside, by=by, at=at):
                    return offer
            except SlotHeld:
                # Staff keep it for somebody for minutes: theirs if that comes to nothing.
                return _line_up(opening, offer, answered, "offer_pending_yours", by=by, at=at)
        closed = offer
    # Outside the block: the closing it may have led to must stand.
    raise OfferClosed(closed)


def _can_still_be_taken(opening: Opening, offer: Offer, at: dt.datetime) -> bool:
    return (
        opening.status in _TAKES_A_YES
        and opening.deadline_at > at
        and offer.status in {OfferStatus.SENT, OfferStatus.DECLINED, OfferStatus.EXPIRED}
    )


def _line_up(
    opening: Opening,
    offer: Offer,
    answered: dict[str, Any],
    text: str,
    *,
    by: Actor,
    at: dt.datetime,
) -> Offer:
    move(offer, to=OfferStatus.NEXT_IN_LINE, by=by, at=at, **answered)
    texts.tell(offer, text, by=by, at=at)
    publish("waitlist.offer-next-in-line", offer, at=at, opening=opening.pk)
    return offer


def _claim(
    opening: Opening,
    offer: Offer,
    answered: dict[str, Any],
    *,
    by: Actor,
    at: dt.datetime,
    set_aside: str = "",
) -> bool:
    """Take the slot. False when it has gone meanwhile, and then the opening is closed.

    :raises BookingRefused: also when what the patient would have given up, or waited for, is
        settled already: a second visit beside it is not what they were offered.
    """
    gives_up = visit_to_give_up(offer)
    entry = offer.candidate.entry
    settled = entry is not None and entry.status != EntryStatus.WAITING
    if (offer.gives_up_id is not None and gives_up is None) or settled:
        raise BookingRefused(NOT_NEEDED, rule=HiddenBy.PATIENT_BUSY)
    kind = asked_kind(opening, offer.slot, patient=offer.patient, gives_up=gives_up)
    try:
        appointment = request_booking(
            slot_id=opening.slot_id,
            patient=offer.patient,
            gives_up=gives_up,
            journey_id=offer.interaction.journey_id if offer.interaction else None,
            starts_at=opening.starts_at,
            known=offer.slot,
            visit_type=kind,
            set_aside=past_needs(set_aside),
            by=by,
            at=at,
        )
    except SlotHeld:
        raise  # it may yet be free
    except SlotTaken as taken:
        close_opening(opening, to=OpeningStatus.TAKEN, why=str(taken), by=by, at=at)
        return False
    move(offer, to=OfferStatus.ACCEPTED, by=by, at=at, appointment=appointment, **answered)
    move(opening, to=OpeningStatus.CLAIMED, by=by, at=at)
    texts.tell(offer, texts.claimed_text(offer), by=by, at=at)
    publish("waitlist.offer-accepted", offer, at=at, opening=opening.pk)
    return True


def visit_to_give_up(offer: Offer) -> Appointment | None:
    """The later visit this offer would replace, while it still stands and is still later."""
    visit = offer.gives_up
    if visit is None:
        return None
    stands = visit.status in LIVE and visit.starts_at > offer.slot.starts_at
    return visit if stands else None


def claim_for_next(opening: Opening, *, by: Actor, at: dt.datetime) -> Offer | None:
    """Give a time that is open again to whoever said yes first among those in line.

    The caller holds the opening. None when nobody in line can take it.
    """
    waiting = [o for o in locks.lock_live_offers(opening) if o.status == OfferStatus.NEXT_IN_LINE]
    for offer in sorted(waiting, key=lambda o: (o.answered_at or at, o.pk)):
        answered: dict[str, Any] = {
            "answered_at": offer.answered_at,
            "answered_by": offer.answered_by,
        }
        try:
            if _claim(opening, offer, answered, by=by, at=at):
                return offer
        except BookingRefused:
            continue
        return None  # the slot has gone, and the opening with it
    return None


def decline_offer(*, offer_id: int, channel: str, by: Actor, at: dt.datetime) -> Offer:
    """The patient says no; they keep their place for other openings, and may still say yes.

    Publishes `waitlist.offer-declined`. An offer that has ended is left as it is.
    """
    with transaction.atomic(), written_together():
        opening, offer = locks.lock_offer_to_answer(offer_id)
        if offer.status not in LIVE_OFFER - {OfferStatus.ACCEPTED}:
            return offer
        move(
            offer,
            to=OfferStatus.DECLINED,
            by=by,
            at=at,
            answered_at=at,
            answered_by=channel,
        )
        texts.tell(offer, "offer_declined_ack", by=by, at=at)
        publish("waitlist.offer-declined", offer, at=at, opening=opening.pk)
    return offer
