"""Whose clock the days of a report go by."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

from scheduling.models import Location


def house_zone() -> ZoneInfo:
    """The zone that most sites are in. One statement."""
    zones = list(Location.objects.filter(is_active=True).values_list("zone", flat=True))
    return ZoneInfo(max(sorted(set(zones)), key=zones.count, default="UTC"))


def day_begins(on: dt.date, zone: ZoneInfo) -> dt.datetime:
    """Midnight by the wall clock there; a day may have 23 or 25 hours."""
    return dt.datetime.combine(on, dt.time(), zone)
