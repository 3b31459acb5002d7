"""What the news of a visit means for slots, and for other visits. Callers hold the locks."""

from __future__ import annotations

import datetime as dt

from django.db.models import Q

from crm.actions import open_task
from crm.engine import Actor, publish
from crm.states import TaskKind
from scheduling import queries
from scheduling.actions.seats import count_seats, live_on, vacate
from scheduling.actions.slots import free_slot
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
    by: Actor,
    at: dt.datetime,
) -> None:
    """The visit no longer stands on the slot. A feed that tells of slots will say what is next;
    for one that does not, the clinic's signed rule decides."""
    if was not in LIVE:
        return
    cause = FreedBy.RESCHEDULE if appointment.status in LIVE else FreedBy.CANCELLATION
    leave_for(slot, appointment, report, cause=cause, by=by, at=at)


def leave_for(
    slot: Slot,
    appointment: Appointment,
    report: AppointmentReport,
    *,
    cause: FreedBy,
    by: Actor,
    at: dt.datetime,
) -> None:
    """The same, where the cause is known."""
    vacate(slot, appointment, cause=cause, ehr_knows=True, by=by, at=at)
    if report.tells_slots or slot.status != SlotStatus.VACATED:
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


def flag_overlap(
    appointment: Appointment, slot: Slot | None, *, by: Actor, at: dt.datetime
) -> None:
    """Clinics overbook on purpose, and feeds make mistakes: a person looks.

    Other patients in the seats of one slot are no overlap: the clinic gave it those seats.
    """
    if appointment.status not in LIVE:
        return
    others = queries.overlapping(appointment)
    if slot is not None and live_on(slot) <= slot.capacity:
        others = others.exclude(Q(slot=slot) & ~Q(patient_id=appointment.patient_id))
    if not others.exists():
        return
    Appointment.objects.filter(pk=appointment.pk).update(overlap_flagged_at=at)
    appointment.overlap_flagged_at = at
    open_task(
        kind=TaskKind.OVERLAP,
        title="Two visits at one time",
        why="The EHR reports a visit that overlaps another one. Overbooked on purpose?",
        patient=appointment.patient,
        due_at=at + dt.timedelta(hours=4),
        cause_key=f"overlap:{appointment.pk}:{appointment.starts_at.isoformat()}",
        by=by,
        at=at,
    )
