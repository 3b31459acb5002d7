"""The carrier's rate for one sender, held in one row; fills go before recalls."""

from __future__ import annotations

import datetime as dt

from django.db.models import Q, QuerySet

from crm.engine import insert_or_none
from crm.states import Purpose
from outreach.models import Message, SenderPace
from outreach.rules.purposes import PLACES
from outreach.states import Direction, MessageStatus

#: How many places of the line are counted; who stands further back asks again then.
COUNTED_PLACES = 60
#: A message that a worker holds is due at the end of its lease; it is in the line all the same.
HELD = dt.timedelta(seconds=90)


def take_turn(
    message: Message, *, sender: str, segments_per_second: float | None, at: dt.datetime
) -> dt.datetime | None:
    """Use the sender's time for this message if it is free at `at`.

    Returns None for "go", else when to ask again: after those in line before it. One UPDATE
    that names what it saw, so two workers never take the same turn. Its row stays locked to the
    end of the transaction: take the turn last.
    """
    if segments_per_second is None:
        return None
    spacing = dt.timedelta(seconds=message.segments / segments_per_second)
    more_urgent = _waiting(at).filter(purpose__in=_purposes(message, better=True))
    if not more_urgent.exists() and _take(sender, at, spacing):
        return None
    free_at = SenderPace.objects.values_list("free_at", flat=True).filter(number=sender).first()
    return max(free_at or at, at) + spacing * _place_in_line(message, at)


def _take(sender: str, at: dt.datetime, spacing: dt.timedelta) -> bool:
    free = SenderPace.objects.filter(number=sender, free_at__lte=at)
    if free.update(free_at=at + spacing):
        return True
    return insert_or_none(SenderPace(number=sender, free_at=at + spacing)) is not None


def _place_in_line(message: Message, at: dt.datetime) -> int:
    """How many go before it: all that are more urgent, and older ones that are as urgent."""
    older = Q(purpose__in=_purposes(message, better=False), pk__lt=message.pk)
    before = Q(purpose__in=_purposes(message, better=True)) | older
    return _waiting(at + HELD).filter(before)[:COUNTED_PLACES].count()


def _waiting(due_by: dt.datetime) -> QuerySet[Message]:
    return Message.objects.filter(
        direction=Direction.OUT, status=MessageStatus.QUEUED, due_at__lte=due_by
    )


def _purposes(message: Message, *, better: bool) -> list[Purpose]:
    """Purposes with a better place than the message's, or with the same."""
    mine = PLACES[Purpose(message.purpose)]
    return [p for p, place in PLACES.items() if (place < mine if better else place == mine)]
