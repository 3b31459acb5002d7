"""Moves, cancels, check-ins and no-shows of one instant, each with its race without the guard."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from crm.engine import Actor
from scheduling import locks
from scheduling.actions import (
    CannotMove,
    NotNow,
    cancel_appointment,
    check_in,
    give_up_later_visit,
    mark_no_show,
    moving,
    reschedule_appointment,
    take_back_move,
)
from scheduling.models import Appointment, EhrWrite
from scheduling.states import LIVE, AppointmentStatus, CancelReason, EhrOperation
from tests.concurrency.crowd import all_at_once, of_type
from tests.factories import NOW, AppointmentFactory, SlotFactory, VisitTypeFactory

pytestmark = [pytest.mark.concurrency, pytest.mark.django_db(transaction=True)]

BY = Actor.system("test")


def booked(**fields: Any) -> Appointment:
    known: dict[str, Any] = {
        "starts_at": NOW + dt.timedelta(days=3),
        "visit_type": VisitTypeFactory.create(),
    }
    visit: Appointment = AppointmentFactory.create(**known | fields)
    return visit


def move_away(visit: Appointment, number: int) -> Callable[[], Appointment]:
    slot = SlotFactory.create(
        visit_type=visit.visit_type, starts_at=NOW + dt.timedelta(days=5 + number)
    )
    return lambda: reschedule_appointment(appointment_id=visit.pk, slot_id=slot.pk, by=BY, at=NOW)


def test_one_visit_is_moved_to_one_of_eight_times() -> None:
    visit = booked()
    results = all_at_once(*(move_away(visit, n) for n in range(8)))
    assert len(of_type(results, Appointment)) == 1, results
    assert len(of_type(results, CannotMove)) == 7


def test_without_the_visits_lock_it_is_moved_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    """The race is real: both see that nothing moves it yet."""
    visit, gate = booked(), threading.Barrier(2, timeout=10)
    check = moving._check_can_move

    def check_together(old: Appointment) -> None:
        check(old)
        gate.wait()

    monkeypatch.setattr(locks, "lock_appointment", lambda pk: Appointment.objects.get(pk=pk))
    monkeypatch.setattr(moving, "_check_can_move", check_together)
    results = all_at_once(*(move_away(visit, n) for n in range(2)))
    assert len(of_type(results, Appointment)) == 2, results


def test_given_up_and_taken_back_at_once_one_visit_stands() -> None:
    """Whichever is first: a person takes the move back while the step gives the old visit up."""
    for n in range(6):
        old = booked(source_id=f"old-{n}")
        new = move_away(old, n)()
        Appointment.objects.filter(pk=new.pk).update(status=AppointmentStatus.BOOKED)
        results = all_at_once(
            partial(take_back_move, appointment_id=new.pk, by=BY, at=NOW),
            partial(give_up_later_visit, appointment_id=new.pk, by=BY, at=NOW),
        )
        stand = Appointment.objects.filter(patient=old.patient, status__in=LIVE)
        assert stand.count() == 1, results


def test_cancelled_by_many_at_once_it_is_cancelled_once() -> None:
    visit = booked()
    reasons = (CancelReason.SICK, CancelReason.CLINICIAN_AWAY)
    results = all_at_once(
        *(
            partial(cancel_appointment, appointment_id=visit.pk, code=code, by=BY, at=NOW)
            for code in reasons * 4
        )
    )
    assert len(of_type(results, Appointment)) == 8
    writes = EhrWrite.objects.filter(appointment=visit, operation=EhrOperation.CANCEL)
    assert writes.count() == 1
    visit.refresh_from_db()
    assert CancelReason(visit.cancel_code).who == visit.cancelled_by


def on_the_day(visit: Appointment) -> tuple[Callable[[], Appointment], ...]:
    at = visit.starts_at + dt.timedelta(minutes=5)
    pk = visit.pk
    return (
        lambda: check_in(appointment_id=pk, by=BY, at=at),
        lambda: mark_no_show(appointment_id=pk, by=BY, at=at),
        lambda: cancel_appointment(appointment_id=pk, code=CancelReason.SICK, by=BY, at=at),
    )


def test_checked_in_missed_and_cancelled_at_once_the_writes_say_how_it_ended() -> None:
    visit = booked()
    results = all_at_once(*(act for act in on_the_day(visit) for _ in range(3)))
    assert not [one for one in results if not isinstance(one, (Appointment, NotNow))], results
    visit.refresh_from_db()
    wanted = {
        AppointmentStatus.ARRIVED: EhrOperation.ARRIVE,
        AppointmentStatus.NO_SHOW: EhrOperation.NO_SHOW,
        AppointmentStatus.CANCELLED: EhrOperation.CANCEL,
    }
    last = EhrWrite.objects.filter(appointment=visit).order_by("pk").last()
    assert last is not None
    assert last.operation == wanted[AppointmentStatus(visit.status)]


def test_without_the_visits_lock_somebody_falls_over(monkeypatch: pytest.MonkeyPatch) -> None:
    """The compare-and-set still lets only one through; the lock turns the rest into an answer."""
    visit, gate = booked(), threading.Barrier(2, timeout=10)

    def read_together(pk: int) -> Appointment:
        found = Appointment.objects.get(pk=pk)
        gate.wait()
        return found

    monkeypatch.setattr(locks, "lock_appointment", read_together)
    results = all_at_once(*on_the_day(visit)[:2])
    fallen = [one for one in results if not isinstance(one, (Appointment, NotNow))]
    assert [type(one).__name__ for one in fallen] == ["MovedMeanwhile"]
