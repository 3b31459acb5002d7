"""Whose clock the days of a report go by."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

from django.db.models import Count, DateField, F, Func, Subquery, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast, Coalesce

from crm.models import Patient
from scheduling.models import Location


def house_zone() -> ZoneInfo:
    """The zone that most sites are in. One statement."""
    zones = list(Location.objects.filter(is_active=True).values_list("zone", flat=True))
    return ZoneInfo(max(sorted(set(zones)), key=zones.count, default="UTC"))


def house_day(moment: str | dt.datetime | Combinable) -> Cast:
    """The day of a column or a moment by the house's clock, in SQL: for what is read anyway."""
    sites = Location.objects.filter(is_active=True).order_by().values("zone")
    most = sites.annotate(n=Count("pk")).order_by("-n", "zone").values("zone")[:1]
    zone = Coalesce(Subquery(most), Value("UTC"))
    at = F(moment) if isinstance(moment, str) else moment
    at = Value(at) if isinstance(at, dt.datetime) else at
    return Cast(Func(zone, at, function="timezone"), DateField())


def zone_of(patient: Patient | None) -> ZoneInfo:
    """By whose clock the days of a patient go: their own, else the house's. One statement at most,
    none where they have one."""
    return ZoneInfo(patient.zone) if patient is not None and patient.zone else house_zone()


def day_for(patient: Patient | None, *, at: dt.datetime) -> dt.date:
    """Which day it is by that clock."""
    return at.astimezone(zone_of(patient)).date()


def day_begins(on: dt.date, zone: ZoneInfo) -> dt.datetime:
    """Midnight by the wall clock there; a day may have 23 or 25 hours."""
    return dt.datetime.combine(on, dt.time(), zone)
