"""What the clinics' own schedules say, read for the rules that expand them."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from django.db.models import Q

from scheduling.models import (
    Absence,
    PatternException,
    ProviderRole,
    ReleaseRule,
    SiteHoliday,
    WeeklyPattern,
)
from scheduling.rules.holidays import closed_days
from scheduling.rules.releasing import first_moment
from scheduling.rules.templates import Deviation, Pattern, Period, Release, Stretch, stretches
from scheduling.states import ExceptionKind, Holiday

_A_DAY = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class RoleSchedule:
    """One clinician's schedule at one site. Of a role that is not active, no pattern."""

    role_id: int
    zone: ZoneInfo
    patterns: tuple[Pattern, ...]
    exceptions: tuple[Deviation, ...]
    absences: tuple[Period, ...]
    holidays: frozenset[dt.date]

    def stretches(self, first_on: dt.date, last_on: dt.date) -> list[Stretch]:
        """What it has on these days, both included, as runs of slots."""
        return stretches(
            self.patterns,
            self.exceptions,
            absences=self.absences,
            holidays=self.holidays,
            first_on=first_on,
            last_on=last_on,
            zone=self.zone,
        )

    def period(self, first_on: dt.date, last_on: dt.date) -> Period:
        """Those days, as moments."""
        return Period(
            first_moment(first_on, dt.time.min, self.zone),
            first_moment(last_on + _A_DAY, dt.time.min, self.zone),
        )


def scheduled_roles(clinic_id: int | None = None) -> list[int]:
    """Ids of the roles whose slots are made here, by key: those with patterns, of clinics that
    own their schedule."""
    roles = ProviderRole.objects.filter(clinic__owns_schedule=True, patterns__isnull=False)
    if clinic_id is not None:
        roles = roles.filter(clinic=clinic_id)
    return list(roles.order_by("pk").values_list("pk", flat=True).distinct())


def schedules_of(
    role_ids: Collection[int], first_on: dt.date, last_on: dt.date
) -> list[RoleSchedule]:
    """Their schedules for these days, by role. Five queries."""
    roles = ProviderRole.objects.filter(pk__in=role_ids, clinic__owns_schedule=True)
    roles = roles.select_related("provider", "clinic__location").order_by("pk")
    patterns, exceptions = _patterns(role_ids), _exceptions(role_ids, first_on, last_on)
    away = _absences(roles, first_on, last_on)
    kept: dict[int, list[Holiday]] = defaultdict(list)
    for site in SiteHoliday.objects.filter(location__clinics__roles__in=role_ids).distinct():
        kept[site.location_id].append(Holiday(site.holiday))
    found = []
    for role in roles:
        location, provider = role.clinic.location, role.provider
        works = role.is_active and provider.is_active and location.is_active
        found.append(
            RoleSchedule(
                role_id=role.pk,
                zone=location.tz,
                patterns=tuple(patterns[role.pk]) if works else (),
                exceptions=tuple(exceptions[role.pk]),
                absences=tuple(away["provider", provider.pk] + away["location", location.pk]),
                holidays=frozenset(
                    day for day, _ in closed_days(kept[location.pk], first_on, last_on)
                ),
            )
        )
    return found


def pattern_facts(row: WeeklyPattern) -> Pattern:
    """A pattern as the rules see it; one that is not stored yet has number 0."""
    return Pattern(
        pk=row.pk or 0,
        weekday=row.weekday,
        starts=row.starts_time,
        ends=row.ends_time,
        slot_minutes=row.slot_minutes,
        valid_from_on=row.valid_from_on,
        valid_until_on=row.valid_until_on,
        every_weeks=row.every_weeks,
        release=_release(row.release_rule),
    )


def _release(rule: ReleaseRule | None) -> Release | None:
    if rule is None or not rule.is_active:
        return None
    return Release(rule.days_before, rule.at_time, rule.hours_before)


def _patterns(role_ids: Collection[int]) -> dict[int, list[Pattern]]:
    found: dict[int, list[Pattern]] = defaultdict(list)
    rows = WeeklyPattern.objects.filter(role__in=role_ids).select_related("release_rule")
    for row in rows.order_by("pk"):
        found[row.role_id].append(pattern_facts(row))
    return found


def _exceptions(
    role_ids: Collection[int], first_on: dt.date, last_on: dt.date
) -> dict[int, list[Deviation]]:
    found: dict[int, list[Deviation]] = defaultdict(list)
    rows = PatternException.objects.filter(
        pattern__role__in=role_ids, on__range=(first_on, last_on)
    )
    for row in rows.select_related("pattern").order_by("on", "starts_time", "pk"):
        found[row.pattern.role_id].append(
            Deviation(
                row.pattern_id, row.on, ExceptionKind(row.kind), row.starts_time, row.ends_time
            )
        )
    return found


def _absences(
    roles: Iterable[ProviderRole], first_on: dt.date, last_on: dt.date
) -> dict[tuple[str, int], list[Period]]:
    """By whose they are. A day more on both sides, since sites have zones of their own."""
    found: dict[tuple[str, int], list[Period]] = defaultdict(list)
    since = dt.datetime.combine(first_on - _A_DAY, dt.time.min, dt.UTC)
    until = dt.datetime.combine(last_on + 2 * _A_DAY, dt.time.min, dt.UTC)
    rows = Absence.objects.filter(
        Q(provider__in={role.provider_id for role in roles})
        | Q(location__in={role.clinic.location_id for role in roles}),
        starts_at__lt=until,
        ends_at__gt=since,
    )
    for row in rows:
        period = Period(row.starts_at, row.ends_at)
        if row.provider_id is not None:
            found["provider", row.provider_id].append(period)
        elif row.location_id is not None:
            found["location", row.location_id].append(period)
    return found
