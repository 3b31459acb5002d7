"""Schedules that are made here, as their pages show them."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass
from typing import Final

from scheduling.models import (
    Absence,
    Appointment,
    Clinic,
    ProviderRole,
    ScheduleAhead,
    ScheduleRun,
    SiteHoliday,
    VisitToMove,
    WeeklyPattern,
)
from scheduling.rules.holidays import closed_days
from scheduling.states import LIVE, Holiday, SlotStatus

MOST_LISTED: Final = 500


@dataclass(frozen=True, slots=True)
class ClinicSchedule:
    """A clinic that owns its schedule: sessions by clinician, and the days it is closed."""

    clinic: Clinic
    zone: str
    roles: tuple[tuple[ProviderRole, tuple[WeeklyPattern, ...]], ...]
    holidays: tuple[tuple[dt.date, Holiday], ...]
    ahead: ScheduleAhead | None


def clinic_schedules(*, on: dt.date) -> list[ClinicSchedule]:
    """Every clinic that owns its schedule, with the sessions that hold on `on` or later. Four
    queries."""
    clinics = Clinic.objects.filter(owns_schedule=True).select_related("location", "ahead")
    roles: dict[int, list[ProviderRole]] = defaultdict(list)
    for role in (
        ProviderRole.objects.filter(clinic__owns_schedule=True, is_active=True)
        .order_by("provider__family_name", "pk")
        .select_related("provider")
    ):
        roles[role.clinic_id].append(role)
    patterns: dict[int, list[WeeklyPattern]] = defaultdict(list)
    rows = WeeklyPattern.objects.filter(role__clinic__owns_schedule=True)
    rows = rows.exclude(valid_until_on__lt=on).select_related("visit_type", "audience")
    for row in rows.order_by("weekday", "starts_time", "pk"):
        patterns[row.role_id].append(row)
    kept: dict[int, list[Holiday]] = defaultdict(list)
    for site in SiteHoliday.objects.filter(location__clinics__owns_schedule=True).distinct():
        kept[site.location_id].append(Holiday(site.holiday))
    until = on + dt.timedelta(days=365)
    return [
        ClinicSchedule(
            clinic=clinic,
            zone=clinic.location.zone,
            roles=tuple((role, tuple(patterns[role.pk])) for role in roles[clinic.pk]),
            holidays=tuple(sorted(closed_days(kept[clinic.location_id], on, until))),
            ahead=getattr(clinic, "ahead", None),
        )
        for clinic in clinics.order_by("name", "pk")
    ]


def absences(*, at: dt.datetime) -> list[Absence]:
    """Those that are not over, the next first."""
    rows = Absence.objects.filter(ends_at__gt=at).select_related("provider", "location")
    return list(rows.prefetch_related("provider__roles__clinic__location").order_by("starts_at"))


def zone_of(absence: Absence) -> str:
    """By whose clock it is told."""
    if absence.location is not None:
        return absence.location.zone
    roles = absence.provider.roles.all() if absence.provider else ()
    return next((role.clinic.location.zone for role in roles), "UTC")


def visits_to_move(*, at: dt.datetime, ids: list[int] | None = None) -> list[VisitToMove]:
    """Booked visits whose slot the schedule no longer has, the next first; those that were moved
    or are over are off the list."""
    rows = VisitToMove.objects.filter(
        appointment__status__in=LIVE,
        appointment__starts_at__gt=at,
        appointment__slot__status=SlotStatus.WITHDRAWN,
    )
    if ids is not None:
        rows = rows.filter(appointment__in=ids)
    rows = rows.select_related(
        "appointment__patient",
        "appointment__provider",
        "appointment__location",
        "appointment__visit_type",
    )
    return list(rows.order_by("appointment__starts_at", "pk")[:MOST_LISTED])


def visit_zone(visit: Appointment) -> str:
    """The clock by which a visit is told."""
    return visit.location.zone if visit.location else "UTC"


def visits_of(appointment_ids: list[int]) -> list[Appointment]:
    """The visits that a plan would orphan, by time."""
    rows = Appointment.objects.filter(pk__in=appointment_ids[:MOST_LISTED])
    rows = rows.select_related("patient", "provider", "location", "visit_type")
    return list(rows.order_by("starts_at", "pk"))


def latest_runs() -> list[ScheduleRun]:
    """The newest first."""
    return list(ScheduleRun.objects.select_related("clinic").order_by("-pk")[:10])
