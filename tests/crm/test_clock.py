"""One clock: the database's, whatever this machine's says."""

from __future__ import annotations

import datetime as dt
import time
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.db import OperationalError, connection
from django.utils import timezone

from crm import clock

pytestmark = pytest.mark.django_db

FIVE_MINUTES = dt.timedelta(minutes=5)


@pytest.fixture(autouse=True)
def follows_the_database(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings.FIRSTCALL, "clock_source", "database")
    monkeypatch.setattr(clock, "_reading", None)
    monkeypatch.setattr(clock, "_silent_until", 0.0)
    # On a machine that tests keep busy an answer may take long, and is still worth something.
    monkeypatch.setattr(clock, "TOLERANCE", dt.timedelta(seconds=10))


def database_time() -> dt.datetime:
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        told: dt.datetime = cursor.fetchone()[0]
    return told


@pytest.mark.fault(15)
@pytest.mark.parametrize("wrong", [FIVE_MINUTES, -FIVE_MINUTES, dt.timedelta(days=400)])
def test_a_wrong_clock_is_put_right(wrong: dt.timedelta) -> None:
    with time_machine.travel(timezone.now() + wrong, tick=True):
        before, now, after = database_time(), clock.now(), database_time()
    assert before - clock.TOLERANCE <= now <= after + clock.TOLERANCE


def test_clocks_that_nearly_agree_are_one_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """A correction by a measurement's error would lose rings between processes of a machine."""
    nearly = clock.Reading(dt.timedelta(milliseconds=200), time.monotonic(), time.time())
    monkeypatch.setattr(clock, "_reading", nearly)
    assert clock.offset() == dt.timedelta(0)


@pytest.mark.fault(17)
def test_it_is_measured_again_when_the_machines_clock_is_set_back() -> None:
    assert clock.offset() == dt.timedelta(0)
    with time_machine.travel(timezone.now() - dt.timedelta(hours=1), tick=True):
        assert abs(clock.offset() - dt.timedelta(hours=1)) < FIVE_MINUTES
    assert clock.offset() == dt.timedelta(0)


def test_it_is_measured_again_after_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    long_ago = time.monotonic() - clock.MEASURE_EVERY - 1
    stale = clock.Reading(FIVE_MINUTES, long_ago, time.time() - clock.MEASURE_EVERY - 1)
    monkeypatch.setattr(clock, "_reading", stale)
    assert clock.offset() == dt.timedelta(0)


def test_while_the_database_is_away_the_last_measurement_holds(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[int] = []

    def away() -> Any:
        asked.append(1)
        raise OperationalError("connection refused")

    stale = clock.Reading(FIVE_MINUTES, time.monotonic() - 1000, time.time() - 1000)
    monkeypatch.setattr(clock, "_reading", stale)
    monkeypatch.setattr(clock, "_measure", away)
    assert [clock.offset(), clock.offset()] == [FIVE_MINUTES, FIVE_MINUTES]
    assert asked == [1], "nobody asks again for a while"


@pytest.mark.parametrize(("took", "believed"), [(20.0, True), (100.0, False)])
def test_an_answer_that_took_long_tells_of_large_differences_only(
    monkeypatch: pytest.MonkeyPatch, took: float, believed: bool
) -> None:
    slow = clock.Reading(FIVE_MINUTES, time.monotonic(), time.time())
    monkeypatch.setattr(clock, "_ask_once", lambda: (took, slow))
    assert clock.offset() == (FIVE_MINUTES if believed else dt.timedelta(0))
