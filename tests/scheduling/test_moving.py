"""Moving a visit: booked first, given up after; half-way it can be finished or taken back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import pytest
from django.db import transaction

from crm.models import AuditEntry
from scheduling.actions import (
    BookingRefused,
    CannotMove,
    CannotTakeBack,
    MoveSettled,
    cancelled_by_hand,
    finish_move,
    request_booking,
    reschedule_appointment,
    take_back_move,
)
from scheduling.models import Appointment, EhrWrite, Slot
from scheduling.queries.moves import find_move, half_done_moves
from scheduling.rules.moving import MoveStage
from scheduling.states import (
    AppointmentStatus,
    CancelledBy,
    CancelReason,
    EhrOperation,
    EhrWriteStatus,
    SlotStatus,
)
from tests.factories import PatientFactory, ServiceRequestFactory, VisitTypeFactory
from tests.faults.dying import Deathbed, Died
from tests.scheduling.day import BY, free_slot, standing, status_of
from tests.waitlist.scene import Scene

pytestmark = pytest.mark.django_db


def move_to(scene: Scene, slot: Slot, **fields: object) -> Appointment:
    said: dict[str, object] = {"appointment_id": scene.visit.pk, "slot_id": slot.pk}
    return reschedule_appointment(**said | {"by": BY, "at": scene.at} | fields)  # type: ignore[arg-type]


def stage(new: Appointment) -> MoveStage:
    found = find_move(new.pk)
    assert found is not None
    return found.stage


@pytest.mark.parametrize("days", [-2, 7])
def test_books_first_and_gives_up_after_earlier_or_later_with_any_clinician(
    scene: Scene, days: int
) -> None:
    slot = free_slot(scene, days=days)
    order = ServiceRequestFactory.create(
        appointment=scene.visit, patient=scene.visit.patient, visit_type=scene.visit_type
    )
    new = move_to(scene, slot)
    assert stage(new) is MoveStage.ASKED
    assert len(standing(scene)[0]) == 2
    assert standing(scene)[1] == [scene.slot.source_id]

    scene.settle()
    scene.settle(minutes=2)
    assert stage(new) is MoveStage.DONE
    assert standing(scene) == ([slot.pk], [slot.source_id])
    scene.visit.refresh_from_db()
    assert (scene.visit.cancel_code, scene.visit.cancelled_by) == (
        CancelReason.OTHER_TIME,
        CancelledBy.PATIENT,
    )
    order.refresh_from_db()
    assert order.appointment_id == new.pk
    assert AuditEntry.objects.filter(verb="scheduling.appointment.move-asked").count() == 1


def test_a_new_visit_that_the_ehr_refuses_leaves_the_old_one_as_it_was(scene: Scene) -> None:
    slot = free_slot(scene)
    scene.ehr.take_slot(slot.source_id)
    new = move_to(scene, slot)
    scene.settle()
    assert stage(new) is MoveStage.NOT_MOVED
    assert standing(scene) == ([scene.slot.pk], [scene.slot.source_id])


def test_a_visit_is_moved_once_at_a_time_and_not_when_it_is_over(scene: Scene) -> None:
    move_to(scene, free_slot(scene))
    with pytest.raises(CannotMove, match="being moved already"):
        move_to(scene, free_slot(scene, days=9))
    scene.settle()
    with pytest.raises(CannotMove, match="cancelled already"):
        move_to(scene, free_slot(scene, days=9))


def test_a_slot_that_does_not_serve_the_visit_is_refused(scene: Scene) -> None:
    slot = free_slot(scene)
    Slot.objects.filter(pk=slot.pk).update(visit_type=VisitTypeFactory.create())
    with pytest.raises(BookingRefused):
        move_to(scene, slot)


def half_done(scene: Scene, slot: Slot) -> Appointment:
    """The new visit is booked; the EHR would not cancel the old one."""
    new = move_to(scene, slot)
    scene.ehr.set_status(scene.visit.source_id, AppointmentStatus.FULFILLED)
    scene.settle()
    scene.settle(minutes=2)
    assert stage(new) is MoveStage.OLD_LEFT
    scene.ehr.set_status(scene.visit.source_id, AppointmentStatus.BOOKED)
    return new


def test_half_done_it_is_shown_and_can_be_finished(scene: Scene) -> None:
    slot = free_slot(scene)
    new = half_done(scene, slot)
    assert [found.new.pk for found in half_done_moves(at=scene.at)] == [new.pk]
    finish_move(appointment_id=new.pk, by=BY, at=scene.at)
    scene.settle()
    assert stage(new) is MoveStage.DONE
    assert standing(scene) == ([slot.pk], [slot.source_id])
    assert half_done_moves(at=scene.at) == []
    with pytest.raises(MoveSettled):
        finish_move(appointment_id=new.pk, by=BY, at=scene.at)


def test_half_done_it_can_be_taken_back(scene: Scene) -> None:
    slot = free_slot(scene)
    new = half_done(scene, slot)
    take_back_move(appointment_id=new.pk, by=BY, at=scene.at)
    scene.settle()
    scene.settle(minutes=2)
    assert standing(scene) == ([scene.slot.pk], [scene.slot.source_id])
    assert stage(new) is MoveStage.NOT_MOVED
    assert (status_of(scene.slot), status_of(slot)) == (SlotStatus.BUSY, SlotStatus.FREE)


def test_half_done_a_person_can_say_that_they_cancelled_it(scene: Scene) -> None:
    new = half_done(scene, free_slot(scene))
    scene.ehr.set_status(scene.visit.source_id, AppointmentStatus.CANCELLED)
    cancelled_by_hand(appointment_id=scene.visit.pk, by=BY, at=scene.at)
    scene.settle()
    assert stage(new) is MoveStage.DONE
    assert status_of(scene.slot) is SlotStatus.FREE


def test_asked_only_it_can_be_taken_back(scene: Scene) -> None:
    slot = free_slot(scene)
    new = move_to(scene, slot)
    take_back_move(appointment_id=new.pk, by=BY, at=scene.at)
    scene.settle()
    scene.settle(minutes=2)
    assert standing(scene) == ([scene.slot.pk], [scene.slot.source_id])


def test_done_it_cannot_be_taken_back_only_moved_again(scene: Scene) -> None:
    new = move_to(scene, free_slot(scene))
    scene.settle()
    scene.settle(minutes=2)
    with pytest.raises(CannotTakeBack, match="cancelled in the EHR"):
        take_back_move(appointment_id=new.pk, by=BY, at=scene.at)
    new.refresh_from_db()
    assert new.status == AppointmentStatus.BOOKED


def test_it_is_not_taken_back_onto_somebody_else(scene: Scene) -> None:
    new = half_done(scene, free_slot(scene))
    stranger = PatientFactory.create()
    Slot.objects.filter(pk=scene.slot.pk).update(status=SlotStatus.FREE, taken=0)
    request_booking(slot_id=scene.slot.pk, patient=stranger, by=BY, at=scene.at)
    with pytest.raises(CannotTakeBack, match="Somebody else"):
        take_back_move(appointment_id=new.pk, by=BY, at=scene.at)


# --- a death between each pair of steps -----------------------------------------------

CALLS = ("book", "cancel", "find", "read_slot")
LEASES_RUN_OUT = 2  # minutes
LEAST_POINTS = 12


@contextmanager
def forgotten() -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def tell(patch: pytest.MonkeyPatch, *, at: int | None, repair: str) -> Deathbed:
    """A move whose worker dies at point `at`; a person repairs it before anybody goes on."""
    bed = Deathbed(at=at)
    with forgotten(), patch.context() as patched:
        scene = Scene()
        for user in ("tasks", "gateways"):
            patched.setattr(f"scheduling.{user}.get_ehr", lambda: scene.ehr)
        for name in CALLS:
            patched.setattr(scene.ehr, name, bed.around(name, getattr(scene.ehr, name)))
        slot = free_slot(scene)
        new = move_to(scene, slot)
        try:
            with bed.watch_commits():
                scene.settle()
        except Died:
            _repair(new, scene, repair)
        for _ in range(4):
            scene.settle(minutes=LEASES_RUN_OUT)
        here, there = standing(scene)
        assert len(here) == len(there) == 1, (at, bed.points[-1:], here, there)
        assert stage(new) in {MoveStage.DONE, MoveStage.NOT_MOVED}
        assert half_done_moves(at=scene.at) == []
    return bed


def _repair(new: Appointment, scene: Scene, repair: str) -> None:
    doing: dict[str, Callable[[], object]] = {
        "none": lambda: None,
        "finish": lambda: finish_move(appointment_id=new.pk, by=BY, at=scene.at),
        "take-back": lambda: take_back_move(appointment_id=new.pk, by=BY, at=scene.at),
    }
    with suppress(MoveSettled, CannotTakeBack):  # said so, and changed nothing
        doing[repair]()


def every(stride: int, repair: str, *, long: bool = False) -> object:
    """All points, or some of them: the long form dies at each."""
    marks = [pytest.mark.long, pytest.mark.faults] if long else []
    return pytest.param(stride, repair, id=f"{repair}-every-{stride}", marks=marks)


@pytest.mark.parametrize(
    ("stride", "repair"),
    [
        every(7, "none"),
        every(13, "finish"),
        every(11, "take-back"),
        *(every(1, repair, long=True) for repair in ("none", "finish", "take-back")),
    ],
)
def test_a_death_at_any_point_leaves_one_visit_in_the_end(
    monkeypatch: pytest.MonkeyPatch, carrier: object, stride: int, repair: str
) -> None:
    point = 0
    while tell(monkeypatch, at=point, repair=repair).died:
        point += stride
    assert point >= LEAST_POINTS


def test_its_write_of_the_old_visits_end_is_told_once(scene: Scene) -> None:
    move_to(scene, free_slot(scene))
    scene.settle()
    scene.settle(minutes=2)
    writes = EhrWrite.objects.filter(appointment=scene.visit, operation=EhrOperation.CANCEL)
    assert [write.status for write in writes] == [EhrWriteStatus.DONE]
    assert scene.ehr.calls["cancel"] == 1
