"""Reads whose SQL is written once: the same rows as the queryset's own, and no wider use."""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from importlib import import_module
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.db.models import OuterRef, QuerySet, Subquery
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from crm import clock
from crm.engine.compiled import Compiled, any_of, compiled
from crm.engine.prepared import Said
from crm.models import Agent, User
from desk.screen.panels import PANELS
from tests.cast import Cast

APPS = ("crm.", "scheduling.", "waitlist.", "desk.")

pytestmark = pytest.mark.django_db

_built = 0


@compiled
def people(*, names: list[str], but: int) -> QuerySet[User]:
    global _built  # noqa: PLW0603 counts how often it runs
    _built += 1
    rows = User.objects.filter(any_of("username", names)).exclude(pk=but)
    return rows.select_related("agent").prefetch_related("groups").order_by("-username")[:3]


@compiled
def skilled(*, skill: str) -> QuerySet[User, tuple[str, str]]:
    theirs = Agent.objects.filter(user=OuterRef("pk"), skills__contains=[skill])
    rows = User.objects.annotate(team=Subquery(theirs.values("team")))
    return rows.exclude(team=None).order_by("username").values_list("username", "team")


def test_finds_what_the_queryset_finds_whatever_is_asked(cast: Cast) -> None:
    both = [cast.nurse.username, cast.front_desk.username]
    for names, but in ((both, 0), (both, cast.nurse.pk), (both[:1], 0), ([], 0)):
        plain = list(people.build(names=names, but=but))
        assert people(names=names, but=but) == plain
        assert len(plain) == len(names) - bool(but)
    assert _built == 4 + 1  # four times here, once for good


def test_brings_what_belongs_to_a_row(cast: Cast) -> None:
    Agent.objects.create(user=cast.nurse, since=clock.now(), team="east", skills=["spanish"])
    with CaptureQueriesContext(connection) as asked:
        (found,) = people(names=[cast.nurse.username], but=0)
        assert found.agent.team == "east"
        assert list(found.groups.all()) == []
    assert len(asked) == 2  # the rows, and what is prefetched


def test_a_value_may_stand_in_an_inner_query(cast: Cast) -> None:
    Agent.objects.create(
        user=cast.nurse, since=clock.now(), team="east", skills=["spanish", "billing"]
    )
    assert skilled(skill="spanish") == [(cast.nurse.username, "east")]
    assert skilled(skill="french") == []


def test_each_thread_reads_by_its_own_connection() -> None:
    people(names=[], but=0)

    def read() -> bool:
        try:
            people(names=["x"], but=0)
            return connection.connection is not None
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(read).result()


@pytest.mark.parametrize(
    "values",
    [{"names": []}, {"names": [], "but": 0, "more": 1}, {"names": [], "but": None}],
    ids=["missing", "unknown", "none"],
)
def test_refuses_values_that_do_not_fit(values: dict[str, object]) -> None:
    with pytest.raises(TypeError, match="takes names, but, by name"):
        people(**values)  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        people([], 0)  # type: ignore[call-arg]


def ours() -> list[Compiled[..., Any]]:
    reverse("desk:screen")  # needs all views
    for panel in PANELS:
        import_module(f"desk.screen.panels.{panel.name}")

    modules = [module for name, module in sys.modules.items() if name.startswith(APPS)]
    return [each for module in modules for each in vars(module).values() if type(each) is Compiled]


def test_every_one_of_ours_uses_each_value_that_it_takes() -> None:
    assert len(ours()) > 45
    for read in ours():
        written = read._written or read._write()
        used = {each.name for each in written.statement.params if isinstance(each, Said)}
        assert used == set(read._names), read.build.__qualname__


def test_postgresql_can_keep_the_plan_of_every_one_of_ours() -> None:
    statements = [(read._written or read._write()).statement for read in ours()]
    names = {statement.name for statement in statements}
    assert len(names) == len({id(read) for read in ours()})
    assert all(len(name.encode()) <= 63 for name in names)
    for statement in statements:
        replace(statement, name=uuid4().hex).prepare(connection)
