"""Lives of an opening, an offer and a waitlist entry."""

from __future__ import annotations

from enum import StrEnum


class OpeningStatus(StrEnum):
    LATER = "later"  # the clinic keeps it for its own day or week: it opens then
    MATCHING = "matching"  # just opened, candidates are being found
    WATCHING = "watching"  # shadow: what would be offered is written down, nothing is sent
    OFFERING = "offering"  # texts are out, or nobody is left to ask
    CLAIMED = "claimed"  # somebody said yes, the EHR is being asked
    PAUSED = "paused"  # by a person
    FILLED = "filled"
    TAKEN = "taken"  # booked by hand, or changed in the EHR
    WITHDRAWN = "withdrawn"  # by a person
    EXPIRED = "expired"  # its deadline passed


#: One slot has at most one opening in these.
LIVE_OPENING = frozenset(
    {
        OpeningStatus.LATER,
        OpeningStatus.MATCHING,
        OpeningStatus.WATCHING,
        OpeningStatus.OFFERING,
        OpeningStatus.CLAIMED,
        OpeningStatus.PAUSED,
    }
)
_ENDS = frozenset({OpeningStatus.TAKEN, OpeningStatus.WITHDRAWN, OpeningStatus.EXPIRED})
#: All that an opening in shadow mode can be: none of them knows an offer.
SHADOW_OPENING = _ENDS | {OpeningStatus.LATER, OpeningStatus.MATCHING, OpeningStatus.WATCHING}

OPENING_MOVES: dict[OpeningStatus, frozenset[OpeningStatus]] = {
    OpeningStatus.LATER: _ENDS | {OpeningStatus.MATCHING},
    OpeningStatus.MATCHING: _ENDS
    | {OpeningStatus.OFFERING, OpeningStatus.PAUSED, OpeningStatus.WATCHING},
    # Out of the shadow, or into it, only with its clinic (`actions.follow_mode`).
    OpeningStatus.WATCHING: _ENDS | {OpeningStatus.OFFERING},
    OpeningStatus.OFFERING: _ENDS
    | {OpeningStatus.CLAIMED, OpeningStatus.PAUSED, OpeningStatus.WATCHING},
    # Back to offering when the EHR refuses and the slot is still free.
    OpeningStatus.CLAIMED: frozenset(
        {
            OpeningStatus.FILLED,
            OpeningStatus.OFFERING,
            OpeningStatus.PAUSED,
            OpeningStatus.TAKEN,
        }
    ),
    # A YES to an offer that is out counts while a person has paused further waves.
    OpeningStatus.PAUSED: _ENDS
    | {
        OpeningStatus.MATCHING,
        OpeningStatus.OFFERING,
        OpeningStatus.CLAIMED,
        OpeningStatus.WATCHING,
    },
    OpeningStatus.FILLED: frozenset(),
    OpeningStatus.TAKEN: frozenset(),
    OpeningStatus.WITHDRAWN: frozenset(),
    OpeningStatus.EXPIRED: frozenset(),
}


class OfferStatus(StrEnum):
    SENT = "sent"  # its text is on the way or out
    ACCEPTED = "accepted"  # first yes; the EHR is being asked
    NEXT_IN_LINE = "next-in-line"  # yes, while somebody else's yes is being confirmed
    WON = "won"
    DECLINED = "declined"
    UNREACHED = "unreached"  # the text could not be sent
    REFUSED = "refused"  # the EHR would not book it
    CLOSED = "closed"  # the opening ended without them
    EXPIRED = "expired"  # not answered in its time


#: One patient has at most one of these for one slot.
LIVE_OFFER = frozenset({OfferStatus.SENT, OfferStatus.ACCEPTED, OfferStatus.NEXT_IN_LINE})
_OFFER_ENDS = frozenset(
    {OfferStatus.DECLINED, OfferStatus.UNREACHED, OfferStatus.CLOSED, OfferStatus.EXPIRED}
)

OFFER_MOVES: dict[OfferStatus, frozenset[OfferStatus]] = {
    OfferStatus.SENT: _OFFER_ENDS | {OfferStatus.ACCEPTED, OfferStatus.NEXT_IN_LINE},
    OfferStatus.NEXT_IN_LINE: _OFFER_ENDS | {OfferStatus.ACCEPTED},
    OfferStatus.ACCEPTED: frozenset({OfferStatus.WON, OfferStatus.REFUSED, OfferStatus.CLOSED}),
    # A no can be taken back while the opening lives.
    OfferStatus.DECLINED: frozenset({OfferStatus.ACCEPTED, OfferStatus.NEXT_IN_LINE}),
    OfferStatus.WON: frozenset(),
    OfferStatus.UNREACHED: frozenset(),
    OfferStatus.REFUSED: frozenset(),
    OfferStatus.CLOSED: frozenset(),
    # A late yes counts while the opening lives.
    OfferStatus.EXPIRED: frozenset({OfferStatus.ACCEPTED, OfferStatus.NEXT_IN_LINE}),
}


class PlanStatus(StrEnum):
    """Life of a wave that was planned and not sent at once."""

    WATCHED = "watched"  # shadow: nobody was ever asked, and nobody can be
    WAITING = "waiting"  # for a person to send it
    SENT = "sent"  # by a person
    LAPSED = "lapsed"  # nobody sent it in time: the next plan reckons with the time that is left
    PUT_OFF = "put-off"  # by a person: not now
    DROPPED = "dropped"  # its opening was claimed, paused or ended, or its clinic changed the mode


PLAN_MOVES: dict[PlanStatus, frozenset[PlanStatus]] = {
    PlanStatus.WATCHED: frozenset(),
    PlanStatus.WAITING: frozenset(
        {PlanStatus.SENT, PlanStatus.LAPSED, PlanStatus.PUT_OFF, PlanStatus.DROPPED}
    ),
    PlanStatus.SENT: frozenset(),
    PlanStatus.LAPSED: frozenset(),
    PlanStatus.PUT_OFF: frozenset(),
    PlanStatus.DROPPED: frozenset(),
}


class EntryStatus(StrEnum):
    WAITING = "waiting"
    FULFILLED = "fulfilled"
    REMOVED = "removed"


ENTRY_MOVES: dict[EntryStatus, frozenset[EntryStatus]] = {
    EntryStatus.WAITING: frozenset({EntryStatus.FULFILLED, EntryStatus.REMOVED}),
    EntryStatus.FULFILLED: frozenset({EntryStatus.WAITING}),
    EntryStatus.REMOVED: frozenset({EntryStatus.WAITING}),
}


class EntryKind(StrEnum):
    """Why somebody waits."""

    WAITLIST = "waitlist"  # asked to be told of an earlier time
    UNMET_REQUEST = "unmet-request"  # searched or called, and got nothing
    EARLIER = "earlier"  # has such a visit, and wants it earlier, elsewhere or with somebody else


class CandidateKind(StrEnum):
    LATER_VISIT = "later-visit"
    WAITLIST = "waitlist"
    UNMET_REQUEST = "unmet-request"


class Urgency(StrEnum):
    """Clinical urgency as the ordering clinician set it; the first term of the ranking."""

    ROUTINE = "routine"
    SOON = "soon"
    URGENT = "urgent"


class ScoreKind(StrEnum):
    """What an outside model may score. What is not here cannot be imported, so not count.

    Never payer, cost, or the value of a patient (principle 12).
    """

    NO_SHOW_RISK = "no-show-risk"  # that the later visit is missed
    ACCEPTANCE = "acceptance"  # that an offer of an earlier time is accepted
