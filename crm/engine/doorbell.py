"""Ringing for a row. A ring may be lost: the sweep comes by every few seconds."""

from __future__ import annotations

import datetime as dt
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import structlog
from celery import Task
from django.db import models, transaction
from kombu.connection import Connection
from kombu.pools import producers

from crm import clock

log = structlog.get_logger(__name__)

#: After a failed ring, how long nobody tries again (seconds). Callers must not wait on a
#: broker that is down: `delay()` was measured to block for 0.6 to 30 s.
PAUSE = 5.0
#: How long a broker may take to connect, and again to answer (seconds). The workers' own lines
#: wait for half a minute, and so would a caller whose broker takes connections but hangs.
PATIENCE = 0.5
#: A ring that nobody has heard after this long is dropped (seconds): sweeps have rung since. Not
#: by Celery's `expires`, which each machine reads off its own clock.
STALE = 60.0
_silent_until = 0.0


@dataclass(slots=True)
class Kept:
    """Rings that a worker keeps to itself: it does that work next (`crm.engine.onward`)."""

    queue: str
    at_most: int
    rings: deque[tuple[str, int]] = field(default_factory=deque)

    def take(self) -> list[tuple[str, int]]:
        """All that are kept now, in the order in which to do them."""
        taken = list(self.rings)
        self.rings.clear()
        return taken


_keeper = threading.local()


@contextmanager
def keeping(queue: str, *, at_most: int) -> Iterator[Kept]:
    """Until the block ends, this thread's rings for `queue` are kept, and not rung.

    Once there are `at_most`, further ones go out as always.
    """
    _keeper.kept = kept = Kept(queue, at_most)
    try:
        yield kept
    finally:
        _keeper.kept = None


def _keep(step_name: str, pk: int, queue: str, *, urgent: bool) -> bool:
    kept: Kept | None = getattr(_keeper, "kept", None)
    if kept is None or kept.queue != queue or len(kept.rings) >= kept.at_most:
        return False
    if urgent:
        kept.rings.appendleft((step_name, pk))
    else:
        kept.rings.append((step_name, pk))
    return True


def ring(step_name: str, pk: int, *, urgent: bool = False) -> None:
    """After commit, ask a worker to run `step_name` on row `pk` now.

    `urgent`: somebody waits for it. The worker that made it due does it first.
    """
    transaction.on_commit(lambda: ring_now(step_name, pk, urgent=urgent), robust=True)


def ring_now(step_name: str, pk: int, *, urgent: bool = False) -> bool:
    """Ring at once; returns whether somebody will hear it: the broker took it, or we do it."""
    global _silent_until  # noqa: PLW0603 one breaker a process
    from crm.engine.steps import get_step
    from crm.engine.tasks import run

    queue = get_step(step_name).queue
    if _keep(step_name, pk, queue, urgent=urgent):
        return True
    if time.monotonic() < _silent_until:
        return False
    try:
        with producers[_line(run)].acquire(block=True, timeout=PATIENCE) as producer:
            run.apply_async(
                (step_name, pk),
                queue=queue,
                producer=producer,
                retry=False,
                kwargs={"rung_at": clock.now().timestamp()},
            )
    except Exception as error:  # noqa: BLE001 a broker can fail in any way, a ring may be lost
        _silent_until = time.monotonic() + PAUSE
        log.warning("doorbell.failed", step=step_name, error=type(error).__name__)
        return False
    return True


@cache
def _line(task: Task[..., Any]) -> Connection:
    """A line to the broker for ringing only; what hangs up and comes back is kombu's business."""
    line = task.app.connection_for_write()
    short = {"socket_timeout": PATIENCE, "socket_connect_timeout": PATIENCE}
    return line.clone(transport_options={**(line.transport_options or {}), **short})


def is_stale(rung_at: float | None) -> bool:
    """Whether a ring of that moment (seconds since 1970) is too old to be heard."""
    return rung_at is not None and clock.now().timestamp() - rung_at > STALE


def wake(row: models.Model, step_name: str, *, at: dt.datetime) -> None:
    """Make `row` due at `at` (which ends any lease on it) and ring for it after commit."""
    type(row)._base_manager.filter(pk=row.pk).update(due_at=at)
    row.due_at = at  # type: ignore[attr-defined]
    ring(step_name, row.pk)
