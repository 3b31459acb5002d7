"""What the rules say of pairs of visit and place, for as few pairs as a plan needs."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import Final

from scheduling.queries.mass_market import Table
from scheduling.rules import Hidden, HiddenBy
from scheduling.rules.mass import OVER_A_RULE, When
from scheduling.solving import Market, Shortlists

#: With so many clinicians a visit is looked at that may not have its place.
MOST_LOOKS: Final = 120
#: So many of a clinic speak for all.
ALIKE: Final = 2
#: What stands against one place of a clinician's half-day stands against all of it.
ALL_DAY: Final = frozenset(
    {
        HiddenBy.AGE,
        HiddenBy.AUTHORIZATION,
        HiddenBy.COVERAGE,
        HiddenBy.FREQUENCY,
        HiddenBy.NEEDED_FIRST,
        HiddenBy.NEW_OR_ESTABLISHED,
        HiddenBy.ORDER_DATE,
        HiddenBy.PROVIDER_RULE,
    }
)
#: A visit and a place, by their numbers.
Pair = tuple[int, int]


class Pairs:
    """The pairs that were looked at, and what follows for others like them."""

    def __init__(self, table: Table, near: Shortlists) -> None:
        self._table, self._near = table, near
        #: What stops a pair, and what the plan would go past for it by name.
        self.stops: dict[Pair, tuple[Hidden, ...]] = {}
        self.over: dict[Pair, tuple[Hidden, ...]] = {}
        #: Visits that nobody near may have.
        self.hopeless: set[int] = set()
        #: Half-days, and whole clinicians, that one visit may not have at all.
        self._shut: dict[int, set[tuple[int, When] | int]] = defaultdict(set)
        self._weeks: set[tuple[int, int]] = set()  # kind of visit and place
        self._kinds = [visit.visit_type_id for visit in table.facts]

    def look_at(self, pairs: Iterable[Pair]) -> None:
        """Judge those that were not yet; one query at most."""
        missing = [pair for pair in pairs if pair not in self.stops]
        self.read_weeks(missing)
        for pair in missing:
            self._judge(pair)

    def read_weeks(self, pairs: Iterable[Pair]) -> None:
        """Clinicians' weeks for many pairs, in one query."""
        missing = {(self._kinds[visit], place) for visit, place in pairs} - self._weeks
        if missing:
            self._weeks |= missing
            places = self._table.places
            self._table.judge.look_up_days((places[p].slot, kind) for kind, p in sorted(missing))

    def stops_at(self, pair: Pair) -> tuple[Hidden, ...]:
        """What stops it; `read_weeks` has been asked for the pair."""
        if pair not in self.stops:
            self._judge(pair)
        return self.stops[pair]

    def _judge(self, pair: Pair) -> None:
        visit, place = self._table.visits[pair[0]], self._table.places[pair[1]]
        found = self._table.judge.of_pair(visit, place.slot)
        self.stops[pair], self.over[pair] = found.stops, () if found.stops else found.over
        if self._is_shut_all_day(pair):
            self.shut(pair)

    def shut(self, pair: Pair) -> None:
        """The clinician's half-day is not for this visit."""
        self._shut[pair[0]].add(self._table.places[pair[1]].half_day)

    def look_around(self, visits: Iterable[int]) -> None:
        """Whom visits may not have that were given a place which does not stand."""
        around = {visit: self._probes(visit) for visit in visits}
        self.read_weeks((v, place) for v, probes in around.items() for p in probes for place in p)
        for visit, probes in around.items():
            self._look_around(visit, probes)

    def _probes(self, visit: int) -> list[tuple[int, int]]:
        """With each clinician near enough: the first place and the last, the nearest first."""
        found: dict[int, tuple[int, int]] = {}
        for place in self._near.places_of(visit):
            role = self._table.places[place].role_id
            found[role] = (found.get(role, (place,))[0], place)
        return list(found.values())[:MOST_LOOKS]

    def _look_around(self, visit: int, probes: list[tuple[int, int]]) -> None:
        """Whose first place and last are shut alike is. Two clinicians of a clinic who are, or
        are not, speak for the others there; what is chosen all the same is judged by itself. Of
        whoever has none nothing further is looked at."""
        said: dict[int, Counter[bool]] = defaultdict(Counter)
        for first, last in probes:
            place = self._table.places[first]
            here = said[place.clinic_id]
            if here[False] < ALIKE and here[True] < ALIKE:
                here[self._is_shut(visit, first, last)] += 1
            if here[True] >= ALIKE and not here[False]:
                self._shut[visit].add(place.role_id)
        if not any(here[False] for here in said.values()):
            self.hopeless.add(visit)

    def _is_shut(self, visit: int, first: int, last: int) -> bool:
        """Whether one clinician is, judged by these two places."""
        for place in (first, last):
            self.stops_at((visit, place))
            if not self._is_shut_all_day((visit, place)):
                return False
        self._shut[visit].add(self._table.places[first].role_id)
        return True

    def _is_shut_all_day(self, pair: Pair) -> bool:
        return any(one.rule in ALL_DAY for one in self.stops[pair])

    def bar(self, market: Market) -> None:
        """Tell the market all that was found."""
        market.barred |= {pair for pair, stops in self.stops.items() if stops}
        places = self._table.places
        for visit, shut in self._shut.items():
            market.barred |= {
                (visit, place)
                for place in self._near.places_of(visit)
                if places[place].role_id in shut or places[place].half_day in shut
            }
        market.closed |= self.hopeless
        market.surcharge = {pair: OVER_A_RULE for pair, over in self.over.items() if over}
