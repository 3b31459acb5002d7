"""Bookings that only a person can make: *requested* until the clinic has booked them.

Without write access, for a slot of another EHR, or while the EHR does not answer, a person at
the clinic is asked. The seat stays taken for the patient meanwhile. Whatever confirms it first
counts: the person's word, or the EHR's own news of the visit.
"""

from __future__ import annotations

import datetime as dt
from enum import StrEnum
from typing import Any

from django.db import transaction

from crm.actions import open_task, settle_task
from crm.engine import Actor, move, publish, record, wake
from crm.models import Task
from crm.states import TaskKind, TaskStatus
from scheduling import locks
from scheduling.actions.booking import EHR_WRITE, refuse_booking
from scheduling.actions.writes import ask_a_person, settle_write
from scheduling.models import Appointment, EhrWrite
from scheduling.rules import request_lapses_at
from scheduling.states import AppointmentStatus, EhrOperation, EhrWriteStatus

#: A person is asked to look within so long.
TASK_DUE = dt.timedelta(minutes=30)


class RequestSettled(Exception):
    """The request is booked, refused or cancelled already; the text says so, for staff."""


class NumberTaken(Exception):
    """Another visit has that number in that EHR."""


class NotPossible(StrEnum):
    """Why the clinic would not book it. `leaves_free` decides whether the next is asked."""

    TAKEN = "taken"
    NOT_THIS_PATIENT = "not-this-patient"
    PATIENT_NOT_REACHED = "patient-not-reached"
    CLOSED = "closed"

    @property
    def leaves_free(self) -> bool:
        return self in {NotPossible.NOT_THIS_PATIENT, NotPossible.PATIENT_NOT_REACHED}


def task_key(appointment_id: int) -> str:
    """The cause of the task that asks a person to book the visit."""
    return f"confirm-request:{appointment_id}"


def hand_over(write: EhrWrite, *, why: str, by: Actor, at: dt.datetime) -> dt.datetime:
    """Ask a person at the clinic to book it, once; returns until when the patient waits.

    Publishes `scheduling.request-handed-over`.
    """
    with transaction.atomic():
        fresh = locks.lock_ehr_write(write.pk)
        if fresh.lapses_at is not None:
            return fresh.lapses_at
        appointment = write.appointment
        lapses_at = request_lapses_at(now=at, last_at=_last_at(appointment))
        EhrWrite.objects.filter(pk=write.pk).update(handed_at=at, lapses_at=lapses_at)
        write.handed_at, write.lapses_at = at, lapses_at
        record("scheduling.ehr-write.handed-over", write, by=by, at=at, reason=why)
        open_task(
            kind=TaskKind.CONFIRM_REQUEST,
            title="Book a requested visit in the EHR",
            why=why,
            patient=appointment.patient,
            journey=appointment.journey,
            due_at=at + min(TASK_DUE, (lapses_at - at) / 2),
            cause_key=task_key(appointment.pk),
            by=by,
            at=at,
        )
        publish("scheduling.request-handed-over", appointment, at=at)
    return lapses_at


def _last_at(appointment: Appointment) -> dt.datetime:
    lead = appointment.visit_type.lead_minutes if appointment.visit_type else 0
    return appointment.starts_at - dt.timedelta(minutes=lead)


def needs_a_person(write: EhrWrite, *, why: str, by: Actor, at: dt.datetime) -> dt.datetime | None:
    """We cannot do it: a person must. Returns when a booking lapses; None for anything else,
    and for a booking that nobody wants any more."""
    if write.operation != EhrOperation.BOOK:
        ask_a_person(write, why=why, by=by, at=at)
        return None
    status = write.appointment.status
    if status == AppointmentStatus.REQUESTED:
        return hand_over(write, why=why, by=by, at=at)
    if write.status == EhrWriteStatus.PENDING:
        answer = f"no longer wanted: {status}"
        settle_write(write, to=EhrWriteStatus.ABANDONED, answer=answer, by=by, at=at)
    return None


def has_lapsed(write: EhrWrite, *, at: dt.datetime) -> bool:
    """Whether a person was asked to book it and time is up. Not while an answer of the EHR is
    out: it may have booked it."""
    is_waiting = write.status == EhrWriteStatus.PENDING and write.lapses_at is not None
    wanted = write.appointment.status == AppointmentStatus.REQUESTED
    return is_waiting and wanted and write.lapses_at <= at  # type: ignore[operator]


def was_booked_by_hand(appointment: Appointment) -> bool:
    """Whether a person said that it is booked in the EHR."""
    return appointment.ehr_writes.filter(
        operation=EhrOperation.BOOK, status=EhrWriteStatus.DONE, handed_at__isnull=False
    ).exists()


def has_taker(appointment_id: int) -> bool:
    """Whether somebody has taken the task on: then the EHR is not asked beside them."""
    return Task.objects.filter(
        cause_key=task_key(appointment_id), status=TaskStatus.CLAIMED
    ).exists()


def confirm_by_hand(*, appointment_id: int, number: str, by: Actor, at: dt.datetime) -> Appointment:
    """A person has booked it in the EHR. Publishes `scheduling.appointment-confirmed`.

    :param number: the visit's number in the EHR, or empty; with it the EHR's news of the visit
        are known for this one whatever they say of its time.
    :raises RequestSettled, NumberTaken, Appointment.DoesNotExist:
    """
    with transaction.atomic():
        source = _source_of(appointment_id)
        locks.lock_names(f"visit {source} {number}")
        appointment = locks.lock_appointment(appointment_id)
        _check_requested(appointment)
        if number and Appointment.objects.filter(source=source, source_id=number).exists():
            raise NumberTaken("Another visit has that number. Look at it in the EHR again.")
        names: dict[str, Any] = {"source": source, "source_id": number}
        move(
            appointment,
            to=AppointmentStatus.BOOKED,
            by=by,
            at=at,
            reason="booked in the EHR by hand",
            **names,
        )
        publish("scheduling.appointment-confirmed", appointment, at=at)
        settle_request(appointment_id=appointment_id, by=by, at=at)
    return appointment


def _source_of(appointment_id: int) -> str:
    found = Appointment.objects.filter(pk=appointment_id).values_list("source", "slot__source")
    source, slot_source = found.get()
    return str(slot_source or source)


def refuse_by_hand(
    *, appointment_id: int, why: NotPossible, sentence: str, by: Actor, at: dt.datetime
) -> None:
    """The clinic would not book it; the patient is told, and the next is asked if it is free.

    Publishes `scheduling.appointment-refused`.

    :raises RequestSettled, Appointment.DoesNotExist:
    """
    with transaction.atomic():
        was_refused = refuse_booking(
            appointment_id=appointment_id,
            reason=sentence,
            slot_is_free=why.leaves_free,
            by=by,
            at=at,
        )
        if not was_refused:
            _check_requested(Appointment.objects.get(pk=appointment_id))
        settle_request(appointment_id=appointment_id, by=by, at=at)


def lapse_request(
    *, appointment_id: int, slot_is_free: bool | None, by: Actor, at: dt.datetime
) -> None:
    """Nobody has confirmed it in time: the patient is told so, and the next is asked.

    :param slot_is_free: what the EHR says of the slot. Where it cannot say, the slot is taken
        to be as free as it was offered, since nobody has reported a visit on it.
    """
    with transaction.atomic():
        refuse_booking(
            appointment_id=appointment_id,
            reason="the clinic did not confirm it in time",
            slot_is_free=slot_is_free is not False,
            by=by,
            at=at,
        )
        settle_request(appointment_id=appointment_id, by=by, at=at)


def ask_about_twice(appointment: Appointment, *, by: Actor, at: dt.datetime) -> None:
    """A person booked it under one number, and the EHR had taken ours under another by then."""
    open_task(
        kind=TaskKind.OVERLAP,
        title="One visit stands twice in the EHR",
        why="It was booked by hand, and by our own request, whose answer came late. Cancel one of "
        "them in the EHR.",
        patient=appointment.patient,
        due_at=at + TASK_DUE,
        cause_key=f"booked-twice:{appointment.pk}",
        by=by,
        at=at,
    )


def _check_requested(appointment: Appointment) -> None:
    if appointment.status != AppointmentStatus.REQUESTED:
        raise RequestSettled(f"This visit is {appointment.status} already.")


#: What the task's closing says, by what became of the visit.
_SETTLED = {
    AppointmentStatus.BOOKED: "booked",
    AppointmentStatus.ARRIVED: "booked",
    AppointmentStatus.FULFILLED: "booked",
}


def settle_request(*, appointment_id: int, by: Actor, at: dt.datetime) -> None:
    """The visit is no longer just requested: close its task, and let go of its write.

    A write whose answer is still out looks for itself (`scheduling.tasks`): the EHR may have
    booked it. Harmless for a visit that nobody was asked about.
    """
    appointment = Appointment.objects.get(pk=appointment_id)
    status = AppointmentStatus(appointment.status)
    if status is AppointmentStatus.REQUESTED:
        return
    is_booked = status in _SETTLED
    with transaction.atomic():
        settle_task(
            cause_key=task_key(appointment_id),
            reason=_SETTLED.get(status, f"the visit is {status}"),
            done=is_booked,
            by=by,
            at=at,
        )
        open_writes = EhrWrite.objects.filter(
            appointment=appointment_id, operation=EhrOperation.BOOK, handed_at__isnull=False
        )
        for pk in open_writes.values_list("pk", flat=True):
            write = locks.lock_ehr_write(pk)
            if write.status == EhrWriteStatus.PENDING:
                to = EhrWriteStatus.DONE if is_booked else EhrWriteStatus.ABANDONED
                done: dict[str, Any] = {"done_at": at} if is_booked else {}
                answer = "booked at the clinic" if is_booked else f"no longer wanted: {status}"
                move(write, to=to, by=by, at=at, reason=answer, answer=answer, due_at=None, **done)
            elif write.status in {EhrWriteStatus.SENT, EhrWriteStatus.UNKNOWN}:
                wake(write, EHR_WRITE, at=at)
