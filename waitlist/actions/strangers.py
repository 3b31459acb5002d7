"""Offers on a phone that turns out to be somebody else's."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from crm.engine import Actor, move, wake
from crm.models import Patient, Phone
from waitlist import locks
from waitlist.actions.openings import STEP
from waitlist.models import Offer
from waitlist.states import OfferStatus, OpeningStatus

_OPEN = (OfferStatus.SENT, OfferStatus.NEXT_IN_LINE)


def release_offers(
    *, phone: Phone, patient: Patient | None, why: str, by: Actor, at: dt.datetime
) -> int:
    """End what is offered on this phone, to this patient or to all, and ask the next.

    Nobody is told: whoever has the phone is not the patient. By opening, in the order of keys.
    Returns how many ended.
    """
    offers = Offer.objects.filter(phone=phone, status__in=_OPEN)
    if patient is not None:
        offers = offers.filter(patient=patient)
    ended = 0
    for pk in offers.order_by("opening_id", "pk").values_list("pk", flat=True):
        with transaction.atomic():
            opening, offer = locks.lock_offer(pk)
            if offer.status not in _OPEN:
                continue
            move(offer, to=OfferStatus.UNREACHED, by=by, at=at, reason=why)
            if opening.status == OpeningStatus.OFFERING:
                wake(opening, STEP, at=at)
            ended += 1
    return ended
