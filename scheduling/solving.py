"""The assignment itself: which visit gets which place. The only module that knows scipy.

Places of one clinician's one half-day cost a visit the same, so they are one cell. Each visit is
given its cheapest cells, and of each cell a few places, turned round from visit to visit, so that
all do not ask for the same ones; then a sparse assignment (LAPJVsp, Jonker and Volgenant 1987, as
scipy has it) finds the cheapest plan. Where a visit is given as many places as there are visits,
that plan is the cheapest of all: its dearer places are never needed, since one of the cheaper is
always left. Up to `EDGES` visits that is so; beyond, `bench/mass.py` says what it costs.

All of it is arrays: an edge is a visit, a place, and what the place costs the visit.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Any, Final

#: Places that one visit is given, at least. So many visits are placed at the exact optimum.
EDGES: Final = 300
#: Rows that are reckoned at once: 200 visits by 20,000 cells are 32 MB.
ROWS: Final = 200


@dataclass(frozen=True, slots=True)
class Cell:
    """Places that cost any one visit the same: a sum for where, and one for when they are.

    `places` has a place twice where it has two seats; no other cell has it. `serves`: the kinds
    of visit they are for.
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
        self._edges = (
            _Edges(market, _nearest(market, edges)) if market.left_out and market.cells else None
        )

    def places_of(self, visit: int) -> list[int]:
        """The places given to one visit, the cheapest first."""
        return self._edges.places_of(visit) if self._edges else []

    def matrix(self) -> tuple[Any, Any, Any, tuple[int, int]]:
        """What is solved, as it stands: rows, columns, weights and shape of a sparse matrix."""
        if self._edges is None:
            return [], [], [], (0, 0)
        return self._edges.matrix()

    def solve(self) -> dict[int, int]:
        """The cheapest plan: place by visit; visits that stay without one are left out."""
        return self._edges.solve() if self._edges else {}


def solve(market: Market, *, edges: int = EDGES) -> dict[int, int]:
    """The cheapest plan in one go: place by visit."""
    return Shortlists(market, edges=edges).solve()


class _Edges:
    """Visits with their places in three arrays, by visit, points and place."""

    def __init__(self, market: Market, near: tuple[Any, Any, Any]) -> None:
        import numpy as np

        self._market = market
        self._visit, self._place, self._points = near
        self._begins = np.searchsorted(self._visit, np.arange(len(market.left_out) + 1))
        seated = np.array([place for cell in market.cells for place in cell.places])
        self._columns = np.argsort(seated, kind="stable")  # of the first place, the next, …
        self._place_of = seated
        self._span = int(seated.max()) + 1
        self._seats = np.bincount(seated, minlength=self._span)
        self._first = np.cumsum(self._seats) - self._seats
        keys = self._visit * self._span + self._place
        self._order = np.argsort(keys)
        self._keys = keys[self._order]

    def places_of(self, visit: int) -> list[int]:
        found: list[int] = self._place[self._begins[visit] : self._begins[visit + 1]].tolist()
        return found

    def matrix(self) -> tuple[Any, Any, Any, tuple[int, int]]:
        """An edge for each seat of each place that may be, and one to stay without."""
        import numpy as np

        visits, seats = len(self._market.left_out), len(self._place_of)
        may_be = self._may_be()
        visit, place = self._visit[may_be], self._place[may_be]
        repeated, step = _repeated(self._seats[place])
        nowhere = np.arange(visits)
        left_out = np.asarray(self._market.left_out, dtype=float)
        return (
            np.concatenate((visit[repeated], nowhere)),
            np.concatenate((self._columns[self._first[place][repeated] + step], seats + nowhere)),
            # 0 would be no edge.
            np.concatenate((self._weights()[may_be][repeated], left_out)) + 1.0,
            (visits, seats + visits),
        )

    def solve(self) -> dict[int, int]:
        from scipy.sparse import csr_matrix
        from scipy.sparse.csgraph import min_weight_full_bipartite_matching

        rows, columns, weights, shape = self.matrix()
        graph = csr_matrix((weights, (rows, columns)), shape=shape)
        visits, seats = min_weight_full_bipartite_matching(graph)
        placed = seats < len(self._place_of)
        places = self._place_of[seats[placed]]
        return dict(zip(visits[placed].tolist(), places.tolist(), strict=True))

    def _may_be(self) -> Any:
        """By edge: whether nothing bars it."""
        import numpy as np

        may_be = np.ones(len(self._visit), dtype=bool)
        where, _ = self._find(self._market.barred)
        may_be[where] = False
        return may_be & ~np.isin(self._visit, list(self._market.closed))

    def _weights(self) -> Any:
        import numpy as np

        weights = self._points.astype(float)
        surcharge = self._market.surcharge
        where, found = self._find(surcharge)
        weights[where] += np.fromiter(surcharge.values(), dtype=float)[found]
        return weights

    def _find(self, pairs: Collection[tuple[int, int]]) -> tuple[Any, Any]:
        """The edges of these pairs, and which of the pairs have one."""
        import numpy as np

        wanted = np.fromiter((v * self._span + p for v, p in pairs), dtype=np.int64)
        keys = np.append(self._keys, -1)  # one more, to compare with what is beyond the last
        at = np.searchsorted(self._keys, wanted)
        found = keys[at] == wanted
        return self._order[at[found]], found


def _nearest(market: Market, edges: int) -> tuple[Any, Any, Any]:
    """Of each visit its places and what each costs it, as three arrays."""
    import numpy as np

    visits = len(market.left_out)
    # A large plan spreads: a few places of many cells rather than all of a few.
    each = edges if visits <= edges else max(1, edges // 100)
    distinct = [sorted(set(cell.places)) for cell in market.cells]
    parts = [_places(distinct, priced, each=each, edges=edges) for priced in _priced(market, edges)]
    visit, place, points = np.concatenate([np.zeros((3, 0), dtype=np.int64), *parts], axis=1)
    order = np.lexsort((place, points, visit))
    return visit[order], place[order], points[order]


def _priced(market: Market, edges: int) -> Iterator[tuple[Any, Any, Any]]:
    """Visits of one kind, `ROWS` at a time: their cheapest cells, and what those cost them."""
    import numpy as np

    where = np.asarray(market.where_points, dtype=np.int64)
    when = np.asarray(market.when_points, dtype=np.int64)
    cell_where = np.array([cell.where for cell in market.cells])
    cell_when = np.array([cell.when for cell in market.cells])
    kinds = np.asarray(market.kinds)
    for kind in sorted(set(market.kinds)):
        cells = np.array([n for n, cell in enumerate(market.cells) if kind in cell.serves], int)
        of_kind = np.flatnonzero(kinds == kind)
        for begin in range(0, len(of_kind) if len(cells) else 0, ROWS):
            some = of_kind[begin : begin + ROWS]
            points = where[some][:, cell_where[cells]] + when[some][:, cell_when[cells]]
            near = _cheapest(points, edges)
            yield some, cells[near], np.take_along_axis(points, near, axis=1)


def _cheapest(points: Any, most: int) -> Any:
    """By row: up to so many columns, the cheapest first."""
    import numpy as np

    if most < points.shape[1]:
        near = np.sort(np.argpartition(points, most - 1, axis=1)[:, :most], axis=1)
    else:
        near = np.broadcast_to(np.arange(points.shape[1]), points.shape)
    by_points = np.argsort(np.take_along_axis(points, near, axis=1), axis=1, kind="stable")
    return np.take_along_axis(near, by_points, axis=1)


def _places(
    distinct: list[list[int]], priced: tuple[Any, Any, Any], *, each: int, edges: int
) -> Any:
    """Places of the cheapest cells of some visits, until each visit has enough."""
    import numpy as np

    some, cells, points = priced
    sizes = np.fromiter(map(len, distinct), dtype=np.int64)
    offsets = np.cumsum(sizes) - sizes
    flat = np.fromiter(chain.from_iterable(distinct), dtype=np.int64)
    taken = np.minimum(sizes[cells], each)
    before = np.cumsum(taken, axis=1) - taken
    taken[before >= edges] = 0
    repeated, step = _repeated(taken.ravel())
    cell = cells.ravel()[repeated]
    visit = np.repeat(some, cells.shape[1])[repeated]
    place = flat[offsets[cell] + (visit * each + step) % sizes[cell]]
    return np.stack((visit, place, points.ravel()[repeated]))


def _repeated(counts: Any) -> tuple[Any, Any]:
    """Each index as often as its count says, and how often it has been there before."""
    import numpy as np

    repeated = np.repeat(np.arange(len(counts)), counts)
    begins = np.cumsum(counts) - counts
    return repeated, np.arange(len(repeated)) - begins[repeated]
