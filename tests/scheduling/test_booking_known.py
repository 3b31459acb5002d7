"""Booking a slot that the caller had read before it was locked: what changed since counts."""

from __future__ import annotations

import pytest

from crm.engine import Actor
from crm.models import AuditEntry, Event
from scheduling.actions import BookingRefused, request_booking
from scheduling.models import Appointment, Slot
from scheduling.queries import get_slot
from tests.factories import NOW, PatientFactory, ProviderRoleFactory, RoomFactory, SlotFactory

pytestmark = pytest.mark.django_db
BY = Actor.system("test")


def test_books_the_clinician_and_room_that_the_slot_has_by_now() -> None:
    known = get_slot(SlotFactory.create(room=RoomFactory.create()).pk)
    role, room = ProviderRoleFactory.create(), RoomFactory.create()
    Slot.objects.filter(pk=known.pk).update(role=role, room=room)
    visit = request_booking(
        slot_id=known.pk, patient=PatientFactory.create(), known=known, by=BY, at=NOW
    )
    visit.refresh_from_db()
    assert (visit.role, visit.provider, visit.room) == (role, role.provider, room)
    assert visit.location == role.clinic.location


def test_a_refused_booking_leaves_no_trace() -> None:
    known = get_slot(SlotFactory.create().pk)
    Slot.objects.filter(pk=known.pk).update(status="busy")
    with pytest.raises(BookingRefused):
        request_booking(
            slot_id=known.pk, patient=PatientFactory.create(), known=known, by=BY, at=NOW
        )
    for model in (Appointment, AuditEntry, Event):
        assert not model.objects.exists()
