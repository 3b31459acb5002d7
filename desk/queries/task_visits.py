"""A visit in words, wherever a task shows one."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from scheduling.models import Appointment


@dataclass(frozen=True, slots=True)
class VisitLine:
    """A visit in words, told in the zone of its site. `of_another`: of another patient."""

    pk: int
    starts_at: dt.datetime
    zone: str
    provider: str
    visit_type: str
    site: str
    status: str
    of_another: bool = False


VISIT_PARTS = ("provider", "location", "visit_type")


def visit_line(visit: Appointment, *, of_another: bool = False) -> VisitLine:
    """A visit selected with `VISIT_PARTS`; where we know no such thing, as the EHR told it."""
    location = visit.location
    return VisitLine(
        pk=visit.pk,
        starts_at=visit.starts_at,
        zone=location.zone if location else "UTC",
        provider=str(visit.provider or visit.told_provider),
        visit_type=str(visit.visit_type or visit.told_visit_type),
        site=location.short_name if location else visit.told_location,
        status=visit.status,
        of_another=of_another,
    )
