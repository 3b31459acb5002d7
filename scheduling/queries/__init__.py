"""Named reads of scheduling."""

from scheduling.queries.availability import (
    get_slot,
    keep_beside,
    opens_at,
    patient_facts,
    slot_facts,
    why_not,
)
from scheduling.queries.holds import active_holds, find_hold
from scheduling.queries.modes import ModeChange, mode_changes
from scheduling.queries.visits import ESTABLISHED_FOR, established, live_visits, overlapping

__all__ = [
    "ESTABLISHED_FOR",
    "ModeChange",
    "active_holds",
    "established",
    "find_hold",
    "get_slot",
    "keep_beside",
    "live_visits",
    "mode_changes",
    "opens_at",
    "overlapping",
    "patient_facts",
    "slot_facts",
    "why_not",
]
