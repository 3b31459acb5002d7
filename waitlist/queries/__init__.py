"""Named reads of waitlist."""

from waitlist.queries.explaining import explain, list_left_out
from waitlist.queries.hand_booking import plan_hand_booking
from waitlist.queries.opening_detail import get_opening_detail
from waitlist.queries.openings import Shown, all_lines, list_openings
from waitlist.queries.people import gather, slot_facts

__all__ = [
    "Shown",
    "all_lines",
    "explain",
    "gather",
    "get_opening_detail",
    "list_left_out",
    "list_openings",
    "plan_hand_booking",
    "slot_facts",
]
