"""Words for staff on the pages of mass rescheduling."""

from __future__ import annotations

from typing import Final, NamedTuple

from scheduling.states import MassItemStatus, MassMoveStatus, VisitUrgency


class Chip(NamedTuple):
    """A state in a word, with the class that colors it and its icon."""

    word: str
    look: str
    icon: str


JOBS: Final[dict[str, Chip]] = {
    MassMoveStatus.DRAFT: Chip("Working out", "accent", "hourglass"),
    MassMoveStatus.PLANNED: Chip("Plan to look at", "accent", "eye"),
    MassMoveStatus.RUNNING: Chip("Running", "a-2h", "player-play"),
    MassMoveStatus.PAUSED: Chip("Paused", "", "player-pause"),
    MassMoveStatus.DONE: Chip("Done", "good", "circle-check"),
    MassMoveStatus.STOPPED: Chip("Stopped", "", "player-stop"),
}
ITEMS: Final[dict[str, Chip]] = {
    MassItemStatus.PROPOSED: Chip("Proposed", "accent", "calendar-event"),
    MassItemStatus.UNPLACED: Chip("No place", "a-2h", "calendar-x"),
    MassItemStatus.EXCLUDED: Chip("Left out", "", "circle-x"),
    MassItemStatus.OFFERED: Chip("Asked to choose", "accent", "message-2-question"),
    MassItemStatus.ASKED: Chip("EHR is asked", "accent", "hourglass"),
    MassItemStatus.MOVED: Chip("Moved", "good", "circle-check"),
    MassItemStatus.FOR_AGENT: Chip("To call", "a-2h", "phone"),
    MassItemStatus.FAILED: Chip("Not moved", "late", "alert-triangle"),
    MassItemStatus.SETTLED: Chip("Settled by hand", "good", "user-check"),
    MassItemStatus.TAKEN_BACK: Chip("Taken back", "", "arrow-back-up"),
}
URGENCIES: Final[dict[str, Chip]] = {
    VisitUrgency.TODAY: Chip("Today", "a-now", "alert-triangle"),
    VisitUrgency.THREE_DAYS: Chip("3 days", "a-now", "clock-hour-2"),
    VisitUrgency.WEEK: Chip("7 days", "a-2h", "clock-hour-2"),
    VisitUrgency.TWO_WEEKS: Chip("14 days", "a-6h", "clock-hour-6"),
    VisitUrgency.ROUTINE: Chip("Routine", "a-routine", "circle-check"),
}
PHASES: Final[dict[str, str]] = {
    "": "Waiting for its turn",
    "reading": "Reading visits and free times",
    "judging": "Asking the rules of each free time",
    "solving": "Looking for the best plan",
    "writing": "Writing it down",
}
TERMS: Final[dict[str, str]] = {
    "clinician": "Clinician",
    "distance": "Way",
    "too-far": "Way",
    "urgency": "Urgency",
    "weekday": "Their days",
    "hours": "Their hours",
    "delay": "Delay",
    "rule": "Rules",
}
