"""The map of the supply as its page draws it: cells with their heat, words and links."""

from __future__ import annotations

import datetime as dt
import math
from collections import Counter
from dataclasses import dataclass

from desk import inventory_words as words
from desk.inventory_forms import MapForm
from scheduling.queries.inventory import Counts, SupplyMap
from scheduling.rules.inventory import Figure

#: Shades of a cell: none, and four by the share of the chosen figure.
SHADES = 4
#: More rows are not drawn: a filter by clinic shows the others.
MOST_ROWS = 80


@dataclass(frozen=True, slots=True)
class Cell:
    """One figure that opens. `says` is all of it in words."""

    count: int
    total: int
    shade: int
    says: str
    query: str
    is_open: bool


@dataclass(frozen=True, slots=True)
class Line:
    name: str
    key: str
    cells: tuple[Cell, ...]
    total: Cell


@dataclass(frozen=True, slots=True)
class FigurePill:
    """A figure of the whole map; choosing it colors the map by it."""

    figure: Figure
    said: words.FigureWords
    count: int
    query: str


@dataclass(frozen=True, slots=True)
class Drawn:
    """`left_out` counts rows that are not drawn; sums have them all the same."""

    lines: tuple[Line, ...]
    sums: Line
    figures: tuple[FigurePill, ...]
    left_out: int


def draw(found: SupplyMap, form: MapForm) -> Drawn:
    """Everything that the table shows. A shade is the figure's share of a cell, as compared with
    the largest share of any."""
    by_day: dict[dt.date, Counter[Figure]] = {day: Counter() for day in form.supply.days}
    for row in found.rows:
        for day, counts in row.days.items():
            by_day[day].update(counts)
    most = max((_share(form, c) for row in found.rows for c in row.days.values()), default=0.0)
    pen = _Pen(form, most)
    lines = tuple(
        pen.line(row.key, words.row_name(found.by, row.name), row.days, row.total)
        for row in found.rows[:MOST_ROWS]
    )
    total = found.total
    return Drawn(
        lines=lines,
        sums=pen.line("", "All", {day: dict(counts) for day, counts in by_day.items()}, total),
        figures=tuple(
            FigurePill(f, said, total.get(f, 0), form.query(figure=f.value))
            for f, said in words.FIGURES.items()
        ),
        left_out=max(0, len(found.rows) - MOST_ROWS),
    )


def _share(form: MapForm, counts: Counts) -> float:
    total = sum(counts.values())
    return counts.get(form.chosen_figure, 0) / total if total else 0.0


@dataclass(frozen=True, slots=True)
class _Pen:
    form: MapForm
    most: float

    def line(self, key: str, name: str, by_day: dict[dt.date, Counts], total: Counts) -> Line:
        days = self.form.supply.days
        cells = tuple(self._cell(key, name, day, by_day.get(day, {})) for day in days)
        return Line(name, key, cells, self._cell(key, name, None, total))

    def _cell(self, key: str, name: str, day: dt.date | None, counts: Counts) -> Cell:
        form, share = self.form, _share(self.form, counts)
        return Cell(
            count=counts.get(form.chosen_figure, 0),
            total=sum(counts.values()),
            shade=min(SHADES, math.ceil(SHADES * share / self.most)) if share else 0,
            says=words.say_cell(name, day, counts),
            query=form.query(row=key or None, day=day, shown=1),
            is_open=form.is_open and form.row_key == (key or None) and form.chosen_day == day,
        )
