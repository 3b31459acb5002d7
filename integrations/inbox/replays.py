"""Many messages tried again: a row for each, worked on a few at a time.

A worker that dies is followed by another, which goes on with the first row that has no outcome.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from time import monotonic

from django.db import transaction

from crm import clock
from crm.engine import Actor, move, publish, record, ring, run_step
from integrations.inbox import locks
from integrations.inbox.actions import STEP, replay
from integrations.models import InboxMessage, Replay, ReplayItem
from integrations.states import InboxStatus, ReplayStatus

REPLAY_STEP = "integrations.replay"
#: One run of the step goes on for so long (seconds), well within its lease.
WORKS_FOR = 15.0
REPLAYED = frozenset({InboxStatus.REFUSED, InboxStatus.SET_ASIDE, InboxStatus.IGNORED})


class NothingToReplay(Exception):
    """None of the chosen messages is refused, ignored or set aside."""


def start_replay(*, message_ids: Iterable[int], chosen: str, by: Actor, at: dt.datetime) -> Replay:
    """Try these messages again, oldest first. Publishes `integrations.replay-started`.

    :param chosen: which they are, in words, without names.
    :raises NothingToReplay: when none of them can be.
    """
    wanted = InboxMessage.objects.filter(pk__in=list(message_ids), status__in=REPLAYED)
    keys = list(wanted.order_by("received_at", "pk").values_list("pk", flat=True))
    if not keys:
        raise NothingToReplay("None of these messages can be tried again.")
    with transaction.atomic():
        job = Replay.objects.create(
            chosen=chosen[:300],
            total=len(keys),
            started_at=at,
            started_by=by.label[:120],
            due_at=at,
        )
        ReplayItem.objects.bulk_create(
            (ReplayItem(replay=job, message_id=pk, position=n) for n, pk in enumerate(keys)),
            batch_size=2000,
        )
        record("integrations.replay.started", job, by=by, at=at, total=len(keys))
        publish("integrations.replay-started", job, at=at)
        ring(REPLAY_STEP, job.pk)
    return job


def stop_replay(*, replay_id: int, by: Actor, at: dt.datetime) -> Replay:
    """Try no more of them; what was tried stays as it is. One that has ended stays ended.

    :raises Replay.DoesNotExist:
    """
    with transaction.atomic():
        job = locks.lock_replay(replay_id)
        if job.status == ReplayStatus.RUNNING:
            _end(job, ReplayStatus.STOPPED, by=by, at=at)
    return job


def replay_some(pk: int, at: dt.datetime) -> dt.datetime | None:
    """Try the next for a while; due again at once while there are more."""
    by, ends = Actor.system("replay"), monotonic() + WORKS_FOR
    while monotonic() < ends:
        job = Replay.objects.get(pk=pk)
        if job.status != ReplayStatus.RUNNING:
            return None
        item = ReplayItem.objects.filter(replay=job, became="").order_by("position").first()
        if item is None:
            with transaction.atomic():
                job = locks.lock_replay(pk)
                if job.status == ReplayStatus.RUNNING:
                    _end(job, ReplayStatus.DONE, by=by, at=at)
            return None
        _try_one(item, by=by, at=at)
    return at


def _try_one(item: ReplayItem, *, by: Actor, at: dt.datetime) -> None:
    """A message that a worker died over is tried once more, which changes nothing."""
    message = InboxMessage.objects.defer("body", "answer").get(pk=item.message_id)
    if message.status in REPLAYED:
        replay(message_id=item.message_id, by=by, at=at)
    run_step(STEP, item.message_id, at=at)
    message.refresh_from_db(fields=["status", "outcome"])
    ReplayItem.objects.filter(pk=item.pk).update(
        became=message.status, sentence=message.outcome, done_at=clock.now()
    )


def _end(job: Replay, to: ReplayStatus, *, by: Actor, at: dt.datetime) -> None:
    move(job, to=to, by=by, at=at, ended_at=clock.now(), due_at=None)
    publish("integrations.replay-ended", job, at=at)
