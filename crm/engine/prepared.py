"""Statements that PostgreSQL plans once a connection, where a connection is a server's own.

A plan that PREPARE keeps belongs to the server process that made it. A pooler hands each
transaction to whichever process is free, where nobody prepared anything; so nothing is prepared
behind one. A pooler shows by its greeting: PostgreSQL greets with the number of the process that
serves the connection, so that statements can be canceled; a pooler must invent a number.

What else can stand against a kept plan (a migration changed the type of a column, somebody
deallocated it) costs the connection its plans: `was_forgotten` says so, and whoever read asks
again (docs/decisions/0012-plans-kept-by-the-connection.md).
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from weakref import WeakKeyDictionary

from django.db import DatabaseError
from django.db.backends.base.base import BaseDatabaseWrapper
from psycopg2.extensions import AsIs

#: PostgreSQL on a plan that is not what it was: its columns have other types now; no statement of
#: that name, or one already. (PostgreSQL's documentation, appendix A.)
FORGOTTEN = frozenset({"0A000", "26000", "42P05"})


@dataclass(frozen=True, slots=True)
class Said:
    """Stands in a statement's values for one that is said each time."""

    name: str


@dataclass(frozen=True, slots=True)
class Statement:
    """SQL with psycopg's marks, and what they stand for.

    :ivar name: at most 63 bytes, unlike every other's.
    """

    name: str
    sql: str
    params: tuple[Any, ...]

    def prepare(self, connection: BaseDatabaseWrapper) -> None:
        """Have the connection keep its plan under its name.

        :raises DatabaseError: as the statement would; `FORGOTTEN` where the name is taken.
        """
        count = itertools.count(1)
        params = tuple(AsIs(f"${next(count)}") if isinstance(p, Said) else p for p in self.params)
        _run(connection, f'PREPARE "{self.name}" AS {self.sql}', params)

    def words(
        self, values: Mapping[str, Any], connection: BaseDatabaseWrapper
    ) -> tuple[str, tuple[Any, ...]]:
        """What to send for these values: a call of the kept plan, or the SQL itself.

        :raises DatabaseError: as the statement would.
        """
        said = tuple(values[p.name] for p in self.params if isinstance(p, Said))
        if not all(map(_fits, said)) or not _is_prepared(self, connection):
            one = iter(said)
            return self.sql, tuple(next(one) if isinstance(p, Said) else p for p in self.params)
        marks = f" ({', '.join(['%s'] * len(said))})" if said else ""
        return f'EXECUTE "{self.name}"{marks}', said


def _fits(value: Any) -> bool:
    """Whether a plan can be asked for it: its numbers are keys, and a longer one is an error.

    The SQL itself finds nothing by a number that no key can be, as somebody typed into an address.
    """
    return not isinstance(value, int) or -(2**63) <= value < 2**63


def was_forgotten(error: DatabaseError, connection: BaseDatabaseWrapper) -> bool:
    """Whether this came of a kept plan; if so, the connection keeps none from now on."""
    kept_by = connection.connection  # None where there is no database
    session = _sessions.get(kept_by) if kept_by is not None else None
    if session is None or getattr(error.__cause__, "pgcode", None) not in FORGOTTEN:
        return False
    session.may_prepare = False
    session.ready.clear()
    return True


@dataclass(slots=True)
class _Session:
    """What one connection has been asked, by the names of statements.

    :ivar may_prepare: None until somebody has to know.
    """

    seen: set[str] = field(default_factory=set)
    ready: set[str] = field(default_factory=set)
    may_prepare: bool | None = None


#: By psycopg's own connection: a new one has prepared nothing.
_sessions: WeakKeyDictionary[Any, _Session] = WeakKeyDictionary()


def _is_prepared(statement: Statement, connection: BaseDatabaseWrapper) -> bool:
    """What is asked a second time is prepared: PREPARE is a round trip of its own."""
    connection.close_if_health_check_failed()  # as Django's cursor would, when it is too late
    connection.ensure_connection()
    session = _sessions.setdefault(connection.connection, _Session())
    if statement.name in session.ready:
        return True
    if statement.name not in session.seen or not _may_prepare(session, connection):
        session.seen.add(statement.name)
        return False
    statement.prepare(connection)
    session.ready.add(statement.name)
    return True


def _may_prepare(session: _Session, connection: BaseDatabaseWrapper) -> bool:
    """Whether the process that serves the connection is the one that greeted it."""
    if session.may_prepare is None:
        greeted = connection.connection.info.backend_pid
        session.may_prepare = _run(connection, "SELECT pg_backend_pid()", ()) == [(greeted,)]
    return session.may_prepare


def _run(connection: BaseDatabaseWrapper, sql: str, params: tuple[Any, ...]) -> list[Any]:
    """Beside Django's cursor, as it is no statement of the page's."""
    with connection.wrap_database_errors, connection.connection.cursor() as cursor:
        cursor.execute(sql, params)
        return list(cursor.fetchall()) if cursor.description else []
