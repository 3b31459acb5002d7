"""What is due of a treatment plan, and by when. Pure."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum

from crm.rules.chart import say_day
from crm.rules.said import Said, say, say_all
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
    done: Said | str = ""
    if visits_planned > 1:
        done = say("%(done)s of %(planned)s done", done=visits_done, planned=visits_planned)
    if status is ItemStatus.COMPLETED or left == 0:
        return DueAdvice(DueWord.DONE, done or say("done"), may_book=False)
    if status is ItemStatus.ON_HOLD:
        words = _join(done, say("on hold: the clinic decides when it goes on"))
        return DueAdvice(DueWord.ON_HOLD, words, may_book=False)
    if next_on is not None and (due_until_on is None or next_on <= due_until_on):
        then = say("next %(day)s", day=say_day(next_on, on=on))
        return DueAdvice(DueWord.ON_TRACK, _join(done, then), False)
    word, words = _say_due(due_from_on, due_until_on, on=on)
    if next_on is not None:
        day = say_day(next_on, on=on)
        words = say("%(due)s; booked %(day)s, which is after that", due=words, day=day)
    return DueAdvice(word, _join(done, words), may_book=True)


def _say_due(
    from_on: dt.date | None, until_on: dt.date | None, *, on: dt.date
) -> tuple[DueWord, Said]:
    if until_on is not None and until_on < on:
        return DueWord.OVERDUE, say("was due by %(day)s", day=say_day(until_on, on=on))
    begins = from_on or (until_on - _SOON if until_on else on)
    if begins > on:
        return DueWord.LATER, _say_later(from_on, until_on, on=on)
    if until_on is not None:
        return DueWord.DUE, say("due by %(day)s", day=say_day(until_on, on=on))
    return DueWord.DUE, say("ordered, no day set")


def _say_later(from_on: dt.date | None, until_on: dt.date | None, *, on: dt.date) -> Said:
    first = say_day(from_on, on=on) if from_on else None
    last = say_day(until_on, on=on) if until_on else None
    if first and last:
        return say("due from %(first)s to %(last)s", first=first, last=last)
    return say("due from %(day)s", day=first) if first else say("due by %(day)s", day=last)


def _join(*parts: Said | str) -> Said:
    return say_all(list(parts), " · ")
