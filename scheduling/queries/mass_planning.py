"""The dry run of a mass rescheduling: a place for each visit, and why some have none. No writes.

The cheapest plan is found as if every open time suited every patient, then the pairs that it
chose are judged by the rules; whoever may not have theirs is judged at all of their places, and
the plan is made again. A plan all of whose pairs stand is the cheapest of those that may be.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import Any, Final

from crm.states import Role
from scheduling.models import MassMove
from scheduling.queries.mass_judging import Judge
from scheduling.queries.mass_market import Table
from scheduling.queries.mass_pairs import Pair, Pairs
from scheduling.queries.mass_proposals import Proposal, over_terms, score, where_of
from scheduling.queries.mass_reading import MOST_VISITS, free_slots, how_urgent, visits_in
from scheduling.rules import DayVisit
from scheduling.rules.mass import Seat, When, clashes, more_miles
from scheduling.solving import Shortlists

#: Plans are made again so often at most; then each visit that is left takes what there is.
ROUNDS: Final = 3
#: Other places shown for each visit.
OTHERS: Final = 4
#: Chosen from so many.
MOST_OTHERS: Final = 30
#: Takes what the dry run is at, how far it is, and of how much.
Say = Callable[[str, int, int], None]


@dataclass(slots=True)
class Plan:
    """All visits, the most urgent first, and what the dry run reckoned."""

    proposals: list[Proposal] = field(default_factory=list)
    figures: dict[str, Any] = field(default_factory=dict)


def plan_job(
    job: MassMove, *, at: dt.datetime, roles: Collection[Role] = (), say: Say | None = None
) -> Plan:
    """Work out the plan of a job. So many queries, however many visits and slots.

    :param roles: of whoever set rules aside for it.
    """
    tell = say or (lambda _phase, _done, _total: None)
    tell("reading", 0, 0)
    visits = list(visits_in(job, at=at)[:MOST_VISITS])
    urgent = how_urgent(visits)
    kinds = {visit.visit_type_id for visit in visits if visit.visit_type_id is not None}
    slots, has_more = free_slots(job, kinds, at=at) if visits else ([], False)
    tell("judging", 0, len(slots))
    judge = Judge(visits, slots, at=at, aside=job.set_aside, roles=roles)
    planner = Planner(Table(visits, urgent, slots, judge))
    tell("solving", 0, len(visits))
    planner.settle(lambda done: tell("solving", done, len(visits)))
    tell("writing", len(visits), len(visits))
    plan = Plan(planner.proposals())
    plan.figures = {**planner.figures, "more_slots": has_more}
    return plan


class Planner:
    """One plan while it is made: place by visit, by their numbers in the table."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self._visits, self._places = table.visits, table.places
        self.market = table.market()
        self._near = Shortlists(self.market)
        self._pairs = Pairs(table, self._near)
        self._found: dict[int, int] = {}
        self._rounds = 0

    # --- the plan -----------------------------------------------------------------

    def settle(self, tell: Callable[[int], None]) -> None:
        """Solve, judge what was chosen, and again, until all of it stands."""
        for _ in range(ROUNDS):
            self._rounds += 1
            self._found = self._near.solve()
            tell(len(self._found))
            refused, is_dearer = self._not_standing()
            if not refused and not is_dearer:
                return
            self.market.barred.update(refused)
            self._pairs.bar(self.market)
        without: set[int] = set()
        while left := {visit for visit, _ in self._not_standing()[0]} & self._found.keys():
            for visit in left:
                del self._found[visit]
            without |= left
        self._repair(sorted(without))

    def _repair(self, left: list[int]) -> None:
        """The few that are still without: each their cheapest place that nobody has and that
        stands, the most urgent first."""
        used = Counter(self._found.values())
        for visit in left:
            for place in self._near.places_of(visit):
                if used[place] >= self._places[place].seats:
                    continue
                self._pairs.look_at([(visit, place)])
                if self._pairs.stops[visit, place]:
                    continue
                if self._stands_beside(visit, place):
                    self._found[visit] = place
                    used[place] += 1
                    break

    def _stands_beside(self, visit: int, place: int) -> bool:
        """Whether one more visit there leaves all others of the plan as they are."""
        mine = self._seat(visit, place)
        others = [
            self._seat(v, p)
            for v, p in self._found.items()
            if self._table.facts[v].patient_id == mine.patient_id
            or self._places[p].provider_id == mine.provider_id
            or (mine.room_id and self._places[p].room_id == mine.room_id)
        ]
        week = [
            self._in_the_day(v, p)
            for v, p in self._found.items()
            if self._places[p].provider_id == mine.provider_id
        ]
        return not clashes([*others, mine]) and not self._is_too_much(visit, place, week)

    def _is_too_much(self, visit: int, place: int, week: list[DayVisit]) -> bool:
        """Whether a clinician's day does not bear it beside these visits of the plan."""
        row, slot = self._visits[visit], self._places[place].slot
        judge = self._table.judge
        if not judge.counts_days(row, slot):
            return bool(self._pairs.stops[visit, place])
        return bool(judge.of_pair(row, slot, beside=week).stops)

    def _in_the_day(self, visit: int, place: int) -> DayVisit:
        slot = self._places[place].slot
        return DayVisit(
            starts_at=slot.starts_at,
            ends_at=slot.ends_at,
            visit_type_id=self._table.facts[visit].visit_type_id,
            here=True,
        )

    def _not_standing(self) -> tuple[list[Pair], bool]:
        """What of the plan may not be: by a rule, beside another visit of it, or in that day; and
        whether some of it costs more than it was chosen for."""
        refused, is_dearer = self._refused()
        return [*refused, *self._clashing(), *self._over_the_day()], is_dearer

    def _refused(self) -> tuple[list[Pair], bool]:
        """Chosen pairs that a rule stands against; and whether some go past one by name that were
        chosen as if they did not. Of whoever has such a pair, all places are judged, so that it
        takes few rounds."""
        chosen = list(self._found.items())
        pairs = self._pairs
        pairs.look_at(chosen)
        refused = [pair for pair in chosen if pairs.stops[pair]]
        dearer = [pair for pair in chosen if pairs.over[pair] and pair not in self.market.surcharge]
        pairs.look_around(dict.fromkeys(visit for visit, _ in (*refused, *dearer)))
        return refused, bool(dearer)

    def _clashing(self) -> list[Pair]:
        """Two that cannot both be: the one that is less urgent, then the dearer, gives way."""
        seats = {visit: self._seat(visit, place) for visit, place in sorted(self._found.items())}
        by_pk = {self._visits[visit].pk: visit for visit in seats}
        light = {by_pk[seat.visit_id] for _, seat in clashes(list(seats.values()))}
        return [(visit, self._found[visit]) for visit in sorted(light)]

    def _seat(self, visit: int, place: int) -> Seat:
        facts, there = self._table.facts[visit], self._places[place]
        return Seat(
            visit_id=facts.pk,
            patient_id=facts.patient_id,
            provider_id=there.provider_id,
            slot_id=there.slot.pk,
            starts_at=there.slot.starts_at,
            ends_at=there.slot.ends_at,
            room_id=there.room_id,
            weight=len(self._visits) - visit,  # the most urgent come first
        )

    def _over_the_day(self) -> list[Pair]:
        """What a clinician's day does not bear once the plan's own visits are in it."""
        refused = []
        weeks: dict[int, list[DayVisit]] = defaultdict(list)
        for visit, place in sorted(self._found.items()):
            week = weeks[self._places[place].provider_id]
            if week and self._is_too_much(visit, place, week):
                refused.append((visit, place))
                self._pairs.shut((visit, place))
                continue
            week.append(self._in_the_day(visit, place))
        return refused

    # --- what came of it ----------------------------------------------------------

    def proposals(self) -> list[Proposal]:
        """Each visit with its place, or why it has none."""
        used = Counter(self._found.values())
        self._pairs.read_weeks((v, place) for v in self._found for place in self._nearby(v))
        return [
            self._placed(visit, self._found[visit], used)
            if visit in self._found
            else self._unplaced(visit)
            for visit in range(len(self._visits))
        ]

    def _placed(self, visit: int, place: int, used: Counter[int]) -> Proposal:
        row, facts = self._visits[visit], self._table.facts[visit]
        there = self._places[place]
        over = self._pairs.over.get((visit, place), ())
        return Proposal(
            visit=row,
            urgent=self._table.urgent[row.pk],
            slot=there.slot,
            terms=(*score(facts, there.slot), *over_terms(over)),
            later_days=(there.when.day - facts.day).days,
            more_miles=more_miles(facts, where_of(there.slot)),
            over=over,
            others=self._others(visit, place, used),
        )

    def _others(self, visit: int, place: int, used: Counter[int]) -> tuple[int, ...]:
        """The next places that nobody else has, one of each half-day, and no rule against them."""
        found: list[int] = []
        seen: set[tuple[int, When]] = {self._places[place].half_day}
        for other in self._nearby(visit):
            there = self._places[other]
            if there.half_day in seen or used[other] >= there.seats:
                continue
            if self._pairs.stops_at((visit, other)) or self._pairs.over[visit, other]:
                continue
            seen.add(there.half_day)
            found.append(there.slot.pk)
            if len(found) == OTHERS:
                break
        return tuple(found)

    def _nearby(self, visit: int) -> list[int]:
        return self._near.places_of(visit)[:MOST_OTHERS]

    def _unplaced(self, visit: int) -> Proposal:
        row = self._visits[visit]
        return Proposal(visit=row, urgent=self._table.urgent[row.pk], why=self._why(visit))

    def _why(self, visit: int) -> str:
        """The rule that stands most often against it, or that there is nothing left."""
        kind = self._table.facts[visit].visit_type_id
        near, stops = self._near.places_of(visit), self._pairs.stops
        if not near:
            (sentence, count), *_ = self._table.closed[kind].most_common(1) or [("", 0)]
            if not sentence:
                return "No time of this kind is free in these days."
            return f"No time is open: {count} are free, but not bookable. Most often: {sentence}"
        looked = [stops[visit, place] for place in near if (visit, place) in stops]
        hides = Counter(found[0].sentence for found in looked if found)
        if visit in self._pairs.hopeless and hides:
            sentence, count = hides.most_common(1)[0]
            times = f"None of the {len(looked)} times that were looked at may be had"
            return f"{times}; {count}: {sentence}"
        return "The times that would do go to visits that are more urgent, or were closer."

    @property
    def figures(self) -> dict[str, Any]:
        """What the page tells of the dry run."""
        return {
            "visits": len(self._visits),
            "slots": len(self._places),
            "open": sum(self._table.open.values()),
            "placed": len(self._found),
            "rounds": self._rounds,
            "judged": len(self._pairs.stops),
        }
