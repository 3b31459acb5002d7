"""Reads of slots that are kept for somebody for minutes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

from django.db.models import Count, QuerySet

from scheduling.models import Hold, Slot
from scheduling.states import HoldStatus


def active_holds(*, at: dt.datetime, own_hold_ids: Collection[int] = ()) -> QuerySet[Hold]:
    """Holds that keep others away at `at`: one whose time is up keeps nobody, settled or not.

    :param own_hold_ids: holds of whoever asks; they stand in nobody else's way but theirs.
    """
    held = Hold.objects.filter(status=HoldStatus.HELD, expires_at__gt=at)
    return held.exclude(pk__in=own_hold_ids) if own_hold_ids else held


def seats_kept(slots: Collection[Slot], *, at: dt.datetime) -> dict[int, int]:
    """By slot: how many seats somebody holds just now. Asks about slots with several seats only;
    no query where there are none."""
    several = [slot.pk for slot in slots if slot.capacity > 1]
    if not several:
        return {}
    rows = active_holds(at=at).filter(slot__in=several).values_list("slot")
    return dict(rows.annotate(kept=Count("pk")).order_by())


def find_hold(pk: int) -> Hold | None:
    """The hold with its slot's line on a page, whatever became of it."""
    return (
        Hold.objects.select_related(
            "slot__role__provider", "slot__role__clinic__location", "slot__visit_type", "patient"
        )
        .filter(pk=pk)
        .first()
    )
