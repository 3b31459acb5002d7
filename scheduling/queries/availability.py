"""What the one availability rule must know, read for it: for one slot, or a page of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Final, TypeAlias
from zoneinfo import ZoneInfo

from crm.models import Patient
from crm.states import Role
from scheduling.models import Slot, VisitType
from scheduling.queries.beside import Beside, read_beside
from scheduling.queries.days import ask_days, read_days
from scheduling.queries.requirement_rows import Also, Rows, read_patients, read_terms, wanted
from scheduling.queries.requirements import Claim, Needs
from scheduling.rules import (
    DayFacts,
    Effect,
    Hidden,
    HiddenBy,
    Kind,
    PatientFacts,
    SlotFacts,
    everything_that_hides,
    opens_by_the_clock,
)
from scheduling.rules.requirements import Requirements
from scheduling.rules.states import License, licensed_on, state_code
from scheduling.states import Modality, PatientLimit, Restriction, RuleEffect, SlotStatus

#: What a slot's rules and its line on a page name.
BESIDE: Final = ("role__provider", "role__clinic__location", "visit_type", "room")


def get_slot(pk: int) -> Slot:
    """The slot with all that its rules and its line on a page need. :raises Slot.DoesNotExist:"""
    return Slot.objects.select_related(*BESIDE).get(pk=pk)


#: What a slot names itself; the rest of `get_slot` hangs on these.
_NAMED = ("role", "visit_type", "room")


def keep_beside(slot: Slot, known: Slot) -> None:
    """Let a slot that was just locked keep what `get_slot` read beside it in `known`.

    Only where it still names the same: whoever held it may have given it another clinician or
    room. (One statement that both joins and waits would see the old clinician, or none.)
    """
    for name in _NAMED:
        if getattr(slot, f"{name}_id") == getattr(known, f"{name}_id"):
            setattr(slot, name, getattr(known, name))


_SETTINGS: Final = """
SELECT 'setting', c.clinic_id, to_json(f)
FROM scheduling_rulesetting c, LATERAL (SELECT c.rule, c.effect, c.roles) f
WHERE c.clinic_id = ANY(%(clinics)s)"""

_STANDS_IN: Final = """
SELECT 'stands-in', t.from_visittype_id, json_build_object('for', t.to_visittype_id)
FROM scheduling_visittype_stands_in_for t
WHERE t.from_visittype_id = ANY(%(own)s)"""

#: Asked for only where somebody may be seen by video or phone.
_LICENSES: Final = """
SELECT 'license', l.provider_id, json_build_object(
    'state', l.state, 'from', l.valid_from, 'until', l.valid_until
)
FROM scheduling_providerlicense l WHERE l.provider_id = ANY(%(providers)s)"""

#: Limits on how this patient books. A visit that is moved was theirs before.
_LIMITS: Final = """
SELECT 'patient-limit', l.clinic_id, json_build_object('kind', l.kind, 'until', l.ends_on)
FROM scheduling_patientrestriction l
WHERE l.patient_id = %(limited)s AND l.status = 'approved'"""


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

    At most four queries, whatever the number of slots: what they ask, what the patient has of
    it, what else takes their time, and, where a rule counts in them, the clinicians' weeks.

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
            taken=max(slot.taken, beside.taken),
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
            licensed_in=_licensed_in(slot, self.told),
            asked=_kind(asked, serves=_serves(slot, asked, self.told)) if asked else None,
            effects=_effects(slot.role.clinic_id, self.told),
        )

    def _patient(self, slot: Slot, needs: Requirements, beside: Beside) -> PatientFacts:
        return PatientFacts(
            birth_on=needs.birth_on,
            is_established=needs.is_established,
            is_busy_then=beside.patient_busy,
            state=self.state,
            limit=_limit_at(slot, self.told),
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


def _serves(slot: Slot, asked: VisitType, told: Rows) -> bool:
    if asked.pk == slot.visit_type_id or asked.pk in slot.also_serves:
        return True
    return any(row["for"] == asked.pk for row in told["stands-in"].get(slot.visit_type_id, []))


def _effects(clinic_id: int, told: Rows) -> dict[HiddenBy, Effect]:
    return {
        HiddenBy(row["rule"]): Effect(
            RuleEffect(row["effect"]), frozenset(Role(role) for role in row["roles"])
        )
        for row in told["setting"].get(clinic_id, [])
    }


def _read(asked: _Question) -> _Read:
    limited = asked.patient.pk if asked.patient and not asked.gives_up_id else None
    told = read_terms(asked.slots, asked.types, also=_more(asked.slots, limited=limited))
    needs = _needs(asked.patient, asked, told) if asked.patient else {}
    return _Read(
        told=told,
        beside=read_beside(
            asked.slots,
            at=asked.at,
            patient_id=asked.patient.pk if asked.patient else None,
            gives_up_id=asked.gives_up_id,
            own_hold_ids=asked.own_hold_ids,
        ),
        days=_days(asked, told, needs),
        needs=needs,
        visit_type=asked.visit_type,
        state=state_code(asked.patient.state) if asked.patient else "",
    )


def _more(slots: Collection[Slot], *, limited: int | None = None) -> Also:
    """Arms that only these rules need; `limited` is the patient whose limits are asked."""
    remote = any(slot.modality != Modality.IN_PERSON for slot in slots)
    arms = [_SETTINGS, _STANDS_IN]
    arms += [_LICENSES] if remote else []
    arms += [_LIMITS] if limited else []
    return Also(tuple(arms), {"own": [slot.visit_type_id for slot in slots], "limited": limited})


def _limit_at(slot: Slot, told: Rows) -> PatientLimit | None:
    """The limit that is in force at the slot's clinic on the slot's day."""
    rows = told["patient-limit"].get(slot.role.clinic_id) if "patient-limit" in told else None
    if not rows:
        return None
    day = slot.starts_at.astimezone(ZoneInfo(slot.role.clinic.location.zone)).date()
    until = rows[0]["until"]
    over = until is not None and dt.date.fromisoformat(until) < day
    return None if over else PatientLimit(rows[0]["kind"])


def _licensed_in(slot: Slot, told: Rows) -> frozenset[str] | None:
    """None where no license of the clinician is kept here, and in person, where none matters."""
    rows = told["license"].get(slot.role.provider_id) if "license" in told else None
    if not rows:
        return None
    kept = [
        License(
            row["state"],
            dt.date.fromisoformat(row["from"]),
            dt.date.fromisoformat(row["until"]) if row["until"] else None,
        )
        for row in rows
    ]
    day = slot.starts_at.astimezone(ZoneInfo(slot.role.clinic.location.zone)).date()
    return licensed_on(kept, day)


def read_slots(
    slots: list[Slot], *, at: dt.datetime, kinds: Collection[int]
) -> tuple[FactsOf, Rows]:
    """What many slots are for nobody in particular, whichever of these kinds of visit is asked
    for; and what they ask. Two queries."""
    own = [slot.visit_type_id for slot in slots]
    told = read_terms(slots, {*own, *kinds}, also=_more(slots))
    beside = read_beside(slots, at=at)
    read = _Read(told=told, beside=beside, days={}, needs={}, visit_type=None)
    return lambda slot, kind: replace(read, visit_type=kind).facts(slot), told


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
