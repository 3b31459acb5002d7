"""Ending an opening, and telling everybody who was asked."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from django.db import transaction

from crm.engine import Actor, move, publish
from crm.states import Purpose
from outreach.actions import withdraw
from outreach.models import Message
from outreach.queries import GONE_OUT
from scheduling.models import Slot
from waitlist import locks, texts
from waitlist.actions.plans import drop_plan
from waitlist.models import Offer, Opening
from waitlist.states import LIVE_OPENING, OfferStatus, OpeningStatus

#: What those who were asked hear, by how the opening ended.
_TOLD: dict[OpeningStatus, str] = {
    OpeningStatus.FILLED: "offer_gone",
    OpeningStatus.TAKEN: "offer_gone",
    OpeningStatus.WITHDRAWN: "offer_withdrawn",
}


def close_opening(
    opening: Opening, *, to: OpeningStatus, why: str, by: Actor, at: dt.datetime
) -> None:
    """End it now, and every offer with it. The caller holds the opening's lock.

    Texts that have not left stay here. Those who were asked and did not say no are told, and
    keep their place. A deadline that passed is told to nobody but those in line: the offer's own
    text named the time. Publishes `waitlist.opening-closed`.
    """
    drop_plan(opening, reason=why, by=by, at=at)
    move(opening, to=to, by=by, at=at, reason=why, closed_at=at, closed_why=why, due_at=None)
    offers = locks.lock_live_offers(opening)
    withdraw(subjects=offers, purpose=Purpose.OFFER, why=why, by=by, at=at)
    asked, said = have_left(offers), _told_of(opening, to)
    winners_phone = _phone_of_winner(opening) if to is OpeningStatus.FILLED else None
    for offer in offers:
        was = OfferStatus(offer.status)
        expired = to is OpeningStatus.EXPIRED
        move(offer, to=OfferStatus.EXPIRED if expired else OfferStatus.CLOSED, by=by, at=at)
        if offer.pk not in asked:
            continue  # they never heard of it
        if not expired or was is OfferStatus.NEXT_IN_LINE:
            shares = offer.phone_id == winners_phone
            texts.tell(offer, "offer_other_closed" if shares else said, by=by, at=at)
    publish("waitlist.opening-closed", opening, at=at, status=to)


def _phone_of_winner(opening: Opening) -> int | None:
    """Somebody else on that phone must not read "taken" right beside "you are booked"."""
    won = Offer.objects.filter(opening=opening, status=OfferStatus.WON)
    return won.values_list("phone_id", flat=True).first()


def _told_of(opening: Opening, to: OpeningStatus) -> str:
    """A slot that the EHR moved to another time was taken by nobody: say no more than is so."""
    starts_at = Slot.objects.values_list("starts_at", flat=True).get(pk=opening.slot_id)
    return "offer_withdrawn" if starts_at != opening.starts_at else _TOLD.get(to, "offer_gone")


def have_left(offers: Iterable[Offer]) -> set[int]:
    """Offers that their patients may have heard of: a text about them is on its way or out."""
    texts_out = Message.objects.filter(
        subject_type="waitlist.offer",
        subject_id__in=[offer.pk for offer in offers],
        status__in=GONE_OUT,
    )
    return {pk for pk in texts_out.values_list("subject_id", flat=True) if pk is not None}


def expire_opening(*, opening_id: int, by: Actor, at: dt.datetime) -> bool:
    """Close an opening whose deadline has passed; False while a booking is being confirmed."""
    with transaction.atomic():
        opening = locks.lock_opening(opening_id)
        if opening.status not in LIVE_OPENING or opening.deadline_at > at:
            return True
        if opening.status == OpeningStatus.CLAIMED:
            return False
        close_opening(opening, to=OpeningStatus.EXPIRED, why="its deadline passed", by=by, at=at)
    return True
