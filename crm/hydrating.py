"""Rows of several tables as instances, out of one statement that is written by hand.

For reads that a press waits for: to put such a statement together takes Django longer than
PostgreSQL needs to answer it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from typing import Any

from django.db import connection, models


class Hydrator:
    """Instances of the models that stand beside each other in a row, each row of a table once.

    :param tables: each model, and what its table goes by in the statement.
    """

    def __init__(self, *tables: tuple[type[models.Model], str]) -> None:
        self._tables = tables

    @cached_property
    def columns(self) -> str:
        """What to select, in this order, and last."""
        quote = connection.ops.quote_name
        return ", ".join(
            f"{alias}.{quote(str(field.column))}"
            for model, alias in self._tables
            for field in model._meta.concrete_fields
        )

    @cached_property
    def _parts(self) -> list[tuple[type[models.Model], list[str], int, slice]]:
        """Each model with the names of its fields, and where its key and values stand."""
        parts, begins = [], 0
        for model, _ in self._tables:
            names = [field.attname for field in model._meta.concrete_fields]
            key, ends = begins + names.index(model._meta.pk.attname), begins + len(names)
            parts.append((model, names, key, slice(begins, ends)))
            begins = ends
        return parts

    def read(self, statement: str, parameters: Sequence[Any]) -> list[list[Any]]:
        """Run it, with the columns where it says so."""
        with connection.cursor() as cursor:
            cursor.execute(statement.replace("{columns}", self.columns), parameters)
            return list(self.rows(cursor.fetchall()))

    def rows(self, told: Iterable[Sequence[Any]]) -> Iterator[list[Any]]:
        """For each row one instance of each model; None where an outer join found none."""
        seen: dict[tuple[type[models.Model], Any], models.Model] = {}
        for values in told:
            made: list[Any] = []
            for model, names, key, where in self._parts:
                pk = values[key]
                one = None if pk is None else seen.get((model, pk))
                if one is None and pk is not None:
                    one = model.from_db(connection.alias, names, values[where])
                    seen[model, pk] = one
                made.append(one)
            yield made
