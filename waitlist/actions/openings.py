"""The life of an opening as staff and the engine steer it."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from crm.engine import Actor, insert_or_none, move, publish, record, wake
from crm.models import Patient
from scheduling import queries as scheduling_queries
from scheduling.actions import request_booking
from scheduling.models import Appointment, Slot
from scheduling.states import FillMode, FreedBy
from waitlist import locks
from waitlist.actions.closing import close_opening
from waitlist.actions.needs import past_needs
from waitlist.actions.planning import SLOT_NOT_FREE
from waitlist.actions.plans import drop_plan
from waitlist.models import Opening
from waitlist.queries.requirements import asked_kind
from waitlist.states import LIVE_OPENING, OpeningStatus

#: The step that works on openings, see `waitlist.tasks`.
STEP = "waitlist.opening"
#: A visit given up for an earlier one opens a later time, and so on, so many times at most:
#: the gains get smaller with each.
MAX_DEPTH = 5


class OpeningClosed(Exception):
    """The opening has ended; the text says how, for staff."""


def open_opening(
    *,
    slot_id: int,
    cause: FreedBy,
    by: Actor,
    at: dt.datetime,
    freed_appointment: Appointment | None = None,
    parent: Opening | None = None,
) -> Opening | None:
    """Start filling a freed slot, in the mode of its clinic. Publishes `waitlist.opening-opened`.

    One that its clinic keeps for its own day or week waits for that (`open_kept_opening`).
    None when there is nothing to fill: the clinic has not switched this on, the slot is
    hidden from everybody, the time is too near, the cascade is deep enough, or an opening
    lives already.
    """
    slot = scheduling_queries.get_slot(slot_id)
    depth = parent.depth + 1 if parent else 0
    deadline_at = slot.starts_at - dt.timedelta(minutes=slot.visit_type.lead_minutes)
    opens_at = scheduling_queries.opens_at(slot, at=at) if _is_wanted(slot) else None
    if opens_at is None or deadline_at <= max(at, opens_at) or depth > MAX_DEPTH:
        return None
    with transaction.atomic():
        opening = insert_or_none(
            Opening(
                slot=slot,
                status=OpeningStatus.LATER if opens_at > at else OpeningStatus.MATCHING,
                mode=slot.role.clinic.mode,
                cause=cause,
                freed_appointment=freed_appointment,
                parent=parent,
                depth=depth,
                opened_at=at,
                starts_at=slot.starts_at,
                deadline_at=deadline_at,
            )
        )
        if opening is None:
            return None
        record("waitlist.opening.opened", opening, by=by, at=at, cause=cause, slot=slot.pk)
        publish("waitlist.opening-opened", opening, at=at, slot=slot.pk)
        wake(opening, STEP, at=max(at, opens_at))
    return opening


def _is_wanted(slot: Slot) -> bool:
    """Whether the clinic has switched this kind of visit on."""
    clinic = slot.role.clinic
    if clinic.mode == FillMode.OFF:
        return False
    return clinic.visit_types.filter(pk=slot.visit_type_id).exists()


def open_kept_opening(*, opening_id: int, by: Actor, at: dt.datetime) -> dt.datetime | None:
    """The day or week has come that its clinic kept the slot for: look for people now.

    Returns when to come again; None once it has opened, or is nothing of that kind.
    """
    with transaction.atomic():
        opening = locks.lock_opening(opening_id)
        if opening.status != OpeningStatus.LATER:
            return None
        slot = scheduling_queries.get_slot(opening.slot_id)
        opens_at = scheduling_queries.opens_at(slot, at=at)
        if opens_at is None:
            return at + SLOT_NOT_FREE
        if opens_at > at:
            return opens_at
        move(opening, to=OpeningStatus.MATCHING, by=by, at=at, reason="its own day or week")
    return None


def pause_opening(*, opening_id: int, by: Actor, at: dt.datetime) -> Opening:
    """Send no further waves. Offers that are out stand: a YES to them still counts.

    :raises OpeningClosed: when it has ended, is being booked, or asks nobody anyway.
    """
    with transaction.atomic():
        opening = _lock_live(opening_id)
        if opening.status == OpeningStatus.CLAIMED:
            raise OpeningClosed("Somebody has said yes; the EHR is being asked.")
        if opening.status in {OpeningStatus.LATER, OpeningStatus.WATCHING}:
            raise OpeningClosed("Nobody is asked about it now, so there is nothing to pause.")
        if opening.status != OpeningStatus.PAUSED:
            drop_plan(opening, reason="paused", by=by, at=at)
            move(
                opening,
                to=OpeningStatus.PAUSED,
                by=by,
                at=at,
                due_at=opening.deadline_at,
                is_paused=True,
            )
            publish("waitlist.opening-paused", opening, at=at)
    return opening


def resume_opening(*, opening_id: int, by: Actor, at: dt.datetime) -> Opening:
    """Go on where the pause began. :raises OpeningClosed:"""
    with transaction.atomic():
        opening = _lock_live(opening_id)
        if opening.status == OpeningStatus.PAUSED:
            to = OpeningStatus.OFFERING if opening.matched_at else OpeningStatus.MATCHING
            move(opening, to=to, by=by, at=at, is_paused=False)
            publish("waitlist.opening-resumed", opening, at=at)
            wake(opening, STEP, at=at)
    return opening


def withdraw_opening(*, opening_id: int, reason: str, by: Actor, at: dt.datetime) -> Opening:
    """Stop filling: every offer closes and its patient is told. The slot stays free.

    :raises OpeningClosed: when it has ended, or is being booked.
    """
    with transaction.atomic():
        opening = _lock_live(opening_id)
        if opening.status == OpeningStatus.CLAIMED:
            raise OpeningClosed("Somebody has said yes; the EHR is being asked.")
        close_opening(opening, to=OpeningStatus.WITHDRAWN, why=reason, by=by, at=at)
    return opening


def book_by_hand(
    *,
    opening_id: int,
    patient: Patient,
    gives_up: Appointment | None,
    by: Actor,
    at: dt.datetime,
    set_aside: str = "",
) -> Appointment:
    """Staff book a patient into the opening; it closes at once and every offer with it.

    :param set_aside: why it is booked although a need stands against it (`past_needs`).
    :raises OpeningClosed: when it has ended, or is being booked.
    :raises scheduling.actions.BookingRefused: when a rule hides the slot from this patient.
    """
    with transaction.atomic():
        opening = _lock_live(opening_id)
        if opening.status == OpeningStatus.CLAIMED:
            raise OpeningClosed("Somebody has said yes; the EHR is being asked.")
        slot = scheduling_queries.get_slot(opening.slot_id)
        appointment = request_booking(
            slot_id=opening.slot_id,
            patient=patient,
            gives_up=gives_up,
            starts_at=opening.starts_at,
            known=slot,
            visit_type=asked_kind(opening, slot, patient=patient, gives_up=gives_up),
            set_aside=past_needs(set_aside),
            by=by,
            at=at,
        )
        close_opening(
            opening, to=OpeningStatus.TAKEN, why=f"booked by hand by {by.label}", by=by, at=at
        )
    return appointment


def _lock_live(opening_id: int) -> Opening:
    opening = locks.lock_opening(opening_id)
    if opening.status not in LIVE_OPENING:
        raise OpeningClosed(f"This opening is {opening.status} already.")
    return opening
