"""A visit between two hands at once, from its request to its end; with the guard, and without."""

from __future__ import annotations

import datetime as dt
from functools import partial
from typing import Any

import pytest

from crm.engine.models import Event
from scheduling.actions import (
    apply_appointment_report,
    cancel_appointment,
    cancelled_by_hand,
    check_in,
    confirm_booking,
    confirm_by_hand,
    give_up_later_visit,
    mark_no_show,
    refuse_booking,
    request_booking,
    reschedule_appointment,
    take_back_cancel,
    take_back_move,
    tell_cancel_again,
    undo_check_in,
)
from scheduling.actions.requests import hand_over
from scheduling.actions.writes import settle_write, start_write
from scheduling.models import Appointment, EhrWrite, Slot
from scheduling.ports import AppointmentReport, EhrAppointment, ReportKind
from scheduling.states import (
    LIVE,
    AppointmentStatus,
    CancelReason,
    EhrOperation,
    EhrWriteStatus,
    Origin,
    SlotStatus,
)
from tests.concurrency.meeting import (
    Act,
    Race,
    Scene,
    broken,
    kept,
    lock,
    names,
    with_guards,
    without_guards,
)
from tests.factories import (
    NOW,
    SOURCE,
    TEST,
    AppointmentFactory,
    EhrWriteFactory,
    PatientFactory,
    SlotFactory,
)

pytestmark = [pytest.mark.concurrency, pytest.mark.django_db(transaction=True)]

A, W = AppointmentStatus, EhrWriteStatus
SICK, AWAY = CancelReason.SICK, CancelReason.CLINICIAN_AWAY


def visit(status: AppointmentStatus = AppointmentStatus.BOOKED, **said: Any) -> Appointment:
    """On a slot of its own, in three days."""
    slot = SlotFactory.create(status=SlotStatus.BUSY, taken=1)
    values: dict[str, Any] = {
        "slot": slot,
        "role": slot.role,
        "visit_type": slot.visit_type,
        "starts_at": slot.starts_at,
        "status": status,
    }
    if status is A.CANCELLED:
        values |= {"cancelled_at": NOW, "cancelled_by": "patient"}
    if status is A.REQUESTED:
        values |= {"source": "", "source_id": "", "origin": Origin.FIRSTCALL}
    made: Appointment = AppointmentFactory.create(**values | said)
    return made


def status_of(row: Appointment) -> AppointmentStatus:
    return A(Appointment.objects.get(pk=row.pk).status)


def writes_of(row: Appointment) -> list[tuple[str, str]]:
    """What the EHR is to be told of it, and how far that has come."""
    return list(row.ehr_writes.order_by("pk").values_list("operation", "status"))


def cancel(row: Appointment, code: CancelReason = SICK, *, at: dt.datetime = NOW) -> Act:
    return lambda: cancel_appointment(appointment_id=row.pk, code=code, by=TEST, at=at)


def move_away(row: Appointment) -> Act:
    slot = SlotFactory.create(visit_type=row.visit_type, starts_at=NOW + dt.timedelta(days=6))
    return lambda: reschedule_appointment(appointment_id=row.pk, slot_id=slot.pk, by=TEST, at=NOW)


# --- giving it up, and moving it ---------------------------------------------------------


def cancelled_for_two_reasons() -> Scene:
    row = visit()

    def look() -> tuple[str, int]:
        return Appointment.objects.get(pk=row.pk).cancel_code, len(writes_of(row))

    return Scene(cancel(row, SICK), cancel(row, AWAY), look)


def moved_while_it_is_cancelled() -> Scene:
    """Without the lock somebody who has just been cancelled is booked anew."""
    row = visit()
    return Scene(
        cancel(row), move_away(row), lambda: Appointment.objects.filter(gives_up=row).count()
    )


def taken_back_while_the_old_one_is_given_up() -> Scene:
    """Without the locks neither the old visit nor the new one stands."""
    old = visit()
    new = move_away(old)()
    Appointment.objects.filter(pk=new.pk).update(status=A.BOOKED, source=SOURCE, source_id="new")
    both = Appointment.objects.filter(patient=old.patient, status__in=LIVE)
    return Scene(
        first=lambda: give_up_later_visit(appointment_id=new.pk, by=TEST, at=NOW),
        second=lambda: take_back_move(appointment_id=new.pk, by=TEST, at=NOW),
        look=both.count,
    )


def booked_while_a_cancel_is_taken_back() -> Scene:
    """Without the lock they are not told that somebody else has its time: it falls over."""
    row = visit()
    cancel(row)()
    Slot.objects.filter(appointments=row).update(status=SlotStatus.FREE)
    patient = PatientFactory.create()
    on_it = Appointment.objects.filter(slot=row.slot_id, status__in=LIVE)
    return Scene(
        first=lambda: take_back_cancel(appointment_id=row.pk, by=TEST, at=NOW),
        second=lambda: request_booking(slot_id=row.slot_id or 0, patient=patient, by=TEST, at=NOW),
        look=on_it.count,
    )


# --- what the EHR is told of it ----------------------------------------------------------


def told_while_its_cancel_is_taken_back() -> Scene:
    """The EHR is asked to cancel, or it is not: the write is one of the two."""
    row = visit()
    cancel(row)()
    write = EhrWrite.objects.get(appointment=row)
    return Scene(
        first=lambda: take_back_cancel(appointment_id=row.pk, by=TEST, at=NOW),
        second=lambda: start_write(write, by=TEST, at=NOW),
        look=lambda: (status_of(row), writes_of(row)),
    )


def taken_back_while_the_ehr_is_told_again() -> Scene:
    """Without the lock the EHR is to cancel a visit that stands."""
    row = visit(A.CANCELLED)
    EhrWriteFactory.create(
        appointment=row, operation=EhrOperation.CANCEL, status=W.REFUSED, due_at=None
    )
    return Scene(
        first=lambda: tell_cancel_again(appointment_id=row.pk, at=NOW),
        second=lambda: take_back_cancel(appointment_id=row.pk, by=TEST, at=NOW),
        look=lambda: (status_of(row), writes_of(row)[-1]),
    )


def cancelled_by_hand_by_two() -> Scene:
    row = visit(A.CANCELLED)
    EhrWriteFactory.create(appointment=row, operation=EhrOperation.CANCEL)

    def by_hand() -> None:
        cancelled_by_hand(appointment_id=row.pk, by=TEST, at=NOW)

    return Scene(by_hand, by_hand, lambda: writes_of(row))


def answered_by_two_workers() -> Scene:
    """One worker reads it back while another comes with the first answer."""
    write = EhrWriteFactory.create(appointment=visit(A.REQUESTED), status=W.SENT)

    def settle() -> None:
        settle_write(write, to=W.DONE, answer="read back", by=TEST, at=NOW)

    return Scene(settle, settle, lambda: writes_of(write.appointment))


def handed_over_by_two_workers() -> Scene:
    """Without the lock the patient is told twice that a person books it."""
    write = EhrWriteFactory.create(appointment=visit(A.REQUESTED))
    told = Event.objects.filter(
        name="scheduling.request-handed-over", subject_id=write.appointment_id
    )

    def over() -> dt.datetime:
        found = EhrWrite.objects.get(pk=write.pk)
        return hand_over(found, why="It does not answer.", by=TEST, at=NOW)

    return Scene(over, over, told.count)


# --- its confirmation --------------------------------------------------------------------


def confirmed_while_it_is_cancelled() -> Scene:
    """Without the lock the EHR's number for it is lost, with which it is cancelled there."""
    row = visit(A.REQUESTED)
    told = EhrAppointment("theirs", A.BOOKED, row.starts_at, row.ends_at, version="1")
    return Scene(
        first=lambda: confirm_booking(
            appointment_id=row.pk, told=told, source=SOURCE, by=TEST, at=NOW
        ),
        second=cancel(row),
        look=lambda: (status_of(row), Appointment.objects.get(pk=row.pk).source_id),
    )


def booked_by_hand_while_it_lapses() -> Scene:
    row = visit(A.REQUESTED)
    return Scene(
        first=lambda: refuse_booking(
            appointment_id=row.pk, reason="not in time", slot_is_free=True, by=TEST, at=NOW
        ),
        second=lambda: confirm_by_hand(appointment_id=row.pk, number="7", by=TEST, at=NOW),
        look=lambda: status_of(row),
    )


def two_visits_under_one_number() -> Scene:
    """The second hears a sentence; without the lock by name, a constraint says no."""
    rows = visit(A.REQUESTED), visit(A.REQUESTED)
    first, second = (
        partial(confirm_by_hand, appointment_id=row.pk, number="88", by=TEST, at=NOW)
        for row in rows
    )
    return Scene(first, second, lambda: sorted(status_of(row) for row in rows))


def lapsed_while_the_ehr_moves_the_old_one() -> Scene:
    """The clinic moves the later visit to the time that was asked for, as the request lapses.

    Without the locks they are told that the clinic did not confirm what it has booked."""
    old = visit()
    new = move_away(old)()
    report = AppointmentReport(
        source=SOURCE,
        kind=ReportKind.RESCHEDULED,
        appointment_id=old.source_id,
        status=A.BOOKED,
        sent_at=NOW,
        tells_slots=True,
        starts_at=new.starts_at,
        ends_at=new.ends_at,
    )
    told = Event.objects.filter(name="scheduling.appointment-refused", subject_id=new.pk)
    return Scene(
        first=lambda: apply_appointment_report(report, by=TEST, at=NOW),
        second=lambda: refuse_booking(
            appointment_id=new.pk, reason="not in time", slot_is_free=True, by=TEST, at=NOW
        ),
        look=lambda: (status_of(new), told.count()),
    )


# --- its day -----------------------------------------------------------------------------


def ends_here_and_begins_there() -> Scene:
    """The EHR tells that they have come while it is cancelled here."""
    row = visit()
    report = AppointmentReport(
        source=SOURCE,
        kind=ReportKind.STATE,
        appointment_id=row.source_id,
        status=A.ARRIVED,
        sent_at=NOW,
        tells_slots=True,
    )
    return Scene(
        first=lambda: apply_appointment_report(report, by=TEST, at=NOW),
        second=cancel(row),
        look=lambda: status_of(row),
    )


def cancelled_while_they_check_in() -> Scene:
    row = visit()
    at = row.starts_at
    return Scene(
        first=lambda: check_in(appointment_id=row.pk, by=TEST, at=at),
        second=cancel(row, at=at),
        look=lambda: status_of(row),
    )


def checked_in_while_it_is_marked_missed() -> Scene:
    row = visit()
    at = row.starts_at + dt.timedelta(minutes=5)
    return Scene(
        first=lambda: mark_no_show(appointment_id=row.pk, by=TEST, at=at),
        second=lambda: check_in(appointment_id=row.pk, by=TEST, at=at),
        look=lambda: status_of(row),
    )


def taken_back_by_two() -> Scene:
    row = visit(A.ARRIVED, arrived_at=NOW)

    def undo() -> Appointment:
        return undo_check_in(appointment_id=row.pk, by=TEST, at=row.starts_at)

    return Scene(undo, undo, lambda: writes_of(row))


SLOT, VISIT, WRITE = lock("lock_slot"), lock("lock_appointment"), lock("lock_ehr_write")
LOCKED, LOCKED_WRITE = "scheduling.locks.lock_appointment", "scheduling.locks.lock_ehr_write"
TO_CANCEL = (EhrOperation.CANCEL, W.PENDING)
RACES = (
    Race(
        cancelled_for_two_reasons,
        stops=LOCKED,
        guards=[SLOT, VISIT],
        kept=("done", "done", (SICK, 1)),
        broken=("MovedMeanwhile", "done", (AWAY, 1)),
    ),
    Race(
        moved_while_it_is_cancelled,
        stops=LOCKED,
        guards=[SLOT, VISIT],
        kept=("done", "CannotMove", 0),
        broken=("done", "done", 1),
    ),
    Race(
        taken_back_while_the_old_one_is_given_up,
        stops="scheduling.actions.moving._lock_move",
        guards=[SLOT, VISIT],
        kept=("done", "done", 1),
        broken=("done", "done", 0),
    ),
    Race(
        booked_while_a_cancel_is_taken_back,
        stops="scheduling.actions.cancelling._check_can_restore",
        guards=[SLOT, VISIT],
        kept=("done", "SlotTaken", 1),
        broken=("MovedMeanwhile", "done", 1),
    ),
    Race(
        told_while_its_cancel_is_taken_back,
        stops=LOCKED_WRITE,
        guards=[WRITE],
        kept=("done", "MovedMeanwhile", (A.BOOKED, [(EhrOperation.CANCEL, W.ABANDONED)])),
        broken=("MovedMeanwhile", "done", (A.CANCELLED, [(EhrOperation.CANCEL, W.SENT)])),
    ),
    Race(
        taken_back_while_the_ehr_is_told_again,
        stops=LOCKED,
        guards=[SLOT, VISIT],
        kept=("done", "done", (A.BOOKED, (EhrOperation.CANCEL, W.ABANDONED))),
        broken=("done", "done", (A.BOOKED, TO_CANCEL)),
    ),
    Race(
        cancelled_by_hand_by_two,
        stops=LOCKED_WRITE,
        guards=[WRITE],
        kept=("done", "MoveSettled", [(EhrOperation.CANCEL, W.DONE)]),
        broken=("MovedMeanwhile", "done", [(EhrOperation.CANCEL, W.DONE)]),
    ),
    Race(
        answered_by_two_workers,
        stops=LOCKED_WRITE,
        guards=[WRITE],
        kept=("done", "done", [(EhrOperation.BOOK, W.DONE)]),
        broken=("MovedMeanwhile", "done", [(EhrOperation.BOOK, W.DONE)]),
    ),
    Race(
        handed_over_by_two_workers,
        stops=LOCKED_WRITE,
        guards=[WRITE],
        kept=("done", "done", 1),
        broken=("done", "done", 2),
    ),
    Race(
        confirmed_while_it_is_cancelled,
        stops=LOCKED,
        guards=[SLOT, VISIT],
        kept=("done", "done", (A.CANCELLED, "theirs")),
        broken=("MovedMeanwhile", "done", (A.CANCELLED, "")),
    ),
    Race(
        booked_by_hand_while_it_lapses,
        stops=LOCKED,
        guards=[SLOT, VISIT],
        kept=("done", "RequestSettled", A.REFUSED),
        broken=("MovedMeanwhile", "done", A.BOOKED),
    ),
    Race(
        two_visits_under_one_number,
        stops="<scheduling.actions.requests.move",
        guards=[names],
        kept=("done", "NumberTaken", [A.BOOKED, A.REQUESTED]),
        broken=("IntegrityError", "done", [A.BOOKED, A.REQUESTED]),
    ),
    Race(
        lapsed_while_the_ehr_moves_the_old_one,
        stops="scheduling.actions.fulfilling.move",
        guards=[SLOT, VISIT],
        kept=("done", "done", (A.BOOKED, 0)),
        broken=("done", "done", (A.BOOKED, 1)),
    ),
    Race(
        ends_here_and_begins_there,
        stops=LOCKED,
        guards=[SLOT, VISIT],
        kept=("done", "done", A.CANCELLED),
        broken=("MovedMeanwhile", "done", A.CANCELLED),
    ),
    Race(
        cancelled_while_they_check_in,
        stops=LOCKED,
        guards=[SLOT, VISIT],
        kept=("done", "done", A.CANCELLED),
        broken=("MovedMeanwhile", "done", A.CANCELLED),
    ),
    Race(
        checked_in_while_it_is_marked_missed,
        stops=LOCKED,
        guards=[VISIT],
        kept=("done", "done", A.ARRIVED),
        broken=("MovedMeanwhile", "done", A.ARRIVED),
    ),
    Race(
        taken_back_by_two,
        stops=LOCKED,
        guards=[VISIT],
        kept=("done", "NotNow", [(EhrOperation.RESTORE, W.PENDING)]),
        broken=("MovedMeanwhile", "done", [(EhrOperation.RESTORE, W.PENDING)]),
    ),
)


def test_who_comes_second_waits_for_the_visit() -> None:
    assert with_guards(RACES) == kept(RACES)


def test_without_the_visits_lock_each_goes_wrong() -> None:
    """The races are real: what the test above shows is the locks at work."""
    assert without_guards(RACES) == broken(RACES)
