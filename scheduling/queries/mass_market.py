"""What a plan of many moves is made from: visits, places, and what each place costs each visit.

A place is a free slot by its number; what is asked of it thousands of times is read from it once.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from scheduling.models import Appointment, Slot, VisitType
from scheduling.queries.mass_judging import Judge
from scheduling.queries.mass_proposals import where_of, where_points
from scheduling.queries.mass_reading import facts_of, serves
from scheduling.rules.mass import (
    URGENCIES,
    Urgent,
    VisitToPlace,
    When,
    Where,
    left_out_points,
    when_points,
)
from scheduling.solving import Cell, Market


@dataclass(frozen=True, slots=True)
class Place:
    """A free slot as a plan sees it."""

    slot: Slot
    role_id: int
    clinic_id: int
    provider_id: int
    room_id: int | None
    when: When
    seats: int

    @property
    def half_day(self) -> tuple[int, When]:
        """A clinician's: all its places cost a visit the same."""
        return self.role_id, self.when


def places_of(slots: Sequence[Slot]) -> list[Place]:
    """Slots as `free_slots` gives them. Few times of day have many slots: each is read once."""
    whens: dict[tuple[dt.datetime, str], When] = {}
    found = []
    for slot in slots:
        role = slot.role
        then = (slot.starts_at, role.clinic.location.zone)
        if then not in whens:
            whens[then] = When.of(*then)
        found.append(
            Place(
                slot=slot,
                role_id=role.pk,
                clinic_id=role.clinic_id,
                provider_id=role.provider_id,
                room_id=slot.room_id,
                when=whens[then],
                seats=slot.capacity - slot.taken,
            )
        )
    return found


class Table:
    """Visits, the most urgent first, and places, both by their number."""

    def __init__(
        self,
        visits: Sequence[Appointment],
        urgent: Mapping[int, Urgent],
        slots: Sequence[Slot],
        judge: Judge,
    ) -> None:
        self.urgent, self.judge = urgent, judge
        self.visits = sorted(
            visits, key=lambda v: (URGENCIES.index(urgent[v.pk].urgency), v.starts_at, v.pk)
        )
        self.facts = [facts_of(visit, urgent[visit.pk]) for visit in self.visits]
        self.places = places_of(slots)
        #: By kind of visit: how many places are open, and what stands against the others.
        self.open: Counter[int] = Counter()
        self.closed: dict[int, Counter[str]] = defaultdict(Counter)
        self._kinds = {v.visit_type_id or 0: v.visit_type for v in self.visits}

    def market(self) -> Market:
        """All visits by all places, as if each open time suited each patient."""
        wheres: dict[Where, int] = {}
        whens: dict[When, int] = {}
        of_role: dict[int, int] = {}
        cells: dict[tuple[int, int, frozenset[int]], list[int]] = {}
        for number, place in enumerate(self.places):
            open_for = self._open_for(place.slot)
            if not open_for:
                continue
            if place.role_id not in of_role:
                of_role[place.role_id] = wheres.setdefault(where_of(place.slot), len(wheres))
            key = (of_role[place.role_id], whens.setdefault(place.when, len(whens)), open_for)
            cells.setdefault(key, []).extend([number] * max(1, place.seats))
        visits = len(self.facts)
        return Market(
            where_points=[where_points(visit, wheres) for visit in self.facts],
            when_points=_when_points(self.facts, list(whens)),
            kinds=[visit.visit_type_id for visit in self.facts],
            left_out=[left_out_points(visit.urgency, visits=visits) for visit in self.facts],
            cells=[
                Cell(where, when, places, open_for)
                for (where, when, open_for), places in cells.items()
            ],
        )

    def _open_for(self, slot: Slot) -> frozenset[int]:
        """The kinds of visit for which nothing of the slot itself stands against it."""
        found = set()
        for pk in serves(slot) & self._kinds.keys():
            kind: VisitType | None = self._kinds[pk]
            stops = self.judge.of_slot(slot, kind) if kind else ()
            if stops:
                self.closed[pk][stops[0].sentence] += 1
            else:
                found.add(pk)
                self.open[pk] += 1
        return frozenset(found)


def _when_points(visits: Sequence[VisitToPlace], whens: Sequence[When]) -> list[list[int]]:
    """Visits of one day, urgency and liking share a row."""
    rows: dict[object, list[int]] = {}
    found = []
    for visit in visits:
        alike = (visit.day, visit.part, visit.urgency, visit.weekdays, visit.parts_of_day)
        if alike not in rows:
            rows[alike] = when_points(visit, whens)
        found.append(rows[alike])
    return found
