"""Two people, one seat. Each guard has a twin that shows the race without it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

from crm.engine import Actor
from crm.models import Patient
from scheduling import locks
from scheduling.actions import BookingRefused, booking, request_booking, seats
from scheduling.models import Appointment, Slot
from scheduling.states import SlotStatus
from tests.concurrency.crowd import all_at_once, of_type
from tests.factories import NOW, PatientFactory, SlotFactory

pytestmark = [pytest.mark.concurrency, pytest.mark.django_db(transaction=True)]

BY = Actor.system("test")
SEATS = "scheduling_no_seat_twice"


def book(slot: Slot, patient: Patient) -> Callable[[], Appointment]:
    return lambda: request_booking(slot_id=slot.pk, patient=patient, by=BY, at=NOW)


def test_one_seat_goes_to_one_of_twenty() -> None:
    slot = SlotFactory.create()
    patients = PatientFactory.create_batch(20)
    results = all_at_once(*(book(slot, patient) for patient in patients))
    assert len(of_type(results, Appointment)) == 1
    assert len(of_type(results, BookingRefused)) == 19
    slot.refresh_from_db()
    assert (slot.status, slot.taken) == (SlotStatus.BUSY, 1)


def test_three_seats_go_to_three_of_twenty_each_their_own() -> None:
    slot = SlotFactory.create(capacity=3)
    patients = PatientFactory.create_batch(20)
    results = all_at_once(*(book(slot, patient) for patient in patients))
    assert sorted(a.seat for a in of_type(results, Appointment)) == [1, 2, 3]
    assert len(of_type(results, BookingRefused)) == 17


def test_one_patient_is_not_booked_twice_at_one_time() -> None:
    patient = PatientFactory.create()
    slots = SlotFactory.create_batch(8)  # eight clinicians, one hour
    results = all_at_once(*(book(slot, patient) for slot in slots))
    assert len(of_type(results, Appointment)) == 1
    assert Slot.objects.filter(status=SlotStatus.BUSY).count() == 1


def two_readers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take the slot's lock away, and have both look for a seat before either takes it."""
    gate = threading.Barrier(2, timeout=10)
    look = seats.lowest_seat

    def look_together(slot: Slot, **taken: Any) -> int | None:
        seat = look(slot, **taken)
        gate.wait()
        return seat

    monkeypatch.setattr(locks, "lock_slot", lambda pk: Slot.objects.get(pk=pk))
    monkeypatch.setattr(booking, "lowest_seat", look_together)


def test_without_the_lock_the_constraint_still_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    slot = SlotFactory.create()
    two_readers(monkeypatch)
    results = all_at_once(*(book(slot, p) for p in PatientFactory.create_batch(2)))
    assert len(of_type(results, Appointment)) == 1
    assert len(of_type(results, BookingRefused)) == 1


def test_without_lock_and_constraint_the_seat_is_sold_twice(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The race is real: what the two tests above show is the guards at work."""
    slot = SlotFactory.create(capacity=2)
    Slot.objects.filter(pk=slot.pk).update(taken=0)
    two_readers(monkeypatch)
    constraint = next(c for c in Appointment._meta.constraints if c.name == SEATS)
    with connection.schema_editor() as editor:
        editor.remove_constraint(Appointment, constraint)
    try:
        results = all_at_once(*(book(slot, p) for p in PatientFactory.create_batch(2)))
        assert [a.seat for a in of_type(results, Appointment)] == [1, 1]
    finally:
        Appointment.objects.all().delete()
        with connection.schema_editor() as editor:
            editor.add_constraint(Appointment, constraint)
