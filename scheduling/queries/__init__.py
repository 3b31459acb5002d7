"""Named reads of scheduling."""

from scheduling.queries.availability import (
    BESIDE,
    booked_as,
    get_slot,
    judge_slots,
    keep_beside,
    opens_at,
    why_not,
)
from scheduling.queries.days import has_limits, week_name
from scheduling.queries.holds import active_holds, find_hold
from scheduling.queries.modes import ModeChange, mode_changes
from scheduling.queries.visits import ESTABLISHED_FOR, established, live_visits, overlapping

__all__ = [
    "BESIDE",
    "ESTABLISHED_FOR",
    "ModeChange",
    "active_holds",
    "booked_as",
    "established",
    "find_hold",
    "get_slot",
    "has_limits",
    "judge_slots",
    "keep_beside",
    "live_visits",
    "mode_changes",
    "opens_at",
    "overlapping",
    "week_name",
    "why_not",
]
