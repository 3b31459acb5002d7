"""What is due of a treatment plan, and by when. Pure."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum

from crm.rules.chart import say_day
from crm.states import ItemStatus


class DueWord(StrEnum):
    OVERDUE = "overdue"
    DUE = "due"
    LATER = "later"
    ON_TRACK = "on track"
    ON_HOLD = "on hold"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class DueAdvice:
    """How an ordered visit stands, in words, and whether to book it."""

    word: DueWord
    words: str
    may_book: bool


#: An item is "due" this long before its last day even where its first is not told.
_SOON = dt.timedelta(days=60)


def say_of_item(
    *,
    status: ItemStatus,
    due_from_on: dt.date | None,
    due_until_on: dt.date | None,
    visits_planned: int,
    visits_done: int,
    next_on: dt.date | None,
    on: dt.date,
) -> DueAdvice:
    """What is due of one item, and by when.

    :param next_on: day of the next visit of that kind that is booked.
    """
    left = max(0, visits_planned - visits_done)
    done = f"{visits_done} of {visits_planned} done" if visits_planned > 1 else ""
    if status is ItemStatus.COMPLETED or left == 0:
        return DueAdvice(DueWord.DONE, done or "done", may_book=False)
    if status is ItemStatus.ON_HOLD:
        words = _join(done, "on hold: the clinic decides when it goes on")
        return DueAdvice(DueWord.ON_HOLD, words, may_book=False)
    if next_on is not None and (due_until_on is None or next_on <= due_until_on):
        return DueAdvice(DueWord.ON_TRACK, _join(done, f"next {say_day(next_on, on=on)}"), False)
    word, words = _say_due(due_from_on, due_until_on, on=on)
    if next_on is not None:
        words = f"{words}; booked {say_day(next_on, on=on)}, which is after that"
    return DueAdvice(word, _join(done, words), may_book=True)


def _say_due(
    from_on: dt.date | None, until_on: dt.date | None, *, on: dt.date
) -> tuple[DueWord, str]:
    if until_on is not None and until_on < on:
        return DueWord.OVERDUE, f"was due by {say_day(until_on, on=on)}"
    begins = from_on or (until_on - _SOON if until_on else on)
    if begins > on:
        words = f"due from {say_day(from_on, on=on)}" if from_on else ""
        until = f"{'to' if from_on else 'due by'} {say_day(until_on, on=on)}" if until_on else ""
        return DueWord.LATER, f"{words} {until}".strip()
    if until_on is not None:
        return DueWord.DUE, f"due by {say_day(until_on, on=on)}"
    return DueWord.DUE, "ordered, no day set"


def _join(*parts: str) -> str:
    return " · ".join(part for part in parts if part)
