"""What shadow mode says to a clinic: what became of the times it did not offer, and the gain."""

from __future__ import annotations

import datetime as dt
import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from scheduling.states import SlotStatus


class Outcome(StrEnum):
    """What became of a time that was watched and not offered."""

    FILLED = "filled"  # by staff, some time later
    UNUSED = "unused"  # passed with nobody in it
    CLOSED = "closed"  # blocked, moved or taken off the schedule by the clinic
    TO_COME = "to-come"  # still free, and not over


@dataclass(frozen=True, slots=True)
class Watched:
    """One time that was watched. `days_gained` is that of the first who would have been asked.

    `filled_at` is when somebody was booked into it, None where nobody was.
    """

    opened_at: dt.datetime
    starts_at: dt.datetime
    minutes: int
    would_ask: int
    days_gained: int | None
    filled_at: dt.datetime | None
    outcome: Outcome


def outcome_of(
    *,
    filled_at: dt.datetime | None,
    slot_status: SlotStatus,
    slot_starts_at: dt.datetime,
    starts_at: dt.datetime,
    at: dt.datetime,
) -> Outcome:
    """What became of a watched time. A slot that is busy with nobody we know of was filled in
    the EHR; one that has another time now was moved by the clinic."""
    if filled_at is not None:
        return Outcome.FILLED
    if slot_starts_at != starts_at or slot_status in {SlotStatus.BLOCKED, SlotStatus.WITHDRAWN}:
        return Outcome.CLOSED
    if slot_status is SlotStatus.BUSY:
        return Outcome.FILLED
    return Outcome.TO_COME if starts_at > at else Outcome.UNUSED


@dataclass(frozen=True, slots=True)
class Totals:
    """Figures of some watched times.

    `asked` counts people who would have been asked, once for each time. `filled_after` is the
    median time that staff took to fill one. `unused_minutes` passed with nobody in them although
    somebody would have been asked. `days_gained` is the median of the first in each line.
    """

    openings: int
    with_people: int
    asked: int
    filled: int
    filled_after: dt.timedelta | None
    unused: int
    unused_minutes: int
    closed: int
    to_come: int
    days_gained: float | None


def total(watched: Iterable[Watched]) -> Totals:
    """The figures of these times."""
    rows = list(watched)
    taken = [(w.filled_at - w.opened_at).total_seconds() for w in rows if w.filled_at is not None]
    gained = [w.days_gained for w in rows if w.days_gained is not None]
    unused = _of(rows, Outcome.UNUSED)
    return Totals(
        openings=len(rows),
        with_people=sum(1 for w in rows if w.would_ask),
        asked=sum(w.would_ask for w in rows),
        filled=len(_of(rows, Outcome.FILLED)),
        filled_after=dt.timedelta(seconds=statistics.median(taken)) if taken else None,
        unused=len(unused),
        unused_minutes=sum(w.minutes for w in unused if w.would_ask),
        closed=len(_of(rows, Outcome.CLOSED)),
        to_come=len(_of(rows, Outcome.TO_COME)),
        days_gained=statistics.median(gained) if gained else None,
    )


def _of(rows: Sequence[Watched], outcome: Outcome) -> list[Watched]:
    return [row for row in rows if row.outcome is outcome]
