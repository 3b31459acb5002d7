"""INSERT … RETURNING by hand, as a rule ON CONFLICT DO NOTHING, for one instance or several.

Django's `bulk_create(ignore_conflicts=True)` does not say which row was left out, and a plain
INSERT against an exclusion constraint deadlocks under contention (docs/reliability.md).
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any, TypeVar

from django.db import connections, models, router

Row = TypeVar("Row", bound=models.Model)


def insert_or_none(row: Row) -> Row | None:
    """Insert `row`; None when any unique or exclusion constraint stood in the way.

    On success the row carries its new key.
    """
    inserted = _insert([row], returning=())
    if not inserted:
        return None
    _now_stored(row, inserted[0][0])
    return row


def insert_those_free(rows: Sequence[Row], *, known_by: str) -> list[Row]:
    """Insert in one statement those rows that no constraint stands against; returns these.

    In their order, which is also the order in which one waits for others' transactions. They
    carry their new keys.

    :param known_by: column attribute ("candidate_id") by which no two rows are alike.
    """
    inserted = {value: pk for pk, value in _insert(rows, returning=(known_by,))} if rows else {}
    made = []
    for row in rows:
        pk = inserted.pop(getattr(row, known_by), None)
        if pk is not None:
            _now_stored(row, pk)
            made.append(row)
    return made


def insert_all(rows: Sequence[Row], *, at_once: int = 500) -> None:
    """Insert every row, so many in a statement, in their order; they carry their new keys.

    What `bulk_create` does, for rows that every action writes: it is put together anew each time.

    :raises IntegrityError: when a constraint stands against one of them.
    """
    for begins in range(0, len(rows), at_once):
        batch = rows[begins : begins + at_once]
        for row, (pk,) in zip(batch, _insert(batch, returning=(), unless=""), strict=True):
            _now_stored(row, pk)


def _insert(
    rows: Sequence[models.Model],
    *,
    returning: Sequence[str],
    unless: str = " ON CONFLICT DO NOTHING",
) -> list[tuple[Any, ...]]:
    """The key of each row that was inserted, and what else is to be returned of it."""
    model, keyless = type(rows[0]), rows[0].pk is None
    connection = connections[router.db_for_write(model, instance=rows[0])]
    fields, head, back = _words(model, tuple(returning), connection.alias, keyless=keyless)
    marks = ", ".join([f"({', '.join(['%s'] * len(fields))})"] * len(rows))
    values = [
        f.get_db_prep_save(f.pre_save(row, add=True), connection) for row in rows for f in fields
    ]
    with connection.cursor() as cursor:
        cursor.execute(f"{head}{marks}{unless}{back}", values)
        return list(cursor.fetchall())


@cache
def _words(
    model: type[models.Model], returning: tuple[str, ...], alias: str, *, keyless: bool
) -> tuple[list[models.Field[Any, Any]], str, str]:
    """The fields that are written, and what stands before and after their values."""
    meta, quote = model._meta, connections[alias].ops.quote_name
    fields = [f for f in meta.local_concrete_fields if not (f.primary_key and keyless)]
    by_name = {f.attname: f for f in meta.local_concrete_fields}
    columns = ", ".join(quote(str(f.column)) for f in fields)
    given_back = [meta.pk, *(by_name[name] for name in returning)]
    back = ", ".join(quote(str(f.column)) for f in given_back)
    head = f"INSERT INTO {quote(meta.db_table)} ({columns}) VALUES "  # noqa: S608 our own words
    return fields, head, f" RETURNING {back}"


def _now_stored(row: models.Model, pk: Any) -> None:
    row.pk = pk
    row._state.adding = False
    row._state.db = router.db_for_write(type(row), instance=row)
