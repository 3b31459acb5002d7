"""What slots ask of claims, and what the patients have of it, as the rules see them.

Two queries, whatever the number of slots and of patients.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable
from dataclasses import replace
from typing import NamedTuple

from crm.states import Sex
from scheduling.models import Slot
from scheduling.queries.requirement_rows import (
    TAKES_PLACE,
    Row,
    Rows,
    read_patients,
    read_terms,
    wanted,
)
from scheduling.rules.day import LIMITS
from scheduling.rules.requirements import (
    Coverage,
    KeptFor,
    Limit,
    LinkedVisit,
    Order,
    ProviderTerms,
    Requirements,
    Terms,
    Test,
    normal,
)
from scheduling.states import LIVE, AppointmentStatus, Audience, RuleKind


class Claim(NamedTuple):
    """Who wants which kind of visit, and the visit of theirs that it would replace.

    Without a kind, the slot's own is meant.
    """

    patient_id: int
    visit_type_id: int | None = None
    appointment_id: int | None = None


class Needs:
    """What two statements told of some slots and patients; `of` puts it together for a claim."""

    def __init__(self, told: Rows, rows: Rows) -> None:
        self._told, self._rows = told, rows
        self._terms: dict[tuple[int | None, int], Terms] = {}

    def of(self, claim: Claim, slot: Slot) -> Requirements:
        """The terms of `slot` for this claim, and what its patient has of them."""
        kind = claim.visit_type_id or slot.visit_type_id
        if (slot.pk, kind) not in self._terms:
            self._terms[slot.pk, kind] = _terms(kind, slot, self._told)
        return _requirements(claim, kind, self._terms[slot.pk, kind], self._rows, slot)


def read_needs(claims: Collection[Claim], slots: Collection[Slot], *, at: dt.datetime) -> Needs:
    """For all of these claims at each of these slots, as `get_slot` gives them. Two queries."""
    types = types_of(claims, slots)
    told = read_terms(slots, types)
    ids = {claim.patient_id for claim in claims}
    return Needs(told, read_patients(ids, slots, wanted(told, slots), types, at=at))


def types_of(claims: Iterable[Claim], slots: Iterable[Slot]) -> set[int]:
    """The kinds of visit that are asked for, and those that the slots were made for."""
    asked = {claim.visit_type_id for claim in claims if claim.visit_type_id is not None}
    return asked | {slot.visit_type_id for slot in slots}


def _terms(visit_type_id: int, slot: Slot, told: Rows) -> Terms:
    (kind,) = told["type"][visit_type_id]
    clinic, role = slot.role.clinic, slot.role
    accepted = told["accepted"].get(role.pk) or [
        row for row in told["accepted"].get(None, []) if row["clinic_id"] == clinic.pk
    ]
    return Terms(
        starts_at=slot.starts_at,
        zone=clinic.location.zone,
        visit_type=kind["name"],
        clinic=clinic.name,
        provider=str(role.provider),
        visit_type_id=visit_type_id,
        kept_for=_kept_for(slot, told),
        is_switched_on=clinic.pk in kind["switched_on"],
        audience=Audience(kind["audience"]),
        needs_authorization=kind["needs_authorization"],
        prep_hours=kind["prep_hours"],
        prep_send_hours=kind["prep_send_hours"],
        provider_rules=tuple(
            _rule(row) for row in rules_of(slot, visit_type_id, told) if row["kind"] not in LIMITS
        ),
        limits=tuple(Limit(**row) for row in told["limit"].get(visit_type_id, [])),
        accepted=frozenset((normal(row["payer"]), normal(row["plan"])) for row in accepted),
        requires_coverage=clinic.requires_coverage,
        interpreter_notice_hours=clinic.interpreter_notice_hours,
        transport_notice_hours=clinic.transport_notice_hours,
    )


def rules_of(slot: Slot, visit_type_id: int, told: Rows) -> list[Row]:
    """The rules that hold for such a visit at this slot."""
    whose = {
        (slot.role_id, None, None),
        (None, slot.role.provider_id, None),
        (None, None, slot.role.clinic_id),
    }
    return [
        row
        for row in told["rule"][None]
        if (row["role_id"], row["provider_id"], row["clinic_id"]) in whose
        and (row["kind"] == RuleKind.ONLY or _is_about(row, visit_type_id))
    ]


def _is_about(rule: Row, visit_type_id: int) -> bool:
    types = types_in(rule)
    return not types or visit_type_id in types


def types_in(rule: Row) -> frozenset[int]:
    """The visit types that a rule is about; empty: every one."""
    return frozenset(pk for pk in rule["types"] if pk is not None)


def _rule(row: Row) -> ProviderTerms:
    return ProviderTerms(
        is_offered=row["is_offered"],
        min_age=row["min_age"],
        max_age=row["max_age"],
        accepts_new=row["accepts_new"],
        reason=row["reason"],
        only=types_in(row) if row["kind"] == RuleKind.ONLY else frozenset(),
        needs_referral=row["needs_referral"],
        needs_records=row["needs_records"],
        test_id=row["test_id"],
        test=row["test"] or "",
        test_within_days=row["test_within_days"],
    )


def _kept_for(slot: Slot, told: Rows) -> KeptFor | None:
    row = next(iter(told["audience"].get(slot.audience_id, [])), None)
    if row is None:
        return None
    return KeptFor(
        name=row["name"],
        audience=Audience(row["audience"]),
        min_age=row["min_age"],
        max_age=row["max_age"],
        sex=Sex(row["sex"]) if row["sex"] else None,
        payers=frozenset(normal(payer) for payer in row["payers"]),
        needs_referral=row["needs_referral"],
        until=slot.release_at,
    )


def _is_established(seen: list[Row], slot: Slot) -> bool:
    return any(row["specialty"] == slot.role.clinic.specialty for row in seen)


def _requirements(
    claim: Claim, visit_type_id: int, terms: Terms, rows: Rows, slot: Slot
) -> Requirements:
    patient = claim.patient_id
    person = next(iter(rows["person"].get(patient, [])), None)
    visits = [row for row in rows["visit"].get(patient, []) if row["id"] != claim.appointment_id]
    placed = rows["order"].get(patient, [])
    orders = _orders(placed, claim, visit_type_id)
    return Requirements(
        terms=terms,
        birth_on=_day(person["birth_on"]) if person else None,
        is_established=_is_established(rows["established"].get(patient, []), slot),
        coverages=tuple(_coverage(row) for row in rows["coverage"].get(patient, [])),
        orders=tuple(_order(row, visits, terms) for row in orders),
        linked=tuple(_linked(orders, placed, claim)),
        last_visit_on=_last_seen(visits, visit_type_id, terms),
        interpreter=_interpreter(person, slot.role.provider.languages),
        needs_transport=bool(person and person["needs_transport"]),
        sex=Sex(person["sex"]) if person else Sex.UNKNOWN,
        tests=tuple(_tests(visits, terms)),
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
        has_records=row["has_records"],
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


def _tests(visits: list[Row], terms: Terms) -> Iterable[Test]:
    wanted = {rule.test_id for rule in terms.provider_rules}
    for row in visits:
        if row["visit_type_id"] in wanted:
            yield Test(
                visit_type_id=row["visit_type_id"],
                starts_at=_time(row["starts_at"]),
                ends_at=_time(row["ends_at"]),
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


def _day(text: str | None) -> dt.date | None:
    return dt.date.fromisoformat(text) if text else None


def _time(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text)
