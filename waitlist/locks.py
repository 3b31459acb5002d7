"""The only `select_for_update` of waitlist. Order: opening, offers by key, then slot.

The opening comes first: it is the point where everything about it queues up, and whoever
closes it must be sure that no offer appears behind their back (docs/decisions/0003).
"""

from __future__ import annotations

from waitlist.models import Offer, Opening
from waitlist.states import LIVE_OFFER, OfferStatus, OpeningStatus


def lock_opening(pk: int) -> Opening:
    """:raises Opening.DoesNotExist:"""
    return Opening.objects.select_for_update().get(pk=pk)


def lock_offer(pk: int) -> tuple[Opening, Offer]:
    """The offer and, before it, its opening. :raises Opening.DoesNotExist:"""
    lock_opening_of(pk)
    return _lock_its_offer(pk)


def lock_opening_of(offer_id: int) -> Opening:
    """The opening that this offer is of, found and locked by one statement, and no more than its
    status read. Everybody who says yes at once does that much before all but one wait, on the
    winner's processor, too. :raises Opening.DoesNotExist:"""
    return Opening.objects.select_for_update(of=("self",)).only("status").get(offers=offer_id)


def _lock_its_offer(pk: int, *beside: str) -> tuple[Opening, Offer]:
    """The caller holds the opening: what is read of it here, after the wait for it, stands."""
    rows = Offer.objects.select_for_update(of=("self",))
    offer = rows.select_related("opening", *beside).get(pk=pk)
    return offer.opening, offer


#: What is told to those who hold an offer names all of these.
_TOLD = (
    "patient",
    "phone",
    "interaction",
    "slot__role__clinic__location",
    "slot__visit_type",
)
#: What they may be told, too, where it ends.
_GIVES_UP = "gives_up__location"
#: What a yes that may take the slot looks at besides.
_ASKED = (_GIVES_UP, "slot__role__provider", "slot__room", "candidate__entry")


def lock_offer_to_answer(pk: int) -> tuple[Opening, Offer]:
    """As `lock_offer`, with what an answer to it reads beside it, in the statement that locks it.

    Where somebody has claimed the slot already, that is only what the patient is told.
    """
    is_claimed = lock_opening_of(pk).status == OpeningStatus.CLAIMED
    return _lock_its_offer(pk, *_TOLD, *(() if is_claimed else _ASKED))


def lock_live_offers(opening: Opening) -> list[Offer]:
    """The opening's offers that still count, oldest first. The caller holds the opening."""
    live = Offer.objects.select_for_update(of=("self",)).filter(
        opening=opening, status__in=LIVE_OFFER
    )
    offers = list(live.select_related(*_TOLD, _GIVES_UP).order_by("pk"))
    for offer in offers:
        offer.opening = opening
    return offers


def lock_unanswered(opening: Opening) -> list[Offer]:
    """Its offers that nobody has answered yet, by themselves. The caller holds the opening."""
    unanswered = Offer.objects.filter(opening=opening, status=OfferStatus.SENT)
    return list(unanswered.select_for_update(of=("self",)).order_by("pk"))
