"""What time it is: the database's time, on every machine.

Due times, leases, deadlines and the order of messages are compared across machines. So there
is one clock, PostgreSQL's. Each process measures how far its own is off, when it first asks and
every half minute, and corrects for that. A machine whose clock is minutes wrong, or is set back
an hour, does its work like the others (docs/decisions/0006-one-clock.md).
"""

from __future__ import annotations

import datetime as dt
import time
from contextlib import closing
from dataclasses import dataclass

import structlog
from django.conf import settings
from django.db import connection
from django.utils import timezone

log = structlog.get_logger(__name__)

#: How old a measurement may get (seconds).
MEASURE_EVERY = 30.0
#: After a measurement that failed, how long nobody tries again (seconds).
PAUSE = 5.0
#: Clocks this close together are the same clock. A measurement is not better than this when the
#: machine is busy, and two processes of one machine must not differ by its error: a ring that
#: comes a millisecond before the row is due would be lost.
TOLERANCE = dt.timedelta(milliseconds=250)
#: From here on somebody should look after the machine's clock.
WORTH_A_WARNING = dt.timedelta(seconds=2)


@dataclass(frozen=True, slots=True)
class Reading:
    """One comparison. `offset` is what must be added to this machine's clock."""

    offset: dt.timedelta
    monotonic: float
    wall: float

    def is_stale(self) -> bool:
        """Too old, or the machine's clock has been set since (or it has slept)."""
        passed = time.monotonic() - self.monotonic
        jumped = abs(time.time() - self.wall - passed)
        return passed > MEASURE_EVERY or jumped > TOLERANCE.total_seconds()


_reading: Reading | None = None
_silent_until = 0.0


def now() -> dt.datetime:
    """The database's time. For the edges: views, tasks, commands; actions get it as `at=`.

    Asks the database now and then, on this thread's connection. While that does not answer,
    the last measurement holds, and without any the machine's own clock.
    """
    return timezone.now() + offset()


def offset() -> dt.timedelta:
    """The database's clock less this machine's; nothing where they agree well enough."""
    global _reading, _silent_until  # noqa: PLW0603 one clock a process
    if settings.FIRSTCALL.clock_source != "database":
        return dt.timedelta(0)
    held = _reading
    if (held is None or held.is_stale()) and time.monotonic() >= _silent_until:
        try:
            _reading = held = _measure()
        except Exception as error:  # noqa: BLE001 whoever asks for the time is about something else
            _silent_until = time.monotonic() + PAUSE
            log.warning("clock.not-measured", error=type(error).__name__)
    if held is None or abs(held.offset) <= TOLERANCE:
        return dt.timedelta(0)
    return held.offset


def _measure() -> Reading:
    """Ask for the time, and take it to have been told halfway between asking and hearing.

    Of three tries the quickest counts. One that took longer than the tolerance says something
    only about clocks that are much further apart than it may be wrong.

    :raises TimeoutError: when it says nothing.
    """
    connection.ensure_connection()
    took, reading = min((_ask_once() for _ in range(3)), key=lambda asked: asked[0])
    spent = dt.timedelta(seconds=took)
    if spent > TOLERANCE and abs(reading.offset) < 4 * spent:
        raise TimeoutError(f"the database took {took:.1f} s to tell the time")
    if abs(reading.offset) >= WORTH_A_WARNING:
        log.warning("clock.apart", seconds=round(reading.offset.total_seconds(), 1))
    return reading


def _ask_once() -> tuple[float, Reading]:
    """How long it took (seconds), and what was heard."""
    wall, began = time.time(), time.monotonic()
    with closing(connection.cursor()) as cursor:
        cursor.execute("SELECT clock_timestamp()")
        told: dt.datetime = cursor.fetchone()[0]
    took = time.monotonic() - began
    here = dt.datetime.fromtimestamp(wall + took / 2, dt.UTC)
    return took, Reading(told - here, began, wall)
