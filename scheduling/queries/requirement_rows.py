"""The two statements behind `requirements`: each a union with an arm for each table.

One statement for what the slots' clinics, clinicians and payers ask, one for what patients have
of it. Written by hand, since every opening waits for them: building them in Python takes longer
than PostgreSQL needs to answer. An arm that nobody asks for is left out, since to plan it would
take longer than to run it: most clinics limit neither ages nor frequency. A floor above adds arms
of its own (`Also`) rather than a statement.
"""

from __future__ import annotations

import datetime as dt
import json
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

from django.db import connection

from scheduling.models import Slot
from scheduling.queries.visits import ESTABLISHED_FOR
from scheduling.states import LIVE, AppointmentStatus, Audience, RuleKind

#: A row's facts by name, as the database wrote them down: dates and times are text.
Row: TypeAlias = dict[str, Any]
#: Rows by what they are, and by the key they hang on: a visit type, or a patient.
Rows: TypeAlias = dict[str, dict[int | None, list[Row]]]

TAKES_PLACE = LIVE | {AppointmentStatus.FULFILLED}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What of the patients matters at these slots.

    `people`: how they talk and travel matters, or how old they are and their sex (`persons`).
    """

    orders: bool
    people: bool
    persons: bool
    established: bool
    limited_types: tuple[int, ...]
    tests: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Also:
    """Further arms of a statement, each `SELECT what, key, facts as JSON`, and their parameters.

    `tables` is the `WITH` that they name, where they do.
    """

    arms: tuple[str, ...] = ()
    parameters: Mapping[str, Any] = field(default_factory=dict)
    tables: str = ""

    def __or__(self, other: Also) -> Also:
        """Both; one of them at most has tables."""
        return Also(
            self.arms + other.arms,
            {**self.parameters, **other.parameters},
            self.tables or other.tables,
        )


NOTHING: Final = Also()


_TERMS: Final = """
SELECT 'type', t.id, to_json(f)
FROM scheduling_visittype t, LATERAL (
    SELECT t.name, t.audience, t.needs_authorization, t.prep_hours, t.prep_send_hours, (
        SELECT json_build_object('on', e.retired_on)
        FROM scheduling_catalogentry e WHERE e.visit_type_id = t.id AND e.is_retired
    ) AS retired, ARRAY(
        SELECT c.clinic_id FROM scheduling_clinic_visit_types c
        WHERE c.clinic_id = ANY(%(clinics)s) AND c.visittype_id = t.id
    ) AS switched_on
) f
WHERE t.id = ANY(%(types)s)
UNION ALL
SELECT 'limit', l.visit_type_id, to_json(f)
FROM scheduling_frequencylimit l, LATERAL (SELECT l.payer, l.months, l.days) f
WHERE l.visit_type_id = ANY(%(types)s) AND l.is_active
UNION ALL
SELECT 'rule', NULL, to_json(f)
FROM scheduling_providerrule r
LEFT JOIN scheduling_visittype t ON t.id = r.test_id
CROSS JOIN LATERAL (
    SELECT r.kind, r.provider_id, r.role_id, r.clinic_id, r.reason,
        array_prepend(r.visit_type_id, r.also_types) AS types,
        r.is_offered AND r.kind <> 'not-done' AS is_offered,
        r.min_age, r.max_age, r.accepts_new, r.number, r.per, r.needs_referral, r.needs_records,
        r.test_id, r.test_within_days,
        CASE WHEN t.is_sensitive THEN 'a test' ELSE t.name END AS test
) f
WHERE (
        r.role_id = ANY(%(roles)s) OR r.provider_id = ANY(%(providers)s)
        OR r.clinic_id = ANY(%(clinics)s)
    ) AND r.is_active
    AND (
        r.visit_type_id IS NULL OR r.kind = 'only' OR r.visit_type_id = ANY(%(types)s)
        OR r.also_types && %(types)s::bigint[]
    )
UNION ALL
SELECT 'accepted', a.role_id, to_json(f)
FROM scheduling_acceptedcoverage a, LATERAL (SELECT a.clinic_id, a.payer, a.plan) f
WHERE a.clinic_id = ANY(%(clinics)s) AND (a.role_id IS NULL OR a.role_id = ANY(%(roles)s))
    AND a.is_active
UNION ALL
SELECT 'orders', NULL, NULL
WHERE EXISTS (SELECT FROM scheduling_servicerequest o WHERE o.is_active)"""

#: Asked for only where one of the slots is kept for somebody.
_AUDIENCES: Final = """
SELECT 'audience', a.id, to_json(f)
FROM scheduling_slotaudience a, LATERAL (
    SELECT a.name, a.audience, a.min_age, a.max_age, a.sex, a.payers, a.needs_referral
) f
WHERE a.id = ANY(%(audiences)s)"""

_COVERAGES: Final = """
SELECT 'coverage', c.patient_id, to_json(f)
FROM crm_coverage c, LATERAL (SELECT c.payer, c.plan, c.starts_on, c.ends_on) f
WHERE c.patient_id = ANY(%(ids)s)"""

_ORDERS: Final = """
SELECT 'order', o.patient_id, to_json(f)
FROM scheduling_servicerequest o
LEFT JOIN scheduling_appointment own ON own.id = o.appointment_id
LEFT JOIN scheduling_visittype own_type ON own_type.id = own.visit_type_id
LEFT JOIN scheduling_appointment first ON first.id = o.follows_id
LEFT JOIN scheduling_visittype first_type ON first_type.id = first.visit_type_id
CROSS JOIN LATERAL (
    SELECT o.id, o.visit_type_id, o.appointment_id, o.follows_id,
        o.not_before_on, o.valid_from_on, o.valid_until_on, o.visits_allowed, o.instructed_at,
        o.records_at IS NOT NULL AS has_records,
        o.follows_after_days, o.follows_within_days,
        own.starts_at AS appointment_starts_at, own.ends_at AS appointment_ends_at,
        own.status AS appointment_status, own_type.is_sensitive AS appointment_is_sensitive,
        coalesce(own_type.name, own.told_visit_type) AS appointment_name,
        first.starts_at AS follows_starts_at, first.ends_at AS follows_ends_at,
        first.status AS follows_status, first_type.is_sensitive AS follows_is_sensitive,
        coalesce(first_type.name, first.told_visit_type) AS follows_name
) f
WHERE o.patient_id = ANY(%(ids)s) AND o.is_active"""

_VISITS: Final = """
SELECT 'visit', v.patient_id, to_json(f)
FROM scheduling_appointment v, LATERAL (
    SELECT v.id, v.visit_type_id, v.starts_at, v.ends_at, v.status
) f
WHERE v.patient_id = ANY(%(ids)s) AND v.visit_type_id = ANY(%(types)s || %(tests)s)
    AND v.status = ANY(%(takes_place)s) AND (
        v.visit_type_id = ANY(%(tests)s)
        OR v.visit_type_id = ANY(%(limited)s) AND v.status = %(fulfilled)s
        OR EXISTS (
            SELECT FROM scheduling_servicerequest o
            WHERE o.patient_id = v.patient_id AND o.is_active AND o.visits_allowed IS NOT NULL
        )
    )"""

_PEOPLE: Final = """
SELECT 'person', p.id, to_json(f)
FROM crm_patient p, LATERAL (
    SELECT p.birth_on, p.sex, p.needs_interpreter, p.needs_transport, p.language, p.spoken_language
) f
WHERE p.id = ANY(%(ids)s) AND (%(persons)s OR p.needs_interpreter OR p.needs_transport)"""

_ESTABLISHED: Final = """
SELECT 'established', v.patient_id, json_build_object('specialty', c.specialty)
FROM scheduling_appointment v
JOIN scheduling_providerrole r ON r.id = v.role_id
JOIN scheduling_clinic c ON c.id = r.clinic_id
WHERE v.patient_id = ANY(%(ids)s) AND v.status = %(fulfilled)s
    AND v.starts_at > %(established_since)s AND c.specialty = ANY(%(specialties)s)
GROUP BY v.patient_id, c.specialty"""


def read_terms(slots: Collection[Slot], types: Collection[int], *, also: Also = NOTHING) -> Rows:
    """Visit types, limits, clinicians' rules and payers taken. One query."""
    roles = [slot.role for slot in slots]
    audiences = [slot.audience_id for slot in slots if slot.audience_id is not None]
    return read_rows(
        (_TERMS, *((_AUDIENCES,) if audiences else ()), *also.arms),
        {
            "types": list(types),
            "clinics": list({role.clinic_id for role in roles}),
            "roles": list({role.pk for role in roles}),
            "providers": list({role.provider_id for role in roles}),
            "audiences": audiences,
            **also.parameters,
        },
        tables=also.tables,
    )


def wanted(terms: Rows, slots: Collection[Slot]) -> Wanted:
    """What must be read of the patients, after the terms."""
    rules = terms["rule"][None]
    types = [row for rows in terms["type"].values() for row in rows]
    kept = [row for rows in terms["audience"].values() for row in rows]
    clinics = {slot.role.clinic_id: slot.role.clinic for slot in slots}.values()
    only_some = any(row["audience"] != Audience.ANY for row in (*types, *kept))
    persons = any(
        row["min_age"] is not None or row["max_age"] is not None for row in (*rules, *kept)
    )
    persons = persons or any(row["sex"] for row in kept)
    new_only = any(row["kind"] == RuleKind.NEW_LIMIT or not row["accepts_new"] for row in rules)
    notice = sum(c.interpreter_notice_hours + c.transport_notice_hours for c in clinics)
    return Wanted(
        orders="orders" in terms,
        people=persons or notice > 0,
        persons=persons,
        established=only_some or new_only,
        limited_types=tuple(pk for pk in terms["limit"] if pk is not None),
        tests=tuple({row["test_id"] for row in rules if row["test_id"] is not None}),
    )


def read_patients(
    ids: Collection[int],
    slots: Collection[Slot],
    want: Wanted,
    types: Collection[int],
    *,
    at: dt.datetime,
    also: Also = NOTHING,
) -> Rows:
    """Coverage, orders, earlier visits and needs of these patients. One query."""
    return read_rows(
        (*_arms(want), *also.arms),
        {
            "ids": list(ids),
            "types": list(types),
            "limited": list(want.limited_types),
            "tests": list(want.tests),
            "takes_place": [str(status) for status in TAKES_PLACE],
            "fulfilled": str(AppointmentStatus.FULFILLED),
            "persons": want.persons,
            "established_since": at - ESTABLISHED_FOR,
            "specialties": list({slot.role.clinic.specialty for slot in slots}),
            "at": at,
            **also.parameters,
        },
    )


def _arms(want: Wanted) -> Iterator[str]:
    yield _COVERAGES
    if want.orders:
        yield _ORDERS
    if want.orders or want.limited_types or want.tests:
        yield _VISITS
    if want.people:
        yield _PEOPLE
    if want.established:
        yield _ESTABLISHED


def read_rows(arms: Collection[str], parameters: Mapping[str, Any], *, tables: str = "") -> Rows:
    """One statement of these arms."""
    found: Rows = defaultdict(lambda: defaultdict(list))
    with connection.cursor() as cursor:
        cursor.execute(tables + "\nUNION ALL".join(arms), parameters)
        for what, key, facts in cursor:
            found[what][key].append(json.loads(facts) if isinstance(facts, str) else facts or {})
    return found
