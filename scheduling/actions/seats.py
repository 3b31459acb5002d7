"""Taking and giving back a seat of a slot. Callers hold the slot's lock."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

from django.db import transaction
from django.db.models import QuerySet

from crm.engine import Actor, move, publish, ring
from scheduling import locks
from scheduling.models import Appointment, Hold, Slot
from scheduling.rules import opens_when_free
from scheduling.states import LIVE, CancelledBy, FreedBy, SlotStatus

SETTLE_SLOT = "scheduling.settle-slot"
_OURS = "its schedule is made here"


def free_seat(slot: Slot, *, kept: QuerySet[Hold] | None = None) -> int | None:
    """The lowest seat that no live visit of this slot has; None when all are taken.

    :param kept: holds of others, whose seats are taken, too. An EHR's own visits know of none.
    """
    seats = Appointment.objects.filter(slot=slot, status__in=LIVE).values_list("seat", flat=True)
    if kept is not None:
        seats = seats.union(kept.filter(slot=slot).values_list("seat", flat=True))
    return lowest_seat(slot, taken=set(seats))


def lowest_seat(slot: Slot, *, taken: Collection[int]) -> int | None:
    """The lowest seat of the slot that is not taken; None when all are."""
    return next((n for n in range(1, slot.capacity + 1) if n not in taken), None)


def count_seats(
    slot: Slot, *, by: Actor, at: dt.datetime, reason: str, live: int | None = None
) -> None:
    """Bring `taken` and `status` in line with the visits that stand on the slot now.

    Full means busy. Losing a visit is `vacate`'s business, since it needs the cause.

    :param live: how many stand, where the caller has just counted them.
    """
    taken = min(live_on(slot) if live is None else live, slot.capacity)
    if taken == slot.capacity and slot.status in {SlotStatus.FREE, SlotStatus.VACATED}:
        move(
            slot,
            to=SlotStatus.BUSY,
            by=by,
            at=at,
            reason=reason,
            taken=taken,
            vacated_cause="",
            vacated_appointment=None,
        )
    elif taken != slot.taken:
        Slot.objects.filter(pk=slot.pk).update(taken=taken)
        slot.taken = taken


def live_on(slot: Slot) -> int:
    """How many live visits stand on the slot."""
    return Appointment.objects.filter(slot=slot, status__in=LIVE).count()


def vacate(
    slot: Slot,
    appointment: Appointment,
    *,
    cause: FreedBy,
    ehr_knows: bool,
    by: Actor,
    at: dt.datetime,
) -> None:
    """A visit has left the slot: busy becomes *vacated*, and where the slot is ours, free.

    Whether the clinic sells that time again is otherwise for its EHR to say (the slot's step
    asks), or for the rule that it has signed. An EHR that has yet to hear of the cancel from us is
    asked after that (`ehr_knows`): before, it would say that the slot is busy.
    """
    taken = min(live_on(slot), slot.capacity)
    if slot.status != SlotStatus.BUSY:
        count_seats(slot, by=by, at=at, reason=cause)
        return
    if taken >= slot.capacity:
        return  # the EHR had more visits on it than seats
    ours = is_ours(slot)
    move(
        slot,
        to=SlotStatus.VACATED,
        by=by,
        at=at,
        reason=cause,
        taken=taken,
        vacated_cause=cause,
        vacated_appointment=appointment,
        due_at=slot.release_at if ours else at if ehr_knows else None,
    )
    if ours:
        free_slot(slot, cause=cause, by=by, at=at, reason=_OURS)
    elif ehr_knows:
        ring(SETTLE_SLOT, slot.pk)


def free_slot(slot: Slot, *, cause: FreedBy, by: Actor, at: dt.datetime, reason: str) -> None:
    """Make a slot bookable and say so. The caller holds its lock.

    Publishes `scheduling.slot-freed`, unless its time has come already, or the clinic itself
    took the visit back: time that a provider or an organization cancelled is bookable by hand,
    but not offered to anybody.
    """
    was = slot.vacated_appointment
    move(
        slot,
        to=SlotStatus.FREE,
        by=by,
        at=at,
        reason=reason,
        taken=min(live_on(slot), slot.capacity),
        vacated_cause="",
        vacated_appointment=None,
    )
    cancelled_by = CancelledBy(was.cancelled_by) if was and was.cancelled_by else None
    if slot.starts_at > at and opens_when_free(cancelled_by):
        publish(
            "scheduling.slot-freed", slot, at=at, cause=cause, appointment=was.pk if was else None
        )


def is_ours(slot: Slot) -> bool:
    """Whether its schedule is made here: no EHR has the slot, so that none can say it is free."""
    return not slot.source_id and slot.role.clinic.owns_schedule


def free_our_own(*, slot_id: int, by: Actor, at: dt.datetime) -> bool:
    """Free a slot of our own that stands vacated, of which a visit's end had told before its
    clinic made its schedule here. False for any other.

    Publishes `scheduling.slot-freed`, as `free_slot` says.

    :raises Slot.DoesNotExist:
    """
    with transaction.atomic():
        slot = locks.lock_slot(slot_id)
        if slot.status != SlotStatus.VACATED or not is_ours(slot):
            return False
        cause = FreedBy(slot.vacated_cause or FreedBy.CANCELLATION)
        free_slot(slot, cause=cause, by=by, at=at, reason=_OURS)
    return True
