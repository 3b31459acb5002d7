"""Flags of mislabeled slots as their list shows them."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Self

from django.db.models import Count, Q, QuerySet

from crm.models import User
from scheduling.models import SlotFeedback
from scheduling.states import FeedbackStatus

MOST_LISTED: Final = 300


class Shown(StrEnum):
    """Which flags are listed."""

    OPEN = "open"
    ANSWERED = "answered"
    MINE = "mine"

    @classmethod
    def of(cls, said: str) -> Self:
        """What is not understood is the first."""
        return cls(said) if said in set(cls) else cls("open")


@dataclass(frozen=True, slots=True)
class Flag:
    """One flag. Times of `zone`; `starts_at` is None for a visit type."""

    pk: int
    slot_id: int | None
    clinic: str
    zone: str
    provider: str
    starts_at: dt.datetime | None
    visit_type: str
    should_be: str
    status: str
    flagged_at: dt.datetime
    flagged_by: str
    flagged_by_id: int
    answer: str
    answered_at: dt.datetime | None
    answered_by: str


def _of(shown: Shown, user: User) -> Q:
    if shown is Shown.MINE:
        return Q(flagged_by=user) & ~Q(status=FeedbackStatus.TAKEN_BACK)
    return Q(status=FeedbackStatus.OPEN if shown is Shown.OPEN else FeedbackStatus.ANSWERED)


def lists(user: User) -> list[tuple[Shown, str, int]]:
    """The lists with how many are in each. One query."""
    words = {Shown.OPEN: "Open", Shown.ANSWERED: "Answered", Shown.MINE: "Mine"}
    counts = SlotFeedback.objects.aggregate(
        **{each.value: Count("pk", filter=_of(each, user)) for each in Shown}
    )
    return [(each, words[each], counts[each.value]) for each in Shown]


def flags(shown: Shown, user: User) -> list[Flag]:
    """The latest first. One query."""
    rows: QuerySet[SlotFeedback] = SlotFeedback.objects.filter(_of(shown, user)).select_related(
        "clinic__location", "slot__role__provider", "visit_type", "flagged_by"
    )
    return [_flag(row) for row in rows.order_by("-flagged_at", "-pk")[:MOST_LISTED]]


def _flag(row: SlotFeedback) -> Flag:
    return Flag(
        pk=row.pk,
        slot_id=row.slot_id,
        clinic=row.clinic.name if row.clinic else "Every clinic",
        zone=row.clinic.location.zone if row.clinic else "UTC",
        provider=str(row.slot.role.provider) if row.slot else "",
        starts_at=row.starts_at,
        visit_type=row.visit_type.name,
        should_be=row.should_be,
        status=row.status,
        flagged_at=row.flagged_at,
        flagged_by=row.flagged_by.get_full_name() or row.flagged_by.get_username(),
        flagged_by_id=row.flagged_by_id,
        answer=row.answer,
        answered_at=row.answered_at,
        answered_by=row.answered_by,
    )
