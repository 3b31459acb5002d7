"""Two who make the same schedule at the same moment."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from django.db import connection

from crm.engine.models import AuditEntry
from scheduling import locks
from scheduling.actions.templates import apply_plan
from scheduling.models import Slot
from scheduling.queries import schedule_diff
from scheduling.queries.schedules import scheduled_roles
from tests.concurrency.crowd import all_at_once, of_type
from tests.factories import NOW, TEST, WeeklyPatternFactory
from tests.scheduling.schedules_cast import FIRST_ON, LAST_ON

pytestmark = [pytest.mark.concurrency, pytest.mark.django_db(transaction=True)]

ONCE = "scheduling_slot_pattern_once"


def make(role_ids: list[int]) -> Callable[[], Counter[str]]:
    return lambda: apply_plan(
        role_ids, first_on=FIRST_ON, last_on=LAST_ON, orphans=None, by=TEST, at=NOW
    )


def compare_together(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take the roles' lock away, and let both see an empty schedule before either writes."""
    gate = threading.Barrier(2, timeout=10)
    compare = schedule_diff.compare

    def wait_then_write(role_ids: Sequence[int], **said: Any) -> Any:
        found = compare(role_ids, **said)
        gate.wait()
        return found

    monkeypatch.setattr(locks, "lock_roles", lambda pks: None)
    monkeypatch.setattr(schedule_diff, "compare", wait_then_write)


def test_one_makes_the_slots_and_the_other_finds_them() -> None:
    WeeklyPatternFactory.create_batch(3)
    role_ids = scheduled_roles()
    results = all_at_once(*[make(role_ids)] * 4)
    counts = of_type(results, Counter)
    assert sorted(count["add"] for count in counts) == [0, 0, 0, 24]
    assert sorted(count["keep"] for count in counts) == [0, 24, 24, 24]
    assert Slot.objects.count() == 24
    assert AuditEntry.objects.filter(verb="scheduling.schedule.applied").count() == 3


def test_without_the_lock_the_constraint_still_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    WeeklyPatternFactory.create()
    compare_together(monkeypatch)
    results = all_at_once(*[make(scheduled_roles())] * 2)
    assert sorted(count["add"] for count in of_type(results, Counter)) == [0, 8]
    assert Slot.objects.count() == 8


def test_without_lock_and_constraint_every_slot_is_made_twice(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    WeeklyPatternFactory.create()
    compare_together(monkeypatch)
    with connection.cursor() as cursor:
        cursor.execute(f"DROP INDEX {ONCE}")
    try:
        all_at_once(*[make(scheduled_roles())] * 2)
        assert Slot.objects.count() == 16
    finally:
        Slot.objects.all().delete()
        with connection.cursor() as cursor:
            cursor.execute(
                f"CREATE UNIQUE INDEX {ONCE} ON scheduling_slot (pattern_id, starts_at)"
                " WHERE pattern_id IS NOT NULL"
            )
