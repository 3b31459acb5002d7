"""The engine: moves, audit, events, steps, doorbell, sweep."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import Error, connection, transaction

from crm import clock
from crm.engine import (
    Actor,
    IllegalMove,
    MovedMeanwhile,
    doorbell,
    events,
    insert_or_none,
    move,
    publish,
    run_step,
    step,
    steps,
    tasks,
    wake,
)
from crm.models import AuditEntry, Event, EventDelivery, Heartbeat, Task
from crm.states import TaskStatus
from tests.factories import NOW, ConsentEntryFactory, TaskFactory

pytestmark = pytest.mark.django_db

BY = Actor.system("test")


# --- move --------------------------------------------------------------------------


def test_move_changes_the_row_and_writes_who_did_it() -> None:
    task = TaskFactory.create()
    move(task, to=TaskStatus.DONE, by=BY, at=NOW, reason="answered", closed_at=NOW)
    task.refresh_from_db()
    assert (task.status, task.closed_at) == (TaskStatus.DONE, NOW)
    entry = AuditEntry.objects.get(subject_type="crm.task", subject_id=task.pk)
    assert (entry.from_status, entry.to_status) == (TaskStatus.OPEN, TaskStatus.DONE)
    assert (entry.actor_label, entry.reason, entry.patient_id) == (
        "test",
        "answered",
        task.patient_id,
    )


def test_move_refuses_what_the_table_does_not_have() -> None:
    task = TaskFactory.create(status=TaskStatus.DONE)
    with pytest.raises(IllegalMove):
        move(task, to=TaskStatus.CANCELLED, by=BY, at=NOW)
    task.refresh_from_db()
    assert task.status == TaskStatus.DONE


def test_move_loses_to_whoever_was_faster_and_writes_nothing() -> None:
    task = TaskFactory.create()
    stale = Task.objects.get(pk=task.pk)
    move(task, to=TaskStatus.DONE, by=BY, at=NOW)
    before = AuditEntry.objects.count()
    with pytest.raises(MovedMeanwhile):
        move(stale, to=TaskStatus.CANCELLED, by=BY, at=NOW)
    assert AuditEntry.objects.count() == before
    assert Task.objects.get(pk=task.pk).status == TaskStatus.DONE


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE crm_auditentry SET reason = 'x'",
        "DELETE FROM crm_auditentry",
        "UPDATE crm_consententry SET decision = 'granted'",
        "DELETE FROM crm_consententry",
    ],
)
def test_audit_and_consent_cannot_be_changed(statement: str) -> None:
    ConsentEntryFactory.create()
    move(TaskFactory.create(), to=TaskStatus.DONE, by=BY, at=NOW)
    with (
        pytest.raises(Error, match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)


def test_insert_or_none_tells_which_row_was_not_inserted() -> None:
    first = TaskFactory.build(cause_key="one", patient=None, journey=None, owner=None)
    again = TaskFactory.build(cause_key="one", patient=None, journey=None, owner=None)
    assert insert_or_none(first) is first
    assert first.pk
    assert insert_or_none(again) is None
    assert Task.objects.filter(cause_key="one").count() == 1


# --- events ------------------------------------------------------------------------


def heard_by(monkeypatch: pytest.MonkeyPatch, handler: events.Subscriber) -> None:
    monkeypatch.setitem(events._SUBSCRIBERS, "test.happened", {"tests.handler": handler})


def test_an_event_reaches_its_subscriber_once_and_its_delivery_goes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    heard: list[int] = []
    heard_by(monkeypatch, lambda event, at: heard.append(event.subject_id))
    task = TaskFactory.create()
    publish("test.happened", task, at=NOW, why="short-code")
    delivery = EventDelivery.objects.get()
    assert run_step(events.DELIVER, delivery.pk, at=NOW)
    assert not run_step(events.DELIVER, delivery.pk, at=NOW)
    assert heard == [task.pk]
    assert not EventDelivery.objects.exists()
    assert Event.objects.get().payload == {"why": "short-code"}


def test_a_subscriber_that_fails_is_rolled_back_and_tried_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    task = TaskFactory.create()
    broken = [True]

    def handler(event: Event, at: dt.datetime) -> None:
        move(Task.objects.get(pk=task.pk), to=TaskStatus.DONE, by=BY, at=at)
        if broken:
            raise RuntimeError("a passing fault")

    heard_by(monkeypatch, handler)
    publish("test.happened", task, at=NOW)
    delivery = EventDelivery.objects.get()
    run_step(events.DELIVER, delivery.pk, at=NOW)
    delivery.refresh_from_db()
    assert delivery.last_error == "RuntimeError: a passing fault"
    assert delivery.due_at == NOW + steps.backoff(1)
    assert Task.objects.get(pk=task.pk).status == TaskStatus.OPEN
    broken.clear()
    run_step(events.DELIVER, delivery.pk, at=delivery.due_at)
    assert Task.objects.get(pk=task.pk).status == TaskStatus.DONE


# --- steps -------------------------------------------------------------------------


@pytest.fixture
def due(monkeypatch: pytest.MonkeyPatch) -> EventDelivery:
    """A due row, with a step of its own that tests replace."""
    heard_by(monkeypatch, lambda event, at: None)
    monkeypatch.setattr(steps, "_STEPS", dict(steps._STEPS))
    publish("test.happened", TaskFactory.create(), at=NOW)
    return EventDelivery.objects.get()


def run_with(row: EventDelivery, function: steps.StepFunction, at: dt.datetime = NOW) -> bool:
    step(name="test.step", model=EventDelivery, queue="fill", lease_seconds=60)(function)
    return run_step("test.step", row.pk, at=at)


def test_a_row_is_leased_while_its_step_runs(due: EventDelivery) -> None:
    def look(pk: int, at: dt.datetime) -> None:
        row = EventDelivery.objects.get(pk=pk)
        assert row.due_at == NOW + dt.timedelta(seconds=60)
        assert not run_step("test.step", pk, at=at)

    assert run_with(due, look)
    due.refresh_from_db()
    assert (due.due_at, due.attempts) == (None, 0)


def test_a_step_that_died_is_found_when_its_lease_ends(due: EventDelivery) -> None:
    class Killed(BaseException):
        """As `kill -9` does, leaves no time to write anything."""

    def die(pk: int, at: dt.datetime) -> None:
        raise Killed

    with pytest.raises(Killed):
        run_with(due, die)
    assert not run_with(due, lambda pk, at: None, at=NOW + dt.timedelta(seconds=59))
    assert run_with(due, lambda pk, at: None, at=NOW + dt.timedelta(seconds=60))


def test_a_wake_up_during_the_run_is_not_lost(due: EventDelivery) -> None:
    def woken(pk: int, at: dt.datetime) -> None:
        wake(EventDelivery.objects.get(pk=pk), "test.step", at=NOW)

    run_with(due, woken)
    due.refresh_from_db()
    assert due.due_at == NOW


def test_what_the_step_returns_is_when_it_runs_next(due: EventDelivery) -> None:
    later = NOW + dt.timedelta(hours=3)
    run_with(due, lambda pk, at: later)
    due.refresh_from_db()
    assert due.due_at == later


def test_a_poison_row_waits_longer_and_longer_and_then_an_hour(due: EventDelivery) -> None:
    def fail(pk: int, at: dt.datetime) -> None:
        raise ValueError("always")

    at, waits = NOW, []
    for _ in range(steps.PATIENCE + 1):
        run_with(due, fail, at=at)
        due.refresh_from_db()
        assert due.due_at is not None
        waits.append(due.due_at - at)
        at = due.due_at
    assert waits == sorted(waits)
    assert waits[0] == dt.timedelta(seconds=2)
    assert waits[-1] == steps.POISON_PAUSE


# --- doorbell and sweep ------------------------------------------------------------


@pytest.fixture
def rung(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int]]:
    """What was put on the broker."""
    heard: list[tuple[str, int]] = []
    monkeypatch.setattr(
        tasks.run, "apply_async", lambda args, **options: heard.append(args), raising=True
    )
    return heard


def test_the_sweep_rings_for_whatever_is_due_and_leaves_its_heartbeat(
    due: EventDelivery, rung: list[tuple[str, int]]
) -> None:
    tasks.sweep()
    assert (events.DELIVER, due.pk) in rung
    assert Heartbeat.objects.filter(part="sweep").exists()


def test_sweeps_that_piled_up_while_no_worker_ran_ring_once(
    due: EventDelivery, rung: list[tuple[str, int]]
) -> None:
    for _ in range(5):
        tasks.sweep()
    assert rung.count((events.DELIVER, due.pk)) == 1


def test_a_ring_from_before_an_outage_is_left_to_the_sweep(due: EventDelivery) -> None:
    now = clock.now().timestamp()
    tasks.run(events.DELIVER, due.pk, rung_at=now - doorbell.STALE - 1)
    assert EventDelivery.objects.filter(pk=due.pk).exists()
    tasks.run(events.DELIVER, due.pk, rung_at=now)
    assert not EventDelivery.objects.filter(pk=due.pk).exists()


def test_a_broker_that_is_down_is_left_alone_for_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[int] = []

    def refuse(*args: object, **options: object) -> None:
        tried.append(1)
        raise ConnectionError("refused")

    monkeypatch.setattr(tasks.run, "apply_async", refuse)
    monkeypatch.setattr(doorbell, "_silent_until", 0.0)
    assert not doorbell.ring_now(events.DELIVER, 1)
    assert not doorbell.ring_now(events.DELIVER, 2)
    assert len(tried) == 1


@pytest.mark.django_db(transaction=True)
def test_a_ring_comes_after_the_commit_and_not_after_a_rollback(
    rung: list[tuple[str, int]],
) -> None:
    with transaction.atomic():
        doorbell.ring("crm.deliver", 1)
        transaction.set_rollback(True)
    assert rung == []
    with transaction.atomic():
        doorbell.ring("crm.deliver", 2)
        assert rung == []
    assert rung == [("crm.deliver", 2)]
