"""The two statements behind `requirements`: each a union with an arm for each table.

One statement for what a slot's clinic, clinician and payers ask, one for what patients have of
it. An arm that nobody asks for is left out: most clinics limit neither payers nor frequency.
Django takes longer to write them than PostgreSQL to run them, and every opening waits for both:
so what was written for one opening is kept, and run for others with their values.
"""

from __future__ import annotations

import datetime as dt
import json
from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final, TypeAlias

from django.db import connection
from django.db.models import CharField, Exists, F, OuterRef, Q, QuerySet, Value
from django.db.models.expressions import RawSQL
from django.db.models.functions import JSONObject

from crm.models import Coverage, Patient
from scheduling.models import (
    AcceptedCoverage,
    Appointment,
    Clinic,
    FrequencyLimit,
    ProviderRule,
    ServiceRequest,
    Slot,
    VisitType,
)
from scheduling.queries import established
from scheduling.states import LIVE, AppointmentStatus, Audience
from waitlist.models import ImportedScore, ScoreWeight

#: A row's facts by name, as the database wrote them down: dates and times are text.
Row: TypeAlias = dict[str, Any]
#: Rows by what they are, and by the key they hang on: a visit type, or a patient.
Rows: TypeAlias = dict[str, dict[int | None, list[Row]]]
_Arm: TypeAlias = "QuerySet[Any, tuple[str, int | None, Row]]"

#: A statement as Django wrote it, and its values.
_Statement: TypeAlias = tuple[str, tuple[Any, ...]]
#: They stand for the ids and the instant that a statement is run for.
ANY_IDS: Final[list[int]] = []
ANY_TIME: Final = dt.datetime(3000, 1, 1, tzinfo=dt.UTC)

TAKES_PLACE = LIVE | {AppointmentStatus.FULFILLED}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What of the patients matters at this slot."""

    birth_dates: bool
    established: bool
    limited_types: frozenset[int | None]
    scores: Q | None


def read_terms(slot: Slot, types: Collection[int]) -> Rows:
    """Visit types, limits, rules, payers taken and weights of scores. One query."""
    role = slot.role
    return _read(_terms(role.clinic_id, role.pk, role.provider_id, frozenset(types)))


@lru_cache(maxsize=1000)
def _terms(clinic: int, role: int, provider: int, types: frozenset[int]) -> _Statement:
    switched_on = Clinic.visit_types.through.objects.filter(
        clinic_id=clinic, visittype_id=OuterRef("pk")
    )
    return _written(
        _arm(
            "type",
            VisitType.objects.filter(pk__in=types),
            "pk",
            is_switched_on=Exists(switched_on),
            **_same("name", "audience", "needs_authorization", "prep_hours", "prep_send_hours"),
        ),
        _arm(
            "limit",
            FrequencyLimit.objects.filter(visit_type__in=types, is_active=True),
            "visit_type_id",
            **_same("payer", "months", "days"),
        ),
        _arm(
            "rule",
            ProviderRule.objects.filter(
                Q(role=role) | Q(provider=provider),
                Q(visit_type=None) | Q(visit_type__in=types),
                is_active=True,
            ),
            "visit_type_id",
            **_same("is_offered", "min_age", "max_age", "accepts_new", "reason"),
        ),
        _arm(
            "accepted",
            AcceptedCoverage.objects.filter(
                Q(role=None) | Q(role=role), clinic=clinic, is_active=True
            ),
            "role_id",
            **_same("payer", "plan"),
        ),
        _arm(
            "weight",
            ScoreWeight.objects.filter(Q(clinic=None) | Q(clinic=clinic)),
            "clinic_id",
            **_same("kind", "model", "weight"),
        ),
    )


def wanted(terms: Rows) -> Wanted:
    """What must be read of the patients, after the terms."""
    rules = [row for rows in terms["rule"].values() for row in rows]
    types = [row for rows in terms["type"].values() for row in rows]
    only_some = any(row["audience"] != Audience.ANY for row in types)
    scores = None
    for row in weights(terms):
        one = Q(kind=row["kind"], model=row["model"])
        scores = one if scores is None else scores | one
    return Wanted(
        birth_dates=any(row["min_age"] is not None or row["max_age"] is not None for row in rules),
        established=only_some or any(not row["accepts_new"] for row in rules),
        limited_types=frozenset(terms["limit"]),
        scores=scores,
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
    statement = _patients(slot.role.clinic.specialty, want, frozenset(types))
    return _read(statement, ids=list(ids), at=at)


@lru_cache(maxsize=1000)
def _patients(specialty: str, want: Wanted, types: frozenset[int]) -> _Statement:
    return _written(*_patient_arms(specialty, want, types))


def _patient_arms(specialty: str, want: Wanted, types: Collection[int]) -> Iterator[_Arm]:
    ids, at = RawSQL("SELECT unnest(%s::bigint[])", [ANY_IDS]), ANY_TIME
    yield _arm(
        "coverage",
        Coverage.objects.filter(patient__in=ids),
        "patient_id",
        **_same("payer", "plan", "starts_on", "ends_on"),
    )
    orders = ServiceRequest.objects.filter(patient__in=ids, is_active=True)
    yield _arm("order", orders, "patient_id", **_ORDER)
    counted = orders.filter(patient=OuterRef("patient"), visits_allowed__isnull=False)
    yield _arm(
        "visit",
        Appointment.objects.filter(
            Exists(counted) & Q(visit_type__in=types)
            | Q(visit_type__in=want.limited_types, status=AppointmentStatus.FULFILLED),
            patient__in=ids,
            status__in=TAKES_PLACE,
        ),
        "patient_id",
        **_same("pk", "visit_type_id", "starts_at", "status"),
    )
    people = Patient.objects.filter(pk__in=ids)
    if not want.birth_dates:
        people = people.filter(Q(needs_interpreter=True) | Q(needs_transport=True))
    yield _arm("person", people, "pk", **_PERSON)
    if want.established:
        seen = established(specialty, at=at).filter(patient__in=ids)
        yield _arm("established", seen, "patient_id", yes=Value(1)).distinct()
    if want.scores is not None:
        scores = ImportedScore.objects.filter(want.scores, patient__in=ids, expires_at__gt=at)
        yield _arm("score", scores, "patient_id", **_SCORE)


def _same(*names: str) -> dict[str, F]:
    return {name: F(name) for name in names}


_PERSON = _same("birth_on", "needs_interpreter", "needs_transport", "language", "spoken_language")
_SCORE = _same("kind", "model", "version", "source", "value", "computed_at", "expires_at")
_VISIT = ("starts_at", "ends_at", "status", "told_visit_type")
_ORDER = {
    **_same("pk", "visit_type_id", "appointment_id", "follows_id", "not_before_on"),
    **_same("valid_from_on", "valid_until_on", "visits_allowed", "instructed_at"),
    **_same("follows_after_days", "follows_within_days"),
    **{
        f"{visit}_{name}": F(f"{visit}__{name}")
        for visit in ("appointment", "follows")
        for name in (*_VISIT, "visit_type__name", "visit_type__is_sensitive")
    },
}


def _arm(what: str, rows: QuerySet[Any, Any], key: str, **facts: Any) -> _Arm:
    named = Value(what, output_field=CharField())
    return rows.order_by().values_list(named, key, JSONObject(**facts))


def _written(first: _Arm, *more: _Arm) -> _Statement:
    query = first.union(*more, all=True).query
    text, values = query.get_compiler(connection=connection).as_sql()
    return text, tuple(values)


def _read(
    statement: _Statement, *, ids: list[int] | None = None, at: dt.datetime = ANY_TIME
) -> Rows:
    """Run what was written for `ANY_IDS` at `ANY_TIME` for these ids, at this time."""
    text, values = statement
    found: Rows = defaultdict(lambda: defaultdict(list))
    with connection.cursor() as cursor:
        cursor.execute(text, [_meant(value, ids, at) for value in values])
        for what, key, facts in cursor.fetchall():
            found[what][key].append(json.loads(facts))
    return found


def _meant(value: Any, ids: list[int] | None, at: dt.datetime) -> Any:
    if value is ANY_IDS:
        return ids
    return at + (value - ANY_TIME) if isinstance(value, dt.datetime) else value
