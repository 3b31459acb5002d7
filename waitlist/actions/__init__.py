"""Every write of waitlist, and the exceptions it raises."""

from waitlist.actions.answers import OfferClosed, accept_offer, decline_offer
from waitlist.actions.closing import close_opening, expire_opening
from waitlist.actions.filling import fill_opening, reopen_after_refusal, tell_requested
from waitlist.actions.following import (
    close_because_taken,
    close_rivals,
    drop_claim,
    follow_freed_slot,
    go_on_after_hold,
    mark_unreached,
)
from waitlist.actions.giving_back import ask_to_give_back
from waitlist.actions.joining import join_waitlist, want_what_was_lost, wished
from waitlist.actions.matching import match_opening
from waitlist.actions.modes import follow_mode
from waitlist.actions.offering import offer_another, send_wave
from waitlist.actions.openings import (
    MAX_DEPTH,
    OpeningClosed,
    book_by_hand,
    open_kept_opening,
    open_opening,
    pause_opening,
    resume_opening,
    withdraw_opening,
)
from waitlist.actions.plans import PlanClosed, drop_plan_of
from waitlist.actions.proposing import put_plan_off, send_plan, skip_person
from waitlist.actions.replies import answer_reply
from waitlist.actions.scores import ScoresRefused, import_scores
from waitlist.actions.unheard import call_unheard, call_unheard_in_time
from waitlist.actions.waits import keep_place, settle_waits
from waitlist.actions.waves import next_wave

__all__ = [
    "MAX_DEPTH",
    "OfferClosed",
    "OpeningClosed",
    "PlanClosed",
    "ScoresRefused",
    "accept_offer",
    "answer_reply",
    "ask_to_give_back",
    "book_by_hand",
    "call_unheard",
    "call_unheard_in_time",
    "close_because_taken",
    "close_opening",
    "close_rivals",
    "decline_offer",
    "drop_claim",
    "drop_plan_of",
    "expire_opening",
    "fill_opening",
    "follow_freed_slot",
    "follow_mode",
    "go_on_after_hold",
    "import_scores",
    "join_waitlist",
    "keep_place",
    "mark_unreached",
    "match_opening",
    "next_wave",
    "offer_another",
    "open_kept_opening",
    "open_opening",
    "pause_opening",
    "put_plan_off",
    "reopen_after_refusal",
    "resume_opening",
    "send_plan",
    "send_wave",
    "settle_waits",
    "skip_person",
    "tell_requested",
    "want_what_was_lost",
    "wished",
    "withdraw_opening",
]
