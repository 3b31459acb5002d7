"""INSERT … ON CONFLICT DO NOTHING RETURNING, for one model instance.

Django's `bulk_create(ignore_conflicts=True)` does not say which row was left out, and a plain
INSERT against an exclusion constraint deadlocks under contention (docs/reliability.md).
"""

from __future__ import annotations

from typing import TypeVar

from django.db import connections, models, router

Row = TypeVar("Row", bound=models.Model)


def insert_or_none(row: Row) -> Row | None:
    """Insert `row`; None when any unique or exclusion constraint stood in the way.

    On success the row carries its new key.
    """
    meta = row._meta
    connection = connections[router.db_for_write(type(row), instance=row)]
    fields = [f for f in meta.local_concrete_fields if not (f.primary_key and row.pk is None)]
    quote = connection.ops.quote_name
    columns = ", ".join(quote(str(f.column)) for f in fields)
    marks = ", ".join(["%s"] * len(fields))
    values = [f.get_db_prep_save(f.pre_save(row, add=True), connection) for f in fields]
    key = quote(str(meta.pk.column))
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {quote(meta.db_table)} ({columns}) VALUES ({marks}) "  # noqa: S608
            f"ON CONFLICT DO NOTHING RETURNING {key}",
            values,
        )
        inserted = cursor.fetchone()
    if inserted is None:
        return None
    row.pk = inserted[0]
    row._state.adding = False
    row._state.db = connection.alias
    return row
