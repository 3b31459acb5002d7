"""Two plans, one scanner; a plan against a plain visit. With the guard, and without."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

from scheduling import locks
from scheduling.actions import BookingRefused, plans, request_booking
from scheduling.actions.plans import Choice
from scheduling.models import Appointment, AppointmentResource, Plan, Slot, Taken
from scheduling.queries.plan_resources import free_things
from tests.concurrency.crowd import all_at_once, of_type
from tests.factories import NOW, PatientFactory
from tests.scheduling.plan_world import BY, PlanWorld, a_plan_world

pytestmark = [pytest.mark.concurrency, pytest.mark.django_db(transaction=True)]


def rivals(world: PlanWorld, number: int) -> list[Callable[[], Any]]:
    """Plans that share nothing but the second surgeon and the scanner."""
    consult, *procedures, check = world.fill(procedures=number)
    jobs: list[Callable[[], Any]] = []
    for procedure in procedures:
        if procedure.role_id != world.surgeon.pk:
            consult = world.slot(world.consult, 0, role=procedure.role)
            check = world.slot(world.check, 25, role=procedure.role)
        jobs.append(booking_of(world, world.choice(consult, procedure, check)))
    return jobs


def booking_of(world: PlanWorld, choice: tuple[Choice, ...]) -> Callable[[], Plan]:
    patient = PatientFactory.create()
    return lambda: world.book(choice, patient=patient)


def the_plain_one(world: PlanWorld) -> Callable[[], Appointment]:
    slot, patient = Slot.objects.get(role=world.second), PatientFactory.create()
    return lambda: request_booking(slot_id=slot.pk, patient=patient, by=BY, at=NOW)


def test_a_scanner_goes_to_one_plan_and_the_others_book_nothing() -> None:
    world = a_plan_world()
    results = all_at_once(*rivals(world, 5))
    assert len(of_type(results, Plan)) == 1
    assert len(of_type(results, BookingRefused)) == 4
    assert Appointment.objects.count() == 3


def test_a_second_surgeon_is_not_also_booked_alone() -> None:
    """Both ways are kept by one table, whatever each has looked at."""
    world = a_plan_world()
    jobs = rivals(world, 2)
    results = all_at_once(*jobs, the_plain_one(world))
    won = [*of_type(results, Plan), *of_type(results, Appointment)]
    assert len(won) == 1
    assert len(of_type(results, BookingRefused)) == 2


def look_together(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take the lock by name away, and have both see the scanner free before either takes it."""
    gate = threading.Barrier(2, timeout=10)

    def look(*args: Any, **kwargs: Any) -> Any:
        found = free_things(*args, **kwargs)
        gate.wait()
        return found

    monkeypatch.setattr(locks, "lock_names", lambda *_: None)
    monkeypatch.setattr(plans, "free_things", look)


def test_without_the_lock_the_constraints_still_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    world = a_plan_world()
    jobs = rivals(world, 2)
    look_together(monkeypatch)
    results = all_at_once(*jobs)
    assert len(of_type(results, Plan)) == 1
    assert len(of_type(results, BookingRefused)) == 1


def test_without_lock_and_constraints_the_scanner_is_taken_twice(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The race is real: what the tests above show is the guards at work."""
    world = a_plan_world()
    jobs = rivals(world, 2)
    look_together(monkeypatch)
    kept = [c for c in Taken._meta.constraints if c.name.startswith("scheduling_taken_")]
    with connection.schema_editor() as editor:
        for constraint in kept:
            editor.remove_constraint(Taken, constraint)
    try:
        results = all_at_once(*jobs)
        assert len(of_type(results, Plan)) == 2
        assert AppointmentResource.objects.filter(room=world.scanner).count() == 2
    finally:
        Plan.objects.all().delete()
        Appointment.objects.all().delete()
        with connection.schema_editor() as editor:
            for constraint in kept:
                editor.add_constraint(Taken, constraint)
