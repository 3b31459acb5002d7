"""Giving a visit up, for a reason that somebody can count."""

from __future__ import annotations

import datetime as dt

from django.db import IntegrityError, transaction

from crm.engine import Actor, move, publish
from scheduling import locks, queries
from scheduling.actions.booking import queue_ehr_write
from scheduling.actions.seats import count_seats, live_on, vacate
from scheduling.models import Appointment, EhrWrite, Slot
from scheduling.queries.policies import policy_of
from scheduling.rules.cancelling import classify_cancel
from scheduling.rules.policies import is_late_cancel
from scheduling.states import (
    LIVE,
    AppointmentStatus,
    CancelledBy,
    CancelReason,
    EhrOperation,
    EhrWriteStatus,
    FreedBy,
    SlotStatus,
)


class CannotTakeBack(Exception):
    """What was done cannot be undone any more; the text says why, for staff."""


def cancel_appointment(
    *,
    appointment_id: int,
    by: Actor,
    at: dt.datetime,
    code: CancelReason | None = None,
    cancelled_by: CancelledBy | None = None,
    reason: str = "",
    cause: FreedBy = FreedBy.CANCELLATION,
) -> Appointment:
    """Give a visit up here, vacate its seat, and queue the cancel to the EHR.

    The slot becomes sellable when the EHR says that it is free. Publishes
    `scheduling.appointment-cancelled`. A visit that is over already is left as it is.

    :param code: why; it says whose doing it is, too.
    :param cancelled_by: whose doing it is, where that is all that is known: it is classified so.
    :param reason: the same in words, for staff.
    :raises Appointment.DoesNotExist:
    """
    who = code.who if code else cancelled_by or CancelledBy.UNKNOWN
    words = reason or (code.replace("-", " ") if code else "")
    code = classify_cancel(code=code, who=who, has_words=bool(reason))
    with transaction.atomic():
        slot_id = Appointment.objects.values_list("slot_id", flat=True).get(pk=appointment_id)
        slot = locks.lock_slot(slot_id) if slot_id else None
        appointment = locks.lock_appointment(appointment_id)
        if appointment.status not in LIVE:
            return appointment
        move(
            appointment,
            to=AppointmentStatus.CANCELLED,
            by=by,
            at=at,
            reason=words,
            cancelled_at=at,
            cancelled_by=who,
            cancel_reason=words[:160],
            cancel_code=code,
            cancelled_late=is_late(appointment, at=at),
        )
        queue_ehr_write(appointment, EhrOperation.CANCEL, at=at)
        if slot is not None:
            vacate(slot, appointment, cause=cause, ehr_knows=False, by=by, at=at)
        publish("scheduling.appointment-cancelled", appointment, at=at, slot=slot_id, cause=cause)
    return appointment


def is_late(appointment: Appointment, *, at: dt.datetime) -> bool | None:
    """Whether to give it up at `at` is late by its clinic's policy; None where we know no site."""
    role = appointment.role
    place = appointment.location or (role.clinic.location if role else None)
    if place is None:
        return None
    policy = policy_of(role.clinic_id if role else None)
    return is_late_cancel(
        appointment.starts_at, cancelled_at=at, zone=place.zone, hours=policy.late_cancel_hours
    )


def take_back_cancel(*, appointment_id: int, by: Actor, at: dt.datetime) -> Appointment:
    """The visit stands after all: possible until the EHR has cancelled it.

    Publishes `scheduling.appointment-restored`, and `scheduling.slot-taken` when that fills it.

    :raises CannotTakeBack: when the EHR has cancelled it or is being asked to, or its time is
        somebody else's by now.
    :raises Appointment.DoesNotExist:
    """
    with transaction.atomic():
        slot_id = Appointment.objects.values_list("slot_id", flat=True).get(pk=appointment_id)
        slot = locks.lock_slot(slot_id) if slot_id else None
        return restore(locks.lock_appointment(appointment_id), slot, by=by, at=at)


def restore(
    appointment: Appointment, slot: Slot | None, *, by: Actor, at: dt.datetime
) -> Appointment:
    """The same, for whoever holds both locks."""
    if appointment.status in LIVE:
        return appointment
    _check_can_restore(appointment, slot, at=at)
    _drop_cancel(appointment, by=by, at=at)
    try:
        with transaction.atomic():  # a savepoint: the constraints have the last word
            move(
                appointment,
                to=AppointmentStatus.BOOKED,
                by=by,
                at=at,
                reason="taken back",
                cancelled_at=None,
                cancelled_by="",
                cancel_reason="",
                cancel_code="",
                cancelled_late=None,
            )
    except IntegrityError:
        raise CannotTakeBack("Another visit stands at that time by now.") from None
    if slot is not None:
        was = slot.status
        count_seats(slot, by=by, at=at, reason="its visit was taken back")
        if was != SlotStatus.BUSY and slot.status == SlotStatus.BUSY:
            publish("scheduling.slot-taken", slot, at=at, appointment=appointment.pk)
    publish("scheduling.appointment-restored", appointment, at=at, slot=appointment.slot_id)
    return appointment


def _check_can_restore(appointment: Appointment, slot: Slot | None, *, at: dt.datetime) -> None:
    if appointment.status != AppointmentStatus.CANCELLED or appointment.starts_at <= at:
        raise CannotTakeBack("It is over.")
    if not appointment.source_id:
        raise CannotTakeBack("The EHR never had it. Book it again.")
    if slot is None:
        return
    if slot.starts_at != appointment.starts_at:
        raise CannotTakeBack("Its time was moved in the EHR. Book it again.")
    held = queries.active_holds(at=at).filter(slot=slot).count()
    if live_on(slot) + held >= slot.capacity:
        raise CannotTakeBack("Somebody else has its time by now.")


def _drop_cancel(appointment: Appointment, *, by: Actor, at: dt.datetime) -> None:
    """The EHR must not be told any more. :raises CannotTakeBack: when it has been, or may have"""
    last = last_cancel(appointment.pk)
    write = locks.lock_ehr_write(last.pk) if last else None
    if write is None or write.status in {EhrWriteStatus.DONE, EhrWriteStatus.ABANDONED}:
        raise CannotTakeBack("It is cancelled in the EHR. Book it again.")
    if write.status in {EhrWriteStatus.SENT, EhrWriteStatus.UNKNOWN}:
        raise CannotTakeBack("The EHR is being asked to cancel it just now. Look again shortly.")
    if write.status == EhrWriteStatus.PENDING:
        why = "taken back before the EHR was told"
        move(
            write,
            to=EhrWriteStatus.ABANDONED,
            by=by,
            at=at,
            reason=why,
            answer=why,
            due_at=None,
        )


def last_cancel(appointment_id: int) -> EhrWrite | None:
    """The last write that tells the EHR of the visit's end."""
    writes = EhrWrite.objects.filter(appointment=appointment_id, operation=EhrOperation.CANCEL)
    return writes.order_by("-pk").first()
