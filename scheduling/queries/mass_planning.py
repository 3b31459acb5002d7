"""The dry run of a mass rescheduling: a place for each visit, and why some have none. No writes.

The cheapest plan is found as if every open time suited every patient, then the pairs that it
chose are judged by the rules; whoever may not have theirs is judged at all of their places, and
the plan is made again. A plan all of whose pairs stand is the cheapest of those that may be.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from typing import Any, Final

from crm.states import Role
from scheduling.models import Appointment, MassMove, Slot
from scheduling.queries.mass_judging import Judge
from scheduling.queries.mass_proposals import (
    Proposal,
    over_terms,
    score,
    where_of,
    where_points,
)
from scheduling.queries.mass_reading import (
    MOST_VISITS,
    facts_of,
    free_slots,
    how_urgent,
    serves,
    visits_in,
)
from scheduling.rules import DayVisit, Hidden, HiddenBy
from scheduling.rules.mass import (
    OVER_A_RULE,
    URGENCIES,
    Seat,
    Urgent,
    When,
    Where,
    clashes,
    left_out_points,
    more_miles,
    points_of,
    when_terms,
)
from scheduling.solving import Cell, Market, Shortlists

#: Plans are made again so often at most; then each visit that is left takes what there is.
ROUNDS: Final = 3
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
    planner = Planner(visits, urgent, slots, judge)
    tell("solving", 0, len(visits))
    planner.settle(lambda done: tell("solving", done, len(visits)))
    tell("writing", len(visits), len(visits))
    plan = Plan(planner.proposals())
    plan.figures = {**planner.figures, "more_slots": has_more}
    return plan


class Planner:
    """One plan while it is made. Places are slots by their number in `slots`."""

    def __init__(
        self,
        visits: list[Appointment],
        urgent: dict[int, Urgent],
        slots: list[Slot],
        judge: Judge,
    ) -> None:
        self._urgent, self._judge = urgent, judge
        self._visits = sorted(
            visits, key=lambda v: (URGENCIES.index(urgent[v.pk].urgency), v.starts_at, v.pk)
        )
        self._facts = [facts_of(visit, urgent[visit.pk]) for visit in self._visits]
        self._kinds = {v.visit_type_id or 0: v.visit_type for v in self._visits}
        self._slots = slots
        self._halves = [
            (slot.role_id, When.of(slot.starts_at, slot.role.clinic.location.zone))
            for slot in slots
        ]
        self._judged: dict[tuple[int, int], tuple[Hidden, ...]] = {}
        self._over: dict[tuple[int, int], tuple[Hidden, ...]] = {}
        self._closed: dict[int, Counter[str]] = defaultdict(Counter)  # by kind of visit
        self._open: Counter[int] = Counter()
        self.market = self._make_market()
        self._near = Shortlists(self.market)
        self._found: dict[int, int] = {}
        self._rounds = 0
        self._hopeless: set[int] = set()
        #: Half-days, and whole clinicians, that one visit may not have at all.
        self._shut: set[tuple[int, tuple[int, When] | int]] = set()

    # --- the market ---------------------------------------------------------------

    def _make_market(self) -> Market:
        wheres: dict[Where, int] = {}
        whens: dict[When, int] = {}
        cells: dict[tuple[int, int, frozenset[int]], list[int]] = {}
        named: dict[int, Where] = {}
        for number, slot in enumerate(self._slots):
            if slot.role_id not in named:
                named[slot.role_id] = where_of(slot)
            open_for = self._open_for(slot)
            if not open_for:
                continue
            where = wheres.setdefault(named[slot.role_id], len(wheres))
            when = When.of(slot.starts_at, slot.role.clinic.location.zone)
            key = (where, whens.setdefault(when, len(whens)), open_for)
            seats = max(1, slot.capacity - slot.taken)
            cells.setdefault(key, []).extend([number] * seats)
        count = len(self._facts)
        return Market(
            where_points=[where_points(visit, wheres) for visit in self._facts],
            when_points=[[points_of(when_terms(v, w)) for w in whens] for v in self._facts],
            kinds=[visit.visit_type_id for visit in self._facts],
            left_out=[left_out_points(visit.urgency, visits=count) for visit in self._facts],
            cells=[
                Cell(where, when, places, open_for)
                for (where, when, open_for), places in cells.items()
            ],
        )

    def _open_for(self, slot: Slot) -> frozenset[int]:
        """The kinds of visit for which nothing of the slot itself stands against it."""
        found = set()
        for pk in serves(slot) & self._kinds.keys():
            kind = self._kinds[pk]
            stops = self._judge.of_slot(slot, kind) if kind else ()
            if stops:
                self._closed[pk][stops[0].sentence] += 1
            else:
                found.add(pk)
                self._open[pk] += 1
        return frozenset(found)

    # --- the plan -----------------------------------------------------------------

    def settle(self, tell: Callable[[int], None]) -> None:
        """Solve, judge what was chosen, and again, until all of it stands."""
        for _ in range(ROUNDS):
            self._rounds += 1
            self._found = self._near.solve()
            tell(len(self._found))
            refused = self._not_standing()
            if not refused:
                return
            self._bar(refused)
        without: set[int] = set()
        while left := {visit for visit, _ in self._not_standing()} & self._found.keys():
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
                slot = self._slots[place]
                if used[place] >= slot.capacity - slot.taken:
                    continue
                self._look_at([(visit, place)])
                if self._judged[visit, place]:
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
            if self._visits[v].patient_id == mine.patient_id
            or self._slots[p].role.provider_id == mine.provider_id
            or (mine.room_id and self._slots[p].room_id == mine.room_id)
        ]
        week = [
            self._in_the_day(v, p)
            for v, p in self._found.items()
            if self._slots[p].role.provider_id == mine.provider_id
        ]
        row, slot = self._visits[visit], self._slots[place]
        return not clashes([*others, mine]) and not self._judge.of_pair(row, slot, beside=week)

    def _in_the_day(self, visit: int, place: int) -> DayVisit:
        row, slot = self._visits[visit], self._slots[place]
        return DayVisit(
            starts_at=slot.starts_at,
            ends_at=slot.ends_at,
            visit_type_id=row.visit_type_id,
            here=True,
        )

    def _not_standing(self) -> list[tuple[int, int]]:
        """What of the plan may not be: by a rule, beside another visit of it, or in that day."""
        return [*self._refused(), *self._clashing(), *self._over_the_day()]

    def _refused(self) -> list[tuple[int, int]]:
        """Chosen pairs that a rule stands against. Of whoever has one, all places are judged, so
        that it takes few rounds."""
        chosen = list(self._found.items())
        self._look_at(chosen)
        refused = [pair for pair in chosen if self._judged[pair]]
        surcharged = [
            pair for pair in chosen if self._over[pair] and pair not in self.market.surcharge
        ]
        around = {visit: self._probes(visit) for visit, _ in (*refused, *surcharged)}
        self._read_weeks(
            (visit, place)
            for visit, probes in around.items()
            for probe in probes
            for place in probe
        )
        for visit, probes in around.items():
            self._look_around(visit, probes)
        return refused or ([(-1, -1)] if surcharged else [])

    def _probes(self, visit: int) -> list[tuple[int, int]]:
        """With each clinician near enough: the first place and the last, the nearest first."""
        found: dict[int, tuple[int, int]] = {}
        for place in self._near.places_of(visit):
            role = self._slots[place].role_id
            found[role] = (found.get(role, (place,))[0], place)
        return list(found.values())[:MOST_LOOKS]

    def _look_around(self, visit: int, probes: list[tuple[int, int]]) -> None:
        """Whom this visit may not have: whose first place and last are shut alike. Two clinicians
        of a clinic who are, or are not, speak for the others there; what is chosen all the same
        is judged by itself. Of whoever has none nothing further is looked at."""
        said: dict[int, Counter[bool]] = defaultdict(Counter)
        for first, last in probes:
            role = self._slots[first].role
            here = said[role.clinic_id]
            if here[False] < ALIKE and here[True] < ALIKE:
                here[self._is_shut(visit, first, last)] += 1
            if here[True] >= ALIKE and not here[False]:
                self._shut.add((visit, role.pk))
        if not any(here[False] for here in said.values()):
            self._hopeless.add(visit)

    def _is_shut(self, visit: int, first: int, last: int) -> bool:
        """Whether one clinician is, judged by these two places."""
        self._look_at([(visit, first)])
        if self._is_shut_all_day(visit, first):
            self._look_at([(visit, last)])
            if self._is_shut_all_day(visit, last):
                self._shut.add((visit, self._slots[first].role_id))
                return True
        return False

    def _is_shut_all_day(self, visit: int, place: int) -> bool:
        return any(one.rule in ALL_DAY for one in self._judged.get((visit, place), ()))

    def _read_weeks(self, pairs: Iterable[tuple[int, int]]) -> None:
        """Clinicians' weeks for many pairs, in one query."""
        self._judge.look_up_days((self._visits[v], self._slots[s]) for v, s in pairs)

    def _look_at(self, pairs: Iterable[tuple[int, int]]) -> None:
        missing = [pair for pair in pairs if pair not in self._judged]
        self._read_weeks(missing)
        for pair in missing:
            visit, slot = self._visits[pair[0]], self._slots[pair[1]]
            self._judged[pair] = stops = self._judge.of_pair(visit, slot)
            self._over[pair] = () if stops else self._judge.over(visit, slot)
            if self._is_shut_all_day(*pair):
                self._shut.add((pair[0], self._half_day(pair[1])))

    def _bar(self, refused: Iterable[tuple[int, int]]) -> None:
        self.market.barred |= {pair for pair in refused if pair[0] >= 0}
        self.market.barred |= {pair for pair, stops in self._judged.items() if stops}
        for visit in {visit for visit, _ in self._shut}:
            self.market.barred |= {
                (visit, place)
                for place in self._near.places_of(visit)
                if (visit, self._half_day(place)) in self._shut
                or (visit, self._slots[place].role_id) in self._shut
            }
        self.market.closed |= self._hopeless
        self.market.surcharge = {pair: OVER_A_RULE for pair, over in self._over.items() if over}

    def _clashing(self) -> list[tuple[int, int]]:
        """Two that cannot both be: the one that is less urgent, then the dearer, gives way."""
        seats = {visit: self._seat(visit, place) for visit, place in sorted(self._found.items())}
        by_pk = {self._visits[visit].pk: visit for visit in seats}
        light = {by_pk[seat.visit_id] for _, seat in clashes(list(seats.values()))}
        return [(visit, self._found[visit]) for visit in sorted(light)]

    def _seat(self, visit: int, place: int) -> Seat:
        row, slot = self._visits[visit], self._slots[place]
        return Seat(
            visit_id=row.pk,
            patient_id=row.patient_id,
            provider_id=slot.role.provider_id,
            slot_id=slot.pk,
            starts_at=slot.starts_at,
            ends_at=slot.ends_at,
            room_id=slot.room_id,
            weight=len(self._visits) - visit,  # the most urgent come first
        )

    def _over_the_day(self) -> list[tuple[int, int]]:
        """What a clinician's day does not bear once the plan's own visits are in it."""
        refused = []
        weeks: dict[int, list[DayVisit]] = defaultdict(list)
        for visit, place in sorted(self._found.items()):
            row, slot = self._visits[visit], self._slots[place]
            week = weeks[slot.role.provider_id]
            if week and self._judge.of_pair(row, slot, beside=week):
                refused.append((visit, place))
                self._shut.add((visit, self._half_day(place)))
                continue
            week.append(self._in_the_day(visit, place))
        return refused

    # --- what came of it ----------------------------------------------------------

    def proposals(self) -> list[Proposal]:
        used = Counter(self._found.values())
        self._read_weeks((v, place) for v in self._found for place in self._nearby(v))
        return [
            self._placed(visit, self._found[visit], used)
            if visit in self._found
            else self._unplaced(visit)
            for visit in range(len(self._visits))
        ]

    def _placed(self, visit: int, place: int, used: Counter[int]) -> Proposal:
        row, slot, facts = self._visits[visit], self._slots[place], self._facts[visit]
        over = self._over.get((visit, place), ())
        zone = slot.role.clinic.location.zone
        return Proposal(
            visit=row,
            urgent=self._urgent[row.pk],
            slot=slot,
            terms=(*score(facts, slot), *over_terms(over)),
            later_days=(When.of(slot.starts_at, zone).day - facts.day).days,
            more_miles=more_miles(facts, where_of(slot)),
            over=over,
            others=self._others(visit, place, used),
        )

    def _others(self, visit: int, place: int | None, used: Counter[int]) -> tuple[int, ...]:
        """The next places that nobody else has, one of each half-day, and no rule against them."""
        found: list[int] = []
        seen: set[tuple[int, When]] = set()
        if place is not None:
            seen.add(self._half_day(place))
        for other in self._nearby(visit):
            slot, half = self._slots[other], self._half_day(other)
            if half in seen or used[other] >= slot.capacity - slot.taken:
                continue
            self._look_at([(visit, other)])
            if self._judged[visit, other] or self._over[visit, other]:
                continue
            seen.add(half)
            found.append(slot.pk)
            if len(found) == OTHERS:
                break
        return tuple(found)

    def _nearby(self, visit: int) -> list[int]:
        return self._near.places_of(visit)[:MOST_OTHERS]

    def _half_day(self, place: int) -> tuple[int, When]:
        return self._halves[place]

    def _unplaced(self, visit: int) -> Proposal:
        row = self._visits[visit]
        return Proposal(visit=row, urgent=self._urgent[row.pk], why=self._why(visit))

    def _why(self, visit: int) -> str:
        """The rule that stands most often against it, or that there is nothing left."""
        kind = self._facts[visit].visit_type_id
        near = self._near.places_of(visit)
        if not near:
            (sentence, count), *_ = self._closed[kind].most_common(1) or [("", 0)]
            if not sentence:
                return "No time of this kind is free in these days."
            return f"No time is open: {count} are free, but not bookable. Most often: {sentence}"
        looked = [place for place in near if (visit, place) in self._judged]
        hides = Counter(
            self._judged[visit, place][0].sentence for place in looked if self._judged[visit, place]
        )
        if visit in self._hopeless and hides:
            sentence, count = hides.most_common(1)[0]
            times = f"None of the {len(looked)} times that were looked at may be had"
            return f"{times}; {count}: {sentence}"
        return "The times that would do go to visits that are more urgent, or were closer."

    @property
    def figures(self) -> dict[str, Any]:
        return {
            "visits": len(self._visits),
            "slots": len(self._slots),
            "open": sum(self._open.values()),
            "placed": len(self._found),
            "rounds": self._rounds,
            "judged": len(self._judged),
        }
