"""A request that the clinic fulfils by moving the patient's later visit, not by a second one."""

from __future__ import annotations

import datetime as dt

from crm.engine import Actor, move, publish, record
from scheduling import locks
from scheduling.actions.aftermath import leave_for
from scheduling.actions.cancelling import is_late
from scheduling.actions.orders import carry_orders
from scheduling.actions.told import find_request_for
from scheduling.models import Appointment
from scheduling.ports import AppointmentReport
from scheduling.states import LIVE, AppointmentStatus, CancelReason, FreedBy

GIVEN_UP_FOR = "took an earlier visit"


def fulfil_request(
    known: Appointment, report: AppointmentReport, *, by: Actor, at: dt.datetime
) -> Appointment | None:
    """The request that takes over the EHR's visit; None where there is none.

    In the EHR it is one visit with a new time; here it is the later visit, given up, and the
    requested one, booked. The EHR's key goes to the requested one, so that whatever the EHR
    says of its visit from now on is about that; the orders of the later one go along. Locks both
    slots by key, then both visits by key. Publishes `scheduling.appointment-cancelled` for the
    later one.
    """
    asked = find_request_for(known, report)
    if asked is None:
        return None
    keys = sorted({pk for pk in (known.slot_id, asked.slot_id) if pk is not None})
    slots = {pk: locks.lock_slot(pk) for pk in keys}
    held = {pk: locks.lock_appointment(pk) for pk in sorted([known.pk, asked.pk])}
    later, asked = held[known.pk], held[asked.pk]
    if asked.status != AppointmentStatus.REQUESTED or later.status not in LIVE:
        return None
    source, key, sent_at = later.source, later.source_id, later.source_sent_at
    move(
        later,
        to=AppointmentStatus.CANCELLED,
        by=by,
        at=at,
        reason="moved in the EHR to the time that was requested",
        cancelled_at=at,
        cancelled_by=CancelReason.EARLIER_TIME.who,
        cancel_reason=GIVEN_UP_FOR,
        cancel_code=CancelReason.EARLIER_TIME,
        cancelled_late=is_late(later, at=report.sent_at),
        source_id="",
    )
    Appointment.objects.filter(pk=asked.pk).update(
        source=source, source_id=key, source_sent_at=sent_at
    )
    record("scheduling.appointment.took-over", asked, by=by, at=at, visit=later.pk)
    carry_orders(old=later, new=asked, by=by, at=at)
    if later.slot_id is not None:
        leave_for(slots[later.slot_id], later, report, cause=FreedBy.GIVEN_UP, by=by, at=at)
    publish(
        "scheduling.appointment-cancelled",
        later,
        at=at,
        slot=later.slot_id,
        cause=FreedBy.GIVEN_UP,
    )
    return Appointment.objects.get(pk=asked.pk)
