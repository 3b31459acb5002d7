"""Where the time of a contact went: its pieces as one ribbon without a gap. Pure.

Most steps are moments ("verified", "booked"): they are written down when they are done. What was
between them nobody measured; while two people are on the line it is their talk, and is called that,
neither the agent's time nor the caller's. It is cut at the moments, so that each stretch of talk
says what it led to.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import pairwise

from crm.states import WaitsFor


class Spent(StrEnum):
    """On whom or on what time went."""

    TALKING = "talking"  # agent and caller with each other
    AGENT = "agent"
    CALLER = "caller"
    SYSTEM = "system"
    EHR = "ehr"
    COLLEAGUE = "colleague"
    QUEUE = "queue"

    @classmethod
    def on(cls, waits_for: str) -> Spent:
        """What a step's `waits_for` says."""
        return cls(WaitsFor(waits_for).value)


#: The kind of a piece that nobody wrote down.
TALK = "talk"


@dataclass(frozen=True, slots=True)
class Piece:
    """Something of a contact, with its time. Without an end it is a moment, and takes none.

    :param kind: a `StepKind`, or a name of what no step tells of: "queue", "talk".
    :param leads_to: of a stretch of talk: the kind of the moment, or piece, at its end.
    """

    kind: str
    spent: Spent
    starts_at: dt.datetime
    ends_at: dt.datetime | None = None
    code: str = ""
    leads_to: str = ""

    @property
    def seconds(self) -> float:
        return (self.ends_at - self.starts_at).total_seconds() if self.ends_at else 0.0

    @property
    def is_moment(self) -> bool:
        return self.ends_at is None or self.ends_at <= self.starts_at


def ribbon(pieces: Iterable[Piece], *, start: dt.datetime, end: dt.datetime) -> tuple[Piece, ...]:
    """The time from `start` to `end`, each moment of it in exactly one piece, in order.

    Where pieces lie over each other, the one that began last has the time: a search during a hold
    is the search's. What lies outside is cut off; a time that no piece has is talk, cut at the
    moments. The moments themselves stand among the pieces of `moments`, not here.
    """
    if end <= start:
        return ()
    lasting, points = _sort(pieces, start=start, end=end)
    cuts = {start, end, *points, *(piece.ends_at for piece in lasting if piece.ends_at)}
    found: list[Piece] = []
    for begins, ends in pairwise(sorted(cuts)):
        _append(found, _having(lasting, begins), begins, ends, leads_to=points.get(ends, ""))
    return tuple(found)


def moments(pieces: Iterable[Piece]) -> tuple[Piece, ...]:
    """Those that take no time, in order."""
    return tuple(sorted((one for one in pieces if one.is_moment), key=lambda one: one.starts_at))


def sum_up(pieces: Iterable[Piece]) -> dict[Spent, float]:
    """Seconds by what they went on; nothing stands for none."""
    found: dict[Spent, float] = {}
    for piece in pieces:
        found[piece.spent] = found.get(piece.spent, 0.0) + piece.seconds
    return found


def _sort(
    pieces: Iterable[Piece], *, start: dt.datetime, end: dt.datetime
) -> tuple[list[Piece], dict[dt.datetime, str]]:
    """The lasting ones, cut to the ribbon; and what begins or happens within it, by its time."""
    lasting: list[Piece] = []
    points: dict[dt.datetime, str] = {}
    for piece in pieces:
        if piece.is_moment:
            if start < piece.starts_at < end:
                points[piece.starts_at] = piece.kind
        elif piece.ends_at and piece.starts_at < end and piece.ends_at > start:
            begins, ends = max(piece.starts_at, start), min(piece.ends_at, end)
            lasting.append(replace(piece, starts_at=begins, ends_at=ends))
    return lasting, {piece.starts_at: piece.kind for piece in lasting} | points


def _having(lasting: Sequence[Piece], at: dt.datetime) -> Piece | None:
    """Whose the time from `at` is: of those that last, the latest begun; of these, the shortest."""
    over = [one for one in lasting if one.ends_at and one.starts_at <= at < one.ends_at]
    return max(over, key=lambda one: (one.starts_at, -one.seconds)) if over else None


def _append(
    found: list[Piece],
    having: Piece | None,
    begins: dt.datetime,
    ends: dt.datetime,
    *,
    leads_to: str,
) -> None:
    if having is None:
        found.append(Piece(TALK, Spent.TALKING, begins, ends, leads_to=leads_to))
        return
    last = found[-1] if found else None
    if last and last.kind != TALK and _same(last, having):
        found[-1] = replace(last, ends_at=ends)
    else:
        found.append(replace(having, starts_at=begins, ends_at=ends))


def _same(left: Piece, right: Piece) -> bool:
    return (left.kind, left.code, left.spent) == (right.kind, right.code, right.spent)
