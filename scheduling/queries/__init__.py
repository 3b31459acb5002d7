"""Named reads of scheduling."""

from scheduling.queries.availability import (
    booked_as,
    judge_slots,
    judge_to_book,
    opens_at,
    why_not,
)
from scheduling.queries.days import has_limits, week_name
from scheduling.queries.holds import active_holds, find_hold
from scheduling.queries.modes import ModeChange, mode_changes
from scheduling.queries.plans import find_plan_of
from scheduling.queries.search import judge_found, left_out, search_slots
from scheduling.queries.search_page import Cursor, Found, Page
from scheduling.queries.slots import BESIDE, get_slot, is_booked, keep_beside
from scheduling.queries.visits import ESTABLISHED_FOR, established, live_visits, overlapping

__all__ = [
    "BESIDE",
    "ESTABLISHED_FOR",
    "Cursor",
    "Found",
    "ModeChange",
    "Page",
    "active_holds",
    "booked_as",
    "established",
    "find_hold",
    "find_plan_of",
    "get_slot",
    "has_limits",
    "is_booked",
    "judge_found",
    "judge_slots",
    "judge_to_book",
    "keep_beside",
    "left_out",
    "live_visits",
    "mode_changes",
    "opens_at",
    "overlapping",
    "search_slots",
    "week_name",
    "why_not",
]
