"""Ribbons as their pages draw them: rectangles of a thousandth, and lines in words."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from desk.anatomy_words import TELLING, say_piece
from desk.queries.contact_times import Timed
from desk.rules.anatomy import Piece, Spent

WHOLE = 1000


@dataclass(frozen=True, slots=True)
class Bar:
    """A rectangle of a ribbon `WHOLE` wide."""

    spent: Spent
    x: float
    width: float


@dataclass(frozen=True, slots=True)
class Line:
    """A piece or a moment, in words; `after` are seconds since the beginning."""

    says: str
    spent: Spent
    starts_at: dt.datetime
    after: float
    seconds: float
    bar: Bar | None


def draw(parts: Iterable[tuple[Spent, float]]) -> list[Bar]:
    """Side by side, as wide as their seconds; nothing has no rectangle."""
    given = [(spent, seconds) for spent, seconds in parts if seconds > 0]
    whole = sum(seconds for _, seconds in given)
    bars, x = [], 0.0
    for spent, seconds in given:
        width = WHOLE * seconds / whole
        bars.append(Bar(spent, round(x, 2), round(width, 2)))
        x += width
    return bars


def lines_of(timed: Timed) -> list[Line]:
    """Pieces and moments in the order in which they came; a moment before what it began.

    A moment that the talk before it names already is left out.
    """
    named = {(one.ends_at, one.leads_to) for one in timed.pieces if one.leads_to not in TELLING}
    bars = draw((one.spent, one.seconds) for one in timed.pieces)
    drawn = [_line(piece, timed, bar) for piece, bar in zip(timed.pieces, bars, strict=True)]
    points = [
        _line(one, timed, None) for one in timed.moments if (one.starts_at, one.kind) not in named
    ]
    return sorted([*points, *drawn], key=lambda one: (one.starts_at, one.bar is not None))


def _line(piece: Piece, timed: Timed, bar: Bar | None) -> Line:
    after = max(0.0, (piece.starts_at - timed.starts_at).total_seconds())
    says = say_piece(piece, is_voice=timed.contact.is_voice)
    return Line(says, piece.spent, piece.starts_at, after, piece.seconds, bar)
