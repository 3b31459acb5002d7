"""A cap of a clinician's day, under bookings of one instant. Its guard has a twin without it."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable
from typing import Any

import pytest

from crm.engine import Actor
from scheduling import locks, queries
from scheduling.actions import BookingRefused, request_booking
from scheduling.models import Appointment, Slot
from scheduling.queries.beside import Beside
from scheduling.rules import Hidden, HiddenBy
from scheduling.states import RuleKind
from tests.concurrency.crowd import all_at_once, of_type
from tests.factories import NOW, PatientFactory, ProviderRuleFactory, SlotFactory

pytestmark = [pytest.mark.concurrency, pytest.mark.django_db(transaction=True)]
BY = Actor.system("test")


def slots_under_a_cap(many: int, *, cap: int) -> list[Slot]:
    """Slots of one clinician's day, one after the other, of which so many may be booked."""
    first = SlotFactory.create(starts_at=NOW + dt.timedelta(days=2))
    half_hour = dt.timedelta(minutes=30)
    others = [
        SlotFactory.create(
            role=first.role, visit_type=first.visit_type, starts_at=first.starts_at + n * half_hour
        )
        for n in range(1, many)
    ]
    ProviderRuleFactory.create(
        role=first.role, accepts_new=True, kind=RuleKind.DAILY_CAP, number=cap
    )
    return [first, *others]


def book(slot: Slot) -> Callable[[], Appointment]:
    patient = PatientFactory.create()
    return lambda: request_booking(slot_id=slot.pk, patient=patient, by=BY, at=NOW)


def test_a_cap_of_three_lets_three_of_ten_in() -> None:
    results = all_at_once(*(book(slot) for slot in slots_under_a_cap(10, cap=3)))
    assert len(of_type(results, Appointment)) == 3
    refused = of_type(results, BookingRefused)
    assert {one.rule for one in refused} == {HiddenBy.DAILY_CAP}
    assert len(refused) == 7


def test_without_the_lock_two_pass_a_cap_of_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """The race is real: both have counted before either is written."""
    gate = threading.Barrier(2, timeout=10)
    judge = queries.judge_to_book

    def judge_together(slot: Slot, **how: Any) -> tuple[tuple[Hidden, ...], Beside]:
        judged = judge(slot, **how)
        gate.wait()
        return judged

    monkeypatch.setattr(locks, "lock_names", lambda *names: None)
    monkeypatch.setattr(queries, "judge_to_book", judge_together)
    results = all_at_once(*(book(slot) for slot in slots_under_a_cap(2, cap=1)))
    assert len(of_type(results, Appointment)) == 2
