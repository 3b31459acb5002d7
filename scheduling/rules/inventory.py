"""How a slot counts in the supply: exactly one figure each."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum
from typing import Final

from scheduling.rules.availability import everything_that_hides, opens_by_the_clock
from scheduling.rules.names import HiddenBy
from scheduling.rules.slot_facts import SlotFacts
from scheduling.states import SlotStatus


class Figure(StrEnum):
    """What a slot is to somebody who counts supply at an instant."""

    OPEN = "open"  # anybody may book it now whom it suits
    SOON = "soon"  # a rule or a block lifts by itself within `SOON`
    HELD = "held"  # kept for somebody for minutes
    KEPT = "kept"  # not booked, and a rule keeps it from everybody
    BOOKED = "booked"
    BLOCKED = "blocked"
    UNUSED = "unused"  # it passed and nobody had it


#: "Released soon" is within so long.
SOON: Final = dt.timedelta(days=3)
_LIFT: Final = frozenset(
    {HiddenBy.SAME_DAY, HiddenBy.SAME_WEEK, HiddenBy.DAYS_BEFORE, HiddenBy.HELD_FOR_REVIEW}
)


def figure_of(slot: SlotFacts, *, at: dt.datetime) -> Figure | None:
    """The figure under which `slot` counts at `at`; None when it is off the schedule.

    Asks the one availability rule for nobody in particular: what a slot keeps for some patients
    is open, and what a clinician's day bears depends on the visit that is asked for.
    """
    if slot.status is SlotStatus.WITHDRAWN:
        return None
    if slot.starts_at <= at:
        return _passed(slot)
    return _gone(slot, at) or _by_the_rules(slot, at)


def _gone(slot: SlotFacts, at: dt.datetime) -> Figure | None:
    """What its own state says, before any rule is asked."""
    if slot.status is SlotStatus.BLOCKED:
        return Figure.SOON if _lifts_soon(slot.release_at, at) else Figure.BLOCKED
    if slot.status is SlotStatus.VACATED:
        return Figure.KEPT
    if slot.status is SlotStatus.BUSY or slot.taken >= slot.capacity:
        return Figure.BOOKED
    return Figure.HELD if slot.taken + slot.held >= slot.capacity else None


def _by_the_rules(slot: SlotFacts, at: dt.datetime) -> Figure:
    stops = {one.rule for one in everything_that_hides(slot, at=at) if one.stops}
    if not stops:
        return Figure.OPEN
    return Figure.SOON if stops <= _LIFT and _lifts_soon(_opens(slot, stops), at) else Figure.KEPT


def _passed(slot: SlotFacts) -> Figure:
    if slot.status is SlotStatus.BUSY or slot.taken:
        return Figure.BOOKED
    return Figure.BLOCKED if slot.status is SlotStatus.BLOCKED else Figure.UNUSED


def _opens(slot: SlotFacts, stops: set[HiddenBy]) -> dt.datetime | None:
    """What a person reviews is opened by its release rule alone."""
    return slot.release_at if HiddenBy.HELD_FOR_REVIEW in stops else opens_by_the_clock(slot)


def _lifts_soon(lifts_at: dt.datetime | None, at: dt.datetime) -> bool:
    return lifts_at is not None and lifts_at <= at + SOON
