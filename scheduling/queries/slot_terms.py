"""What clinics, clinicians and visit types say of slots, beside what `requirements` reads."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from typing import Final
from zoneinfo import ZoneInfo

from crm.states import Role
from scheduling.models import Slot, VisitType
from scheduling.queries.requirement_rows import Also, Rows
from scheduling.rules import Effect, HiddenBy
from scheduling.rules.slot_facts import Retired
from scheduling.rules.states import License, licensed_on
from scheduling.states import Modality, PatientLimit, RuleEffect

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


def slot_terms(slots: Collection[Slot], *, limited: int | None = None) -> Also:
    """Arms for `read_terms`; `limited` is the patient whose limits are asked."""
    remote = any(slot.modality != Modality.IN_PERSON for slot in slots)
    arms = [_SETTINGS, _STANDS_IN]
    arms += [_LICENSES] if remote else []
    arms += [_LIMITS] if limited else []
    return Also(tuple(arms), {"own": [slot.visit_type_id for slot in slots], "limited": limited})


def serves(slot: Slot, asked: VisitType, told: Rows) -> bool:
    """Whether the slot may be used for that kind of visit."""
    if asked.pk == slot.visit_type_id or asked.pk in slot.also_serves:
        return True
    return any(row["for"] == asked.pk for row in told["stands-in"].get(slot.visit_type_id, []))


def retired_in(told: Rows, *kinds: VisitType) -> Retired | None:
    """The first of these kinds of visit that is no longer booked."""
    for kind in kinds:
        for row in told["type"].get(kind.pk, []):
            if row["retired"] is not None:
                on = row["retired"]["on"]
                return Retired(kind.name, dt.date.fromisoformat(on) if on else None)
    return None


def effects_at(clinic_id: int, told: Rows) -> dict[HiddenBy, Effect]:
    """What the clinic has set for rules."""
    return {
        HiddenBy(row["rule"]): Effect(
            RuleEffect(row["effect"]), frozenset(Role(role) for role in row["roles"])
        )
        for row in told["setting"].get(clinic_id, [])
    }


def limit_at(slot: Slot, told: Rows) -> PatientLimit | None:
    """The limit that is in force at the slot's clinic on the slot's day."""
    rows = told["patient-limit"].get(slot.role.clinic_id) if "patient-limit" in told else None
    if not rows:
        return None
    until = rows[0]["until"]
    over = until is not None and dt.date.fromisoformat(until) < _day(slot)
    return None if over else PatientLimit(rows[0]["kind"])


def licensed_in(slot: Slot, told: Rows) -> frozenset[str] | None:
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
    return licensed_on(kept, _day(slot))


def _day(slot: Slot) -> dt.date:
    return slot.starts_at.astimezone(ZoneInfo(slot.role.clinic.location.zone)).date()
