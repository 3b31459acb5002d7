"""The only `select_for_update` of waitlist. Order: opening, offers by key, then slot.

The opening comes first: it is the point where everything about it queues up, and whoever
closes it must be sure that no offer appears behind their back (docs/decisions/0003).
"""

from __future__ import annotations

from waitlist.models import Offer, Opening
from waitlist.states import LIVE_OFFER, OfferStatus


def lock_opening(pk: int) -> Opening:
    """:raises Opening.DoesNotExist:"""
    return Opening.objects.select_for_update().get(pk=pk)


def lock_offer(pk: int) -> tuple[Opening, Offer]:
    """The offer and, before it, its opening. :raises Offer.DoesNotExist:"""
    opening_id = Offer.objects.values_list("opening_id", flat=True).get(pk=pk)
    opening = lock_opening(opening_id)
    return opening, Offer.objects.select_for_update().get(pk=pk)


def lock_live_offers(opening: Opening) -> list[Offer]:
    """The opening's offers that still count, oldest first. The caller holds the opening."""
    live = Offer.objects.select_for_update(of=("self",)).filter(
        opening=opening, status__in=LIVE_OFFER
    )
    # What is told to them names all of these.
    told = (
        "patient",
        "phone",
        "interaction",
        "gives_up__location",
        "slot__role__clinic__location",
        "slot__visit_type",
    )
    offers = list(live.select_related(*told).order_by("pk"))
    for offer in offers:
        offer.opening = opening
    return offers


def lock_unanswered(opening: Opening) -> list[Offer]:
    """Its offers that nobody has answered yet, by themselves. The caller holds the opening."""
    unanswered = Offer.objects.filter(opening=opening, status=OfferStatus.SENT)
    return list(unanswered.select_for_update(of=("self",)).order_by("pk"))
