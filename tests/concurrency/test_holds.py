"""A slot kept for somebody: holds, bookings and lapses of one instant; and without the lock."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable
from typing import Any

import pytest

from crm.engine import Actor
from scheduling import locks
from scheduling.actions import (
    BookingRefused,
    hold_slot,
    lapse_hold,
    release_slot,
    request_booking,
    seats,
)
from scheduling.models import Appointment, Hold, Slot
from scheduling.states import HoldStatus, Restriction, SlotStatus
from tests.concurrency.crowd import all_at_once, of_type
from tests.factories import NOW, PatientFactory, ReleaseRuleFactory, SlotFactory

pytestmark = [pytest.mark.concurrency, pytest.mark.django_db(transaction=True)]

BY = Actor.system("test")
OVER = NOW + dt.timedelta(minutes=6)


def keep(slot: Slot, *, at: dt.datetime = NOW) -> Callable[[], Hold]:
    return lambda: hold_slot(slot_id=slot.pk, by=BY, at=at, owner="somebody")


def book(slot: Slot, *, at: dt.datetime = NOW, **fields: Any) -> Callable[[], Appointment]:
    patient = PatientFactory.create()
    return lambda: request_booking(slot_id=slot.pk, patient=patient, by=BY, at=at, **fields)


def test_one_seat_is_held_or_booked_by_one_of_sixteen() -> None:
    slot = SlotFactory.create()
    results = all_at_once(*(keep(slot) for _ in range(8)), *(book(slot) for _ in range(8)))
    assert len(of_type(results, Hold)) + len(of_type(results, Appointment)) == 1
    assert len(of_type(results, BookingRefused)) == 15


def without_the_lock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits for the slot, and two look for a seat before either takes it."""
    gate, look = threading.Barrier(2, timeout=10), seats.lowest_seat

    def look_together(slot: Slot, **taken: Any) -> int | None:
        seat = look(slot, **taken)
        gate.wait()
        return seat

    monkeypatch.setattr(locks, "lock_slot", lambda pk: Slot.objects.get(pk=pk))
    monkeypatch.setattr(seats, "lowest_seat", look_together)
    monkeypatch.setattr("scheduling.actions.booking.lowest_seat", look_together)


def test_without_the_lock_a_slot_is_held_and_booked_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The race is real: no constraint spans holds and visits, so the slot's lock is the guard."""
    slot = SlotFactory.create()
    without_the_lock(monkeypatch)
    results = all_at_once(keep(slot), book(slot))
    assert len(of_type(results, Hold)) == len(of_type(results, Appointment)) == 1


def test_without_the_lock_two_holds_of_a_seat_meet_the_constraint(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    slot = SlotFactory.create()
    without_the_lock(monkeypatch)
    results = all_at_once(keep(slot), keep(slot))
    assert len(of_type(results, Hold)) == len(of_type(results, BookingRefused)) == 1


def test_a_hold_that_is_over_lapses_once_and_goes_to_one() -> None:
    slot = SlotFactory.create()
    old = keep(slot)()
    results = all_at_once(
        lambda: lapse_hold(hold_id=old.pk, by=BY, at=OVER),
        *(keep(slot, at=OVER) for _ in range(4)),
        *(book(slot, at=OVER) for _ in range(4)),
    )
    assert len(of_type(results, Hold)) + len(of_type(results, Appointment)) == 1
    old.refresh_from_db()
    assert old.status == HoldStatus.LAPSED


def test_its_owner_books_it_once_however_often_they_press() -> None:
    slot = SlotFactory.create()
    held = keep(slot)()
    patient = PatientFactory.create()
    results = all_at_once(
        *(
            lambda: request_booking(
                slot_id=slot.pk, patient=patient, hold_id=held.pk, by=BY, at=NOW
            )
            for _ in range(6)
        )
    )
    assert len(of_type(results, Appointment)) == 1
    held.refresh_from_db()
    assert held.status == HoldStatus.USED


def test_a_slot_that_is_released_in_that_instant_goes_to_one() -> None:
    """Its release rule lifts the restriction while eight ask for it: refused before, one after."""
    role = SlotFactory.create().role
    slot = SlotFactory.create(
        role=role,
        starts_at=NOW + dt.timedelta(days=5),
        restriction=Restriction.HELD_FOR_REVIEW,
        release_rule=ReleaseRuleFactory.create(clinic=role.clinic),
        release_at=NOW,
    )
    results = all_at_once(
        lambda: release_slot(slot_id=slot.pk, by=BY, at=NOW), *(book(slot) for _ in range(8))
    )
    assert len(of_type(results, Appointment)) <= 1
    assert len(of_type(results, Appointment)) + len(of_type(results, BookingRefused)) == 8
    slot.refresh_from_db()
    assert slot.restriction == Restriction.NONE
    assert slot.status in {SlotStatus.FREE, SlotStatus.BUSY}
