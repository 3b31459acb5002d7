"""The assignment itself: which visit gets which place. The only module that knows scipy.

Places of one clinician's one half-day cost a visit the same, so they are one cell. Each visit is
given its cheapest cells, and of each cell a few places, turned round from visit to visit, so that
all do not ask for the same ones; then a sparse assignment (LAPJVsp, Jonker and Volgenant 1987, as
scipy has it) finds the cheapest plan. Where a visit is given as many places as there are visits,
that plan is the cheapest of all: its dearer places are never needed, since one of the cheaper is
always left. Up to `EDGES` visits that is so; beyond, `bench/mass.py` says what it costs.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

#: Places that one visit is given, at least. So many visits are placed at the exact optimum.
EDGES: Final = 300
#: Rows that are reckoned at once: 200 visits by 20,000 cells are 32 MB.
ROWS: Final = 200


@dataclass(frozen=True, slots=True)
class Cell:
    """Places that cost any one visit the same: a sum for where, and one for when they are.

    `places` has a place twice where it has two seats. `serves`: the kinds of visit they are for.
    """

    where: int
    when: int
    places: Sequence[int]
    serves: frozenset[int] = frozenset()


@dataclass(slots=True)
class Market:
    """Visits by places. `where_points[visit][where]` and `when_points[visit][when]` are points.

    `kinds[visit]` is what it asks a cell to serve, `left_out[visit]` what it costs to place it
    nowhere. `barred` and `surcharge` are by visit and place: what the rules said of the pairs
    that were looked at. `closed`: visits that may have no place at all.
    """

    where_points: Sequence[Sequence[int]]
    when_points: Sequence[Sequence[int]]
    kinds: Sequence[int]
    left_out: Sequence[int]
    cells: Sequence[Cell]
    barred: set[tuple[int, int]] = field(default_factory=set)
    closed: set[int] = field(default_factory=set)
    surcharge: Mapping[tuple[int, int], int] = field(default_factory=dict)


class Shortlists:
    """Each visit's cheapest places, reckoned once; `solve` can then be asked again and again."""

    def __init__(self, market: Market, *, edges: int = EDGES) -> None:
        self._market = market
        self._edges = edges
        self._near = _nearest(market, edges) if market.left_out and market.cells else []

    def places_of(self, visit: int) -> list[int]:
        """The places given to one visit, the cheapest first."""
        if not self._near:
            return []
        places, points = self._near[visit]
        order = sorted(range(len(places)), key=lambda n: (points[n], places[n]))
        return [int(places[n]) for n in order]

    def matrix(self) -> tuple[list[int], list[int], list[float], tuple[int, int]]:
        """What is solved, as it stands: rows, columns, weights and shape of a sparse matrix."""
        seats = _Seats(self._market)
        rows, columns, weights = self._edges_of(seats, frozenset())
        return rows, columns, weights, (len(self._near), seats.count + len(self._near))

    def solve(self, *, without: Collection[int] = ()) -> dict[int, int]:
        """The cheapest plan: place by visit; visits that stay without one are left out.

        :param without: places that are not to be had.
        """
        if not self._near:
            return {}
        seats = _Seats(self._market)
        rows, columns, weights = self._edges_of(seats, frozenset(without))
        return seats.read(_match(rows, columns, weights, len(self._near), seats.count))

    def _edges_of(
        self, seats: _Seats, without: frozenset[int]
    ) -> tuple[list[int], list[int], list[float]]:
        rows: list[int] = []
        columns: list[int] = []
        weights: list[float] = []
        barred, closed = self._market.barred, self._market.closed
        surcharge = self._market.surcharge
        for visit, (places, points) in enumerate(self._near):
            for place, cost in zip(places, points, strict=True):
                if visit in closed or place in without or (visit, place) in barred:
                    continue
                weight = cost + surcharge.get((visit, place), 0) + 1.0  # 0 would be no edge
                for seat in seats.of[place]:
                    rows.append(visit)
                    columns.append(seat)
                    weights.append(weight)
            rows.append(visit)
            columns.append(seats.count + visit)  # to stay without a place
            weights.append(self._market.left_out[visit] + 1.0)
        return rows, columns, weights


class _Seats:
    """Columns of the matrix: one for each seat of each place."""

    def __init__(self, market: Market) -> None:
        self.of: dict[int, list[int]] = {}
        self._place: list[int] = []
        for cell in market.cells:
            for place in cell.places:
                self.of.setdefault(place, []).append(len(self._place))
                self._place.append(place)

    @property
    def count(self) -> int:
        return len(self._place)

    def read(self, matched: Mapping[int, int]) -> dict[int, int]:
        return {visit: self._place[seat] for visit, seat in matched.items() if seat < self.count}


def _match(
    rows: Sequence[int], columns: Sequence[int], weights: Sequence[float], visits: int, seats: int
) -> dict[int, int]:
    from scipy.sparse import csr_matrix
    from scipy.sparse.csgraph import min_weight_full_bipartite_matching

    graph = csr_matrix((weights, (rows, columns)), shape=(visits, seats + visits))
    found_rows, found_columns = min_weight_full_bipartite_matching(graph)
    return {int(r): int(c) for r, c in zip(found_rows, found_columns, strict=True)}


def _nearest(market: Market, edges: int) -> list[tuple[list[int], list[int]]]:
    """By visit: its places and what each costs it."""
    import numpy as np

    visits = len(market.left_out)
    where = np.asarray(market.where_points, dtype=np.int64)
    when = np.asarray(market.when_points, dtype=np.int64)
    cell_where = np.array([cell.where for cell in market.cells])
    cell_when = np.array([cell.when for cell in market.cells])
    closed = {
        kind: np.array([kind not in cell.serves for cell in market.cells])
        for kind in set(market.kinds)
    }
    distinct = [sorted(set(cell.places)) for cell in market.cells]
    # A large plan spreads: a few places of many cells rather than all of a few.
    each = edges if visits <= edges else max(1, edges // 100)
    found = []
    for begin in range(0, visits, ROWS):
        points = (
            where[begin : begin + ROWS][:, cell_where] + when[begin : begin + ROWS][:, cell_when]
        )
        for number, row in enumerate(points, start=begin):
            row[closed[market.kinds[number]]] = _CLOSED
            priced = [(int(cell), int(row[cell])) for cell in _cheapest(row, edges)]
            found.append(_of_visit(number * each, priced, distinct, each, edges))
    return found


#: More than any place costs.
_CLOSED: Final = 2**60


def _cheapest(row: Any, most: int) -> Any:
    """Up to so many cells, the cheapest first."""
    import numpy as np

    near = np.argpartition(row, most - 1)[:most] if most < len(row) else np.arange(len(row))
    return near[np.lexsort((near, row[near]))]


def _of_visit(
    turn: int, priced: list[tuple[int, int]], distinct: list[list[int]], each: int, edges: int
) -> tuple[list[int], list[int]]:
    """Places of the cheapest cells of one visit, until there are enough."""
    places: list[int] = []
    points: list[int] = []
    for cell, cost in priced:
        if cost >= _CLOSED or len(places) >= edges:
            break
        here = distinct[cell]
        for step in range(min(each, len(here))):
            places.append(here[(turn + step) % len(here)])
            points.append(cost)
    return places, points


def solve(market: Market, *, edges: int = EDGES) -> dict[int, int]:
    """The cheapest plan in one go: place by visit."""
    return Shortlists(market, edges=edges).solve()
