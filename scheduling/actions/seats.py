"""Taking and giving back a seat of a slot. Callers hold the slot's lock."""

from __future__ import annotations

import datetime as dt

from django.db.models import QuerySet

from crm.engine import Actor, move, ring
from scheduling.models import Appointment, Hold, Slot
from scheduling.states import LIVE, FreedBy, SlotStatus

SETTLE_SLOT = "scheduling.settle-slot"


def free_seat(slot: Slot, *, kept: QuerySet[Hold] | None = None) -> int | None:
    """The lowest seat that no live visit of this slot has; None when all are taken.

    :param kept: holds of others, whose seats are taken, too. An EHR's own visits know of none.
    """
    seats = Appointment.objects.filter(slot=slot, status__in=LIVE).values_list("seat", flat=True)
    if kept is not None:
        seats = seats.union(kept.filter(slot=slot).values_list("seat", flat=True))
    taken = set(seats)
    return next((n for n in range(1, slot.capacity + 1) if n not in taken), None)


def count_seats(slot: Slot, *, by: Actor, at: dt.datetime, reason: str) -> None:
    """Bring `taken` and `status` in line with the visits that stand on the slot now.

    Full means busy. Losing a visit is `vacate`'s business, since it needs the cause.
    """
    taken = min(live_on(slot), slot.capacity)
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
    """A visit has left the slot: busy becomes *vacated*, not free.

    Whether the clinic sells that time again is for its EHR to say (the slot's step asks), or
    for the rule that it has signed. An EHR that has yet to hear of the cancel from us is asked
    after that (`ehr_knows`): before, it would say that the slot is busy.
    """
    taken = min(live_on(slot), slot.capacity)
    if slot.status != SlotStatus.BUSY:
        count_seats(slot, by=by, at=at, reason=cause)
        return
    if taken >= slot.capacity:
        return  # the EHR had more visits on it than seats
    move(
        slot,
        to=SlotStatus.VACATED,
        by=by,
        at=at,
        reason=cause,
        taken=taken,
        vacated_cause=cause,
        vacated_appointment=appointment,
        due_at=at if ehr_knows else None,
    )
    if ehr_knows:
        ring(SETTLE_SLOT, slot.pk)
