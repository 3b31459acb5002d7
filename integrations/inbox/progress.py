"""How far a replay of many messages has come."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db.models import Case, Count, F, When

from integrations.inbox import words
from integrations.models import Replay, ReplayItem
from integrations.states import InboxStatus, ReplayStatus

#: So many of those that are still refused are named on the page.
MOST_NAMED = 50
#: So many replays are listed.
MOST_LISTED = 20


@dataclass(frozen=True, slots=True)
class Outcome:
    """How many came to this."""

    status: InboxStatus
    word: str
    look: str
    count: int


@dataclass(frozen=True, slots=True)
class StillRefused:
    """One that is refused again, and why; the sentence names nobody."""

    message_id: int
    key: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Progress:
    """One replay now."""

    pk: int
    status: ReplayStatus
    chosen: str
    total: int
    done: int
    outcomes: tuple[Outcome, ...]
    refused: tuple[StillRefused, ...]
    started_at: dt.datetime
    started_by: str
    ended_at: dt.datetime | None

    @property
    def is_running(self) -> bool:
        return self.status is ReplayStatus.RUNNING

    @property
    def took(self) -> dt.timedelta | None:
        return self.ended_at - self.started_at if self.ended_at else None


def get_progress(pk: int) -> Progress:
    """Three queries. :raises Replay.DoesNotExist:"""
    job = Replay.objects.get(pk=pk)
    tried = (
        ReplayItem.objects.filter(replay=job)
        .exclude(became="")
        .annotate(state=_now("became", "message__status"), why=_now("sentence", "message__outcome"))
    )
    counts = dict(tried.values_list("state").annotate(count=Count("pk")))
    refused = tried.filter(state=InboxStatus.REFUSED).order_by("position")
    named = refused.values_list("message_id", "message__key", "why")[:MOST_NAMED]
    return Progress(
        pk=job.pk,
        status=ReplayStatus(job.status),
        chosen=job.chosen,
        total=job.total,
        done=sum(counts.values()),
        outcomes=tuple(
            Outcome(InboxStatus(status), chip.word, chip.look, counts[status])
            for status, chip in words.STATES.items()
            if status in counts
        ),
        refused=tuple(StillRefused(*row) for row in named),
        started_at=job.started_at,
        started_by=job.started_by,
        ended_at=job.ended_at,
    )


def _now(written: str, of_message: str) -> Case:
    """As the replay wrote it down; where another worker had the message just then, as it is now."""
    return Case(When(became=InboxStatus.RECEIVED, then=F(of_message)), default=F(written))


def latest_replays() -> list[Replay]:
    """The newest first."""
    return list(Replay.objects.order_by("-pk")[:MOST_LISTED])
