"""Booking, and its confirmation or refusal by the EHR."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import transaction

from crm.engine import Actor, insert_or_none, move, publish, record, ring, written_together
from crm.models import Patient
from scheduling import locks, queries
from scheduling.actions.holds import own_hold, use_hold
from scheduling.actions.overrides import SetAside, pass_rules, report_overrides, with_hold
from scheduling.actions.refusals import SlotTaken, taken_meanwhile
from scheduling.actions.seats import count_seats, is_ours, live_on, lowest_seat
from scheduling.models import Appointment, EhrWrite, Slot, VisitType
from scheduling.ports import EhrAppointment
from scheduling.rules import HiddenBy
from scheduling.states import (
    AppointmentStatus,
    EhrOperation,
    Origin,
    SlotStatus,
)

EHR_WRITE = "scheduling.ehr-write"


@taken_meanwhile
def request_booking(
    *,
    slot_id: int,
    patient: Patient,
    by: Actor,
    at: dt.datetime,
    gives_up: Appointment | None = None,
    journey_id: int | None = None,
    starts_at: dt.datetime | None = None,
    hold_id: int | None = None,
    visit_type: VisitType | None = None,
    known: Slot | None = None,
    set_aside: SetAside | None = None,
) -> Appointment:
    """Take a seat of the slot for the patient and queue the write to the EHR.

    Locks the clinician's week where a rule counts in it, then the slot; asks the one availability
    rule (`judge_slots`); inserts with ON CONFLICT DO NOTHING; the exclusion constraints stand
    behind. The visit is *requested* until the EHR confirms it.
    Publishes `scheduling.appointment-requested`, and `scheduling.slot-taken` when full.

    :param hold_id: the hold that kept the slot for this patient; it is used up, and what was set
        aside for it counts here. One that is over, or not theirs, changes nothing.
    :param visit_type: what the patient needs; without it, what the slot was made for.
    :param starts_at: the time that was agreed on, where it was: the EHR may have moved the slot.
    :param known: the slot as the caller has just read it, to spare reading what stands beside it.
    :param set_aside: rules that `by` goes past with a reason, as far as their roles may; kept, and
        reported to the clinic (`overrides`).
    :raises SlotTaken, PatientBusy, BookingRefused: with what `say_stops` says of all that stops it.
    """
    if known is None and queries.is_booked(slot_id):
        raise _booked()  # of many after one slot most come too late: they wait for no lock
    with transaction.atomic(), written_together():  # what is refused leaves no trace
        slot = lock_to_book(slot_id, known or queries.get_slot(slot_id))
        if starts_at is not None and slot.starts_at != starts_at:
            raise SlotTaken("The EHR has moved it to another time.", rule=HiddenBy.NOT_FREE)
        if slot.status == SlotStatus.BUSY:
            raise _booked()  # while we waited
        hold = own_hold(hold_id, slot_id=slot_id, patient=patient, by=by, at=at)
        aside = with_hold(set_aside, hold)
        found, beside = queries.judge_to_book(
            slot,
            at=at,
            patient=patient,
            visit_type=visit_type,
            gives_up_id=gives_up.pk if gives_up else None,
            own_hold_ids=(hold.pk,) if hold else (),
        )
        passed = pass_rules(found, set_aside=aside, by=by)
        is_opened = any(one.rule is HiddenBy.VISIT_TYPE for one in found)
        kind = visit_type if visit_type and is_opened else queries.booked_as(slot, visit_type)
        seat = lowest_seat(slot, taken=beside.seats | beside.held_seats)
        if seat is None:
            raise SlotTaken("Every seat is taken.", rule=HiddenBy.NO_SEAT)
        appointment = insert_or_none(
            Appointment(
                patient=patient,
                slot=slot,
                role=slot.role,
                provider=slot.role.provider,
                location=slot.role.clinic.location,
                room=slot.room,
                visit_type=kind,
                journey_id=journey_id,
                starts_at=slot.starts_at,
                ends_at=slot.ends_at,
                seat=seat,
                status=AppointmentStatus.REQUESTED,
                origin=Origin.FIRSTCALL,
                booked_at=at,
                booked_by=by.label,
                gives_up=gives_up,
                source=slot.source,
            )
        )
        if appointment is None:
            raise SlotTaken("Another visit stands at that time.", rule=HiddenBy.NOT_FREE)
        record("scheduling.appointment.requested", appointment, by=by, at=at, slot=slot.pk)
        report_overrides(appointment, slot, passed, set_aside=aside, by=by, at=at)
        if hold is not None:
            use_hold(hold, by=by, at=at, appointment_id=appointment.pk)
        count_seats(slot, by=by, at=at, reason="booked by Firstcall", live=beside.visits + 1)
        queue_ehr_write(appointment, EhrOperation.BOOK, at=at)
        publish("scheduling.appointment-requested", appointment, at=at, slot=slot.pk)
        _say_if_taken(slot, appointment, at)
    return appointment


def _booked() -> SlotTaken:
    return SlotTaken("It is booked.", rule=HiddenBy.NOT_FREE)


def lock_to_book(slot_id: int, known: Slot) -> Slot:
    """The slot, locked, with what `known` has beside it.

    Where a rule counts in the clinician's week, that week is locked first: two bookings of one
    instant on two slots would both find room under the same cap.

    :raises SlotTaken: when the slot was moved to another week in this very moment.
    """
    is_counted = queries.has_limits(known)
    if is_counted:
        locks.lock_names(queries.week_name(known))
    slot = locks.lock_slot(slot_id)
    queries.keep_beside(slot, known)
    if is_counted and queries.week_name(slot) != queries.week_name(known):
        raise SlotTaken("The EHR has moved it to another time.", rule=HiddenBy.NOT_FREE)
    return slot


def _say_if_taken(slot: Slot, appointment: Appointment, at: dt.datetime) -> None:
    if slot.status == SlotStatus.BUSY:
        publish("scheduling.slot-taken", slot, at=at, appointment=appointment.pk)


def queue_ehr_write(appointment: Appointment, operation: EhrOperation, *, at: dt.datetime) -> None:
    """Have the EHR told, once: a second request for the same thing changes nothing."""
    write = insert_or_none(
        EhrWrite(appointment=appointment, operation=operation, created_at=at, due_at=at)
    )
    if write is not None:
        ring(EHR_WRITE, write.pk)


def confirm_booking(
    *, appointment_id: int, told: EhrAppointment, source: str, by: Actor, at: dt.datetime
) -> Appointment:
    """The EHR has the visit. Publishes `scheduling.appointment-confirmed`, once.

    :raises Appointment.DoesNotExist:
    """
    with transaction.atomic():
        appointment = locks.lock_appointment(appointment_id)
        names: dict[str, Any] = {
            "source": source,
            "source_id": told.appointment_id,
            "source_version": told.version,
        }
        if appointment.status == AppointmentStatus.REQUESTED:
            move(appointment, to=AppointmentStatus.BOOKED, by=by, at=at, **names)
            publish("scheduling.appointment-confirmed", appointment, at=at)
        elif not appointment.source_id:
            # Cancelled while the EHR was creating it: keep its name, so it can be cancelled.
            Appointment.objects.filter(pk=appointment.pk).update(**names)
    return appointment


def refuse_booking(
    *, appointment_id: int, reason: str, slot_is_free: bool | None, by: Actor, at: dt.datetime
) -> bool:
    """The EHR would not have the visit; it never was one. False when it is settled already.

    `slot_is_free` is what the EHR says of the slot now, None when it cannot say. Publishes
    `scheduling.appointment-refused`.
    """
    with transaction.atomic():
        slot_id = Appointment.objects.values_list("slot_id", flat=True).get(pk=appointment_id)
        slot = locks.lock_slot(slot_id) if slot_id else None
        appointment = locks.lock_appointment(appointment_id)
        if appointment.status != AppointmentStatus.REQUESTED:
            return False
        move(appointment, to=AppointmentStatus.REFUSED, by=by, at=at, reason=reason)
        if slot is not None:
            _settle_refused_slot(slot, slot_is_free=slot_is_free, by=by, at=at)
        publish(
            "scheduling.appointment-refused",
            appointment,
            at=at,
            slot=slot_id,
            slot_is_free="yes" if slot is not None and slot.status == SlotStatus.FREE else "no",
        )
    return True


def _settle_refused_slot(
    slot: Slot, *, slot_is_free: bool | None, by: Actor, at: dt.datetime
) -> None:
    """Free again only if the EHR says so, or the slot is ours; else it is the EHR's, and busy."""
    taken = min(live_on(slot), slot.capacity)
    slot_is_free = slot_is_free or is_ours(slot)
    if slot_is_free and slot.status == SlotStatus.BUSY and taken < slot.capacity:
        reason = "its schedule is made here" if is_ours(slot) else "the EHR says it is free"
        move(slot, to=SlotStatus.FREE, by=by, at=at, reason=reason, taken=taken)
    elif not slot_is_free and slot.status == SlotStatus.FREE:
        move(slot, to=SlotStatus.BUSY, by=by, at=at, reason="the EHR refused it", taken=taken)
    else:
        Slot.objects.filter(pk=slot.pk).update(taken=taken)
        slot.taken = taken
