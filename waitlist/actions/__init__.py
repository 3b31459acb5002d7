"""Every write of waitlist, and the exceptions it raises."""

from waitlist.actions.answers import OfferClosed, accept_offer, decline_offer
from waitlist.actions.closing import close_opening, expire_opening
from waitlist.actions.filling import fill_opening, reopen_after_refusal
from waitlist.actions.following import (
    close_because_taken,
    close_rivals,
    drop_claim,
    follow_freed_slot,
    mark_unreached,
)
from waitlist.actions.matching import match_opening
from waitlist.actions.offering import offer_another, send_wave
from waitlist.actions.openings import (
    MAX_DEPTH,
    OpeningClosed,
    book_by_hand,
    open_opening,
    pause_opening,
    resume_opening,
    withdraw_opening,
)
from waitlist.actions.replies import answer_reply

__all__ = [
    "MAX_DEPTH",
    "OfferClosed",
    "OpeningClosed",
    "accept_offer",
    "answer_reply",
    "book_by_hand",
    "close_because_taken",
    "close_opening",
    "close_rivals",
    "decline_offer",
    "drop_claim",
    "expire_opening",
    "fill_opening",
    "follow_freed_slot",
    "mark_unreached",
    "match_opening",
    "offer_another",
    "open_opening",
    "pause_opening",
    "reopen_after_refusal",
    "resume_opening",
    "send_wave",
    "withdraw_opening",
]
