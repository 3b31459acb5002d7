"""What was looked for and not had: by kind of visit, site, week and reason, down to the rows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Count, Q, QuerySet
from django.db.models.functions import TruncWeek

from scheduling.models import SearchRecord
from scheduling.states import Lack, SearchStatus

#: A search that ended without a booking.
UNMET = Q(status__in=[SearchStatus.LOST, SearchStatus.ABANDONED])
#: So many rows are shown; all of them are in the CSV.
SHOWN = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Of which searches. Days of the organization's zone, both included; None sets no limit."""

    first_on: dt.date
    last_on: dt.date
    zone: str
    visit_type_id: int | None = None
    location_id: int | None = None
    lack: Lack | None = None
    rule: str = ""


@dataclass(frozen=True, slots=True)
class Tally:
    """Of the searches that `label` names: all, and those that ended without a booking.

    `key` filters the rows to them; `share` is in percent.
    """

    label: str
    key: str
    searches: int
    unmet: int

    @property
    def share(self) -> int:
        return round(100 * self.unmet / self.searches) if self.searches else 0


@dataclass(frozen=True, slots=True)
class Reason:
    """A lack, or a rule that hid everything, and how many searches ended by it."""

    lack: str
    rule: str
    declined: str
    count: int


@dataclass(frozen=True, slots=True)
class Report:
    """All of it, and the newest rows."""

    searches: int
    booked: int
    lost: int
    abandoned: int
    waits: int
    by_visit_type: tuple[Tally, ...]
    by_site: tuple[Tally, ...]
    by_week: tuple[Tally, ...]
    reasons: tuple[Reason, ...]
    rows: tuple[SearchRecord, ...]
    unmet_rows: int

    @property
    def unmet(self) -> int:
        return self.lost + self.abandoned


def searches(asked: Asked) -> QuerySet[SearchRecord]:
    """Those that have ended; one that somebody is at tells nothing yet."""
    zone = ZoneInfo(asked.zone)
    begins = dt.datetime.combine(asked.first_on, dt.time(), zone)
    ends = dt.datetime.combine(asked.last_on + dt.timedelta(days=1), dt.time(), zone)
    rows = SearchRecord.objects.filter(created_at__gte=begins, created_at__lt=ends)
    rows = rows.exclude(status=SearchStatus.OPEN)
    if asked.visit_type_id is not None:
        rows = rows.filter(visit_type=asked.visit_type_id)
    if asked.location_id is not None:
        rows = rows.filter(location=asked.location_id)
    if asked.lack is not None:
        rows = rows.filter(lack=asked.lack)
    if asked.rule:
        rows = rows.filter(lack_rule=asked.rule)
    return rows


def unmet_searches(asked: Asked) -> QuerySet[SearchRecord]:
    """Those without a booking, the newest first, with what a row shows."""
    rows = searches(asked).filter(UNMET).order_by("-created_at", "-pk")
    return rows.select_related("visit_type", "location", "patient", "by")


def demand_report(asked: Asked) -> Report:
    """Six queries, whatever the number of searches."""
    rows = searches(asked)
    total = rows.aggregate(
        searches=Count("pk"),
        booked=Count("pk", filter=Q(status=SearchStatus.BOOKED)),
        lost=Count("pk", filter=Q(status=SearchStatus.LOST)),
        abandoned=Count("pk", filter=Q(status=SearchStatus.ABANDONED)),
        waits=Count("pk", filter=Q(waits_since__isnull=False)),
    )
    week = TruncWeek("created_at", tzinfo=ZoneInfo(asked.zone))
    return Report(
        **total,
        by_visit_type=_tallies(rows, "visit_type__name", "visit_type_id"),
        by_site=_tallies(rows, "location__name", "location_id"),
        by_week=_by_week(rows.annotate(week=week)),
        reasons=tuple(_reasons(rows)),
        rows=tuple(unmet_searches(asked)[:SHOWN]),
        unmet_rows=total["lost"] + total["abandoned"],
    )


def _tallies(rows: QuerySet[SearchRecord], label: str, key: str) -> tuple[Tally, ...]:
    """Those with the most unmet searches first."""
    counted = (
        rows.values_list(label, key)
        .annotate(searches=Count("pk"), unmet=Count("pk", filter=UNMET))
        .order_by("-unmet", label)
    )
    return tuple(
        Tally(name or "No site named", str(pk or ""), total, unmet)
        for name, pk, total, unmet in counted
    )


def _by_week(rows: Any) -> tuple[Tally, ...]:
    counted = (
        rows.values("week")
        .annotate(searches=Count("pk"), unmet=Count("pk", filter=UNMET))
        .order_by("-week")
    )
    return tuple(
        Tally(f"{row['week']:%b} {row['week'].day}", "", row["searches"], row["unmet"])
        for row in counted
    )


def _reasons(rows: QuerySet[SearchRecord]) -> Iterable[Reason]:
    counted = (
        rows.filter(UNMET)
        .values("lack", "lack_rule", "declined")
        .annotate(count=Count("pk"))
        .order_by("-count", "lack", "lack_rule", "declined")
    )
    for row in counted:
        yield Reason(row["lack"], row["lack_rule"], row["declined"], row["count"])
