"""The list of openings, as the opening page and its export show it. No patient is named here."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum
from hashlib import blake2b
from typing import Any

from django.db.models import Count, Exists, IntegerField, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from scheduling.models import Location
from scheduling.states import FreedBy, Modality
from waitlist.models import Offer, Opening, PlannedOffer, PlannedWave, Wave
from waitlist.states import LIVE_OPENING, OfferStatus, OpeningStatus, PlanStatus

#: An opening that has ended stays in the lists and their counts for so long.
LOOK_BACK = dt.timedelta(days=7)
#: So many lines make a list; the export has them all.
MOST_LINES = 100


class Shown(StrEnum):
    """Which openings a list shows."""

    LIVE = "live"
    TO_SEND = "to-send"
    CONFIRMING = "confirming"
    PAUSED = "paused"
    FILLED = "filled"
    ENDED = "ended"


_ENDED = [OpeningStatus.TAKEN, OpeningStatus.WITHDRAWN, OpeningStatus.EXPIRED]
_WHICH: dict[Shown, Q] = {
    Shown.LIVE: Q(status__in=LIVE_OPENING),
    Shown.TO_SEND: Q(status=OpeningStatus.OFFERING, has_plan=True),
    Shown.CONFIRMING: Q(status=OpeningStatus.CLAIMED),
    Shown.PAUSED: Q(status=OpeningStatus.PAUSED),
    Shown.FILLED: Q(status=OpeningStatus.FILLED),
    Shown.ENDED: Q(status__in=_ENDED),
}


@dataclass(frozen=True, slots=True)
class SlotLine:
    """The slot of an opening in words; `zone` is its site's IANA name."""

    pk: int
    starts_at: dt.datetime
    minutes: int
    zone: str
    provider: str
    site: str
    site_name: str
    clinic: str
    visit_type: str
    modality: Modality
    room: str


@dataclass(frozen=True, slots=True)
class OpeningLine:
    """One opening in the list. `open_offers` are texted and unanswered."""

    pk: int
    status: OpeningStatus
    cause: FreedBy
    slot: SlotLine
    opened_at: dt.datetime
    deadline_at: dt.datetime
    closed_at: dt.datetime | None
    closed_why: str
    waves: int
    asked: int
    open_offers: int
    in_line: int
    would_ask: int  # in shadow: so many would have been asked
    has_plan: bool  # a wave waits for a person to send it
    considered: int
    eligible: int

    @property
    def is_live(self) -> bool:
        return self.status in LIVE_OPENING

    @property
    def lived(self) -> dt.timedelta | None:
        return self.closed_at - self.opened_at if self.closed_at else None


@dataclass(frozen=True, slots=True)
class OpeningList:
    """`counts` by `Shown`, whatever is shown; `total` counts the lines that there are."""

    shown: Shown
    site_id: int | None
    lines: tuple[OpeningLine, ...]
    total: int
    counts: dict[str, int]
    sites: tuple[tuple[int, str], ...]

    @property
    def left_off(self) -> int:
        return self.total - len(self.lines)

    @property
    def mark(self) -> str:
        """Changes when anything in the list does."""
        return digest(self)


def digest(value: object) -> str:
    """A short name for what a frozen dataclass says: another one means that it says otherwise."""
    return blake2b(repr(value).encode(), digest_size=9).hexdigest()


def list_openings(*, shown: Shown, site_id: int | None, at: dt.datetime) -> OpeningList:
    """Openings to show, the soonest deadline first; ended ones the latest first. Three queries."""
    rows = openings_shown(shown=shown, site_id=site_id, at=at)
    counts = _counts(site_id, at)
    return OpeningList(
        shown=shown,
        site_id=site_id,
        lines=tuple(_line(row) for row in rows[:MOST_LINES]),
        total=counts[shown],
        counts=counts,
        sites=tuple(
            Location.objects.filter(is_active=True)
            .order_by("short_name", "pk")
            .values_list("pk", "short_name")
        ),
    )


def all_lines(*, shown: Shown, site_id: int | None, at: dt.datetime) -> list[OpeningLine]:
    """Every line of a list, for its export."""
    rows = openings_shown(shown=shown, site_id=site_id, at=at)
    return [_line(row) for row in rows]


def openings_shown(*, shown: Shown, site_id: int | None, at: dt.datetime) -> QuerySet[Opening]:
    """The openings of one list in its order, with their figures."""
    live = shown not in {Shown.FILLED, Shown.ENDED}
    offers = Offer.objects.all()
    return (
        _in_view(site_id, at)
        .filter(_WHICH[shown])
        .annotate(
            wave_count=_count(Wave.objects.all()),
            asked=_count(offers),
            open_offers=_count(offers.filter(status=OfferStatus.SENT)),
            in_line=_count(offers.filter(status=OfferStatus.NEXT_IN_LINE)),
            would_ask=_count(
                PlannedOffer.objects.filter(plan__status=PlanStatus.WATCHED), "plan__opening"
            ),
        )
        .select_related(*related_of_slot("slot"))
        .order_by(*(("deadline_at", "pk") if live else ("-closed_at", "-pk")))
    )


def related_of_slot(path: str) -> tuple[str, ...]:
    """What `slot_line` reads, for `select_related`."""
    names = ("role__provider", "role__clinic__location", "visit_type", "room")
    return tuple(f"{path}__{name}" for name in names)


def slot_line(opening: Opening) -> SlotLine:
    """The slot of an opening, which was selected with `related_of_slot`."""
    slot = opening.slot
    clinic = slot.role.clinic
    return SlotLine(
        pk=slot.pk,
        starts_at=opening.starts_at,
        minutes=round((slot.ends_at - slot.starts_at) / dt.timedelta(minutes=1)),
        zone=clinic.location.zone,
        provider=str(slot.role.provider),
        site=clinic.location.short_name,
        site_name=clinic.location.name,
        clinic=clinic.name,
        visit_type=slot.visit_type.name,
        modality=Modality(slot.modality),
        room=slot.room.name if slot.room else "",
    )


def _in_view(site_id: int | None, at: dt.datetime) -> QuerySet[Opening]:
    recent = Q(status__in=LIVE_OPENING) | Q(closed_at__gt=at - LOOK_BACK)
    waiting = PlannedWave.objects.filter(opening=OuterRef("pk"), status=PlanStatus.WAITING)
    rows = Opening.objects.filter(recent).annotate(has_plan=Exists(waiting))
    return rows if site_id is None else rows.filter(slot__role__clinic__location=site_id)


def _counts(site_id: int | None, at: dt.datetime) -> dict[str, int]:
    wanted = {shown.name.lower(): Count("pk", filter=those) for shown, those in _WHICH.items()}
    counted = _in_view(site_id, at).order_by().aggregate(**wanted)
    return {shown.value: counted[shown.name.lower()] for shown in _WHICH}


def _count(rows: QuerySet[Any], opening: str = "opening") -> Coalesce:
    """How many of `rows` an opening has, without a join that would multiply the others."""
    counted = (
        rows.filter(**{opening: OuterRef("pk")})
        .order_by()
        .values(opening)
        .annotate(number=Count("pk"))
        .values("number")
    )
    return Coalesce(Subquery(counted, output_field=IntegerField()), 0)


def _line(row: Any) -> OpeningLine:
    return OpeningLine(
        pk=row.pk,
        status=OpeningStatus(row.status),
        cause=FreedBy(row.cause),
        slot=slot_line(row),
        opened_at=row.opened_at,
        deadline_at=row.deadline_at,
        closed_at=row.closed_at,
        closed_why=row.closed_why,
        waves=row.wave_count,
        asked=row.asked,
        open_offers=row.open_offers,
        in_line=row.in_line,
        would_ask=row.would_ask,
        has_plan=row.has_plan,
        considered=row.considered,
        eligible=row.eligible,
    )
