"""The shadow report: what would have been offered, by clinic and period, and the rows behind it.

Only openings that ended, or live, in shadow mode count: one that its clinic switched to offering
for real is no longer a case of what would have been.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Count, IntegerField, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from scheduling.models import Appointment, Clinic
from scheduling.states import STANDS, AppointmentStatus, FillMode, SlotStatus
from waitlist.models import Opening, PlannedOffer
from waitlist.queries.candidates import Person, Visit, name_people, visit_of
from waitlist.queries.openings import SlotLine, related_of_slot, slot_line
from waitlist.rules.shadow import Outcome, Totals, Watched, outcome_of, total
from waitlist.states import PlanStatus

#: A visit in one of these was really booked into the slot.
_BOOKED = [*STANDS, AppointmentStatus.NO_SHOW]
_A_DAY = dt.timedelta(days=1)


class Figure(StrEnum):
    """A figure of the report, which opens to its rows."""

    OPENINGS = "openings"
    WITH_PEOPLE = "with-people"
    FILLED = "filled"
    UNUSED = "unused"
    CLOSED = "closed"
    TO_COME = "to-come"


@dataclass(frozen=True, slots=True)
class Period:
    """Days at each site, both included, by when the slot was freed."""

    since: dt.date
    until: dt.date


@dataclass(frozen=True, slots=True)
class WatchedLine:
    """One watched opening. `case` is what the figures are made of."""

    opening_id: int
    clinic_id: int
    slot: SlotLine
    case: Watched


@dataclass(frozen=True, slots=True)
class ClinicLine:
    """A clinic with its mode now and its figures in the period."""

    pk: int
    name: str
    site: str
    mode: FillMode
    totals: Totals


@dataclass(frozen=True, slots=True)
class ShadowReport:
    """`clinics` by name; those without a watched opening are there for their mode."""

    clinics: tuple[ClinicLine, ...]
    totals: Totals


@dataclass(frozen=True, slots=True)
class WouldBeOffer:
    """Somebody who would have been asked."""

    opening_id: int
    slot: SlotLine
    wave: int
    place: int
    planned_at: dt.datetime
    person: Person
    later: Visit | None
    days_gained: int | None
    why: str


def shadow_report(period: Period, *, at: dt.datetime) -> ShadowReport:
    """Figures by clinic and in all. Two queries."""
    lines = watched_openings(period, clinic_id=None, at=at)
    clinics = Clinic.objects.select_related("location").order_by("name", "pk")
    return ShadowReport(
        clinics=tuple(
            ClinicLine(
                pk=clinic.pk,
                name=clinic.name,
                site=clinic.location.name,
                mode=FillMode(clinic.mode),
                totals=total(line.case for line in lines if line.clinic_id == clinic.pk),
            )
            for clinic in clinics
        ),
        totals=total(line.case for line in lines),
    )


def watched_openings(
    period: Period, *, clinic_id: int | None, at: dt.datetime, figure: Figure = Figure.OPENINGS
) -> tuple[WatchedLine, ...]:
    """The openings behind a figure, the latest first. One query."""
    booked = Appointment.objects.filter(
        slot=OuterRef("slot"), status__in=_BOOKED, booked_at__gte=OuterRef("opened_at")
    ).order_by("booked_at")
    watched = PlannedOffer.objects.filter(
        plan__opening=OuterRef("pk"), plan__status=PlanStatus.WATCHED
    ).order_by("plan__number", "place")
    rows = (
        _of_period(period, clinic_id)
        .select_related(*related_of_slot("slot"))
        .annotate(
            filled_at=Subquery(booked.values("booked_at")[:1]),
            would_ask=_number_of(watched),
            first_days_gained=Subquery(watched.values("days_gained")[:1]),
        )
        .order_by("-opened_at", "-pk")
    )
    lines = (_watched_line(row, at) for row in rows if _is_within(period, row))
    return tuple(line for line in lines if _counts_for(figure, line.case))


def would_be_offers(period: Period, *, clinic_id: int | None) -> tuple[WouldBeOffer, ...]:
    """Everybody who would have been asked, the latest first. Three queries. Names patients."""
    openings = {
        row.pk: row
        for row in _of_period(period, clinic_id).select_related(*related_of_slot("slot"))
        if _is_within(period, row)
    }
    rows = list(
        PlannedOffer.objects.filter(
            plan__opening__in=list(openings), plan__status=PlanStatus.WATCHED
        )
        .select_related(
            "plan",
            "candidate__patient",
            "candidate__appointment__provider",
            "candidate__appointment__location",
        )
        .order_by("-plan__planned_at", "plan", "place")
    )
    people = name_people(row.candidate.patient for row in rows)
    return tuple(
        WouldBeOffer(
            opening_id=row.plan.opening_id,
            slot=slot_line(openings[row.plan.opening_id]),
            wave=row.plan.number,
            place=row.place,
            planned_at=row.plan.planned_at,
            person=people[row.candidate.patient_id],
            later=visit_of(row.candidate.appointment, zone=""),
            days_gained=row.days_gained,
            why="; ".join(row.candidate.reasons),
        )
        for row in rows
    )


def _of_period(period: Period, clinic_id: int | None) -> QuerySet[Opening]:
    """A day more on both sides than in any zone; `_is_within` is exact."""
    midnight = dt.time(tzinfo=dt.UTC)
    rows = Opening.objects.filter(
        mode=FillMode.SHADOW,
        opened_at__gte=dt.datetime.combine(period.since - _A_DAY, midnight),
        opened_at__lt=dt.datetime.combine(period.until + 2 * _A_DAY, midnight),
    )
    return rows if clinic_id is None else rows.filter(slot__role__clinic=clinic_id)


def _is_within(period: Period, opening: Opening) -> bool:
    zone = ZoneInfo(opening.slot.role.clinic.location.zone)
    return period.since <= opening.opened_at.astimezone(zone).date() <= period.until


def _number_of(rows: QuerySet[PlannedOffer]) -> Coalesce:
    counted = rows.order_by().values("plan__opening").annotate(number=Count("pk")).values("number")
    return Coalesce(Subquery(counted, output_field=IntegerField()), 0)


def _watched_line(row: Any, at: dt.datetime) -> WatchedLine:
    slot = slot_line(row)
    case = Watched(
        opened_at=row.opened_at,
        starts_at=row.starts_at,
        minutes=slot.minutes,
        would_ask=row.would_ask,
        days_gained=row.first_days_gained,
        filled_at=row.filled_at,
        outcome=outcome_of(
            filled_at=row.filled_at,
            slot_status=SlotStatus(row.slot.status),
            slot_starts_at=row.slot.starts_at,
            starts_at=row.starts_at,
            at=at,
        ),
    )
    return WatchedLine(row.pk, row.slot.role.clinic_id, slot, case)


def _counts_for(figure: Figure, watched: Watched) -> bool:
    if figure is Figure.OPENINGS:
        return True
    if figure is Figure.WITH_PEOPLE:
        return watched.would_ask > 0
    return watched.outcome is Outcome(figure.value)
