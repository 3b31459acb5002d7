"""Who was turned away at the door: kept as a count, so that an operator sees a sender that errs.

A sender whose messages are too long, of another type, or signed with an old secret hears so; but
whoever runs Firstcall should not have to learn it from them.
"""

from __future__ import annotations

import datetime as dt

import structlog
from django.db import Error
from django.db.models import F, QuerySet, Sum
from django.utils.translation import gettext_noop

from crm.engine import insert_or_none
from integrations.models import TurnedAway
from integrations.states import Door

log = structlog.get_logger(__name__)

#: Peers of one day that are told apart; later ones are counted together.
MOST_PEERS = 500
OTHERS = gettext_noop("others")
#: The page and the inbox's link look back so far.
RECENT = dt.timedelta(days=14)


def note_turned_away(*, door: Door, peer: str, reason: str, sentence: str, at: dt.datetime) -> None:
    """Count one. Never raises: the caller is turned away all the same."""
    try:
        _count(door, peer[:80], reason[:32], sentence[:200], at)
    except Error as error:
        log.warning("door.not_noted", door=door, reason=reason, error=type(error).__name__)


def _count(door: Door, peer: str, reason: str, sentence: str, at: dt.datetime) -> None:
    same = TurnedAway.objects.filter(on=at.date(), door=door, reason=reason)
    if _again(same.filter(peer=peer), sentence, at):
        return
    if same.count() >= MOST_PEERS:
        peer = OTHERS
    row = TurnedAway(
        on=at.date(),
        door=door,
        reason=reason,
        peer=peer,
        sentence=sentence,
        first_at=at,
        last_at=at,
    )
    if insert_or_none(row) is None:  # two at once, or the row of the others
        _again(same.filter(peer=peer), sentence, at)


def _again(rows: QuerySet[TurnedAway], sentence: str, at: dt.datetime) -> bool:
    return bool(rows.update(times=F("times") + 1, last_at=at, sentence=sentence))


def turned_away(*, at: dt.datetime) -> QuerySet[TurnedAway]:
    """Those of the last two weeks, the latest first."""
    return TurnedAway.objects.filter(last_at__gt=at - RECENT).order_by("-last_at", "-pk")


def count_turned_away(*, at: dt.datetime) -> int:
    """How many calls, in the last two weeks."""
    rows = TurnedAway.objects.filter(last_at__gt=at - RECENT)
    return int(rows.aggregate(sum=Sum("times"))["sum"] or 0)
