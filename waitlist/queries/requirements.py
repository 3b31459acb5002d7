"""What a slot asks of each claim, and what the patient has of it, as the rules see it.

For the few who are left after everything cheaper: two queries, whatever their number. What
scheduling reads for any booking comes with the outside scores, which count for offers only.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

from django.db.models import Exists, OuterRef, Q

from crm.models import Patient
from scheduling.models import Appointment, Slot, VisitType
from scheduling.queries.days import ask_days, read_days
from scheduling.queries.requirement_rows import (
    Also,
    Row,
    Rows,
    read_patients,
    read_terms,
    wanted,
)
from scheduling.queries.requirements import Claim, Needs, types_of
from scheduling.rules import DayFacts
from scheduling.rules.requirements import Requirements
from waitlist.models import Candidate, Opening, WaitlistEntry
from waitlist.rules.facts import OutsideScore
from waitlist.states import EntryStatus, ScoreKind

__all__ = ["Asked", "Claim", "asked_kind", "claim_of", "requirements_of"]

_WEIGHTS: Final = """
SELECT 'weight', w.clinic_id, to_json(f)
FROM waitlist_scoreweight w, LATERAL (SELECT w.kind, w.model, w.weight) f
WHERE w.clinic_id IS NULL OR w.clinic_id = ANY(%(clinics)s)"""

_SCORES: Final = """
SELECT 'score', s.patient_id, to_json(f)
FROM waitlist_importedscore s
JOIN unnest(%(kinds)s::varchar[], %(models)s::varchar[]) AS w (kind, model)
    ON w.kind = s.kind AND w.model = s.model
CROSS JOIN LATERAL (
    SELECT s.kind, s.model, s.version, s.source, s.value, s.computed_at, s.expires_at
) f
WHERE s.patient_id = ANY(%(ids)s) AND s.expires_at > %(at)s"""


@dataclass(frozen=True, slots=True)
class Asked:
    """What the rules ask of one claim, and the outside scores that count for its patient."""

    requirements: Requirements
    imported: tuple[OutsideScore, ...]


def requirements_of(claims: Iterable[Claim], slot: Slot, *, at: dt.datetime) -> dict[int, Asked]:
    """By patient. One claim a patient; `slot` as `scheduling.queries.get_slot` gives it.

    Two queries, three where a rule counts in the clinician's week; none for nobody.
    """
    claims = list(claims)
    if not claims:
        return {}
    slots, types = [slot], types_of(claims, [slot])
    told = read_terms(slots, types, also=Also((_WEIGHTS,)))
    weighty = {(row["kind"], row["model"]): row["weight"] for row in _weights(told)}
    ids = [claim.patient_id for claim in claims]
    rows = read_patients(ids, slots, wanted(told, slots), types, at=at, also=_scores_for(weighty))
    needs = Needs(told, rows)
    days = read_days(ask_days(slots, types, told), at=at)
    return {
        claim.patient_id: Asked(
            _with_day(needs.of(claim, slot), claim, days, slot),
            _scores(rows["score"].get(claim.patient_id, []), weighty),
        )
        for claim in claims
    }


def _with_day(
    needs: Requirements, claim: Claim, days: dict[tuple[int, int], DayFacts], slot: Slot
) -> Requirements:
    day = days.get((slot.pk, claim.visit_type_id or slot.visit_type_id))
    if day is None:
        return needs
    mine = day.for_one(is_new=not needs.is_established, without=claim.appointment_id)
    return replace(needs, day=mine)


def claim_of(
    patient: Patient, opening: Opening, slot: Slot, *, gives_up: Appointment | None
) -> Claim:
    """What the patient would take the slot for: the visit they give up, or the entry that makes
    them a candidate, else the oldest fitting one that they wait with, or a visit of the slot's
    own kind. At most one query."""
    if gives_up is not None:
        return Claim(patient.pk, gives_up.visit_type_id, gives_up.pk)
    fitting = Q(visit_type=slot.visit_type_id) | Q(
        visit_type__in=slot.visit_type.stands_in_for.values("pk")
    )
    waits = WaitlistEntry.objects.filter(fitting, patient=patient, status=EntryStatus.WAITING)
    asked_for = Candidate.objects.filter(opening=opening, patient=patient, entry=OuterRef("pk"))
    in_order = waits.order_by(Exists(asked_for).desc(), "created_at", "pk")
    kinds = in_order.values_list("visit_type_id", flat=True)
    return Claim(patient.pk, kinds.first())


def asked_kind(
    opening: Opening, slot: Slot, *, patient: Patient, gives_up: Appointment | None
) -> VisitType | None:
    """The kind of visit that the patient would take the time for, where it is not the slot's own.

    None, too, where staff give it to somebody who waits for what it cannot be. At most three
    queries, mostly none.
    """
    kind = claim_of(patient, opening, slot, gives_up=gives_up).visit_type_id
    if kind is None or kind == slot.visit_type_id:
        return None
    fits = Q(pk__in=slot.also_serves) | Q(pk__in=slot.visit_type.stands_in_for.values("pk"))
    return VisitType.objects.filter(fits, pk=kind).first()


def _weights(terms: Rows) -> list[Row]:
    """One for each kind of score that counts here: the clinic's own line before the general."""
    lines = terms["weight"]
    general = {row["kind"]: row for row in lines.get(None, [])}
    own = {row["kind"]: row for key, rows in lines.items() if key is not None for row in rows}
    return [row for row in (general | own).values() if row["weight"] > 0]


def _scores_for(weighty: dict[tuple[str, str], int]) -> Also:
    if not weighty:
        return Also()
    kinds, models = zip(*weighty, strict=True)
    return Also((_SCORES,), {"kinds": list(kinds), "models": list(models)})


def _scores(rows: list[Row], weighty: dict[tuple[str, str], int]) -> tuple[OutsideScore, ...]:
    """The newest of each kind, in the order of the kinds."""
    newest = {row["kind"]: row for row in sorted(rows, key=lambda r: _time(r["computed_at"]))}
    return tuple(
        OutsideScore(
            kind=kind,
            value=row["value"],
            weight=weighty[row["kind"], row["model"]],
            model=row["model"],
            version=row["version"],
            source=row["source"],
            expires_at=_time(row["expires_at"]),
        )
        for kind in ScoreKind
        if (row := newest.get(kind.value)) is not None
    )


def _time(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text)
