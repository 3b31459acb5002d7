"""What an offer's page shows: one word for every way an offer can stand."""

from __future__ import annotations

from enum import StrEnum

from waitlist.states import OfferStatus, OpeningStatus


class Showing(StrEnum):
    OPEN = "open"  # a yes takes it, or a place in line
    DECLINED = "declined"  # they said no, and may still say yes
    ACCEPTED = "accepted"  # their yes was first; the EHR is being asked
    NEXT = "next"  # they are in line
    BOOKED = "booked"
    CHANGED = "changed"  # was booked, and is no longer as it was
    REFUSED = "refused"  # the EHR would not book it
    EXPIRED = "expired"  # the time to answer has passed
    GONE = "gone"


#: A yes is taken; held to `waitlist.actions.accept_offer` by a test.
TAKES_A_YES = frozenset({Showing.OPEN, Showing.DECLINED})
#: The page looks again by itself until this is settled.
UNSETTLED = frozenset({Showing.ACCEPTED, Showing.NEXT})
#: Nothing more comes of this offer; another opening may suit.
OVER = frozenset({Showing.REFUSED, Showing.EXPIRED, Showing.GONE})

_BY_OFFER = {
    OfferStatus.ACCEPTED: Showing.ACCEPTED,
    OfferStatus.NEXT_IN_LINE: Showing.NEXT,
    OfferStatus.REFUSED: Showing.REFUSED,
    OfferStatus.CLOSED: Showing.GONE,
    OfferStatus.UNREACHED: Showing.GONE,
}
_TAKING = frozenset({OpeningStatus.OFFERING, OpeningStatus.PAUSED, OpeningStatus.CLAIMED})


def showing(
    offer: OfferStatus, opening: OpeningStatus, *, in_time: bool, visit_stands: bool
) -> Showing:
    """What the page of an offer shows.

    :param in_time: whether the opening's deadline is still ahead.
    :param visit_stands: whether the visit that a won offer led to is still booked.
    """
    if offer is OfferStatus.WON:
        return Showing.BOOKED if visit_stands else Showing.CHANGED
    if offer in _BY_OFFER:
        return _BY_OFFER[offer]
    if opening is OpeningStatus.EXPIRED or not in_time:
        return Showing.EXPIRED
    if opening not in _TAKING:
        return Showing.GONE
    return Showing.DECLINED if offer is OfferStatus.DECLINED else Showing.OPEN
