"""Every write of this app, and the exceptions that writes raise."""

from outreach.actions.carrying_out import NotHeld, NurseFirst, carry_out
from outreach.actions.claiming import ThreadTaken, take_thread
from outreach.actions.deliveries import record_delivery
from outreach.actions.dispatching import dispatch, recheck_queue
from outreach.actions.doubting import doubt_number, end_doubt
from outreach.actions.inbound import UnreadableNumber, receive_text
from outreach.actions.paging import page_on_call
from outreach.actions.people import answer, hand_to_person
from outreach.actions.replying import (
    CannotReply,
    RepliedMeanwhile,
    find_asked,
    is_of_a_person,
    reply_by_text,
    why_not_now,
)
from outreach.actions.sending import DISPATCH, Outgoing, send, send_together
from outreach.actions.web_words import receive_web_words
from outreach.actions.withdrawing import withdraw

__all__ = [
    "DISPATCH",
    "CannotReply",
    "NotHeld",
    "NurseFirst",
    "Outgoing",
    "RepliedMeanwhile",
    "ThreadTaken",
    "UnreadableNumber",
    "answer",
    "carry_out",
    "dispatch",
    "doubt_number",
    "end_doubt",
    "find_asked",
    "hand_to_person",
    "is_of_a_person",
    "page_on_call",
    "receive_text",
    "receive_web_words",
    "recheck_queue",
    "record_delivery",
    "reply_by_text",
    "send",
    "send_together",
    "take_thread",
    "why_not_now",
    "withdraw",
]
