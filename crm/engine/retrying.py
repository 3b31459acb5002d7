"""Trying again what the database refused for no fault of ours: a race that was lost.

PostgreSQL ends one of two transactions that wait for each other (40P01), or that cannot both be
put in one order (40001). Locks are taken in one order everywhere, so this is rare; it is tried
again in one place, here.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from typing import TypeVar

import structlog
from django.db import OperationalError, connection

log = structlog.get_logger(__name__)

Result = TypeVar("Result")

SERIALIZATION_FAILURE, DEADLOCK_DETECTED = "40001", "40P01"
QUERY_CANCELED = "57014"
LOST_RACES = frozenset({SERIALIZATION_FAILURE, DEADLOCK_DETECTED})
#: How often in all, and how long to wait at most before the second try (seconds); the pause
#: doubles, and chance spreads it, so that those who met once do not meet again.
TRIES = 4
FIRST_PAUSE = 0.05


def sqlstate(error: BaseException) -> str:
    """PostgreSQL's code for what went wrong; empty where it never got to say."""
    return str(getattr(error.__cause__, "pgcode", None) or "")


def took_too_long(error: BaseException) -> bool:
    """Whether PostgreSQL ended a statement at its time-out: the connection stands."""
    return sqlstate(error) == QUERY_CANCELED


def retry_lost_races(work: Callable[[], Result]) -> Result:
    """What `work` returns. It opens its own transactions, and must bear being run again.

    Inside a transaction nothing is tried again: that one is lost whole, and its owner retries.

    :raises OperationalError: of another kind at once, of this kind when it stays.
    """
    for tried in range(1, TRIES):
        try:
            return work()
        except OperationalError as error:
            code = sqlstate(error)
            if code not in LOST_RACES or connection.in_atomic_block:
                raise
            log.warning("database.lost-race", code=code, tried=tried)
            time.sleep(random.uniform(0, FIRST_PAUSE * 2**tried))  # noqa: S311 a pause, no secret
    return work()
