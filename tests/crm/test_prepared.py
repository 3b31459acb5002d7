"""Plans that a connection keeps: from the second use on, and never behind a pooler."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from unittest.mock import patch

import psycopg2
import pytest
from django.db import (
    OperationalError,
    close_old_connections,
    connection,
    connections,
    transaction,
)
from django.db.models import QuerySet

from crm.engine import prepared
from crm.engine.compiled import compiled
from crm.models import User

pytestmark = pytest.mark.django_db


@compiled
def named(*, name: str) -> QuerySet[User]:
    return User.objects.filter(username=name).order_by("-pk")[:2]


@compiled
def keyed(*, pk: int) -> QuerySet[User]:
    return User.objects.filter(pk=pk)


@pytest.fixture
def alone() -> Iterator[Callable[..., object]]:
    """Runs what it is given on a connection that nobody used, outside any transaction."""
    with ThreadPoolExecutor(1) as pool:
        yield lambda work: pool.submit(work).result()
        pool.submit(connections.close_all).result()


def kept() -> list[str]:
    """What this connection keeps the plans of."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM pg_prepared_statements ORDER BY name")
        return [name for (name,) in cursor.fetchall()]


NAME = "tests.crm.test_prepared.named"


def test_the_second_use_keeps_the_plan(alone: Callable[..., object]) -> None:
    def use() -> list[list[str]]:
        seen = [kept()]
        for _ in range(3):
            assert named(name="nobody") == []
            seen.append(kept())
        return seen

    assert alone(use) == [[], [], [NAME], [NAME]]


def test_a_kept_plan_finds_what_the_queryset_finds() -> None:
    for name in ("ann", "bob"):
        User.objects.create(username=name)
    for name in ("ann", "bob", "o'hara %s", "ann"):
        assert named(name=name) == list(named.build(name=name))
    assert NAME in kept()


def test_a_number_that_no_key_can_be_finds_nothing() -> None:
    User.objects.create(username="ann")
    for pk in (1, 2**63, 10**40, -(10**40), 1):
        assert keyed(pk=pk) == list(User.objects.filter(pk=pk))
    assert "tests.crm.test_prepared.keyed" in kept()


def test_nothing_is_kept_where_somebody_else_greeted(
    alone: Callable[..., object], monkeypatch: pytest.MonkeyPatch
) -> None:
    """As behind a pooler, which cannot know who will serve the connection."""
    asked: list[str] = []

    def another(_: object, sql: str, params: object) -> list[tuple[int]]:
        asked.append(sql)
        return [(connection.connection.info.backend_pid + 1,)]

    monkeypatch.setattr(prepared, "_run", another)

    def use() -> list[str]:
        for _ in range(3):
            named(name="nobody")
        return kept()

    assert alone(use) == []
    assert asked == ["SELECT pg_backend_pid()"]  # once a connection


def deallocate() -> None:
    with connection.cursor() as cursor:
        cursor.execute("DEALLOCATE ALL")


def test_a_plan_that_is_gone_costs_nobody_the_answer(alone: Callable[..., object]) -> None:
    def use() -> list[str]:
        named(name="nobody"), named(name="nobody")
        deallocate()
        assert named(name="nobody") == []
        assert named(name="nobody") == []
        return kept()

    assert alone(use) == []  # and none is kept there again


def test_in_a_transaction_it_is_said_and_the_next_one_reads() -> None:
    named(name="nobody"), named(name="nobody")
    deallocate()
    with pytest.raises(OperationalError), transaction.atomic():
        named(name="nobody")
    assert named(name="nobody") == []
    prepared._sessions.pop(connection.connection)


def test_other_errors_are_not_taken_for_a_plan() -> None:
    named(name="nobody"), named(name="nobody")
    with pytest.raises(OperationalError) as refused, connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 1; SELECT pg_sleep(1)")
    assert not prepared.was_forgotten(refused.value, connection)


def test_a_lost_connection_is_looked_at_before_its_plans_are(alone: Callable[..., object]) -> None:
    """A thread of the web goes on with the connection of its last request."""

    def use() -> list[User]:
        named(name="nobody"), named(name="nobody")
        psycopg2.extensions.connection.close(connection.connection)  # a server started anew
        close_old_connections()  # a request begins
        return named(name="nobody")

    assert alone(use) == []


def test_a_database_that_is_away_is_said_to_be(alone: Callable[..., object]) -> None:
    def use() -> None:
        named(name="nobody")
        connection.close()
        away = psycopg2.OperationalError("nobody there")
        with patch.object(connection, "get_new_connection", side_effect=away):
            named(name="nobody")

    with pytest.raises(OperationalError, match="nobody there"):
        alone(use)
