"""What EHRs say of visits. The clinic owns its schedule: what it reports is always stored."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import transaction

from crm.actions import open_task
from crm.engine import Actor, move, publish, record
from crm.states import TaskKind
from scheduling import locks, queries
from scheduling.actions.outcomes import ReportOutcome, ReportRefused
from scheduling.actions.seats import count_seats, vacate
from scheduling.actions.slots import free_slot
from scheduling.actions.told import Told, find_known, resolve
from scheduling.models import Appointment, Slot
from scheduling.ports import AppointmentReport, ReportKind
from scheduling.rules import siu_rule_frees
from scheduling.states import (
    LIVE,
    AppointmentStatus,
    CancelledBy,
    FreedBy,
    Origin,
    SlotStatus,
)

__all__ = ["ReportOutcome", "ReportRefused", "apply_appointment_report"]

#: These may speak of a visit that we have never heard of, and then register it.
REGISTERS = frozenset(
    {ReportKind.BOOKED, ReportKind.RESCHEDULED, ReportKind.MODIFIED, ReportKind.STATE}
)
_ENDED = frozenset({AppointmentStatus.CANCELLED, AppointmentStatus.ENTERED_IN_ERROR})


def apply_appointment_report(
    report: AppointmentReport, *, by: Actor, at: dt.datetime
) -> ReportOutcome:
    """Store one statement about one visit, and follow what it means for slots.

    Locks the visit's outside key, then slots, then the visit. A statement older than the
    newest applied is ignored. Publishes `scheduling.appointment-reported`, and what happens
    to slots.

    :raises ReportRefused: unknown visit in a cancel, or a statement that lacks what it needs.
    """
    with transaction.atomic():
        locks.lock_names(f"visit {report.source} {report.appointment_id}")
        known = find_known(report)
        if known is None:
            return _register(report, by=by, at=at)
        if known.source_sent_at is not None and report.sent_at < known.source_sent_at:
            return ReportOutcome.ignored(
                "It is older than what we know of this visit.", appointment=known
            )
        return _update(known, report, by=by, at=at)


def _register(report: AppointmentReport, *, by: Actor, at: dt.datetime) -> ReportOutcome:
    """A visit that is new to us."""
    if report.kind not in REGISTERS or (
        report.kind is ReportKind.STATE and report.status in _ENDED
    ):
        raise ReportRefused("SCH-2", f"We know no visit {report.appointment_id} of this sender.")
    told = resolve(report, by=by, at=at)
    if told.patient is None or told.starts_at is None or told.ends_at is None:
        raise ReportRefused("SCH-11", "A visit that is new to us needs a patient, start and end.")
    slot = locks.lock_slot(told.slot.pk) if told.slot else None
    appointment = Appointment.objects.create(
        patient=told.patient,
        slot=slot,
        starts_at=told.starts_at,
        ends_at=told.ends_at,
        seat=1,
        status=report.status,
        origin=Origin.EHR,
        booked_at=report.sent_at,
        booked_by=report.source,
        source=report.source,
        source_id=report.appointment_id,
        source_version=report.version,
        source_sent_at=report.sent_at,
        **told.places(),
        **_cancel_fields(report, at),
    )
    record("scheduling.appointment.registered", appointment, by=by, at=at, kind=report.kind)
    _seat(slot, appointment, by=by, at=at)
    _flag_overlap(appointment, by=by, at=at)
    publish("scheduling.appointment-reported", appointment, at=at, kind=report.kind)
    return ReportOutcome.applied(f"Registered a visit, {report.status}.", appointment=appointment)


def _update(
    known: Appointment, report: AppointmentReport, *, by: Actor, at: dt.datetime
) -> ReportOutcome:
    """A visit that we know, in its new state."""
    told = resolve(report, by=by, at=at)
    if told.patient is not None and told.patient.pk != known.patient_id:
        raise ReportRefused("PID-3", "It names another patient than this visit has.")
    old_slot, new_slot = _lock_slots(known, told)
    appointment = locks.lock_appointment(known.pk)
    was, was_at = AppointmentStatus(appointment.status), appointment.starts_at
    _write_details(appointment, report, told, new_slot, by=by, at=at)
    if report.status != was and report.status in Appointment.MOVES[was]:
        move(
            appointment,
            to=report.status,
            by=by,
            at=at,
            reason=f"{report.source} says so",
            **_cancel_fields(report, at),
        )
        if was is AppointmentStatus.REQUESTED and report.status is AppointmentStatus.BOOKED:
            publish("scheduling.appointment-confirmed", appointment, at=at)
    if old_slot is not None and (old_slot != new_slot or appointment.status not in LIVE):
        _leave(old_slot, appointment, report, was, by=by, at=at)
    if new_slot is not None and appointment.status in LIVE:
        _seat(new_slot, appointment, by=by, at=at)
    if appointment.starts_at != was_at or appointment.status != was:
        _flag_overlap(appointment, by=by, at=at)
    publish("scheduling.appointment-reported", appointment, at=at, kind=report.kind)
    return ReportOutcome.applied(_sentence(was, was_at, appointment), appointment=appointment)


def _sentence(was: AppointmentStatus, was_at: dt.datetime, now: Appointment) -> str:
    parts = []
    if now.status != was:
        parts.append(f"The visit is {now.status} now; it was {was}.")
    if now.starts_at != was_at:
        parts.append("The visit has a new time.")
    return " ".join(parts) or f"The visit is {was}, as we knew; details were brought up to date."


def _lock_slots(known: Appointment, told: Told) -> tuple[Slot | None, Slot | None]:
    """The slot it stands on and the one it goes to, locked by key."""
    going = told.slot.pk if told.slot else (None if told.moves_away(known) else known.slot_id)
    keys = sorted({pk for pk in (known.slot_id, going) if pk is not None})
    held = {pk: locks.lock_slot(pk) for pk in keys}
    return held.get(known.slot_id or 0), held.get(going or 0)


def _write_details(
    appointment: Appointment,
    report: AppointmentReport,
    told: Told,
    slot: Slot | None,
    *,
    by: Actor,
    at: dt.datetime,
) -> None:
    """Everything but the status. The clinic's own change takes our booking out of our rules."""
    said = {
        "slot": slot,
        "source": report.source,
        "source_id": report.appointment_id,
        "source_version": report.version or appointment.source_version,
        "source_sent_at": report.sent_at,
        **told.places(),
    }
    moved = told.moves_away(appointment)
    if told.starts_at is not None and told.ends_at is not None:
        said |= {"starts_at": told.starts_at, "ends_at": told.ends_at}
    if moved or (slot is None) != (appointment.slot_id is None):
        said["origin"] = Origin.EHR
    changed = {name: value for name, value in said.items() if getattr(appointment, name) != value}
    for name, value in changed.items():
        setattr(appointment, name, value)
    appointment.save(update_fields=list(changed))
    if moved:
        record("scheduling.appointment.rescheduled", appointment, by=by, at=at)


def _cancel_fields(report: AppointmentReport, at: dt.datetime) -> dict[str, Any]:
    if report.status is not AppointmentStatus.CANCELLED:
        return {"cancelled_at": None, "cancelled_by": "", "cancel_reason": ""}
    reason = report.cancel_reason
    return {
        "cancelled_at": at,
        "cancelled_by": report.cancelled_by,
        "cancel_reason": (reason.text or reason.code)[:160] if reason else "",
    }


def _seat(slot: Slot | None, appointment: Appointment, *, by: Actor, at: dt.datetime) -> None:
    """The visit stands on the slot: fill it up, and say so if that ends its being free."""
    if slot is None or appointment.status not in LIVE:
        return
    was = slot.status
    count_seats(slot, by=by, at=at, reason="a visit in the EHR")
    if was != SlotStatus.BUSY and slot.status == SlotStatus.BUSY:
        publish("scheduling.slot-taken", slot, at=at, appointment=appointment.pk)


def _leave(
    slot: Slot,
    appointment: Appointment,
    report: AppointmentReport,
    was: AppointmentStatus,
    *,
    by: Actor,
    at: dt.datetime,
) -> None:
    """The visit no longer stands on the slot. A feed that tells of slots will say what is next;
    for one that does not, the clinic's signed rule decides."""
    if was not in LIVE or appointment.status == AppointmentStatus.NO_SHOW:
        return
    cause = FreedBy.RESCHEDULE if appointment.status in LIVE else FreedBy.CANCELLATION
    vacate(slot, appointment, cause=cause, by=by, at=at)
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


def _flag_overlap(appointment: Appointment, *, by: Actor, at: dt.datetime) -> None:
    """Clinics overbook on purpose, and feeds make mistakes: a person looks."""
    if appointment.status not in LIVE or not queries.overlapping(appointment).exists():
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
