"""Steps: idempotent functions that take a due row and say when it is due next."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import structlog
from django.db import connection

from crm import clock
from crm.engine.models import DueRow
from crm.engine.retrying import retry_lost_races

log = structlog.get_logger(__name__)

#: After this many failures in a row a poison row waits an hour between tries.
PATIENCE = 8
POISON_PAUSE = dt.timedelta(hours=1)

#: How long a dead worker is waited for. Longer than anything that a step may do under it: a
#: step that waits for vendors states its own worst case where it is registered.
LEASE_SECONDS = 30

#: Takes the row's key and the time; returns the next due time, or None for "nothing waits".
StepFunction = Callable[[int, dt.datetime], dt.datetime | None]


@dataclass(frozen=True, slots=True)
class Step:
    """One kind of work: whose rows, in which queue, and how long one run may take."""

    name: str
    model: type[DueRow]
    queue: str
    lease: dt.timedelta
    function: StepFunction


_STEPS: dict[str, Step] = {}


def step(
    *, name: str, model: type[DueRow], queue: str, lease_seconds: int = LEASE_SECONDS
) -> Callable[[StepFunction], StepFunction]:
    """Register the function that works on due rows of `model`.

    The function gets `(pk, at)`, runs outside any transaction, opens its own where it writes,
    and must bear being run twice. What it returns becomes the row's `due_at`, unless somebody
    woke the row meanwhile; an exception brings it back later.
    """

    def register(function: StepFunction) -> StepFunction:
        lease = dt.timedelta(seconds=lease_seconds)
        _STEPS[name] = Step(name, model, queue, lease, function)
        return function

    return register


def get_step(name: str) -> Step:
    """:raises KeyError: when no such step is registered."""
    return _STEPS[name]


def all_steps() -> tuple[Step, ...]:
    return tuple(_STEPS.values())


def backoff(attempts: int) -> dt.timedelta:
    """2 s doubling to 4 minutes, then an hour for a row that always fails."""
    return POISON_PAUSE if attempts >= PATIENCE else dt.timedelta(seconds=2**attempts)


def run_step(name: str, pk: int, *, at: dt.datetime | None = None) -> bool:
    """Claim row `pk`, run its step, store the next due time. False when it was not due.

    The claim moves `due_at` to the end of the lease, in one compare-and-set; finishing
    compares with that value, so a wake-up that came during the run is not lost.
    """
    found = get_step(name)
    now = at or clock.now()
    lease_until = now + found.lease
    table = found.model._meta.db_table
    if not _update(_CLAIM.format(table), lease_until, pk, now):
        return False
    try:
        due_at = retry_lost_races(lambda: found.function(pk, now))
    except Exception as error:  # noqa: BLE001 any failure brings the row back later
        rows: Any = found.model._base_manager
        attempts = rows.filter(pk=pk).values_list("attempts", flat=True).first() or 1
        # The text may quote a row: it stays in the database, the log gets the kind only.
        rows.filter(pk=pk, due_at=lease_until).update(
            due_at=now + backoff(attempts), last_error=f"{type(error).__name__}: {error}"[:500]
        )
        log.error("step.failed", step=name, row=pk, attempts=attempts, error=type(error).__name__)
        return True
    _update(_FINISH.format(table), due_at, pk, lease_until)
    return True


# Written by hand: every step begins and ends with one, and to put an UPDATE together takes Django
# longer than PostgreSQL to run it. Neither waits for the disk, each a transaction by itself: a
# server that crashes and forgets one finds the row due again, and the step bears being run twice.
_UNHURRIED = " AND set_config('synchronous_commit', 'off', true) = 'off'"
_CLAIM = 'UPDATE "{}" SET due_at = %s, attempts = attempts + 1 WHERE id = %s AND due_at <= %s'
_FINISH = (
    "UPDATE \"{}\" SET due_at = %s, attempts = 0, last_error = '' WHERE id = %s AND due_at = %s"
)


def _update(statement: str, *values: int | dt.datetime | None) -> int:
    """How many rows it changed."""
    with connection.cursor() as cursor:
        cursor.execute(statement + _UNHURRIED, values)
        changed: int = cursor.rowcount
    return changed
