"""Slots read and locked by statements written by hand are what the ORM would give."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection, models
from django.db.transaction import TransactionManagementError
from django.test.utils import CaptureQueriesContext

from crm.engine import Actor
from scheduling import locks
from scheduling.actions import SlotTaken, request_booking
from scheduling.models import Slot
from scheduling.queries import BESIDE, get_slot
from scheduling.states import SlotStatus
from tests.factories import NOW, PatientFactory, RoomFactory, SlotFactory, VisitTypeFactory

BY = Actor.system("test")
#: Read with all beside it, looked for limits, locked, judged in two; visit, slot, write to the EHR,
#: trail, events and who hears of them.
BOOKED_IN = 12


def values(row: models.Model | None) -> dict[str, Any] | None:
    if row is None:
        return None
    return {field.attname: getattr(row, field.attname) for field in row._meta.fields}


def told(slot: Slot) -> list[dict[str, Any] | None]:
    """Of the slot and of everything beside it."""
    role = slot.role
    beside = (role, role.provider, role.clinic, role.clinic.location, slot.visit_type, slot.room)
    return [values(slot), *(values(row) for row in beside)]


@pytest.mark.django_db
@pytest.mark.parametrize("has_room", [True, False])
def test_reads_a_slot_with_all_beside_it(has_room: bool) -> None:
    made = SlotFactory.create(
        room=RoomFactory.create() if has_room else None,
        also_serves=[VisitTypeFactory.create().pk],
        restriction_reason="100 % kept",
    )
    wanted = Slot.objects.select_related(*BESIDE).get(pk=made.pk)
    with CaptureQueriesContext(connection) as queries:
        read = get_slot(made.pk)
        assert told(read) == told(wanted)
    assert len(queries) == 1
    assert values(locks.lock_slot(made.pk)) == values(wanted)


@pytest.mark.django_db
def test_says_so_where_there_is_no_such_slot() -> None:
    for read in (get_slot, locks.lock_slot):
        with pytest.raises(Slot.DoesNotExist):
            read(1)


@pytest.mark.django_db(transaction=True)
def test_locks_nothing_outside_a_transaction() -> None:
    slot = SlotFactory.create()
    with pytest.raises(TransactionManagementError):
        locks.lock_slot(slot.pk)


@pytest.mark.django_db
def test_a_booking_takes_few_statements_and_coming_too_late_one() -> None:
    slot, first, late = SlotFactory.create(), PatientFactory.create(), PatientFactory.create()
    with CaptureQueriesContext(connection) as booked:
        request_booking(slot_id=slot.pk, patient=first, by=BY, at=NOW)
    said = [query["sql"] for query in booked if "SAVEPOINT" not in query["sql"]]
    assert len(said) == BOOKED_IN, "\n".join(said)
    slot.refresh_from_db()
    assert (slot.status, slot.taken) == (SlotStatus.BUSY, 1)
    with CaptureQueriesContext(connection) as refused, pytest.raises(SlotTaken):
        request_booking(slot_id=slot.pk, patient=late, by=BY, at=NOW)
    assert len(refused) == 1
