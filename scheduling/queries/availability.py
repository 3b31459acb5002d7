"""What the one availability rule must know, read for it: for one slot, or a page of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Final, TypeAlias

from crm.models import Patient
from scheduling.models import Slot, VisitType
from scheduling.queries.beside import Beside, ask_beside, beside_in
from scheduling.queries.days import ask_days, read_days
from scheduling.queries.requirement_rows import Rows, read_patients, read_terms, wanted
from scheduling.queries.requirements import Claim, Needs
from scheduling.queries.slot_terms import (
    effects_at,
    licensed_in,
    limit_at,
    retired_in,
    serves,
    slot_terms,
)
from scheduling.rules import (
    DayFacts,
    Hidden,
    HiddenBy,
    Kind,
    PatientFacts,
    SlotFacts,
    everything_that_hides,
    opens_by_the_clock,
)
from scheduling.rules.requirements import Requirements
from scheduling.rules.slot_facts import Retired
from scheduling.rules.states import state_code
from scheduling.states import Modality, Restriction, SlotStatus


def judge_slots(
    slots: Iterable[Slot],
    *,
    at: dt.datetime,
    patient: Patient | None = None,
    visit_type: VisitType | None = None,
    gives_up_id: int | None = None,
    own_hold_ids: Collection[int] = (),
) -> dict[int, tuple[Hidden, ...]]:
    """By slot: everything that hides it at `at`, from `patient` if given; empty: it is open.

    At most three queries, whatever the number of slots: what they ask and what else takes their
    time, what the patient has of it, and, where a rule counts in them, the clinicians' weeks.

    :param slots: as `get_slot` gives them (`BESIDE` read along).
    :param visit_type: what is asked for; without it, what each slot was made for.
    :param gives_up_id: the visit that the patient would give up, which is no obstacle.
    :param own_hold_ids: holds of whoever asks, which are no obstacle either.
    """
    listed = list(slots)
    if not listed:
        return {}
    read = _read(_Question(listed, at, patient, visit_type, gives_up_id, own_hold_ids))
    return {slot.pk: read.judge(slot, at=at) for slot in listed}


def judge_to_book(
    slot: Slot,
    *,
    at: dt.datetime,
    patient: Patient,
    visit_type: VisitType | None = None,
    gives_up_id: int | None = None,
    own_hold_ids: Collection[int] = (),
) -> tuple[tuple[Hidden, ...], Beside]:
    """What `judge_slots` says of a slot, and its seats. Whoever has locked it may rely on them."""
    read = _read(_Question([slot], at, patient, visit_type, gives_up_id, own_hold_ids))
    return read.judge(slot, at=at), read.beside[slot.pk]


@dataclass(frozen=True, slots=True)
class _Question:
    slots: list[Slot]
    at: dt.datetime
    patient: Patient | None = None
    visit_type: VisitType | None = None
    gives_up_id: int | None = None
    own_hold_ids: Collection[int] = ()

    @property
    def types(self) -> set[int]:
        own = {slot.visit_type_id for slot in self.slots}
        return own if self.visit_type is None else own | {self.visit_type.pk}


@dataclass(frozen=True, slots=True)
class _Read:
    """All facts of some slots for one patient, or for nobody."""

    told: Rows
    beside: Mapping[int, Beside]
    days: Mapping[int, DayFacts]
    needs: Mapping[int, Requirements]
    visit_type: VisitType | None
    state: str = ""  # where the patient will be
    moves: bool = False  # a visit that they have, which keeps its kind

    def judge(self, slot: Slot, *, at: dt.datetime) -> tuple[Hidden, ...]:
        needs = self.needs.get(slot.pk)
        patient = self._patient(slot, needs, self.beside[slot.pk]) if needs else None
        day = self.days.get(slot.pk)
        facts = self.facts(slot)
        return everything_that_hides(facts, at=at, patient=patient, needs=needs, day=day)

    def facts(self, slot: Slot) -> SlotFacts:
        asked, beside = self.visit_type, self.beside[slot.pk]
        would_be = booked_as(slot, asked)
        return SlotFacts(
            status=SlotStatus(slot.status),
            starts_at=slot.starts_at,
            zone=slot.role.clinic.location.zone,
            capacity=slot.capacity,
            taken=max(slot.taken, len(beside.seats)),
            restriction=Restriction(slot.restriction),
            restriction_days=slot.restriction_days,
            restriction_reason=slot.restriction_reason,
            restriction_owner=slot.restriction_owner,
            lead=dt.timedelta(minutes=would_be.lead_minutes),
            release_at=slot.release_at,
            provider_busy=beside.provider_busy,
            room_busy=beside.room_busy,
            min_age=would_be.min_age,
            max_age=would_be.max_age,
            held=beside.held,
            held_by=beside.held_by,
            held_until=beside.held_until,
            modality=Modality(slot.modality),
            licensed_in=licensed_in(slot, self.told),
            asked=_kind(asked, serves=serves(slot, asked, self.told)) if asked else None,
            retired=self._retired(would_be),
            effects=effects_at(slot.role.clinic_id, self.told),
        )

    def _retired(self, would_be: VisitType) -> Retired | None:
        if self.moves:
            return None
        asked = (self.visit_type,) if self.visit_type else ()
        return retired_in(self.told, *asked, would_be)

    def _patient(self, slot: Slot, needs: Requirements, beside: Beside) -> PatientFacts:
        return PatientFacts(
            birth_on=needs.birth_on,
            is_established=needs.is_established,
            is_busy_then=beside.patient_busy,
            state=self.state,
            limit=limit_at(slot, self.told),
        )


#: The facts of a slot for one kind of visit.
FactsOf: TypeAlias = Callable[[Slot, VisitType], SlotFacts]


def booked_as(slot: Slot, asked: VisitType | None) -> VisitType:
    """What a visit on this slot is, for whoever asks for `asked`.

    What the slot also serves, or is opened for by name, is booked as asked for; whoever takes
    it in place of another kind has what it was made for.
    """
    if asked is None or asked.pk == slot.visit_type_id:
        return slot.visit_type
    return asked if asked.pk in slot.also_serves else slot.visit_type


def _kind(asked: VisitType, *, serves: bool) -> Kind:
    return Kind(pk=asked.pk, name=asked.name, modality=Modality(asked.modality), serves=serves)


def _read(asked: _Question) -> _Read:
    slots, patient = asked.slots, asked.patient
    limited = patient.pk if patient and not asked.gives_up_id else None
    beside = ask_beside(
        slots,
        at=asked.at,
        patient_id=patient.pk if patient else None,
        gives_up_id=asked.gives_up_id,
        own_hold_ids=asked.own_hold_ids,
    )
    told = read_terms(slots, asked.types, also=beside | slot_terms(slots, limited=limited))
    needs = _needs(patient, asked, told) if patient else {}
    return _Read(
        told=told,
        beside=beside_in(slots, told),
        days=_days(asked, told, needs),
        needs=needs,
        visit_type=asked.visit_type,
        state=state_code(patient.state) if patient else "",
        moves=asked.gives_up_id is not None,
    )


def read_slots(
    slots: list[Slot], *, at: dt.datetime, kinds: Collection[int]
) -> tuple[FactsOf, Rows]:
    """What many slots are for nobody in particular, whichever of these kinds of visit is asked
    for; and what they ask. One query."""
    own = [slot.visit_type_id for slot in slots]
    told = read_terms(slots, {*own, *kinds}, also=ask_beside(slots, at=at) | slot_terms(slots))
    beside = beside_in(slots, told)
    read = _Read(told=told, beside=beside, days={}, needs={}, visit_type=None, moves=True)
    of_kind = cache(lambda kind: replace(read, visit_type=kind))
    return lambda slot, kind: of_kind(kind).facts(slot), told


def _needs(patient: Patient, asked: _Question, told: Rows) -> dict[int, Requirements]:
    """By slot. Whether the patient is established is always asked: restrictions look at it."""
    want = replace(wanted(told, asked.slots), established=True)
    rows = read_patients([patient.pk], asked.slots, want, asked.types, at=asked.at)
    needs = Needs(told, rows)
    kind = asked.visit_type.pk if asked.visit_type else None
    claim = Claim(patient.pk, kind, asked.gives_up_id)
    return {
        slot.pk: replace(needs.of(claim, slot), birth_on=patient.birth_on) for slot in asked.slots
    }


def _days(asked: _Question, told: Rows, needs: Mapping[int, Requirements]) -> dict[int, DayFacts]:
    kinds = {slot.pk: booked_as(slot, asked.visit_type).pk for slot in asked.slots}
    clinicians = [one for slot in asked.slots for one in ask_days([slot], [kinds[slot.pk]], told)]
    found = read_days(clinicians, at=asked.at)
    return {pk: _for_patient(day, needs.get(pk), asked) for (pk, _), day in found.items()}


def _for_patient(day: DayFacts, needs: Requirements | None, asked: _Question) -> DayFacts:
    if needs is None:
        return day
    return day.for_one(is_new=not needs.is_established, without=asked.gives_up_id)


def why_not(
    slot: Slot,
    *,
    at: dt.datetime,
    patient: Patient | None = None,
    visit_type: VisitType | None = None,
    gives_up_id: int | None = None,
    own_hold_ids: Collection[int] = (),
) -> Hidden | None:
    """Which rule stops a booking of `slot` now, for `patient` if given; None when it is open."""
    found = judge_slots(
        [slot],
        at=at,
        patient=patient,
        visit_type=visit_type,
        gives_up_id=gives_up_id,
        own_hold_ids=own_hold_ids,
    )[slot.pk]
    return next((one for one in found if one.stops), None)


#: Rules that lift by themselves, at a moment that is known.
OPENS_BY_THE_CLOCK = frozenset({HiddenBy.SAME_DAY, HiddenBy.SAME_WEEK, HiddenBy.DAYS_BEFORE})
#: What keeps it for minutes hides no opening.
_PASSES: Final = frozenset({HiddenBy.HELD})


def opens_at(slot: Slot, *, at: dt.datetime) -> dt.datetime | None:
    """When a free slot may be filled: `at`, or once its own day or week has come; None when
    another rule hides it, which no clock lifts."""
    read = _read(_Question([slot], at))
    stops = [one for one in read.judge(slot, at=at) if one.stops and one.rule not in _PASSES]
    if not stops:
        return at
    if stops[0].rule in OPENS_BY_THE_CLOCK:
        return opens_by_the_clock(read.facts(slot))
    return None
