"""Whose turn the next new patient is, with the facts read for it."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable
from typing import Any

from django.db.models import (
    Count,
    DateField,
    Exists,
    F,
    Func,
    OuterRef,
    Prefetch,
    Q,
    QuerySet,
    Value,
)
from django.db.models.functions import Cast

from scheduling.models import Absence, Appointment, ProviderRamp, RampShare, Slot
from scheduling.queries.visits import ESTABLISHED_FOR
from scheduling.rules.ramp import LOOK_BACK, RampFacts, Turn, monday, rank
from scheduling.states import LIVE, AppointmentStatus, Restriction, SlotStatus

_CAME_OR_WILL = LIVE | {AppointmentStatus.FULFILLED}
#: Kept from new patients, or given by the clinic alone.
_NOT_FOR_NEW = (Restriction.ESTABLISHED, Restriction.HELD_FOR_REVIEW)
#: The site's Monday of the week in which something starts.
_WEEK = Cast(
    Func(
        Value("week"),
        Func(F("role__clinic__location__zone"), F("starts_at"), function="timezone"),
        function="date_trunc",
    ),
    DateField(),
)


def ramps(*, clinic_id: int | None = None, specialty: str = "") -> QuerySet[ProviderRamp]:
    """Clinicians who take turns, with their role, site and mix."""
    rows = ProviderRamp.objects.filter(
        is_active=True, role__is_active=True, role__provider__is_active=True
    )
    if clinic_id is not None:
        rows = rows.filter(role__clinic=clinic_id)
    if specialty:
        rows = rows.filter(role__clinic__specialty=specialty)
    shares = Prefetch("shares", RampShare.objects.order_by("visit_type__name"))
    return (
        rows.select_related("role__provider", "role__clinic__location")
        .prefetch_related(shares)
        .order_by("role_id")
    )


def suggest_provider(
    *,
    visit_type_id: int,
    from_on: dt.date,
    until_on: dt.date,
    at: dt.datetime,
    clinic_id: int | None = None,
    specialty: str = "",
) -> Turn:
    """Who should take the next new patient, best first, each with the arithmetic, and who is
    left out with the reason. Reads nothing of a patient; payer and value cannot count.

    :param from_on: first day that suits, at the site; `until_on` the first that does not.
    :raises ValueError: for an empty window.
    """
    rows = list(ramps(clinic_id=clinic_id, specialty=specialty))
    facts = ramp_facts(rows, kind=visit_type_id, from_on=from_on, until_on=until_on, at=at)
    return rank(facts, kind=visit_type_id, from_on=from_on, until_on=until_on)


def ramp_facts(
    rows: Collection[ProviderRamp],
    *,
    kind: int,
    from_on: dt.date,
    until_on: dt.date,
    at: dt.datetime,
) -> list[RampFacts]:
    """What the rule must know of each; six statements, however many clinicians there are."""
    roles = [row.role_id for row in rows]
    weeks = (monday(from_on), until_on + dt.timedelta(days=7))
    panel = dict(_panel(roles, at).values_list("role").annotate(Count("patient", distinct=True)))
    given = _counted(_new_patients(roles).filter(booked_at__gt=at - LOOK_BACK), "visit_type")
    new = _counted(_in_weeks(_new_patients(roles), weeks), "week")
    free = _counted(_in_weeks(_free(roles, kind, at), weeks), "week")
    leaves = _leaves(rows, from_on, until_on)
    return [
        RampFacts(
            role_id=row.role_id,
            name=str(row.role),
            started_on=row.started_on,
            target_panel=row.target_panel,
            panel=panel.get(row.role_id, 0),
            weekly_start=row.weekly_start,
            weekly_growth=row.weekly_growth,
            weekly_most=row.weekly_most,
            given=sum(given[row.role_id].values()),
            given_by_kind=given[row.role_id],
            mix={share.visit_type_id: share.weight for share in row.shares.all()},
            new_by_week=new[row.role_id],
            free_by_week=free[row.role_id],
            leaves=leaves[row.role_id],
        )
        for row in rows
    ]


def _panel(roles: Collection[int], at: dt.datetime) -> QuerySet[Appointment]:
    """Visits of those who belong to a clinician: seen within three years, or coming."""
    return Appointment.objects.filter(
        role__in=roles, status__in=_CAME_OR_WILL, starts_at__gt=at - ESTABLISHED_FOR
    )


def _new_patients(roles: Collection[int]) -> QuerySet[Appointment]:
    """First visits with a clinician: none with the same one within three years before."""
    earlier = Appointment.objects.filter(
        patient=OuterRef("patient"),
        provider=OuterRef("provider"),
        status__in=_CAME_OR_WILL,
        starts_at__lt=OuterRef("starts_at"),
        starts_at__gt=OuterRef("starts_at") - ESTABLISHED_FOR,
    )
    return Appointment.objects.filter(~Exists(earlier), role__in=roles, status__in=_CAME_OR_WILL)


def _free(roles: Collection[int], kind: int, at: dt.datetime) -> QuerySet[Slot]:
    return Slot.objects.filter(
        Q(visit_type=kind) | Q(also_serves__contains=[kind]),
        role__in=roles,
        status=SlotStatus.FREE,
        taken__lt=F("capacity"),
        starts_at__gt=at,
    ).exclude(restriction__in=_NOT_FOR_NEW)


def _in_weeks(rows: QuerySet[Any], weeks: tuple[dt.date, dt.date]) -> QuerySet[Any]:
    """Those within a day of the weeks, by their week; a week outside is not asked for."""
    first, last = (dt.datetime.combine(day, dt.time.min, dt.UTC) for day in weeks)
    day = dt.timedelta(days=1)
    near = rows.filter(starts_at__gte=first - day, starts_at__lt=last + day)
    dated: QuerySet[Any] = near.annotate(week=_WEEK)
    return dated


def _counted(rows: QuerySet[Any], by: str) -> dict[int, dict[Any, int]]:
    """By role, then by that column."""
    counts: dict[int, dict[Any, int]] = defaultdict(dict)
    for role, key, number in rows.order_by().values_list("role", by).annotate(n=Count("pk")):
        counts[role][key] = number
    return counts


def _leaves(
    rows: Iterable[ProviderRamp], from_on: dt.date, until_on: dt.date
) -> dict[int, list[tuple[dt.date, dt.date]]]:
    """Whole days off by role, by the site's calendar: the clinician's leave, or the site closed."""
    found: dict[int, list[tuple[dt.date, dt.date]]] = defaultdict(list)
    roles = [row.role for row in rows]
    absences = Absence.objects.filter(
        Q(provider__in=[role.provider_id for role in roles])
        | Q(location__in=[role.clinic.location_id for role in roles]),
        ends_at__gt=dt.datetime.combine(from_on, dt.time.min, dt.UTC) - dt.timedelta(days=1),
        starts_at__lt=dt.datetime.combine(until_on, dt.time.min, dt.UTC) + dt.timedelta(days=1),
    )
    for absence in absences:
        for role in roles:
            if absence.provider_id in (None, role.provider_id) and absence.location_id in (
                None,
                role.clinic.location_id,
            ):
                since, until = _whole_days(absence, role.clinic.location.tz)
                if since < until:
                    found[role.pk].append((since, until))
    return found


def _whole_days(absence: Absence, tz: dt.tzinfo) -> tuple[dt.date, dt.date]:
    """A day that is only partly off has time left, and its free slots say so."""
    starts, ends = absence.starts_at.astimezone(tz), absence.ends_at.astimezone(tz)
    since = starts.date() + dt.timedelta(days=starts.time() > dt.time.min)
    return since, ends.date()
