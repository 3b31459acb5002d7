"""A slot's own life: freed, released, and what the EHR says of it."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import transaction

from crm.engine import Actor, insert_or_none, move, publish, record
from scheduling import locks
from scheduling.actions.checks import check_report
from scheduling.actions.outcomes import ReportOutcome, ReportRefused
from scheduling.actions.releasing import lifts_at
from scheduling.actions.seats import free_slot, live_on
from scheduling.directory import find_coded, find_role
from scheduling.models import Slot, VisitType
from scheduling.ports import SlotReport
from scheduling.states import EhrOperation, FreedBy, Restriction, SlotStatus


def release_slot(*, slot_id: int, by: Actor, at: dt.datetime) -> None:
    """Let a slot's release rule take effect: restriction and audience lift, or the block drops.

    Publishes `scheduling.slot-freed` when the slot is then open to more patients than before.

    :raises Slot.DoesNotExist:
    """
    with transaction.atomic():
        slot = locks.lock_slot(slot_id)
        if slot.release_at is None or slot.release_at > at:
            return
        was, kept_for = slot.restriction, slot.audience_id
        lifted = {"restriction": Restriction.NONE, "audience": None, "release_at": None}
        Slot.objects.filter(pk=slot.pk).update(**lifted)
        slot.restriction, slot.audience, slot.release_at = Restriction.NONE, None, None
        record("scheduling.slot.released", slot, by=by, at=at, restriction=was, audience=kept_for)
        if slot.status == SlotStatus.BLOCKED:
            free_slot(
                slot, cause=FreedBy.BLOCK_RELEASED, by=by, at=at, reason="its block was released"
            )
        elif slot.status == SlotStatus.FREE and (was != Restriction.NONE or kept_for):
            publish("scheduling.slot-freed", slot, at=at, cause=FreedBy.RELEASE_RULE)


def apply_slot_report(report: SlotReport, *, by: Actor, at: dt.datetime) -> ReportOutcome:
    """Store what an EHR says of one of its slots.

    An older statement never undoes a newer one. Publishes `scheduling.slot-freed` or
    `scheduling.slot-taken` when that is what changed.

    :raises ReportRefused: for an unknown slot that cannot be made from the statement.
    """
    check_report(report, at=at)
    with transaction.atomic():
        known = Slot.objects.filter(source=report.source, source_id=report.slot_id).first()
        if known is None:
            made = _new_slot(report, by=by, at=at)
            if made is not None:
                return ReportOutcome.applied(f"New slot, {made.status}.", slot=made)
            known = Slot.objects.get(source=report.source, source_id=report.slot_id)
        slot = locks.lock_slot(known.pk)
        if slot.source_sent_at is not None and report.sent_at < slot.source_sent_at:
            return ReportOutcome.ignored("It is older than what we know of this slot.", slot=slot)
        slot.source_sent_at, slot.source_status = report.sent_at, report.status
        slot.save(update_fields=["source_sent_at", "source_status"])
        said = _follow_time(slot, report, by=by, at=at) + _follow(slot, report, by=by, at=at)
    return ReportOutcome.applied(said, slot=slot)


def _follow_time(slot: Slot, report: SlotReport, *, by: Actor, at: dt.datetime) -> str:
    """A slot that is moved is not what was offered: whoever offers it must stop.

    Free, it is told as taken at the old time and as freed at the new one: whichever is heard
    first, the old opening ends and a new one begins.
    """
    starts_at, ends_at = report.starts_at or slot.starts_at, report.ends_at or slot.ends_at
    if (starts_at, ends_at) == (slot.starts_at, slot.ends_at) or starts_at >= ends_at:
        return ""
    _retime(slot, starts_at, ends_at)
    record("scheduling.slot.retimed", slot, by=by, at=at)
    if slot.status == SlotStatus.FREE:
        publish("scheduling.slot-taken", slot, at=at)
        if starts_at > at:
            publish("scheduling.slot-freed", slot, at=at, cause=FreedBy.NEW_TIME)
    return "Slot has a new time. "


def _retime(slot: Slot, starts_at: dt.datetime, ends_at: dt.datetime) -> None:
    """Its release rule counts from the new time, unless it has lifted what it lifts."""
    moved: dict[str, Any] = {"starts_at": starts_at, "ends_at": ends_at}
    if slot.release_at is not None and slot.release_rule is not None:
        opens = lifts_at(slot.release_rule, starts_at, slot.role.clinic.location.zone)
        moved |= {"release_at": opens, "due_at": opens}
    Slot.objects.filter(pk=slot.pk).update(**moved)
    for name, value in moved.items():
        setattr(slot, name, value)


def _follow(slot: Slot, report: SlotReport, *, by: Actor, at: dt.datetime) -> str:
    was = SlotStatus(slot.status)
    if report.status is was:
        return f"Slot is {was}, as we knew."
    if report.status is SlotStatus.FREE:
        return _freed_by_ehr(slot, was, by=by, at=at)
    sold: dict[str, Any] = {}
    if report.status is SlotStatus.BUSY:
        if was is SlotStatus.VACATED and _is_from_before(slot, report):
            return "Slot stays vacated: the EHR's word is from before its visit ended."
        sold = {"vacated_cause": "", "vacated_appointment": None}
    move(slot, to=report.status, by=by, at=at, reason="the EHR says so", **sold)
    if was is SlotStatus.FREE:
        publish("scheduling.slot-taken", slot, at=at)
    return f"Slot is {report.status} now; it was {was}."


def _is_from_before(slot: Slot, report: SlotReport) -> bool:
    """Whether the EHR had not yet touched the slot when its visit ended: it does so after."""
    visit = slot.vacated_appointment
    if visit is None:
        return False
    by_us = visit.ehr_writes.filter(operation=EhrOperation.CANCEL).exists()
    ended_at = visit.cancelled_at if by_us else visit.source_sent_at
    return ended_at is not None and report.sent_at <= ended_at


def _freed_by_ehr(slot: Slot, was: SlotStatus, *, by: Actor, at: dt.datetime) -> str:
    if live_on(slot) >= slot.capacity:
        # The news of the visit's end is still on its way, or our own booking is.
        if was is not SlotStatus.BUSY:
            count = min(live_on(slot), slot.capacity)
            move(slot, to=SlotStatus.BUSY, by=by, at=at, reason="a visit stands on it", taken=count)
        return "The EHR says free; a visit still stands on it here, so it is busy."
    fallback = FreedBy.BLOCK_RELEASED if was is SlotStatus.BLOCKED else FreedBy.CANCELLATION
    cause = FreedBy(slot.vacated_cause) if slot.vacated_cause else fallback
    free_slot(slot, cause=cause, by=by, at=at, reason="the EHR says it is free")
    return f"Slot is free now; it was {was}."


def _new_slot(report: SlotReport, *, by: Actor, at: dt.datetime) -> Slot | None:
    """Template time that we had not heard of; None when it was told twice in the same moment.

    Publishes `scheduling.slot-freed` when it is free.

    :raises ReportRefused: when too little is told.
    """
    role = find_role(report.source, report.provider, report.location)
    visit_type = find_coded(report.source, report.visit_type, VisitType)
    if report.starts_at is None or report.ends_at is None:
        raise ReportRefused("starts_at", "A slot that is new to us needs its start and end.")
    if role is None:
        raise ReportRefused("provider", "We know no such clinician at that place.")
    if visit_type is None:
        raise ReportRefused("visit_type", "We know no such visit type.")
    slot = insert_or_none(
        Slot(
            role=role,
            visit_type=visit_type,
            modality=visit_type.modality,
            starts_at=report.starts_at,
            ends_at=report.ends_at,
            status=report.status,
            source=report.source,
            source_id=report.slot_id,
            source_sent_at=report.sent_at,
            source_status=report.status,
        )
    )
    if slot is None:
        return None
    record("scheduling.slot.created", slot, by=by, at=at)
    if slot.status == SlotStatus.FREE and slot.starts_at > at:
        publish("scheduling.slot-freed", slot, at=at, cause=FreedBy.NEW_TIME)
    return slot
