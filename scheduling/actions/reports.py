"""What EHRs say of visits. The clinic owns its schedule: what it reports is always stored."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import transaction
from django.db.models import Model

from crm.engine import Actor, move, publish, record, written_together
from scheduling import locks
from scheduling.actions.aftermath import GIVEN_UP, leave, take_seat
from scheduling.actions.cancel_reports import add_why, cancel_fields
from scheduling.actions.checks import check_report
from scheduling.actions.fulfilling import fulfil_request
from scheduling.actions.outcomes import ReportOutcome, ReportRefused, UnknownVisit
from scheduling.actions.overlaps import Before, flag_overlap, settle_overlaps
from scheduling.actions.reported_needs import keep_order
from scheduling.actions.seats import free_seat
from scheduling.actions.told import Told, find_known, resolve
from scheduling.linking import link_person
from scheduling.models import Appointment, Slot
from scheduling.people import update_patient
from scheduling.ports import AppointmentReport, ReportKind
from scheduling.states import (
    LIVE,
    STANDS,
    AppointmentStatus,
    EhrOperation,
    EhrWriteStatus,
    FreedBy,
    Origin,
)

__all__ = ["ReportOutcome", "ReportRefused", "UnknownVisit", "apply_appointment_report"]

#: These may speak of a visit that we have never heard of, and then register it.
REGISTERS = frozenset(
    {ReportKind.BOOKED, ReportKind.RESCHEDULED, ReportKind.MODIFIED, ReportKind.STATE}
)
#: What our rules against double booking look at. Once the EHR changes any of it, the visit is
#: the EHR's own, which those rules let stand.
_OURS_TO_KEEP = frozenset({"provider", "room", "starts_at", "ends_at", "slot"})


def apply_appointment_report(
    report: AppointmentReport, *, by: Actor, at: dt.datetime
) -> ReportOutcome:
    """Store one statement about one visit, and follow what it means for slots.

    Locks the visit's outside key, then slots, then the visit. A statement older than the
    newest applied is ignored. Publishes `scheduling.appointment-reported`,
    `scheduling.appointment-registered` for a visit to come that is new to us, and what happens
    to slots.

    :raises UnknownVisit: when it ends a visit that we have not heard of.
    :raises ReportRefused: when it lacks what it needs, or contradicts what we know.
    """
    check_report(report, at=at)
    with transaction.atomic(), written_together():
        locks.lock_names(f"visit {report.source} {report.appointment_id}")
        known = find_known(report)
        if known is None and _is_linked_now(report, by=by, at=at):
            known = find_known(report)  # what they asked for online
        if known is None:
            return _register(report, by=by, at=at)
        if known.source_sent_at is not None and report.sent_at < known.source_sent_at:
            return ReportOutcome.ignored(
                "It is older than what we know of this visit.", appointment=known
            )
        known = fulfil_request(known, report, by=by, at=at) or known
        return _update(known, report, by=by, at=at)


def _is_linked_now(report: AppointmentReport, *, by: Actor, at: dt.datetime) -> bool:
    """Whether its patient has just turned out to be somebody who came to us by themselves."""
    told = report.patient
    return told is not None and bool(link_person(told, source=report.source, by=by, at=at))


def _register(report: AppointmentReport, *, by: Actor, at: dt.datetime) -> ReportOutcome:
    """A visit that is new to us."""
    if report.kind not in REGISTERS or report.status in GIVEN_UP:
        raise UnknownVisit(source=report.source, appointment_id=report.appointment_id)
    told = resolve(report, by=by, at=at)
    period = told.period()
    if told.patient is None:
        raise ReportRefused("patient", "A visit that is new to us needs a patient.")
    if period is None:
        raise ReportRefused("starts_at", "A visit that is new to us needs a time.")
    slot = locks.lock_slot(told.slot.pk) if told.slot else None
    _update_patient(told, report, by=by, at=at)
    appointment = Appointment.objects.create(
        patient=told.patient,
        slot=slot,
        starts_at=period[0],
        ends_at=period[1],
        seat=(free_seat(slot) if slot else None) or 1,
        status=report.status,
        origin=Origin.EHR,
        booked_at=report.sent_at,
        booked_by=report.source,
        source=report.source,
        source_id=report.appointment_id,
        source_version=report.version[:40],
        source_sent_at=report.sent_at,
        **told.places(),
    )
    record("scheduling.appointment.registered", appointment, by=by, at=at, kind=report.kind)
    note = keep_order(appointment, report.order, source=report.source, by=by, at=at)
    if slot is not None:
        take_seat(slot, appointment, by=by, at=at)
    flag_overlap(appointment, slot, by=by, at=at)
    publish("scheduling.appointment-reported", appointment, at=at, kind=report.kind)
    if appointment.status in STANDS and appointment.starts_at > at:
        publish("scheduling.appointment-registered", appointment, at=at)
    sentence = f"Registered a visit, {report.status}. {note}".strip()
    return ReportOutcome.applied(sentence, appointment=appointment)


def _update(
    known: Appointment, report: AppointmentReport, *, by: Actor, at: dt.datetime
) -> ReportOutcome:
    """A visit that we know, in its new state."""
    told = resolve(report, by=by, at=at)
    if told.patient is not None and told.patient.pk != known.patient_id:
        raise ReportRefused("patient", "It names another patient than this visit has.")
    old_slot, new_slot = _lock_slots(known, told)
    appointment = locks.lock_appointment(known.pk)
    _update_patient(told, report, by=by, at=at)
    was, before = AppointmentStatus(appointment.status), Before.of(appointment)
    told_before = appointment.source_sent_at
    _write_details(appointment, report, told, new_slot, by=by, at=at)
    note = keep_order(appointment, report.order, source=report.source, by=by, at=at)
    _follow_status(appointment, report, by=by, at=at)
    if old_slot is not None and (old_slot != new_slot or appointment.status in GIVEN_UP):
        leave(old_slot, appointment, report, was=was, told_before=told_before, by=by, at=at)
    if new_slot is not None:
        take_seat(new_slot, appointment, by=by, at=at)
    if Before.of(appointment) != before or appointment.status != was:
        settle_overlaps(appointment, before, by=by, at=at)
        flag_overlap(appointment, new_slot, by=by, at=at)
    publish("scheduling.appointment-reported", appointment, at=at, kind=report.kind)
    sentence = f"{_sentence(was, before.starts_at, appointment)} {note}".strip()
    return ReportOutcome.applied(sentence, appointment=appointment)


def _sentence(was: AppointmentStatus, was_at: dt.datetime, now: Appointment) -> str:
    parts = []
    if now.status != was:
        parts.append(f"The visit is {now.status} now; it was {was}.")
    if now.starts_at != was_at:
        parts.append("The visit has a new time.")
    return " ".join(parts) or f"The visit is {was}, as we knew; details were brought up to date."


def _update_patient(told: Told, report: AppointmentReport, *, by: Actor, at: dt.datetime) -> None:
    """Only now, with the slots locked: whoever else needs both takes the slot first."""
    if told.patient is not None and report.patient is not None:
        update_patient(told.patient, report.patient, sent_at=report.sent_at, by=by, at=at)


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
    said: dict[str, Any] = {
        "slot": slot,
        "source": report.source,
        "source_id": report.appointment_id,
        "source_version": report.version[:40] or appointment.source_version,
        "source_sent_at": report.sent_at,
        **told.places(),
    }
    period = told.period(appointment)
    if period is not None:
        said |= {"starts_at": period[0], "ends_at": period[1]}
    is_moved = told.moves_away(appointment)
    changed = {n: value for n, value in said.items() if _is_news(appointment, n, value)}
    comes_back = appointment.status not in LIVE and report.status in LIVE
    if comes_back or _OURS_TO_KEEP & set(changed):
        changed["origin"] = Origin.EHR
    for name, value in changed.items():
        setattr(appointment, name, value)
    appointment.save(update_fields=list(changed))
    if is_moved:
        record("scheduling.appointment.rescheduled", appointment, by=by, at=at)


def _is_news(appointment: Appointment, name: str, value: Any) -> bool:
    """Rows are compared by key, so that none is read for it."""
    if isinstance(value, Model) or value is None:
        return bool(getattr(appointment, f"{name}_id") != getattr(value, "pk", None))
    return bool(getattr(appointment, name) != value)


def _follow_status(
    appointment: Appointment, report: AppointmentReport, *, by: Actor, at: dt.datetime
) -> None:
    """The EHR's word on what became of the visit, unless we have asked it for something else
    since. Publishes `scheduling.appointment-confirmed` for a booking of ours that it has, and
    `scheduling.appointment-cancelled` or `-missed` for a visit that it ends so."""
    was = AppointmentStatus(appointment.status)
    if report.status is was:
        add_why(appointment, report)
        return
    if was is AppointmentStatus.CANCELLED and _is_before_our_cancel(appointment, report):
        return
    if was in _MARKS and report.status in _MARKS and _is_before_our_word(appointment, report):
        return
    if was is not AppointmentStatus.REQUESTED and report.status is AppointmentStatus.REQUESTED:
        return  # "proposed" of a visit that stood already: nothing that anybody can act on
    why = f"{report.source} says so"
    move(
        appointment,
        to=report.status,
        by=by,
        at=at,
        reason=why,
        **cancel_fields(appointment, report, at=at),
    )
    _tell_what_became(appointment, was, at)


def _tell_what_became(appointment: Appointment, was: AppointmentStatus, at: dt.datetime) -> None:
    if was is AppointmentStatus.REQUESTED and appointment.status in STANDS:
        publish("scheduling.appointment-confirmed", appointment, at=at)
    elif appointment.status == AppointmentStatus.NO_SHOW:
        publish("scheduling.appointment-missed", appointment, at=at)
    elif was in LIVE and appointment.status in GIVEN_UP:
        publish(
            "scheduling.appointment-cancelled",
            appointment,
            at=at,
            slot=appointment.slot_id,
            cause=FreedBy.CANCELLATION,
        )


def _is_before_our_cancel(appointment: Appointment, report: AppointmentReport) -> bool:
    """Whether the visit was cancelled by us, and this is how it stood before the EHR heard."""
    if report.status not in LIVE:
        return False
    write = (
        appointment.ehr_writes.filter(operation=EhrOperation.CANCEL)
        .exclude(status__in=[EhrWriteStatus.REFUSED, EhrWriteStatus.ABANDONED])
        .first()
    )
    return write is not None and (write.done_at is None or report.sent_at <= write.done_at)


#: What a person at the desk says on the visit's day, and takes back.
_MARKS = frozenset({AppointmentStatus.BOOKED, AppointmentStatus.ARRIVED, AppointmentStatus.NO_SHOW})
_MARKING = (EhrOperation.ARRIVE, EhrOperation.NO_SHOW, EhrOperation.RESTORE)


def _is_before_our_word(appointment: Appointment, report: AppointmentReport) -> bool:
    """Whether we have told the EHR something else of that day since, or are about to."""
    write = (
        appointment.ehr_writes.filter(operation__in=_MARKING)
        .exclude(status__in=[EhrWriteStatus.REFUSED, EhrWriteStatus.ABANDONED])
        .order_by("-pk")
        .first()
    )
    return write is not None and (write.done_at is None or report.sent_at <= write.done_at)
