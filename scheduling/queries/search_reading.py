"""Slots as the statement of a search gives them, with all that stands beside each."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection

from crm.hydrating import Hydrator
from crm.models import Patient
from scheduling.models import Clinic, Location, Provider, ProviderRole, Slot, VisitType
from scheduling.queries.search_page import Cursor
from scheduling.queries.visits import ESTABLISHED_FOR
from scheduling.rules.requirements import normal
from scheduling.rules.search import (
    CONTINUITY_DAYS,
    CONTINUITY_TIMES,
    HORIZON_DAYS,
    Criteria,
)
from scheduling.states import STANDS, AppointmentStatus, Modality

_KIND = Hydrator((VisitType, "t"))


def asked_kind(criteria: Criteria) -> VisitType:
    """What kind of visit is wanted. :raises VisitType.DoesNotExist:"""
    pk = criteria.visit_type_id
    found = _KIND.read("SELECT {columns} FROM scheduling_visittype t WHERE t.id = %s", [pk])
    if not found:
        raise VisitType.DoesNotExist(f"There is no visit type {pk}.")
    kind: VisitType = found[0][0]
    return kind


_BEGINNING = dt.datetime(1, 1, 1, tzinfo=dt.UTC)


@dataclass(frozen=True, slots=True)
class Row:
    """One slot with role, clinician, clinic, site and visit type; `is_pinned`: it comes first."""

    slot: Slot
    day: dt.date
    miles: float | None
    is_own: bool
    is_pinned: bool


def parameters(
    criteria: Criteria,
    patient: Patient | None,
    after: Cursor | None,
    *,
    at: dt.datetime,
    since: dt.datetime,
    look: int,
) -> dict[str, Any]:
    """What the statements of `search_sql` ask for. Nothing before `since`."""
    pin = after is None and patient is not None and not criteria.own_clinician
    place = criteria.place
    return {
        "at": at,
        "since": since,
        "today": at.date(),
        "first_on": criteria.first_on or dt.date.min,
        "last_on": criteria.last_on or dt.date.max,
        "within": criteria.window.days or HORIZON_DAYS,
        "continuity": CONTINUITY_DAYS,
        "pin": pin and criteria.provider_id is None,
        "most_pinned": CONTINUITY_TIMES,
        "after_day": after.day if after else dt.date.min,
        "after_start": after.starts_at if after else _BEGINNING,
        "after_id": after.slot_id if after else 0,
        "shown": list(after.shown) if after else [],
        "look": look,
        "patient": patient.pk if patient else None,
        "established_since": at - ESTABLISHED_FOR,
        "stands": [str(status) for status in STANDS],
        "fulfilled": str(AppointmentStatus.FULFILLED),
        "visit_type": criteria.visit_type_id,
        "payer": normal(criteria.payer),
        "plan": normal(criteria.plan),
        "provider": criteria.provider_id,
        "own_only": criteria.own_clinician,
        "location": criteria.location_id,
        "language": criteria.language,
        "sex": str(criteria.sex or ""),
        "latitude": place.latitude if place else None,
        "longitude": place.longitude if place else None,
        "max_miles": criteria.max_miles if place else None,
        "remote": criteria.modality is not Modality.IN_PERSON,
        "modality": str(criteria.modality or ""),
        "any_time": criteria.is_any_time,
        "every_hour": criteria.is_every_hour,
        "weekdays": sorted(criteria.weekdays),
        **_hours(criteria),
    }


_NEVER = (dt.timedelta(), dt.timedelta())


def _hours(criteria: Criteria) -> dict[str, dt.timedelta]:
    """At most two pieces of a day; one that is missing is empty."""
    first, second, *_ = [*criteria.hours, _NEVER, _NEVER]
    return dict(zip(("opens", "closes", "reopens", "shuts"), (*first, *second), strict=True))


_BESIDE = Hydrator(
    (Slot, "(k.s)"),
    (VisitType, "(o.t)"),
    (ProviderRole, "(o.r)"),
    (Provider, "(o.p)"),
    (Clinic, "(o.c)"),
    (Location, "(o.l)"),
)
#: What stands before these in a row.
_ABOUT = 5


def read(template: str, asked: dict[str, Any]) -> tuple[list[Row], int | None]:
    """The rows in their order, and whom the patient saw last."""
    with connection.cursor() as cursor:
        cursor.execute(template.replace("{columns}", _BESIDE.columns), asked)
        found = cursor.fetchall()
    beside = _BESIDE.rows(row[_ABOUT:] for row in found)
    linked: set[int] = set()
    rows = [_row(row, made, linked) for row, made in zip(found, beside, strict=True)]
    return rows, found[0][4] if found else None


def _row(told: Sequence[Any], made: list[Any], linked: set[int]) -> Row:
    """`linked` are the roles that have their clinician, clinic and site already."""
    is_pinned, day, miles, is_own, *_ = told
    slot, visit_type, role, provider, clinic, location = made
    if role.pk not in linked:
        clinic.location, role.clinic, role.provider = location, clinic, provider
        linked.add(role.pk)
    slot.role, slot.visit_type = role, visit_type
    in_person = slot.modality == Modality.IN_PERSON
    return Row(slot, day, miles if in_person else None, is_own=is_own, is_pinned=is_pinned)
