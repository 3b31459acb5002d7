"""A race that the database ended is run again, with chance between; nothing else is."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import pytest
from django.db import OperationalError, connection, transaction

from crm.engine import retrying
from crm.engine.retrying import TRIES, retry_lost_races, sqlstate
from crm.models import Task
from tests.concurrency.crowd import all_at_once
from tests.factories import TaskFactory


class PgError(Exception):
    """As psycopg raises it, with the server's code."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.pgcode = code


def failing(code: str, *, times: int) -> tuple[Callable[[], str], list[int]]:
    tried: list[int] = []

    def work() -> str:
        tried.append(1)
        if len(tried) <= times:
            raise OperationalError("lost") from PgError(code)
        return "done"

    return work, tried


@pytest.fixture(autouse=True)
def without_pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    paused: list[float] = []
    monkeypatch.setattr(time, "sleep", paused.append)
    return paused


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("code", sorted(retrying.LOST_RACES))
def test_a_lost_race_is_run_again(code: str, without_pauses: list[float]) -> None:
    work, tried = failing(code, times=TRIES - 1)
    assert retry_lost_races(work) == "done"
    assert len(tried) == TRIES
    assert len(set(without_pauses)) == TRIES - 1, "chance spreads those who met"


@pytest.mark.django_db(transaction=True)
def test_one_that_is_always_lost_is_raised() -> None:
    work, tried = failing(retrying.DEADLOCK_DETECTED, times=99)
    with pytest.raises(OperationalError):
        retry_lost_races(work)
    assert len(tried) == TRIES


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("code", ["55P03", "57014", "53300", ""])
def test_other_trouble_is_the_callers_at_once(code: str) -> None:
    work, tried = failing(code, times=1)
    with pytest.raises(OperationalError):
        retry_lost_races(work)
    assert len(tried) == 1


@pytest.mark.django_db
def test_within_a_transaction_its_owner_runs_it_again() -> None:
    work, tried = failing(retrying.SERIALIZATION_FAILURE, times=1)
    with transaction.atomic(), pytest.raises(OperationalError):
        retry_lost_races(work)
    assert len(tried) == 1


@pytest.mark.concurrency
@pytest.mark.django_db(transaction=True)
class TestARealDeadlock:
    """Two who take two rows in opposite orders, in a real PostgreSQL."""

    @pytest.fixture
    def rivals(self) -> list[Callable[[], str]]:
        one, two = TaskFactory.create(), TaskFactory.create()
        gate = threading.Barrier(2, timeout=20)

        def crossing(first: Task, second: Task) -> Callable[[], str]:
            met: list[int] = []

            def work() -> str:
                with transaction.atomic():
                    Task.objects.filter(pk=first.pk).update(why="x")
                    if not met:  # only the first time: then they come one after the other
                        met.append(1)
                        gate.wait()
                    Task.objects.filter(pk=second.pk).update(why="y")
                return "done"

            return work

        return [crossing(one, two), crossing(two, one)]

    def test_both_come_through(self, rivals: list[Callable[[], str]]) -> None:
        results = all_at_once(*(lambda w=w: retry_lost_races(w) for w in rivals))
        assert results == ["done", "done"]

    def test_without_the_retry_one_is_lost(self, rivals: list[Callable[[], str]]) -> None:
        results = all_at_once(*rivals)
        [lost] = [r for r in results if isinstance(r, OperationalError)]
        assert sqlstate(lost) == retrying.DEADLOCK_DETECTED
        assert not connection.in_atomic_block
