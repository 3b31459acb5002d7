"""What people change in a plan before it runs, and what they do for visits on its work list."""

from __future__ import annotations

import datetime as dt
from typing import Any, Final

from django.db import transaction

from crm.actions import open_task, settle_task
from crm.engine import Actor, move, record
from crm.states import TaskKind
from scheduling import locks
from scheduling.actions.mass import NotNow, roles_of, tell
from scheduling.actions.refusals import refusals
from scheduling.models import MassMoveItem, Slot
from scheduling.queries import get_slot
from scheduling.queries.mass_judging import Judge
from scheduling.queries.mass_proposals import over_terms, score, where_of
from scheduling.queries.mass_reading import facts_of
from scheduling.rules.mass import Urgent, When, more_miles, points_of
from scheduling.states import NEEDS_AGENT, MassItemStatus, MassMoveStatus, VisitUrgency

#: An agent calls within; sooner where the visit itself is.
CALL_WITHIN: Final = dt.timedelta(hours=24)
_PLAN: Final = {MassMoveStatus.PLANNED}
S = MassItemStatus


def exclude_item(*, item_id: int, by: Actor, at: dt.datetime) -> MassMoveItem:
    """Leave the visit where it is.

    :raises NotNow: when the plan is no longer one, or this was done already.
    :raises MassMoveItem.DoesNotExist:
    """
    with transaction.atomic():
        item = lock_item(item_id, jobs=_PLAN)
        _check(item, S.PROPOSED, S.UNPLACED)
        return _moved(item, S.EXCLUDED, by=by, at=at)


def include_item(*, item_id: int, by: Actor, at: dt.datetime) -> MassMoveItem:
    """Take it into the plan again, as it was.

    :raises NotNow: as `exclude_item` does.
    :raises MassMoveItem.DoesNotExist:
    """
    with transaction.atomic():
        item = lock_item(item_id, jobs=_PLAN)
        _check(item, S.EXCLUDED)
        is_free = item.slot_id and not _is_taken(item, item.slot_id)
        return _moved(item, S.PROPOSED if is_free else S.UNPLACED, by=by, at=at)


def hand_to_agent(*, item_id: int, by: Actor, at: dt.datetime) -> MassMoveItem:
    """Onto the work list, whatever the plan proposes.

    :raises NotNow: as `exclude_item` does.
    :raises MassMoveItem.DoesNotExist:
    """
    with transaction.atomic():
        item = lock_item(item_id, jobs={*_PLAN, MassMoveStatus.PAUSED})
        _check(item, S.PROPOSED, S.UNPLACED)
        return to_work_list(item, why="A person was asked to place it.", by=by, at=at)


def choose_slot(*, item_id: int, slot_id: int, by: Actor, at: dt.datetime) -> MassMoveItem:
    """Another place for one visit, judged like any; a place of another visit of the plan is not
    to be had.

    :raises NotNow: when the plan is no longer one, or another visit of it has that place.
    :raises BookingRefused: or its kinds, where a rule stands against it that the job does not
        go past.
    :raises MassMoveItem.DoesNotExist, Slot.DoesNotExist:
    """
    with transaction.atomic():
        item = lock_item(item_id, jobs=_PLAN)
        _check(item, S.PROPOSED, S.UNPLACED)
        slot = get_slot(slot_id)
        if _is_taken(item, slot_id, seats=slot.capacity - slot.taken):
            raise NotNow("Another visit of this plan has that place.")
        _place(item, slot, at=at)
        record("scheduling.mass-item.placed", item, by=by, at=at, slot=slot_id)
        if item.status == S.UNPLACED:
            _moved(item, S.PROPOSED, by=by, at=at)
        tell(item.job, at=at)
    return item


def _place(item: MassMoveItem, slot: Slot, *, at: dt.datetime) -> None:
    visit, job = item.appointment, item.job
    judge = Judge([visit], [slot], at=at, aside=job.set_aside, roles=roles_of(job.created_by))
    if visit.visit_type_id is not None:
        judge.look_up_days([(slot, visit.visit_type_id)])
    stops, over = judge.of_pair(visit, slot)
    if stops:
        raise refusals(stops)
    facts = facts_of(visit, Urgent(VisitUrgency(item.urgency)))
    terms = (*score(facts, slot), *over_terms(over))
    when = When.of(slot.starts_at, slot.role.clinic.location.zone)
    was = item.slot_id
    item.slot, item.slot_starts_at, item.by_hand, item.why = slot, slot.starts_at, True, ""
    item.points = points_of(terms)
    item.terms = [{"name": t.name, "points": t.points, "says": t.says} for t in terms]
    item.later_days = (when.day - facts.day).days
    item.more_miles = round(more_miles(facts, where_of(slot)), 1)
    item.over_rules = sorted({one.rule.value for one in over})
    others = [pk for pk in item.options if pk != slot.pk]
    item.options = [was, *others] if was and was != slot.pk else others
    item.save()


def _is_taken(item: MassMoveItem, slot_id: int, *, seats: int = 1) -> bool:
    others = MassMoveItem.objects.filter(job=item.job_id, slot=slot_id, status=S.PROPOSED)
    return others.exclude(pk=item.pk).count() >= seats


def settle_item(*, item_id: int, by: Actor, at: dt.datetime) -> MassMoveItem:
    """An agent has spoken with the patient: the visit is moved, called off, or stays by agreement;
    or they have told them of the new time. Closes its task.

    :raises NotNow: when it is not on the work list any more.
    :raises MassMoveItem.DoesNotExist:
    """
    with transaction.atomic():
        item = lock_item(item_id)
        if item.status == S.MOVED and item.told_at is None:
            MassMoveItem.objects.filter(pk=item.pk).update(told_at=at)
            record("scheduling.mass-item.told", item, by=by, at=at)
            tell(item.job, at=at)
        else:
            _check(item, *NEEDS_AGENT)
            _moved(item, S.SETTLED, by=by, at=at)
        settle_task(cause_key=task_key(item.pk), by=by, at=at, reason="settled by a person")
    return item


def to_work_list(
    item: MassMoveItem, *, why: str, by: Actor, at: dt.datetime, failed: bool = False
) -> MassMoveItem:
    """A person places it. The caller holds the job."""
    _moved(item, S.FAILED if failed else S.FOR_AGENT, by=by, at=at, why=why[:300])
    open_call(item, title="Find a new time for a visit that cannot stay", why=why, by=by, at=at)
    return item


def open_call(item: MassMoveItem, *, title: str, why: str, by: Actor, at: dt.datetime) -> None:
    """The task of one visit, once."""
    open_task(
        kind=TaskKind.MASS_MOVE,
        title=title,
        why=why,
        patient=item.appointment.patient,
        journey=item.appointment.journey,
        due_at=at + min(CALL_WITHIN, max(dt.timedelta(hours=1), item.appointment.starts_at - at)),
        cause_key=task_key(item.pk),
        by=by,
        at=at,
    )


def task_key(item_id: int) -> str:
    return f"mass-item:{item_id}"


def lock_item(item_id: int, *, jobs: set[MassMoveStatus] | None = None) -> MassMoveItem:
    """The item, under its job's lock. :raises NotNow, MassMoveItem.DoesNotExist:"""
    job_id = MassMoveItem.objects.values_list("job_id", flat=True).get(pk=item_id)
    job = locks.lock_mass_move(job_id)
    if jobs is not None and job.status not in jobs:
        raise NotNow(f"This job is {job.get_status_display().lower()} by now.")
    item = read_item(item_id)
    item.job = job
    return item


def read_item(item_id: int) -> MassMoveItem:
    """With its visit as plans read it. :raises MassMoveItem.DoesNotExist:"""
    rows = MassMoveItem.objects.select_related(
        "job",
        "appointment__patient",
        "appointment__journey",
        "appointment__visit_type",
        "appointment__provider",
        "appointment__location",
        "appointment__role__clinic__location",
    )
    return rows.get(pk=item_id)


def _check(item: MassMoveItem, *wanted: MassItemStatus) -> None:
    if item.status not in wanted:
        raise NotNow(f"This visit is {item.get_status_display().lower()} by now.")


def _moved(
    item: MassMoveItem, to: MassItemStatus, *, by: Actor, at: dt.datetime, **fields: Any
) -> MassMoveItem:
    move(item, to=to, by=by, at=at, **fields)
    tell(item.job, at=at)
    return item
