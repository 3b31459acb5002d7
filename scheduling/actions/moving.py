"""Moving a visit to another time: the new one is booked first, then the old one given up.

Where a move stands follows from its two visits (`scheduling.rules.moving`). Whatever stops it
half-way, a person can finish it or take it back, any number of times.
"""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from crm.actions import settle_task
from crm.engine import Actor, move, record, wake
from crm.rules.said import say
from scheduling import locks, queries
from scheduling.actions.booking import (
    EHR_WRITE,
    lock_to_book,
    queue_ehr_write,
    request_booking,
)
from scheduling.actions.cancelling import (
    cancel_appointment,
    last_cancel,
    restore,
)
from scheduling.actions.orders import carry_orders
from scheduling.actions.overrides import SetAside
from scheduling.actions.papers import carry_papers
from scheduling.actions.refusals import BookingRefused
from scheduling.actions.seats import SETTLE_SLOT
from scheduling.models import Appointment, Slot, VisitType
from scheduling.queries.moves import find_move
from scheduling.rules import HiddenBy
from scheduling.rules.moving import HALF_DONE, MoveStage
from scheduling.states import (
    LIVE,
    AppointmentStatus,
    CancelReason,
    EhrOperation,
    EhrWriteStatus,
    FreedBy,
)


class CannotMove(BookingRefused):
    """The visit cannot be moved now; the text says why, for staff."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence, rule=HiddenBy.PATIENT_BUSY)


class MoveSettled(Exception):
    """There is nothing to finish or to take back; the text says why, for staff."""


def reschedule_appointment(
    *,
    appointment_id: int,
    slot_id: int,
    by: Actor,
    at: dt.datetime,
    reason: CancelReason = CancelReason.OTHER_TIME,
    hold_id: int | None = None,
    journey_id: int | None = None,
    visit_type: VisitType | None = None,
    starts_at: dt.datetime | None = None,
    set_aside: SetAside | None = None,
) -> Appointment:
    """Ask for another time, earlier or later, with any clinician; returns the new visit.

    The old one stands until the EHR has confirmed the new one (`give_up_later_visit`), and stays
    if it does not. Locks the slot, then the old visit: one move of a visit at a time.

    :param reason: why, and so whose doing it is.
    :param journey_id: the need that it hangs on, where the old visit knows none.
    :param visit_type: where the new slot may serve several; else what the old visit is.
    :raises CannotMove: when it is over, the patient is here, or it is being moved already.
    :raises SlotTaken, PatientBusy, BookingRefused: as `request_booking` does.
    :raises Appointment.DoesNotExist, Slot.DoesNotExist:
    """
    with transaction.atomic():
        slot = lock_to_book(slot_id, queries.get_slot(slot_id))
        old = locks.lock_appointment(appointment_id)
        _check_can_move(old)
        new = request_booking(
            slot_id=slot_id,
            patient=old.patient,
            visit_type=visit_type or _kind_there(old, slot),
            gives_up=old,
            journey_id=old.journey_id or journey_id,
            hold_id=hold_id,
            known=slot,
            set_aside=set_aside,
            starts_at=starts_at,
            by=by,
            at=at,
        )
        Appointment.objects.filter(pk=new.pk).update(gives_up_code=reason)
        new.gives_up_code = reason
        record("scheduling.appointment.move-asked", old, by=by, at=at, reason=reason, new=new.pk)
    return new


def _check_can_move(old: Appointment) -> None:
    if old.status not in LIVE:
        state = say(old.status.replace("-", " "))
        raise CannotMove(say("The visit is %(state)s already.", state=state))
    if old.status == AppointmentStatus.ARRIVED:
        raise CannotMove("The patient is here. Take the check-in back first.")
    if Appointment.objects.filter(gives_up=old, status__in=LIVE).exists():
        raise CannotMove("It is being moved already.")


def _kind_there(old: Appointment, slot: Slot) -> VisitType | None:
    """What the visit is in the new slot: the same; or the slot's own kind, where that stands in
    for it."""
    if old.visit_type is None or slot.visit_type_id == old.visit_type_id:
        return None
    if slot.visit_type.stands_in_for.filter(pk=old.visit_type.pk).exists():
        return None
    return old.visit_type


def give_up_later_visit(*, appointment_id: int, by: Actor, at: dt.datetime) -> Appointment | None:
    """Second half of a move: the new visit stands in the EHR, so the one it replaces goes.

    Its orders and papers go along to the new one; its slot is freed in turn, once the EHR says
    so. None when there is nothing to give up. Locks both visits before it looks: somebody may be
    taking the move back in this very moment.

    :raises Appointment.DoesNotExist:
    """
    if Appointment.objects.only("gives_up_id").get(pk=appointment_id).gives_up_id is None:
        return None
    with transaction.atomic():
        appointment, later, _ = _lock_move(appointment_id)
        if later.status not in LIVE or not _stands(appointment):
            return None
        code = CancelReason(appointment.gives_up_code or CancelReason.EARLIER_TIME)
        was_offered = code is CancelReason.EARLIER_TIME
        given_up = cancel_appointment(
            appointment_id=later.pk,
            code=code,
            reason="took an earlier visit" if was_offered else "moved to another time",
            cause=FreedBy.GIVEN_UP if was_offered else FreedBy.RESCHEDULE,
            by=by,
            at=at,
        )
        carry_orders(old=later, new=appointment, by=by, at=at)
        carry_papers(old=later, new=appointment, by=by, at=at)
    return given_up


def _stands(appointment: Appointment) -> bool:
    """Whether the EHR has it, and it is not over."""
    return appointment.status in LIVE and appointment.status != AppointmentStatus.REQUESTED


def finish_move(*, appointment_id: int, by: Actor, at: dt.datetime) -> MoveStage:
    """Do what is left of a move: give the old visit up, or tell the EHR again.

    :param appointment_id: the new visit.
    :returns: where the move stands then.
    :raises MoveSettled: when nothing is left to do.
    :raises Appointment.DoesNotExist:
    """
    found = find_move(appointment_id)
    if found is None or found.stage not in HALF_DONE:
        raise MoveSettled("This move is not half done: there is nothing to finish.")
    record("scheduling.appointment.move-finished", found.new, by=by, at=at, was=found.stage)
    if found.stage is MoveStage.BOTH_STAND:
        give_up_later_visit(appointment_id=appointment_id, by=by, at=at)
    else:
        tell_cancel_again(appointment_id=found.old.pk, at=at)
    after = find_move(appointment_id)
    return after.stage if after else MoveStage.DONE


def tell_cancel_again(*, appointment_id: int, at: dt.datetime) -> None:
    """Have the EHR told once more that the visit is cancelled, now."""
    with transaction.atomic():
        appointment = locks.lock_appointment(appointment_id)
        write = last_cancel(appointment_id)
        if write is not None and write.status == EhrWriteStatus.PENDING:
            wake(write, EHR_WRITE, at=at)
        elif appointment.status == AppointmentStatus.CANCELLED:
            queue_ehr_write(appointment, EhrOperation.CANCEL, at=at)


def cancelled_by_hand(*, appointment_id: int, by: Actor, at: dt.datetime) -> None:
    """A person has cancelled it in the EHR: its write and its task are done.

    :raises MoveSettled: when the EHR was told, or nobody needs to.
    :raises Appointment.DoesNotExist:
    """
    with transaction.atomic():
        last = last_cancel(appointment_id)
        write = locks.lock_ehr_write(last.pk) if last else None
        if write is None or write.status not in {EhrWriteStatus.PENDING, EhrWriteStatus.REFUSED}:
            raise MoveSettled("The EHR has been told, or is being told now.")
        why = "cancelled in the EHR by hand"
        move(
            write,
            to=EhrWriteStatus.DONE,
            by=by,
            at=at,
            reason=why,
            answer=why,
            due_at=None,
            done_at=at,
        )
        settle_task(cause_key=f"ehr-write:{write.pk}", by=by, at=at, reason=why)
        slot = write.appointment.slot
        if slot is not None:
            wake(slot, SETTLE_SLOT, at=at)


def take_back_move(*, appointment_id: int, by: Actor, at: dt.datetime) -> Appointment:
    """Undo a move: the old visit stands again, the new one is given up. Returns the old one.

    Locks both slots, then both visits, each by key.

    :param appointment_id: the new visit.
    :raises MoveSettled: when there is no such move any more.
    :raises CannotTakeBack: when the EHR has cancelled the old visit, or its time is gone.
    :raises Appointment.DoesNotExist:
    """
    with transaction.atomic():
        new, old, slot = _lock_move(appointment_id)
        if new.status not in LIVE:
            raise MoveSettled("The new visit is over already; nothing was moved.")
        if old.status not in LIVE:
            restore(old, slot, by=by, at=at)
            carry_orders(old=new, new=old, by=by, at=at)
            carry_papers(old=new, new=old, by=by, at=at)
        cancel_appointment(
            appointment_id=new.pk,
            code=CancelReason(new.gives_up_code or CancelReason.EARLIER_TIME),
            reason="the move was taken back",
            cause=FreedBy.RESCHEDULE,
            by=by,
            at=at,
        )
        record("scheduling.appointment.move-taken-back", old, by=by, at=at, new=new.pk)
    return old


def _lock_move(appointment_id: int) -> tuple[Appointment, Appointment, Slot | None]:
    """The new visit, the old one and the old one's slot."""
    known = Appointment.objects.select_related("gives_up").get(pk=appointment_id)
    other = known.gives_up
    if other is None:
        raise MoveSettled("This visit took the place of no other.")
    slots = {known.slot_id, other.slot_id} - {None}
    held = {pk: locks.lock_slot(pk) for pk in sorted(pk for pk in slots if pk)}
    rows = {pk: locks.lock_appointment(pk) for pk in sorted((known.pk, other.pk))}
    return rows[known.pk], rows[other.pk], held.get(other.slot_id or 0)
