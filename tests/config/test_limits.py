"""Faults to survive, 32: how long a session may take, by what its process is for."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

import psycopg2
import pytest
from django.db import OperationalError, connection, connections, transaction

from config.env import Env, get_env, parse_database_url
from config.limits import limited, session
from crm.engine import events, publish, run_step
from crm.engine.models import EventDelivery
from crm.engine.retrying import sqlstate
from crm.models import Task
from tests.factories import NOW, TaskFactory
from tests.faults.processes import own_database_url

QUERY_CANCELED, LOCK_NOT_AVAILABLE = "57014", "55P03"


def of(role: str, **changed: Any) -> Env:
    return get_env().model_copy(update={"database_role": role, **changed})


def test_commands_and_migrations_have_no_limits() -> None:
    assert session(of("command")) == {}
    assert options_of("postgres://a@h/d", of("command"))["options"] == "-c jit=off"


def test_pages_are_let_go_sooner_than_work() -> None:
    web, worker = session(of("web")), session(of("worker"))
    assert web["statement_timeout"] < worker["statement_timeout"]
    assert web["lock_timeout"] == worker["lock_timeout"] == 4000


def test_a_worker_gives_up_before_its_lease_ends() -> None:
    from crm.engine.steps import LEASE_SECONDS

    assert max(session(of("worker")).values()) < LEASE_SECONDS * 1000


def options_of(url: str, env: Env) -> dict[str, Any]:
    found: Any = limited(parse_database_url(url), env)["OPTIONS"]
    return dict(found)


def test_what_the_address_says_wins() -> None:
    url = "postgres://a@h/d?connect_timeout=2&options=-c%20lock_timeout%3D9s"
    options = options_of(url, of("web"))
    assert options["connect_timeout"] == "2"
    assert "lock_timeout=4000" not in options["options"]
    assert "-c lock_timeout=9s" in options["options"]
    assert "-c statement_timeout=8000" in options["options"]


@contextmanager
def limited_sessions(**seconds: float) -> Iterator[None]:
    """This process's connection, with a role's limits, for a while."""
    shared = dict(connection.settings_dict)
    connection.close()
    connection.settings_dict.update(
        {"OPTIONS": options_of(own_database_url(), of("worker", **seconds))}
    )
    try:
        yield
    finally:
        connections["default"].close()
        connection.settings_dict.update(shared)


@pytest.mark.fault(32)
@pytest.mark.django_db(transaction=True)
class TestWithRealSessions:
    def test_a_statement_that_takes_too_long_is_ended(self) -> None:
        with limited_sessions(worker_statement_seconds=0.2):
            with pytest.raises(OperationalError) as ended, connection.cursor() as cursor:
                cursor.execute("SELECT pg_sleep(30)")
            assert sqlstate(ended.value) == QUERY_CANCELED

    def test_a_step_before_a_lock_comes_back_later_and_hangs_nowhere(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        task = TaskFactory.create()

        def handler(event: object, at: dt.datetime) -> None:
            Task.objects.filter(pk=task.pk).update(why="heard")

        monkeypatch.setitem(events._SUBSCRIBERS, "test.happened", {"tests.handler": handler})
        publish("test.happened", task, at=NOW)
        delivery = EventDelivery.objects.get()
        with (
            closing(psycopg2.connect(own_database_url())) as other,
            other.cursor() as cursor,
            limited_sessions(lock_wait_seconds=0.2),
        ):
            cursor.execute("SELECT 1 FROM crm_task FOR UPDATE")
            assert run_step(events.DELIVER, delivery.pk, at=NOW)
            delivery.refresh_from_db()
            assert delivery.last_error.startswith("OperationalError")
            assert delivery.due_at == NOW + dt.timedelta(seconds=2)
            other.rollback()
            assert run_step(events.DELIVER, delivery.pk, at=delivery.due_at)
        assert Task.objects.get(pk=task.pk).why == "heard"

    def test_a_session_that_sleeps_in_a_transaction_lets_its_locks_go(self) -> None:
        task = TaskFactory.create()
        with limited_sessions(idle_transaction_seconds=0.2), pytest.raises(OperationalError):
            fall_asleep_in_a_transaction(task)
        assert Task.objects.get(pk=task.pk).why == "awake"


def fall_asleep_in_a_transaction(task: Task) -> None:
    with transaction.atomic():
        Task.objects.filter(pk=task.pk).update(why="asleep")
        with closing(psycopg2.connect(own_database_url())) as other:
            with other.cursor() as cursor:  # waits until the sleeper has been ended
                cursor.execute("UPDATE crm_task SET why = 'awake'")
            other.commit()
        Task.objects.filter(pk=task.pk).update(why="still asleep")
