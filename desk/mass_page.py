"""What the pages of a mass rescheduling show: figures, filters, and a line for each visit."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import Count, Q, QuerySet

from desk import mass_words as words
from scheduling.models import MassMove, MassMoveItem, Slot
from scheduling.queries.mass_reading import zone_of
from scheduling.queries.slots import BESIDE
from scheduling.rules.mass import FAR_MILES
from scheduling.states import NEEDS_AGENT, MassItemStatus, MassMoveStatus, VisitUrgency

#: Lines of a page of the plan.
PAGE: Final = 60
S = MassItemStatus
_NAMES: Final = (
    "appointment__patient",
    "appointment__visit_type",
    "appointment__provider",
    "appointment__location",
    "appointment__role__clinic__location",
    "slot__role__provider",
    "slot__role__clinic__location",
    "moved_to",
)


@dataclass(frozen=True, slots=True)
class Filter:
    """One way to look at the plan, with how many that are."""

    key: str
    word: str
    icon: str
    count: int = 0


_FILTERS: Final[tuple[tuple[Filter, Q], ...]] = (
    (Filter("all", "All", "list-details"), Q()),
    (
        Filter("urgent", "Urgent", "clock-hour-2"),
        ~Q(urgency=VisitUrgency.ROUTINE),
    ),
    (Filter("unplaced", "No place", "calendar-x"), Q(status=S.UNPLACED)),
    (Filter("over", "Past a rule", "shield-lock"), ~Q(over_rules=[])),
    (Filter("far", "Far", "map-pin"), Q(more_miles__gt=FAR_MILES)),
    (Filter("work", "To call", "phone"), Q(status__in=sorted(NEEDS_AGENT))),
    (Filter("moved", "Moved", "circle-check"), Q(status__in=[S.MOVED, S.SETTLED])),
)


@dataclass(frozen=True, slots=True)
class Line:
    """One visit as the table shows it."""

    item: MassMoveItem
    zone: str
    to_zone: str
    state: words.Chip
    urgency: words.Chip
    over: tuple[str, ...]

    @property
    def is_far(self) -> bool:
        return self.item.more_miles > FAR_MILES


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a job has come, of all that it is to do."""

    done: int
    total: int
    counts: tuple[tuple[words.Chip, int], ...]


def line_of(item: MassMoveItem) -> Line:
    zone = zone_of(item.appointment)
    place = item.slot.role.clinic.location if item.slot else None
    return Line(
        item=item,
        zone=zone,
        to_zone=place.zone if place else zone,
        state=words.ITEMS[item.status],
        urgency=words.URGENCIES[item.urgency],
        over=tuple(rule.replace("-", " ") for rule in item.over_rules),
    )


def filters_of(job: MassMove) -> list[Filter]:
    """Those that have rows; "all" always."""
    counts = job.items.aggregate(
        **{f"n_{f.key}": Count("pk", filter=q) if q else Count("pk") for f, q in _FILTERS}
    )
    made = [Filter(f.key, f.word, f.icon, counts[f"n_{f.key}"]) for f, _ in _FILTERS]
    return [one for one in made if one.count or one.key == "all"]


def items_of(job: MassMove, key: str) -> QuerySet[MassMoveItem]:
    """The rows of a filter, the most urgent first, with the names that a line shows."""
    wanted = next((q for f, q in _FILTERS if f.key == key), Q())
    rows = job.items.filter(wanted).select_related(*_NAMES)
    return rows.order_by("urgency_rank", "appointment__starts_at", "pk")


def find_item(job: MassMove, pk: int) -> MassMoveItem | None:
    return job.items.filter(pk=pk).select_related(*_NAMES).first()


def progress_of(job: MassMove) -> Progress:
    counts = Counter(job.items.values_list("status", flat=True))
    waiting = {S.PROPOSED, S.UNPLACED, S.OFFERED, S.ASKED}
    total = sum(n for status, n in counts.items() if status != S.EXCLUDED)
    done = total - sum(counts[status] for status in waiting)
    shown = tuple((words.ITEMS[status], counts[status]) for status in S if counts[status])
    return Progress(done, total, shown)


def costs_of(job: MassMove) -> list[tuple[str, str]]:
    """What the plan costs its patients, in figures that each lead to their rows."""
    rows = list(
        job.items.filter(slot__isnull=False)
        .exclude(status=S.EXCLUDED)
        .values_list("later_days", "more_miles", "terms")
    )
    if not rows:
        return []
    days = sorted(row[0] for row in rows)
    same = sum(_keeps_clinician(row[2]) for row in rows)
    return [
        (f"{days[len(days) // 2]}", "days later, for half of them or fewer"),
        (f"{days[-1]}", "days later at most"),
        (f"{same} of {len(rows)}", "keep their clinician"),
        (f"{sum(row[1] > FAR_MILES for row in rows)}", f"go over {FAR_MILES:.0f} miles farther"),
    ]


def _keeps_clinician(terms: Iterable[dict[str, Any]]) -> bool:
    return any(term["name"] == "clinician" and not term["points"] for term in terms)


def others_of(item: MassMoveItem) -> list[tuple[Slot, str]]:
    """The runners-up, each with its site's zone."""
    slots = Slot.objects.select_related(*BESIDE).in_bulk(item.options)
    listed = [slots[pk] for pk in item.options if pk in slots]
    return [(slot, slot.role.clinic.location.zone) for slot in listed]


def whose(job: MassMove) -> str:
    """ "Dr. Okafor, Camelback"; "visits without a slot"."""
    if job.orphans:
        return "Visits whose slot a schedule no longer has"
    names = [*map(str, job.providers.all()), *map(str, job.locations.all())]
    return ", ".join(names)


def zone_of_job(job: MassMove) -> str:
    """Of its first site, else of its first clinician's; pages say its period by it."""
    site = job.locations.values_list("zone", flat=True).first()
    if site is None:
        site = job.providers.values_list("roles__clinic__location__zone", flat=True).first()
    return site or "UTC"


def is_moving(job: MassMove) -> bool:
    """Whether its page keeps itself up."""
    return job.status in {MassMoveStatus.DRAFT, MassMoveStatus.RUNNING}


def summary(job: MassMove, *, at: dt.datetime) -> dict[str, Any]:
    """The head of the job's page."""
    return {
        "job": job,
        "whose": whose(job),
        "zone": zone_of_job(job),
        "state": words.JOBS[job.status],
        "phase": words.PHASES.get(job.phase, job.phase),
        "progress": progress_of(job),
        "costs": costs_of(job) if job.status != MassMoveStatus.DRAFT else [],
        "is_moving": is_moving(job),
        "now": at,
        "rules": [rule.replace("-", " ") for rule in job.set_aside],
    }
