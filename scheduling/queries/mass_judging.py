"""Many visits and many slots, judged by the one availability function.

Read once, whatever their number: slots' rules are asked once a slot and kind of visit, patients'
needs once a pair, and only of pairs that a plan would make.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import replace
from typing import NamedTuple

from crm.states import Role
from scheduling.models import Appointment, Slot, VisitType
from scheduling.queries.availability import read_slots
from scheduling.queries.days import Asked, ask_days, read_days
from scheduling.queries.requirement_rows import read_patients, wanted
from scheduling.queries.requirements import Claim, Needs
from scheduling.rules import (
    DayFacts,
    DayVisit,
    Hidden,
    PatientFacts,
    SlotFacts,
    everything_that_hides,
    still_stops,
)
from scheduling.rules.day import DayLimit
from scheduling.rules.states import state_code
from scheduling.states import LIVE, Origin


class Judgment(NamedTuple):
    """What stops a visit at a slot, and what the plan goes past by name."""

    stops: tuple[Hidden, ...]
    over: tuple[Hidden, ...]


class Judge:
    """What stands against each of these visits at each of these slots, at `at`.

    `aside` are rules that may be gone past by somebody with `roles`.
    """

    def __init__(
        self,
        visits: list[Appointment],
        slots: list[Slot],
        *,
        at: dt.datetime,
        aside: Collection[str] = (),
        roles: Collection[Role] = (),
    ) -> None:
        self._at, self._aside, self._roles = at, frozenset(aside), frozenset(roles)
        kinds = {v.visit_type_id for v in visits if v.visit_type_id is not None}
        self._facts_of, self._told = read_slots(slots, at=at, kinds=kinds)
        people = {visit.patient_id for visit in visits}
        want = replace(wanted(self._told, slots), established=True)
        types = kinds | {slot.visit_type_id for slot in slots}
        rows = read_patients(people, slots, want, types, at=at) if slots else {}
        self._needs = Needs(self._told, rows) if slots else None
        self._busy = _times_of(people, at)
        self._facts: dict[tuple[int, int], SlotFacts] = {}
        self._days: dict[tuple[int, int], DayFacts] = {}
        self._limits: dict[tuple[int, int], tuple[DayLimit, ...]] = {}

    def of_slot(self, slot: Slot, kind: VisitType) -> tuple[Hidden, ...]:
        """What stops anybody's visit of that kind there. No query."""
        found = everything_that_hides(self._slot_facts(slot, kind), at=self._at)
        return self._stops(found)

    def look_up_days(self, asked: Iterable[tuple[Slot, int]]) -> None:
        """Read the clinicians' weeks of slots, each for a kind of visit, where a rule counts in
        them. One query."""
        limited = [
            Asked(slot, kind, limits)
            for slot, kind in asked
            if (limits := self._limits_of(slot, kind))
        ]
        self._days |= read_days(limited, at=self._at)

    def _limits_of(self, slot: Slot, kind: int) -> tuple[DayLimit, ...]:
        """A clinician's rules are looked up once for all of their slots."""
        key = (slot.role_id, kind)
        if key not in self._limits:
            (one,) = ask_days([slot], [kind], self._told)
            self._limits[key] = one.limits
        return self._limits[key]

    def counts_days(self, visit: Appointment, slot: Slot) -> bool:
        """Whether it matters what else is in the clinician's week."""
        return (slot.pk, visit.visit_type_id) in self._days

    def of_pair(
        self, visit: Appointment, slot: Slot, *, beside: Iterable[DayVisit] = ()
    ) -> Judgment:
        """What stands against this visit there; `look_up_days` has been asked for the pair.

        :param beside: what the plan itself puts into the clinician's week.
        """
        found = self._found(visit, slot, beside)
        stops = self._stops(found)
        return Judgment(stops, tuple(one for one in found if one.stops and one not in stops))

    def _stops(self, found: tuple[Hidden, ...]) -> tuple[Hidden, ...]:
        return still_stops(found, aside=self._aside, roles=self._roles)

    def _slot_facts(self, slot: Slot, kind: VisitType) -> SlotFacts:
        key = (slot.pk, kind.pk)
        if key not in self._facts:
            self._facts[key] = self._facts_of(slot, kind)
        return self._facts[key]

    def _found(
        self, visit: Appointment, slot: Slot, beside: Iterable[DayVisit]
    ) -> tuple[Hidden, ...]:
        kind = visit.visit_type
        if kind is None or self._needs is None:  # a plan has no such visit
            return ()
        needs = self._needs.of(Claim(visit.patient_id, kind.pk, visit.pk), slot)
        patient = PatientFacts(
            birth_on=visit.patient.birth_on,
            is_established=needs.is_established,
            is_busy_then=self._is_busy(visit, slot),
            state=state_code(visit.patient.state),
        )
        day = self._days.get((slot.pk, kind.pk))
        if day is not None:
            day = day.for_one(is_new=not needs.is_established, without=visit.pk)
            day = replace(day, visits=(*day.visits, *beside))
        facts = self._slot_facts(slot, kind)
        if needs.birth_on != visit.patient.birth_on:
            needs = replace(needs, birth_on=visit.patient.birth_on)
        return everything_that_hides(facts, at=self._at, patient=patient, needs=needs, day=day)

    def _is_busy(self, visit: Appointment, slot: Slot) -> bool:
        """A visit of ours stands until the EHR has the new one, so it is in its own way."""
        return any(
            other.starts_at < slot.ends_at
            and other.ends_at > slot.starts_at
            and (other.pk != visit.pk or other.origin == Origin.FIRSTCALL)
            for other in self._busy[visit.patient_id]
        )


def _times_of(people: Collection[int], at: dt.datetime) -> dict[int, list[Appointment]]:
    found: dict[int, list[Appointment]] = defaultdict(list)
    rows = Appointment.objects.filter(patient__in=people, status__in=LIVE, ends_at__gt=at)
    for row in rows.only("pk", "patient_id", "starts_at", "ends_at", "origin"):
        found[row.patient_id].append(row)
    return found
