"""The two statements behind `requirements`: each a union with an arm for each table.

One statement for what a slot's clinic, clinician and payers ask, one for what patients have of
it. Written by hand, since every opening waits for them: building them in Python takes longer than
PostgreSQL needs to answer. An arm that nobody asks for is left out, since to plan it would take
longer than to run it: most clinics limit neither ages nor frequency.
"""

from __future__ import annotations

import datetime as dt
import json
from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from django.db import connection

from scheduling.models import Clinic, Slot
from scheduling.queries import ESTABLISHED_FOR
from scheduling.states import LIVE, AppointmentStatus, Audience

#: A row's facts by name, as the database wrote them down: dates and times are text.
Row: TypeAlias = dict[str, Any]
#: Rows by what they are, and by the key they hang on: a visit type, or a patient.
Rows: TypeAlias = dict[str, dict[int | None, list[Row]]]

TAKES_PLACE = LIVE | {AppointmentStatus.FULFILLED}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What of the patients matters at this slot. `scores` pairs kinds with models.

    `people`: how they talk and travel matters, or how old they are (`birth_dates`).
    """

    orders: bool
    people: bool
    birth_dates: bool
    established: bool
    limited_types: tuple[int, ...]
    scores: tuple[tuple[str, str], ...]


_TERMS: Final = """
SELECT 'type', t.id, to_json(f)
FROM scheduling_visittype t, LATERAL (
    SELECT t.name, t.audience, t.needs_authorization, t.prep_hours, t.prep_send_hours, EXISTS (
        SELECT FROM scheduling_clinic_visit_types c
        WHERE c.clinic_id = %(clinic)s AND c.visittype_id = t.id
    ) AS is_switched_on
) f
WHERE t.id = ANY(%(types)s)
UNION ALL
SELECT 'limit', l.visit_type_id, to_json(f)
FROM scheduling_frequencylimit l, LATERAL (SELECT l.payer, l.months, l.days) f
WHERE l.visit_type_id = ANY(%(types)s) AND l.is_active
UNION ALL
SELECT 'rule', r.visit_type_id, to_json(f)
FROM scheduling_providerrule r, LATERAL (
    SELECT r.is_offered, r.min_age, r.max_age, r.accepts_new, r.reason
) f
WHERE (r.role_id = %(role)s OR r.provider_id = %(provider)s) AND r.is_active
    AND (r.visit_type_id IS NULL OR r.visit_type_id = ANY(%(types)s))
UNION ALL
SELECT 'accepted', a.role_id, to_json(f)
FROM scheduling_acceptedcoverage a, LATERAL (SELECT a.payer, a.plan) f
WHERE a.clinic_id = %(clinic)s AND (a.role_id IS NULL OR a.role_id = %(role)s) AND a.is_active
UNION ALL
SELECT 'weight', w.clinic_id, to_json(f)
FROM waitlist_scoreweight w, LATERAL (SELECT w.kind, w.model, w.weight) f
WHERE w.clinic_id IS NULL OR w.clinic_id = %(clinic)s
UNION ALL
SELECT 'orders', NULL, NULL WHERE EXISTS (SELECT FROM scheduling_servicerequest o WHERE o.is_active)
"""

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
    SELECT v.id, v.visit_type_id, v.starts_at, v.status
) f
WHERE v.patient_id = ANY(%(ids)s) AND v.visit_type_id = ANY(%(types)s)
    AND v.status = ANY(%(takes_place)s) AND (
        v.visit_type_id = ANY(%(limited)s) AND v.status = %(fulfilled)s
        OR EXISTS (
            SELECT FROM scheduling_servicerequest o
            WHERE o.patient_id = v.patient_id AND o.is_active AND o.visits_allowed IS NOT NULL
        )
    )"""

_PEOPLE: Final = """
SELECT 'person', p.id, to_json(f)
FROM crm_patient p, LATERAL (
    SELECT p.birth_on, p.needs_interpreter, p.needs_transport, p.language, p.spoken_language
) f
WHERE p.id = ANY(%(ids)s) AND (%(birth_dates)s OR p.needs_interpreter OR p.needs_transport)"""

_ESTABLISHED: Final = """
SELECT 'established', v.patient_id, NULL
FROM scheduling_appointment v
JOIN scheduling_providerrole r ON r.id = v.role_id
JOIN scheduling_clinic c ON c.id = r.clinic_id
WHERE v.patient_id = ANY(%(ids)s) AND v.status = %(fulfilled)s
    AND v.starts_at > %(established_since)s AND c.specialty = %(specialty)s
GROUP BY v.patient_id"""

_SCORES: Final = """
SELECT 'score', s.patient_id, to_json(f)
FROM waitlist_importedscore s
JOIN unnest(%(kinds)s::varchar[], %(models)s::varchar[]) AS w (kind, model)
    ON w.kind = s.kind AND w.model = s.model
CROSS JOIN LATERAL (
    SELECT s.kind, s.model, s.version, s.source, s.value, s.computed_at, s.expires_at
) f
WHERE s.patient_id = ANY(%(ids)s) AND s.expires_at > %(at)s"""


def read_terms(slot: Slot, types: Collection[int]) -> Rows:
    """Visit types, limits, rules, payers taken and weights of scores. One query."""
    role = slot.role
    return _read(
        _TERMS,
        {
            "types": list(types),
            "clinic": role.clinic_id,
            "role": role.pk,
            "provider": role.provider_id,
        },
    )


def wanted(terms: Rows, clinic: Clinic) -> Wanted:
    """What must be read of the patients, after the terms."""
    rules = [row for rows in terms["rule"].values() for row in rows]
    types = [row for rows in terms["type"].values() for row in rows]
    only_some = any(row["audience"] != Audience.ANY for row in types)
    ages = any(row["min_age"] is not None or row["max_age"] is not None for row in rules)
    return Wanted(
        orders="orders" in terms,
        people=ages or clinic.interpreter_notice_hours + clinic.transport_notice_hours > 0,
        birth_dates=ages,
        established=only_some or any(not row["accepts_new"] for row in rules),
        limited_types=tuple(pk for pk in terms["limit"] if pk is not None),
        scores=tuple((row["kind"], row["model"]) for row in weights(terms)),
    )


def weights(terms: Rows) -> list[Row]:
    """One for each kind of score that counts here: the clinic's own line before the general."""
    lines = terms["weight"]
    general = {row["kind"]: row for row in lines.get(None, [])}
    own = {row["kind"]: row for key, rows in lines.items() if key is not None for row in rows}
    return [row for row in (general | own).values() if row["weight"] > 0]


def read_patients(
    ids: Collection[int], slot: Slot, want: Wanted, types: Collection[int], *, at: dt.datetime
) -> Rows:
    """Coverage, orders, earlier visits, needs and scores of these patients. One query."""
    return _read(
        "\nUNION ALL".join(_arms(want)),
        {
            "ids": list(ids),
            "types": list(types),
            "limited": list(want.limited_types),
            "takes_place": [str(status) for status in TAKES_PLACE],
            "fulfilled": str(AppointmentStatus.FULFILLED),
            "birth_dates": want.birth_dates,
            "established_since": at - ESTABLISHED_FOR,
            "specialty": slot.role.clinic.specialty,
            "kinds": [kind for kind, _ in want.scores],
            "models": [model for _, model in want.scores],
            "at": at,
        },
    )


def _arms(want: Wanted) -> Iterator[str]:
    yield _COVERAGES
    if want.orders:
        yield _ORDERS
    if want.orders or want.limited_types:
        yield _VISITS
    if want.people:
        yield _PEOPLE
    if want.established:
        yield _ESTABLISHED
    if want.scores:
        yield _SCORES


def _read(statement: str, parameters: dict[str, Any]) -> Rows:
    found: Rows = defaultdict(lambda: defaultdict(list))
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        for what, key, facts in cursor:
            found[what][key].append(json.loads(facts) if isinstance(facts, str) else facts or {})
    return found
