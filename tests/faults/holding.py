"""Stopping a worker at an exact statement, from outside: by the database locks it needs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

import psycopg2

from tests.faults.processes import own_database_url, wait_until

#: Not `pg_stat_activity`, which shows one transaction the same picture again and again.
WAITING = "SELECT pid FROM pg_locks WHERE NOT granted AND %s = ANY(pg_blocking_pids(pid))"


class Held:
    """A lock that this test holds, on a connection of its own."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection
        self._pid = connection.info.backend_pid

    def wait_for_worker(self, *, within: float = 120) -> None:
        """Until somebody stands before the lock."""
        wait_until(self._has_stopped_somebody, within=within, what=lambda: "nobody came by")

    def _has_stopped_somebody(self) -> bool:
        with self._connection.cursor() as cursor:
            cursor.execute(WAITING, [self._pid])
            return bool(cursor.fetchall())


@contextmanager
def holding(statement: str) -> Iterator[Held]:
    """Hold what `statement` locks until the block ends; the rows stay as they are."""
    with closing(psycopg2.connect(own_database_url())) as connection:
        with connection.cursor() as cursor:
            cursor.execute(statement)
        yield Held(connection)
        connection.rollback()


def writes_to(table: str) -> str:
    """Whoever inserts, updates or deletes there has to wait; readers don't."""
    return f"LOCK TABLE {table} IN SHARE MODE"


#: A text waits for its phone before anything is decided about it.
DECISIONS_ABOUT_PHONES = "SELECT 1 FROM crm_phone FOR NO KEY UPDATE"
