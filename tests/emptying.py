"""After a test with real commits: delete what it left, instead of truncating every table.

Django's `flush` truncates a hundred tables and then writes all permissions anew, which takes half
a second; most tests leave rows in twenty tables.
"""

from __future__ import annotations

from typing import Any

from django.db import connections, transaction
from django.db.utils import ProgrammingError
from django.test import TransactionTestCase
from psycopg2.errors import InsufficientPrivilege

#: Rows that migrating makes, and tests do not change, stay. As a replica the session is stopped
#: neither by foreign keys nor by the triggers that keep logs append-only.
EMPTY = """
SET LOCAL session_replication_role = replica;
DO $$
DECLARE
    tab regclass;
    has_rows boolean;
BEGIN
    FOR tab IN
        SELECT c.oid FROM pg_class c
        WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace
        AND c.relname NOT IN ('django_migrations', 'django_content_type', 'auth_permission')
    LOOP
        EXECUTE format('SELECT EXISTS (SELECT FROM %s)', tab) INTO has_rows;
        IF has_rows THEN
            EXECUTE format('DELETE FROM %s', tab);
        END IF;
    END LOOP;
END $$
"""
_flush = TransactionTestCase._fixture_teardown  # type: ignore[attr-defined]


def empty(alias: str) -> None:
    """:raises ProgrammingError: for an account that may not act as a replica."""
    with transaction.atomic(using=alias), connections[alias].cursor() as cursor:
        cursor.execute(EMPTY)


def empty_instead_of_flushing() -> None:
    """Of every test from here on."""

    def teardown(self: Any) -> None:
        try:
            for alias in self._databases_names(include_mirrors=False):
                empty(alias)
        except ProgrammingError as error:
            if not isinstance(error.__cause__, InsufficientPrivilege):
                raise
            _flush(self)

    TransactionTestCase._fixture_teardown = teardown  # type: ignore[attr-defined]
