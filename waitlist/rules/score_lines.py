"""Reading a file of outside scores: every line is right, or told what is wrong with it."""

from __future__ import annotations

import csv
import datetime as dt
import math
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from waitlist.states import ScoreKind

COLUMNS: Final = (
    *("system", "patient", "kind", "value", "model", "version", "source"),
    *("computed_at", "expires_at"),
)
_LONGEST: Final = {"system": 160, "patient": 120, "model": 60, "version": 40, "source": 120}
_KINDS: Final = ", ".join(sorted(ScoreKind))


class ScoreLine(NamedTuple):
    """One score. The patient is named as some system knows them; the times are aware."""

    number: int
    system: str
    patient: str
    kind: ScoreKind
    value: float
    model: str
    version: str
    source: str
    computed_at: dt.datetime
    expires_at: dt.datetime

    @property
    def key(self) -> tuple[str, str, str, str, dt.datetime]:
        """What can be there once only."""
        return (self.system, self.patient, self.kind, self.model, self.computed_at)


class Problem(NamedTuple):
    """What is wrong with a line, for whoever made the file. Line 1 is the header."""

    number: int
    sentence: str


class _Wrong(Exception):
    """One cell says what it may not."""


def read_scores(lines: Iterable[str], *, at: dt.datetime) -> tuple[list[ScoreLine], list[Problem]]:
    """The scores of a CSV file with a header, and what is wrong with its lines, in their order.

    :param at: aware; what was computed after it, or has expired by then, is wrong.
    """
    rows = csv.reader(lines)
    try:
        header = [name.strip().lstrip("\ufeff") for name in next(rows, [])]
        if problems := list(_header_problems(header)):
            return [], problems
        return _read_rows(rows, header, at)
    except csv.Error as error:
        return [], [Problem(rows.line_num, f"The file cannot be read as CSV: {error}.")]


def _header_problems(header: list[str]) -> Iterator[Problem]:
    if missing := [name for name in COLUMNS if name not in header]:
        yield Problem(1, f"Columns are missing: {', '.join(missing)}.")
    if strange := [name for name in header if name not in COLUMNS]:
        yield Problem(1, f"Nothing else can be imported: {', '.join(strange)}.")
    if len(set(header)) < len(header):
        yield Problem(1, "A column comes twice.")


def _read_rows(
    rows: Iterator[list[str]], header: list[str], at: dt.datetime
) -> tuple[list[ScoreLine], list[Problem]]:
    found: list[ScoreLine] = []
    problems: list[Problem] = []
    first_seen: dict[tuple[str, str, str, str, dt.datetime], int] = {}
    for number, row in enumerate(rows, start=2):
        if not any(cell.strip() for cell in row):
            continue
        try:
            line = _read(number, row, header, at)
            twin = first_seen.setdefault(line.key, number)
            if twin != number:
                raise _Wrong(f"Line {twin} has the same patient, kind, model and time.")
            found.append(line)
        except _Wrong as wrong:
            problems.append(Problem(number, str(wrong)))
    if not found and not problems:
        problems.append(Problem(1, "The file holds no scores."))
    return found, problems


def _read(number: int, row: list[str], header: list[str], at: dt.datetime) -> ScoreLine:
    if len(row) != len(header):
        raise _Wrong(f"It has {len(row)} cells; the header has {len(header)}.")
    cells = {name: cell.strip() for name, cell in zip(header, row, strict=True)}
    for name, longest in _LONGEST.items():
        if not cells[name]:
            raise _Wrong(f"{name} is empty.")
        if len(cells[name]) > longest or not cells[name].isprintable():
            raise _Wrong(f"{name} is longer than {longest} characters, or not plain text.")
    computed_at, expires_at = _time(cells, "computed_at"), _time(cells, "expires_at")
    if computed_at > at:
        raise _Wrong("computed_at is in the future.")
    if expires_at <= max(computed_at, at):
        raise _Wrong("expires_at is over already.")
    return ScoreLine(
        number=number,
        kind=_kind(cells["kind"]),
        value=_value(cells["value"]),
        computed_at=computed_at,
        expires_at=expires_at,
        **{name: cells[name] for name in _LONGEST},
    )


def _kind(cell: str) -> ScoreKind:
    try:
        return ScoreKind(cell)
    except ValueError:
        raise _Wrong(f"kind may be {_KINDS}; {cell[:40]!r} cannot be imported.") from None


def _value(cell: str) -> float:
    try:
        value = float(cell)
    except ValueError:
        value = math.nan
    if not 0 <= value <= 1:  # NaN fails this too
        raise _Wrong(f"value is a probability from 0 to 1, not {cell[:20]!r}.")
    return value


def _time(cells: dict[str, str], name: str) -> dt.datetime:
    try:
        moment = dt.datetime.fromisoformat(cells[name])
        if moment.tzinfo is None:
            raise ValueError("naive")
        return moment.astimezone(dt.UTC)
    except (ValueError, OverflowError):
        example = "2026-11-30T16:00:00-06:00"
        raise _Wrong(f"{name} is a time with its zone, as {example}.") from None
