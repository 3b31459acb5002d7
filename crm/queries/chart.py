"""Named reads of what was last read of a patient's chart, each with its age."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db.models import F, QuerySet

from crm.engine.compiled import compiled
from crm.models import CarePlanItem, ChartFetch, Coverage, Encounter, LabReport, Medication
from crm.rules.chart import Freshness, say_freshness
from crm.states import ChartPart, ItemStatus, MedicationStatus

#: So many rows of a part are ever looked at.
MOST = 20
#: Plan items that are nobody's concern any more.
_NO_ITEM = (ItemStatus.REVOKED, ItemStatus.DRAFT, ItemStatus.ENTERED_IN_ERROR)


@dataclass(frozen=True, slots=True)
class PartOfChart:
    """How old a part is. `pk` is its row's, None while nobody has asked for it."""

    pk: int | None
    freshness: Freshness
    unread: int = 0  # rows that made no sense
    has_more: bool = False  # the EHR holds more than were read


def parts_of_chart(patient_id: int, *, at: dt.datetime) -> dict[ChartPart, PartOfChart]:
    """Every part, also one that nobody has asked for. One statement."""
    rows = {row.part: row for row in _fetches(patient_id=patient_id)}
    return {part: _part(rows.get(part), at=at) for part in ChartPart}


def _part(row: ChartFetch | None, *, at: dt.datetime) -> PartOfChart:
    freshness = say_freshness(
        asked_at=row.asked_at if row else None,
        fetched_at=row.fetched_at if row else None,
        failed_at=row.failed_at if row else None,
        reason=row.reason if row else "",
        is_due=row is not None and row.due_at is not None,
        at=at,
    )
    if row is None:
        return PartOfChart(None, freshness)
    return PartOfChart(row.pk, freshness, row.unread, row.has_more)


def lab_reports(patient_id: int, *, limit: int) -> list[LabReport]:
    """The newest first, by when they were collected; `MOST` at most."""
    return _lab_reports(patient_id=patient_id)[:limit]


def care_plan_items(patient_id: int, *, limit: int) -> list[CarePlanItem]:
    """What is due soonest first; `MOST` at most."""
    return _care_plan_items(patient_id=patient_id)[:limit]


def medications(patient_id: int, *, limit: int) -> list[Medication]:
    """Active ones first, by name."""
    rows = _medications(patient_id=patient_id)
    return sorted(rows, key=lambda row: row.status != MedicationStatus.ACTIVE)[:limit]


def encounters(patient_id: int, *, before: dt.datetime, limit: int) -> list[Encounter]:
    """Past visits as the EHR has them, the newest first; `MOST` at most."""
    return _encounters(patient_id=patient_id, before=before)[:limit]


def coverages(patient_id: int) -> list[Coverage]:
    """The newest first; one that has ended after those that have not."""
    return _coverages(patient_id=patient_id)


@compiled
def _fetches(*, patient_id: int) -> QuerySet[ChartFetch]:
    return ChartFetch.objects.filter(patient_id=patient_id)


@compiled
def _lab_reports(*, patient_id: int) -> QuerySet[LabReport]:
    rows = LabReport.objects.filter(patient_id=patient_id)
    return rows.order_by(F("collected_at").desc(nulls_last=True), "-pk")[:MOST]


@compiled
def _care_plan_items(*, patient_id: int) -> QuerySet[CarePlanItem]:
    rows = CarePlanItem.objects.filter(patient_id=patient_id).exclude(status__in=_NO_ITEM)
    return rows.order_by(F("due_until_on").asc(nulls_last=True), "pk")[:MOST]


@compiled
def _medications(*, patient_id: int) -> QuerySet[Medication]:
    return Medication.objects.filter(patient_id=patient_id).order_by("name", "pk")


@compiled
def _encounters(*, patient_id: int, before: dt.datetime) -> QuerySet[Encounter]:
    rows = Encounter.objects.filter(patient_id=patient_id, starts_at__lt=before)
    return rows.order_by("-starts_at", "-pk")[:MOST]


@compiled
def _coverages(*, patient_id: int) -> QuerySet[Coverage]:
    rows = Coverage.objects.filter(patient_id=patient_id)
    return rows.order_by(F("ends_on").desc(nulls_first=True), "-starts_on", "pk")
