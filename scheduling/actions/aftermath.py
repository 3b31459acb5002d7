"""What the news of a visit means for slots, and for other visits. Callers hold the locks."""

from __future__ import annotations

import datetime as dt

from crm.engine import Actor, publish
from scheduling.actions.seats import count_seats, free_slot, vacate
from scheduling.models import Appointment, Slot
from scheduling.ports import AppointmentReport
from scheduling.rules import siu_rule_frees
from scheduling.states import LIVE, AppointmentStatus, CancelledBy, FreedBy, SlotStatus

#: The visit will not be. (A no-show or a visit that is over has used its time up.)
GIVEN_UP = frozenset({AppointmentStatus.CANCELLED, AppointmentStatus.ENTERED_IN_ERROR})


def take_seat(slot: Slot, appointment: Appointment, *, by: Actor, at: dt.datetime) -> None:
    """The visit stands on the slot: fill it up, and say so if that ends its being free."""
    if appointment.status not in LIVE:
        return
    was = slot.status
    count_seats(slot, by=by, at=at, reason="a visit in the EHR")
    if was != SlotStatus.BUSY and slot.status == SlotStatus.BUSY:
        publish("scheduling.slot-taken", slot, at=at, appointment=appointment.pk)


def leave(
    slot: Slot,
    appointment: Appointment,
    report: AppointmentReport,
    *,
    was: AppointmentStatus,
    told_before: dt.datetime | None = None,
    by: Actor,
    at: dt.datetime,
) -> None:
    """The visit no longer stands on the slot. A feed that tells of slots will say what is next,
    or has said it already; for one that does not, the clinic's signed rule decides.

    `told_before` is when the statement before this one was sent about the visit.
    """
    if was not in LIVE:
        return
    cause = FreedBy.RESCHEDULE if appointment.status in LIVE else FreedBy.CANCELLATION
    leave_for(slot, appointment, report, cause=cause, told_before=told_before, by=by, at=at)


def leave_for(
    slot: Slot,
    appointment: Appointment,
    report: AppointmentReport,
    *,
    cause: FreedBy,
    told_before: dt.datetime | None = None,
    by: Actor,
    at: dt.datetime,
) -> None:
    """The same, where the cause is known."""
    vacate(slot, appointment, cause=cause, ehr_knows=True, by=by, at=at)
    if slot.status != SlotStatus.VACATED:
        return
    if report.tells_slots:
        if _was_told_free(slot, report, told_before):
            reason = "the EHR said that it is free before it told of the visit"
            free_slot(slot, cause=cause, by=by, at=at, reason=reason)
        return
    clinic = slot.role.clinic
    # A reschedule is the patient's doing unless the feed says otherwise.
    cancelled_by = report.cancelled_by if cause is FreedBy.CANCELLATION else CancelledBy.PATIENT
    if siu_rule_frees(
        is_signed=clinic.siu_rule_signed_at is not None,
        covers_unstated=clinic.siu_rule_covers_unstated,
        cancelled_by=cancelled_by,
    ):
        free_slot(slot, cause=cause, by=by, at=at, reason="by the clinic's signed rule")


def _was_told_free(slot: Slot, report: AppointmentReport, told_before: dt.datetime | None) -> bool:
    """Whether the EHR's last word on the slot is that it is free, said after all that it had said
    of the visit until now: the news of the visit's end then came behind that of its slot."""
    told_at = slot.source_sent_at
    return (
        slot.source == report.source
        and slot.source_status == SlotStatus.FREE
        and told_before is not None
        and told_at is not None
        and told_at > told_before
    )
