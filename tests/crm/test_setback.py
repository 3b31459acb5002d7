"""Faults to survive, 17: the clock is set back an hour, and nothing waits for it to come again."""

from __future__ import annotations

import datetime as dt

import pytest

from crm.engine import events, publish, run_step, step, steps
from crm.engine.models import EventDelivery, Heartbeat
from crm.engine.setback import SET_BACK, beat
from tests.factories import NOW, TaskFactory

pytestmark = [pytest.mark.django_db, pytest.mark.fault(17)]

HOUR = dt.timedelta(hours=1)
SECOND = dt.timedelta(seconds=1)


@pytest.fixture
def row(monkeypatch: pytest.MonkeyPatch) -> EventDelivery:
    """A due row; the last sweep was just now."""
    heard = {"tests.handler": lambda event, at: None}
    monkeypatch.setitem(events._SUBSCRIBERS, "test.happened", heard)
    publish("test.happened", TaskFactory.create(), at=NOW)
    assert not beat(at=NOW)
    return EventDelivery.objects.get()


def due(row: EventDelivery) -> dt.datetime | None:
    row.refresh_from_db()
    return row.due_at


def test_what_was_due_is_due_now(row: EventDelivery) -> None:
    back = NOW - HOUR
    assert not run_step(events.DELIVER, row.pk, at=back), "it would have to wait for an hour"
    assert beat(at=back)
    assert due(row) == back
    assert run_step(events.DELIVER, row.pk, at=back)


def test_what_was_not_due_keeps_its_hour(row: EventDelivery) -> None:
    later = NOW + dt.timedelta(minutes=10)
    EventDelivery.objects.update(due_at=later)
    assert beat(at=NOW - HOUR)
    assert due(row) == later


def test_a_lease_ends_when_it_would_have(
    row: EventDelivery, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not at once: its worker may live, and be asking the EHR just now."""
    monkeypatch.setattr(steps, "_STEPS", dict(steps._STEPS))

    class Killed(BaseException):
        """Leaves its lease behind."""

    def die(pk: int, at: dt.datetime) -> None:
        raise Killed

    step(name="test.step", model=EventDelivery, queue="fill")(die)
    with pytest.raises(Killed):
        run_step("test.step", row.pk, at=NOW)
    back = NOW - HOUR
    assert beat(at=back)
    lease = dt.timedelta(seconds=steps.LEASE_SECONDS)
    assert due(row) == back + lease
    assert not run_step(events.DELIVER, row.pk, at=back + lease - SECOND)
    assert run_step(events.DELIVER, row.pk, at=back + lease)


def test_of_two_sweeps_one_brings_it_forward(row: EventDelivery) -> None:
    back = NOW - HOUR
    assert beat(at=back)
    assert not beat(at=back + SECOND)
    assert Heartbeat.objects.get(part="sweep").seen_at == back + SECOND


def test_two_machines_that_nearly_agree_are_no_setback(row: EventDelivery) -> None:
    assert not beat(at=NOW - SET_BACK + SECOND)
    assert due(row) == NOW
