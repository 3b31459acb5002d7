"""Keeping a seat of a slot for somebody for minutes, so that what is shown can be booked."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from typing import Any

from django.db import transaction

from crm.engine import Actor, insert_or_none, move, publish, record
from crm.engine.actors import ActorKind
from crm.models import Interaction, Patient, User
from crm.rules.said import say
from scheduling import locks, queries
from scheduling.actions.overrides import SetAside, pass_rules
from scheduling.actions.refusals import SlotTaken, refusals
from scheduling.actions.seats import free_seat
from scheduling.models import Hold, Slot, VisitType
from scheduling.rules import Hidden, HiddenBy
from scheduling.states import HoldStatus, RuleEffect

LAPSE_HOLD = "scheduling.hold"
#: How long a slot is kept where nobody says otherwise (minutes).
HOLD_MINUTES = 5
#: However often it is extended, no longer than this from its beginning.
LONGEST_HOLD = dt.timedelta(minutes=30)


class HoldEnded(Exception):
    """The hold was used, given back, or its time is up; the text says which, for staff."""


class HeldByAnother(Exception):
    """It is somebody else's; the text says whose, for staff."""


def hold_slot(
    *,
    slot_id: int,
    by: Actor,
    at: dt.datetime,
    owner: str,
    user: User | None = None,
    patient: Patient | None = None,
    contact: Interaction | None = None,
    visit_type: VisitType | None = None,
    minutes: int = HOLD_MINUTES,
    set_aside: SetAside | None = None,
) -> Hold:
    """Keep a seat of the slot: taken for everybody else until it is used, released or lapses.

    Locks the slot and asks the one availability rule, as booking does. Staff may hold what can be
    booked with a reason: the booking asks for that, unless it was given here. Whoever holds a seat
    of that slot for the same patient and contact already has theirs extended. Publishes
    `scheduling.slot-held`.

    :param owner: what pages show: the name of the agent, or "a patient online".
    :param patient: whom it is kept for, where that is known: then their rules are asked, too.
    :param contact: at the desk, in which it is kept: it goes with that contact to whoever has it.
    :param visit_type: what the patient needs; without it, what the slot was made for.
    :param set_aside: rules that `by` goes past with a reason, checked and put on record as
        `request_booking` does; the booking that uses the hold goes past them without asking again,
        and the clinic hears of them then.
    :raises SlotTaken, PatientBusy, BookingRefused: as `request_booking` does.
    """
    with transaction.atomic():
        locks.lock_slot(slot_id)
        slot = queries.get_slot(slot_id)
        lapse_those_over(slot, by=by, at=at)
        mine = _found_again(slot, user=user, patient=patient, contact=contact)
        if mine is not None and set_aside is None:
            return _prolong(mine, minutes=minutes, at=at)
        found = queries.judge_slots(
            [slot],
            at=at,
            patient=patient,
            visit_type=visit_type,
            own_hold_ids=(mine.pk,) if mine else (),
        )[slot_id]
        passed = _check(found, set_aside=set_aside, by=by)
        if mine is not None:
            _go_past(mine, passed, set_aside=set_aside, by=by, at=at)
            return _prolong(mine, minutes=minutes, at=at)
        seat = free_seat(slot, kept=queries.active_holds(at=at))
        expires_at = min(at + dt.timedelta(minutes=minutes), slot.starts_at)
        hold = seat and insert_or_none(
            Hold(
                slot=slot,
                seat=seat,
                owner=owner[:120],
                user=user,
                patient=patient,
                contact=contact,
                created_at=at,
                expires_at=expires_at,
                due_at=expires_at,
            )
        )
        if not hold:
            raise SlotTaken("Every seat is taken.", rule=HiddenBy.NO_SEAT)
        record("scheduling.hold.made", hold, by=by, at=at, slot=slot.pk, seat=seat)
        _go_past(hold, passed, set_aside=set_aside, by=by, at=at)
        publish("scheduling.slot-held", slot, at=at, hold=hold.pk)
    return hold


def _check(
    found: Collection[Hidden], *, set_aside: SetAside | None, by: Actor
) -> tuple[Hidden, ...]:
    """What of it is set aside by name. :raises BookingRefused: with what still stops it"""
    if set_aside is not None:
        return pass_rules(found, set_aside=set_aside, by=by)
    stops = [one for one in found if one.stops and not _may_go_on(one, by)]
    if stops:
        raise refusals(stops)
    return ()


def _go_past(
    hold: Hold,
    passed: Collection[Hidden],
    *,
    set_aside: SetAside | None,
    by: Actor,
    at: dt.datetime,
) -> None:
    if not passed or set_aside is None:
        return
    hold.aside = sorted({one.rule.value for one in passed})
    hold.aside_reason = set_aside.reason.strip()[:300]
    hold.save(update_fields=["aside", "aside_reason"])
    record(
        "scheduling.rules.set-aside",
        hold,
        by=by,
        at=at,
        reason=hold.aside_reason,
        rules=hold.aside,
        slot=hold.slot_id,
    )


def _may_go_on(hidden: Hidden, by: Actor) -> bool:
    """Staff may hold what can be booked with a reason; the booking asks who may, and why."""
    return by.kind is ActorKind.USER and hidden.effect is RuleEffect.OVERRIDE


def _found_again(
    slot: Slot, *, user: User | None, patient: Patient | None, contact: Interaction | None
) -> Hold | None:
    """Pressing twice holds once. Whoever is not signed in is known by their hold's number only."""
    if user is None:
        return None
    theirs = Hold.objects.filter(slot=slot, status=HoldStatus.HELD, user=user)
    return theirs.filter(patient=patient, contact=contact).first()


def extend_hold(*, hold_id: int, by: Actor, at: dt.datetime, minutes: int = HOLD_MINUTES) -> Hold:
    """Keep it for so many minutes from now, never longer than half an hour in all.

    :raises HoldEnded: when there is nothing left to extend.
    :raises HeldByAnother, Hold.DoesNotExist:
    """
    with transaction.atomic():
        hold = _lock_hold(hold_id)
        _check_owner(hold, by=by)
        if hold.status != HoldStatus.HELD or hold.expires_at <= at:
            raise HoldEnded(said_of(hold))
        return _prolong(hold, minutes=minutes, at=at)


def _prolong(hold: Hold, *, minutes: int, at: dt.datetime) -> Hold:
    last = min(hold.created_at + LONGEST_HOLD, hold.slot.starts_at)
    until = max(hold.expires_at, min(at + dt.timedelta(minutes=minutes), last))
    Hold.objects.filter(pk=hold.pk).update(expires_at=until, due_at=until)
    hold.expires_at = hold.due_at = until
    return hold


def release_hold(*, hold_id: int, by: Actor, at: dt.datetime) -> Hold:
    """Give it back before its time. One that has ended is left as it is.

    Publishes `scheduling.hold-ended`.

    :raises HeldByAnother, Hold.DoesNotExist:
    """
    with transaction.atomic():
        hold = _lock_hold(hold_id)
        _check_owner(hold, by=by)
        if hold.status == HoldStatus.HELD:
            _end(hold, to=HoldStatus.RELEASED, by=by, at=at)
    return hold


def lapse_hold(*, hold_id: int, by: Actor, at: dt.datetime) -> dt.datetime | None:
    """End it when its time is up; returns when that is, None when it has ended.

    Publishes `scheduling.hold-ended`.

    :raises Hold.DoesNotExist:
    """
    with transaction.atomic():
        hold = _lock_hold(hold_id)
        if hold.status != HoldStatus.HELD:
            return None
        if hold.expires_at > at:
            return hold.expires_at
        _end(hold, to=HoldStatus.LAPSED, by=by, at=at)
    return None


def lapse_those_over(slot: Slot, *, by: Actor, at: dt.datetime) -> None:
    """Nobody waits for the sweep: a seat whose hold is over is there to be held again.

    The caller holds the slot's lock.
    """
    for hold in Hold.objects.filter(slot=slot, status=HoldStatus.HELD, expires_at__lte=at):
        _end(hold, to=HoldStatus.LAPSED, by=by, at=at)


def own_hold(
    hold_id: int | None, *, slot_id: int, patient: Patient, by: Actor, at: dt.datetime
) -> Hold | None:
    """The hold that this booking may use up: of that slot, theirs, and not over. Else None.

    One that is over is no obstacle: the slot is judged as for anybody. The caller holds the slot.
    """
    if hold_id is None:
        return None
    hold = queries.active_holds(at=at).filter(pk=hold_id, slot=slot_id).first()
    if hold is None or hold.patient_id not in {None, patient.pk}:
        return None
    return hold if _may_use(hold, by=by) else None


def use_hold(hold: Hold, *, by: Actor, at: dt.datetime, appointment_id: int) -> None:
    """It has become a booking. The caller holds the slot. Publishes `scheduling.hold-ended`."""
    _end(hold, to=HoldStatus.USED, by=by, at=at, appointment=appointment_id)


def _end(hold: Hold, *, to: HoldStatus, by: Actor, at: dt.datetime, **detail: Any) -> None:
    move(hold, to=to, by=by, at=at, due_at=None, detail={"slot": hold.slot_id, **detail})
    publish("scheduling.hold-ended", hold.slot, at=at, hold=hold.pk, how=to)


def _lock_hold(hold_id: int) -> Hold:
    """Its slot first: whoever changes a hold of a slot has the slot."""
    locks.lock_slot(Hold.objects.values_list("slot_id", flat=True).get(pk=hold_id))
    return Hold.objects.select_related("slot").get(pk=hold_id)


def _may_use(hold: Hold, *, by: Actor) -> bool:
    """A member of staff has their own; one without a user belongs to whoever knows its number."""
    return hold.user_id is None or by.kind is not ActorKind.USER or by.id == hold.user_id


def _check_owner(hold: Hold, *, by: Actor) -> None:
    if not _may_use(hold, by=by):
        raise HeldByAnother(say("It is held by %(who)s.", who=hold.owner))


def said_of(hold: Hold) -> str:
    """What became of a hold, for staff."""
    if hold.status == HoldStatus.USED:
        return "It has been booked."
    if hold.status == HoldStatus.RELEASED:
        return "It was given back. Hold it again if it is still free."
    return "Its time is up. Hold it again if it is still free."
