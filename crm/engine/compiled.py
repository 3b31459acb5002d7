"""Reads whose SQL Django writes once a process, and PostgreSQL plans once a connection.

Django writes the SQL of a queryset anew whenever it is evaluated. For a wide `select_related` that
takes a millisecond or two, more than PostgreSQL takes to answer; the desk asks nearly forty such
questions to open one contact (docs/decisions/0011-reads-compiled-once.md has the figures). The
plan is kept likewise, where it can be (`crm.engine.prepared`).

    @compiled
    def offers_of(*, patient: int) -> QuerySet[Offer]:
        return Offer.objects.filter(patient=patient).select_related("slot").order_by("-pk")

    offers_of(patient=7)  # a list of offers

The function runs once, with a stand-in for each value, through Django's public expressions. Rows
become objects by Django's own code, prefetches included.
"""

from __future__ import annotations

import copy
import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import update_wrapper
from typing import TYPE_CHECKING, Any, Generic, ParamSpec, TypeVar

from django.db import DatabaseError, connections
from django.db.models import Expression, F, Lookup, QuerySet
from django.db.models.sql.compiler import SQLCompiler

from crm.engine.prepared import Said, Statement, was_forgotten

if TYPE_CHECKING:
    _Lookup = Lookup[Any]
else:
    _Lookup = Lookup

P = ParamSpec("P")
Row = TypeVar("Row")


class Given(Expression):
    """Stands for a value that is said when the read is made."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name

    def as_sql(self, compiler: SQLCompiler, connection: Any) -> tuple[str, tuple[Any, ...]]:
        return "%s", (self,)


class _AnyOf(_Lookup):
    lookup_name = "any"
    prepare_rhs = False  # it is a list, whatever the column is

    def as_sql(self, compiler: SQLCompiler, connection: Any) -> tuple[str, tuple[Any, ...]]:
        column, of_column = self.process_lhs(compiler, connection)
        values, of_values = self.process_rhs(compiler, connection)
        return f"{column} = ANY ({values})", (*of_column, *of_values)


def any_of(column: str, values: list[Any]) -> Any:
    """`column IN values`, for a list that is said when the read is made; it may be empty."""
    return _AnyOf(F(column), values)


@dataclass(frozen=True, slots=True)
class _Written:
    """SQL, and what Django made to write it and to turn its rows into objects."""

    queryset: QuerySet[Any, Any]
    compiler: SQLCompiler
    statement: Statement
    converters: dict[int, Any]

    def compiler_for(self, values: Mapping[str, Any]) -> Callable[..., SQLCompiler]:
        """In the place of `Query.get_compiler`: one that has its SQL already, for these values."""

        def get_compiler(using: str | None = None, **_: Any) -> SQLCompiler:
            mine = copy.copy(self.compiler)
            mine.connection = connections[using or self.queryset.db]
            mine.as_sql = lambda *_, **__: self.statement.words(values, mine.connection)  # type: ignore[method-assign]
            mine.get_converters = lambda _: self.converters  # type: ignore[method-assign,assignment]
            return mine

        return get_compiler


class Compiled(Generic[P, Row]):
    """What `compiled` makes of a function."""

    def __init__(self, build: Callable[P, QuerySet[Any, Row]]) -> None:
        update_wrapper(self, build)
        self.build = build
        self._names = tuple(inspect.signature(build).parameters)
        self._written: _Written | None = None

    def __call__(self, *args: P.args, **values: P.kwargs) -> list[Row]:
        """The rows, in one statement, and one for each prefetch.

        :param values: as the function names them: keys, texts, times, numbers, and lists for
            `any_of`. None would be `= NULL`, which nothing equals.
        :raises TypeError: when one is missing, unknown, None, or said without its name.
        """
        if args or values.keys() != set(self._names) or None in values.values():
            raise TypeError(
                f"{self.build.__name__} takes {', '.join(self._names) or 'nothing'}, by name."
            )
        written = self._written or self._write()
        try:
            return self._read(written, values)
        except DatabaseError as error:
            connection = connections[written.queryset.db]
            if not was_forgotten(error, connection) or connection.in_atomic_block:
                raise
            return self._read(written, values)

    def _read(self, written: _Written, values: Mapping[str, Any]) -> list[Row]:
        rows = written.queryset.all()
        rows.query.get_compiler = written.compiler_for(values)  # type: ignore[method-assign]
        return list(rows)

    def _write(self) -> _Written:
        """Two threads may both write it: they write the same."""
        queryset = self.build(**{name: Given(name) for name in self._names})  # type: ignore[call-arg,arg-type]
        compiler = queryset.query.get_compiler(using=queryset.db)
        sql, params = compiler.as_sql()
        columns = [column for column, *_ in compiler.select[: compiler.col_count]]
        converters = compiler.get_converters(columns)
        name = f"{self.build.__module__}.{self.build.__qualname__}"
        marks = tuple(Said(each.name) if isinstance(each, Given) else each for each in params)
        self._written = _Written(queryset, compiler, Statement(name, sql, marks), converters)
        return self._written


def compiled(build: Callable[P, QuerySet[Any, Row]]) -> Compiled[P, Row]:
    """Write the SQL of this read once. Its values are said by name, and none decides its form."""
    return Compiled(build)
