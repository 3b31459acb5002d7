"""What a slot asks of each claim, and what the patient has of it, as the rules see it.

For the few who are left after everything cheaper: two queries, whatever their number.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import NamedTuple

from django.db.models import Exists, OuterRef, Q

from crm.models import Patient
from scheduling.models import Appointment, Slot
from scheduling.states import LIVE, AppointmentStatus, Audience
from waitlist.models import Candidate, Opening, WaitlistEntry
from waitlist.queries.requirement_rows import (
    TAKES_PLACE,
    Row,
    Rows,
    read_patients,
    read_terms,
    wanted,
    weights,
)
from waitlist.rules.eligibility import Refusal, standing
from waitlist.rules.facts import OutsideScore
from waitlist.rules.requirements import (
    Coverage,
    Limit,
    LinkedVisit,
    Order,
    ProviderTerms,
    Requirements,
    Terms,
    normal,
)
from waitlist.states import EntryStatus, ScoreKind


class Claim(NamedTuple):
    """Who wants which kind of visit, and the visit of theirs that it would replace.

    Without a kind, the slot's own is meant.
    """

    patient_id: int
    visit_type_id: int | None = None
    appointment_id: int | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """What the rules ask of one claim, and the outside scores that count for its patient."""

    requirements: Requirements
    imported: tuple[OutsideScore, ...]


def requirements_of(claims: Iterable[Claim], slot: Slot, *, at: dt.datetime) -> dict[int, Asked]:
    """By patient. One claim a patient; `slot` as `scheduling.queries.get_slot` gives it.

    Two queries; none for nobody.
    """
    claims = list(claims)
    if not claims:
        return {}
    own = slot.visit_type_id
    kinds = {claim.patient_id: claim.visit_type_id or own for claim in claims}
    types = {own, *kinds.values()}
    told = read_terms(slot, types)
    rows = read_patients(kinds, slot, wanted(told, slot.role.clinic), types, at=at)
    terms = {pk: _terms(pk, slot, told) for pk in types}
    weighty = {(row["kind"], row["model"]): row["weight"] for row in weights(told)}
    return {
        claim.patient_id: Asked(
            _requirements(claim, kinds[claim.patient_id], terms, rows, slot),
            _scores(rows["score"].get(claim.patient_id, []), weighty),
        )
        for claim in claims
    }


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


def find_standing(claim: Claim, slot: Slot, *, at: dt.datetime) -> Refusal | None:
    """All of this that an earlier date would break for one claim now, or None. Two queries."""
    return standing(requirements_of([claim], slot, at=at)[claim.patient_id].requirements, at=at)


def _terms(visit_type_id: int, slot: Slot, told: Rows) -> Terms:
    (kind,) = told["type"][visit_type_id]
    clinic, role = slot.role.clinic, slot.role
    rules = [*told["rule"].get(None, []), *told["rule"].get(visit_type_id, [])]
    accepted = told["accepted"].get(role.pk) or told["accepted"].get(None, [])
    return Terms(
        starts_at=slot.starts_at,
        zone=clinic.location.zone,
        visit_type=kind["name"],
        clinic=clinic.name,
        provider=str(role.provider),
        is_switched_on=kind["is_switched_on"],
        audience=Audience(kind["audience"]),
        needs_authorization=kind["needs_authorization"],
        prep_hours=kind["prep_hours"],
        prep_send_hours=kind["prep_send_hours"],
        provider_rules=tuple(ProviderTerms(**row) for row in rules),
        limits=tuple(Limit(**row) for row in told["limit"].get(visit_type_id, [])),
        accepted=frozenset((normal(row["payer"]), normal(row["plan"])) for row in accepted),
        requires_coverage=clinic.requires_coverage,
        interpreter_notice_hours=clinic.interpreter_notice_hours,
        transport_notice_hours=clinic.transport_notice_hours,
    )


def _requirements(
    claim: Claim, visit_type_id: int, terms: dict[int, Terms], rows: Rows, slot: Slot
) -> Requirements:
    patient, asked = claim.patient_id, terms[visit_type_id]
    person = next(iter(rows["person"].get(patient, [])), None)
    visits = [row for row in rows["visit"].get(patient, []) if row["id"] != claim.appointment_id]
    placed = rows["order"].get(patient, [])
    orders = _orders(placed, claim, visit_type_id)
    return Requirements(
        terms=asked,
        birth_on=_day(person["birth_on"]) if person else None,
        is_established=patient in rows["established"],
        coverages=tuple(_coverage(row) for row in rows["coverage"].get(patient, [])),
        orders=tuple(_order(row, visits, asked) for row in orders),
        linked=tuple(_linked(orders, placed, claim)),
        last_visit_on=_last_seen(visits, visit_type_id, asked),
        interpreter=_interpreter(person, slot.role.provider.languages),
        needs_transport=bool(person and person["needs_transport"]),
    )


def _orders(placed: list[Row], claim: Claim, visit_type_id: int) -> list[Row]:
    """Those of the visit itself; else those of its kind that no visit has, or has any more."""
    by_age = sorted(placed, key=lambda row: row["id"])
    if claim.appointment_id is not None:
        own = [row for row in by_age if row["appointment_id"] == claim.appointment_id]
        if own:
            return own
    return [
        row
        for row in by_age
        if row["visit_type_id"] == visit_type_id
        and (row["appointment_id"] is None or row["appointment_status"] not in TAKES_PLACE)
    ]


def _order(row: Row, visits: list[Row], terms: Terms) -> Order:
    order = Order(
        not_before_on=_day(row["not_before_on"]),
        valid_from_on=_day(row["valid_from_on"]),
        valid_until_on=_day(row["valid_until_on"]),
        is_instructed=row["instructed_at"] is not None,
    )
    allowed = row["visits_allowed"]
    if allowed is None:
        return order
    used = sum(
        visit["visit_type_id"] == row["visit_type_id"]
        and order.covers(terms.date_of(_time(visit["starts_at"])))
        for visit in visits
    )
    return replace(order, visits_left=allowed - used)


def _linked(orders: list[Row], placed: list[Row], claim: Claim) -> Iterable[LinkedVisit]:
    for row in orders:
        if row["follows_id"] is not None:
            yield _other(row, "follows", comes_first=True)
    for row in placed:
        is_before = row["follows_id"] is not None and row["follows_id"] == claim.appointment_id
        if is_before and row["appointment_id"] is not None:
            yield _other(row, "appointment", comes_first=False)


def _other(row: Row, which: str, *, comes_first: bool) -> LinkedVisit:
    status = row[f"{which}_status"]
    is_named = row[f"{which}_name"] and not row[f"{which}_is_sensitive"]
    return LinkedVisit(
        # What is sensitive is not named beside another visit.
        visit_type=row[f"{which}_name"] if is_named else "Another visit",
        starts_at=_time(row[f"{which}_starts_at"]),
        ends_at=_time(row[f"{which}_ends_at"]),
        comes_first=comes_first,
        stands=status in (TAKES_PLACE if comes_first else LIVE),
        least_days=row["follows_after_days"],
        most_days=row["follows_within_days"],
    )


def _last_seen(visits: list[Row], visit_type_id: int, terms: Terms) -> dt.date | None:
    days = [
        terms.date_of(_time(row["starts_at"]))
        for row in visits
        if row["visit_type_id"] == visit_type_id and row["status"] == AppointmentStatus.FULFILLED
    ]
    return max(days, default=None)


def _interpreter(person: Row | None, spoken_by_clinician: list[str]) -> str:
    if person is None or not person["needs_interpreter"]:
        return ""
    language = person["spoken_language"] or person["language"]
    return "" if language in spoken_by_clinician else language


def _coverage(row: Row) -> Coverage:
    return Coverage(
        payer=row["payer"],
        plan=row["plan"],
        starts_on=_day(row["starts_on"]),
        ends_on=_day(row["ends_on"]),
    )


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


def _day(text: str | None) -> dt.date | None:
    return dt.date.fromisoformat(text) if text else None


def _time(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text)
