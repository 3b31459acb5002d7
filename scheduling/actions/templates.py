"""Bringing slots in line with the weekly patterns: first what would change, then the writing.

Nothing is orphaned silently: booked visits whose slot goes are shown first, and whoever applies
the plan says what becomes of them. A slot to which anything points is withdrawn, never deleted.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from django.db import transaction

from crm.engine import Actor, move, publish, record, written_together
from scheduling import locks
from scheduling.actions.seats import live_on
from scheduling.models import Appointment, ProviderRole, ScheduleRun, Slot, VisitToMove
from scheduling.queries import schedule_diff, schedule_writes
from scheduling.queries.schedule_diff import STANDS, Change, Orphan
from scheduling.states import LIVE, FreedBy, OrphanChoice, SlotStatus

#: Roles whose slots are compared and written together: some 30,000 slots of four months.
BATCH = 20
WHY_OFF = "no longer on the schedule"
WHY_TO_MOVE = "Its time is no longer on the schedule."


class WouldOrphan(Exception):
    """Booked visits would lose their slot, and nobody said what becomes of them."""

    def __init__(self, count: int) -> None:
        super().__init__(
            f"{count} booked visit{'s' if count != 1 else ''} would lose the slot. Say whether it "
            "stays until the visit is over, or the visit is to be moved."
        )


@dataclass(frozen=True, slots=True)
class SchedulePlan:
    """What applying the schedules of these days would change, and for whom."""

    first_on: dt.date
    last_on: dt.date
    by_role: dict[int, dict[Change, int]]
    orphans: tuple[Orphan, ...]

    def count(self, change: Change) -> int:
        """Slots of all roles for which that is to be done."""
        return sum(counts.get(change, 0) for counts in self.by_role.values())

    @property
    def changes_nothing(self) -> bool:
        """Whether everything stands as the schedules say."""
        return not any(map(self.count, set(Change) - STANDS))


def plan_schedule(
    role_ids: Sequence[int], *, first_on: dt.date, last_on: dt.date, at: dt.datetime
) -> SchedulePlan:
    """What would change; writes nothing.

    :param role_ids: as `queries.schedules.scheduled_roles` returns them.
    :param last_on: included.
    """
    by_role: dict[int, dict[Change, int]] = {}
    orphans: list[Orphan] = []
    for start in range(0, len(role_ids), BATCH):
        with transaction.atomic():
            some = role_ids[start : start + BATCH]
            by_role |= schedule_diff.compare(some, first_on=first_on, last_on=last_on, at=at)
            orphans += schedule_diff.orphans()
    orphans.sort(key=lambda orphan: (orphan.starts_at, orphan.appointment_id))
    return SchedulePlan(first_on, last_on, by_role, tuple(orphans))


def apply_plan(
    role_ids: Sequence[int],
    *,
    first_on: dt.date,
    last_on: dt.date,
    orphans: OrphanChoice | None,
    by: Actor,
    at: dt.datetime,
    run: ScheduleRun | None = None,
) -> Counter[str]:
    """Write what `plan_schedule` shows, as it stands now; returns how many of each `Change`.

    Locks the roles, so that two that apply the same schedule follow one another, then the slots
    that go. Doing it again changes nothing. For a batch of roles: one transaction.
    Publishes `scheduling.slot-taken` for free slots that are withdrawn, since somebody may be
    offering them, and `scheduling.schedule-applied` for each role that changed; nothing for new
    slots, which are no freed time.

    :raises WouldOrphan: when booked visits would lose their slot and `orphans` is None.
    """
    done: Counter[str] = Counter()
    with transaction.atomic(), written_together():
        locks.lock_roles(role_ids)
        by_role = schedule_diff.compare(role_ids, first_on=first_on, last_on=last_on, at=at)
        stranded = {orphan.slot_id for orphan in schedule_diff.orphans()}
        _check(stranded, orphans)
        going = set(schedule_diff.slots_to(Change.REMOVE)) | stranded
        locked = {slot.pk: slot for slot in locks.lock_slots(sorted(going))}
        stranded |= _booked_since(going - stranded)
        _check(stranded, orphans)
        if orphans is OrphanChoice.HAND_OVER:
            _hand_over([locked[pk] for pk in sorted(stranded)], run=run, by=by, at=at)
        else:
            _sell_no_more_seats([locked[pk] for pk in sorted(stranded)], by=by, at=at)
        done[Change.ORPHAN] = len(stranded)
        done[Change.REMOVE] = _take_off([locked[pk] for pk in sorted(going - stranded)], by, at)
        done[Change.REVIVE] = _put_back(schedule_diff.slots_to(Change.REVIVE), by=by, at=at)
        done[Change.CHANGE] = _change(at)
        new = [Change.ADD]
        if orphans is OrphanChoice.HAND_OVER:
            new.append(Change.OVERLAP)
        done[Change.ADD] = schedule_writes.add_slots(*new)
        for change in (Change.KEEP, Change.HELD):
            done[change] = sum(counts.get(change, 0) for counts in by_role.values())
        _tell(by_role, by=by, at=at)
    return done


def _check(stranded: Collection[int], orphans: OrphanChoice | None) -> None:
    if stranded and orphans is None:
        raise WouldOrphan(len(stranded))


def _booked_since(slot_ids: Collection[int]) -> set[int]:
    """Slots on which a visit stands now that their locks are held."""
    slots = Slot.objects.filter(pk__in=slot_ids, appointments__status__in=LIVE)
    return set(slots.values_list("pk", flat=True))


def _hand_over(
    slots: Sequence[Slot], *, run: ScheduleRun | None, by: Actor, at: dt.datetime
) -> None:
    """Their slots go; the visits stay booked, on the list of those that somebody must move."""
    for slot in slots:
        move(slot, to=SlotStatus.WITHDRAWN, by=by, at=at, reason=WHY_OFF, due_at=None)
    visits = Appointment.objects.filter(slot__in=slots, status__in=LIVE).order_by("pk")
    VisitToMove.objects.bulk_create(
        [
            VisitToMove(appointment_id=pk, run=run, why=WHY_TO_MOVE, added_at=at)
            for pk in visits.values_list("pk", flat=True)
        ],
        ignore_conflicts=True,  # on the list already
    )


def _sell_no_more_seats(slots: Sequence[Slot], *, by: Actor, at: dt.datetime) -> None:
    for slot in slots:
        taken = max(1, min(live_on(slot), slot.capacity))
        if taken < slot.capacity:
            Slot.objects.filter(pk=slot.pk).update(capacity=taken, taken=taken)
            slot.capacity = slot.taken = taken
        if slot.status in {SlotStatus.FREE, SlotStatus.VACATED}:
            move(slot, to=SlotStatus.BUSY, by=by, at=at, reason="kept for its visit", taken=taken)


def _take_off(slots: Sequence[Slot], by: Actor, at: dt.datetime) -> int:
    """Withdraw those to which something points, and delete the rest."""
    kept = schedule_writes.with_something_on([slot.pk for slot in slots]) if slots else set()
    for slot in slots:
        if slot.pk in kept:
            was_free = slot.status == SlotStatus.FREE
            move(slot, to=SlotStatus.WITHDRAWN, by=by, at=at, reason=WHY_OFF, due_at=None)
            if was_free:
                publish("scheduling.slot-taken", slot, at=at)
    schedule_writes.delete_slots([slot.pk for slot in slots if slot.pk not in kept])
    return len(slots)


def _put_back(slot_ids: Sequence[int], *, by: Actor, at: dt.datetime) -> int:
    """Slots that had been withdrawn; visits that were to be moved have their place again."""
    for slot in locks.lock_slots(slot_ids):
        taken = min(live_on(slot), slot.capacity)
        to = SlotStatus.BUSY if taken >= slot.capacity else SlotStatus.FREE
        move(slot, to=to, by=by, at=at, reason="on the schedule again", taken=taken)
    VisitToMove.objects.filter(appointment__slot__in=slot_ids).delete()
    return len(slot_ids)


def _change(at: dt.datetime) -> int:
    """What is offered just now is not what was offered: its opening ends, and another begins."""
    slot_ids = schedule_diff.slots_to(Change.CHANGE)
    if not slot_ids:
        return 0
    changed = schedule_writes.change_slots()
    offered = schedule_writes.with_something_on(slot_ids)
    for slot in Slot.objects.filter(pk__in=offered, status=SlotStatus.FREE).order_by("pk"):
        publish("scheduling.slot-taken", slot, at=at)
        publish("scheduling.slot-freed", slot, at=at, cause=FreedBy.NEW_TIME)
    return changed


def _tell(by_role: dict[int, dict[Change, int]], *, by: Actor, at: dt.datetime) -> None:
    for role in ProviderRole.objects.filter(pk__in=by_role).order_by("pk"):
        changed = {str(c): n for c, n in by_role[role.pk].items() if c not in STANDS}
        if changed:
            record("scheduling.schedule.applied", role, by=by, at=at, counts=changed)
            publish("scheduling.schedule-applied", role, at=at)
