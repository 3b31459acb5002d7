"""Keeping a clinic's own schedule made so many days ahead, and saying where a person must look.

It goes on from the last day that somebody applied (`schedule_runs`), so nothing becomes bookable
that nobody has looked at first. Days that have been made are left as they are: where the schedule
has changed since, a task says so. A booked visit keeps its slot, whatever the schedule says.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from time import monotonic
from typing import Final

from django.conf import settings
from django.db import transaction
from django.db.models import Q

from crm.actions import open_task, put_back_task, settle_task
from crm.engine import Actor, insert_or_none, record, wake
from crm.states import TaskKind, TaskStatus
from scheduling import locks
from scheduling.actions.templates import BATCH, apply_plan, plan_schedule
from scheduling.models import Clinic, ScheduleAhead, ScheduleRun
from scheduling.queries.schedule_diff import Change
from scheduling.queries.schedules import scheduled_roles
from scheduling.rules.releasing import first_moment
from scheduling.states import OrphanChoice, ScheduleRunStatus

AHEAD_STEP: Final = "scheduling.schedule-ahead"
#: When a clinic's schedule is looked at each day, by its site's clock.
AT_NIGHT: Final = dt.time(2)
#: Days that are made between two looks at the clock, and how long one run goes on (seconds).
STRETCH, WORKS_FOR = 28, 15.0
#: While somebody's own run writes the schedule, it is left alone.
AGAIN: Final = dt.timedelta(minutes=10)
LOOK_WITHIN: Final = dt.timedelta(days=2)
_A_DAY = dt.timedelta(days=1)
_DIFFERS = (Change.ADD, Change.CHANGE, Change.REMOVE, Change.REVIVE)


def note_made(
    *,
    role_ids: Sequence[int],
    first_on: dt.date,
    last_on: dt.date,
    kept: bool,
    by: Actor,
    at: dt.datetime,
) -> None:
    """Somebody has had these roles' schedules applied, both days included: go on from there.

    Its task is closed; the look that follows opens it again for days that still differ.

    :param kept: there are visits that keep a time which the schedule no longer has. Whoever applied
        it has seen them and said so: nobody is asked about these again.
    """
    for clinic in Clinic.objects.filter(roles__in=role_ids).distinct().order_by("pk"):
        known: list[int] = []
        if kept:
            theirs = scheduled_roles(clinic.pk)
            plan = plan_schedule(theirs, first_on=first_on, last_on=last_on, at=at)
            known = sorted({orphan.appointment_id for orphan in plan.orphans})
        with transaction.atomic():
            made = insert_or_none(
                ScheduleAhead(clinic=clinic, made_until_on=last_on, told_of=known, due_at=at)
            )
            row = made or locks.lock_schedule_ahead(clinic.pk)
            if first_on <= row.made_until_on + _A_DAY:  # else there is a gap, which is made first
                row.made_until_on = max(row.made_until_on, last_on)
            row.told_of, row.differs = sorted({*row.told_of, *known}), 0
            row.save(update_fields=["made_until_on", "told_of", "differs"])
            settle_task(cause_key=_cause(clinic), reason="it was applied", by=by, at=at)
            wake(row, AHEAD_STEP, at=at)


def keep_ahead(pk: int, at: dt.datetime) -> dt.datetime | None:
    """Make the days that are missing, look at those that there are, and say when to look again.

    Doing it twice changes nothing.
    """
    row = ScheduleAhead.objects.select_related("clinic__location").get(pk=pk)
    clinic, days = row.clinic, settings.FIRSTCALL.schedule_days_ahead
    zone = clinic.location.tz
    today = at.astimezone(zone).date()
    tonight = first_moment(today + _A_DAY, AT_NIGHT, zone)
    role_ids = scheduled_roles(clinic.pk)
    if not role_ids or not days:
        return tonight
    if _is_being_written(clinic):
        return at + AGAIN
    by = Actor.system("schedule")
    if not _make_until(row, role_ids, today=today, until=today + days * _A_DAY, by=by, at=at):
        return at  # a large clinic: the rest at once
    _look(row, role_ids, today=today, by=by, at=at)
    return tonight


def _is_being_written(clinic: Clinic) -> bool:
    running = ScheduleRun.objects.filter(status=ScheduleRunStatus.RUNNING)
    return running.filter(Q(clinic=clinic) | Q(clinic=None)).exists()


def _make_until(
    row: ScheduleAhead,
    role_ids: Sequence[int],
    *,
    today: dt.date,
    until: dt.date,
    by: Actor,
    at: dt.datetime,
) -> bool:
    """Add the days after the last one that was made; False when time is up before it is done."""
    ends = monotonic() + WORKS_FOR
    while row.made_until_on < until:
        if monotonic() > ends:
            return False
        first_on = max(row.made_until_on + _A_DAY, today)
        last_on = min(first_on + (STRETCH - 1) * _A_DAY, until)
        added = 0
        for start in range(0, len(role_ids), BATCH):
            done = apply_plan(
                role_ids[start : start + BATCH],
                first_on=first_on,
                last_on=last_on,
                orphans=OrphanChoice.KEEP,
                by=by,
                at=at,
            )
            added += done[Change.ADD]
        _note(row, last_on, added=added, by=by, at=at)
    return True


def _note(row: ScheduleAhead, last_on: dt.date, *, added: int, by: Actor, at: dt.datetime) -> None:
    with transaction.atomic():
        ScheduleAhead.objects.filter(pk=row.pk, made_until_on__lt=last_on).update(
            made_until_on=last_on
        )
        row.made_until_on = last_on
        until = last_on.isoformat()
        record("scheduling.schedule.kept-ahead", row.clinic, by=by, at=at, until=until, added=added)


def _look(
    row: ScheduleAhead,
    role_ids: Sequence[int],
    *,
    today: dt.date,
    by: Actor,
    at: dt.datetime,
) -> None:
    """Whether the days that were made are as the schedule says; a task where a person must look."""
    plan = plan_schedule(role_ids, first_on=today, last_on=row.made_until_on, at=at)
    differs = sum(map(plan.count, _DIFFERS))
    stranded = {orphan.appointment_id for orphan in plan.orphans}
    with transaction.atomic():
        row = locks.lock_schedule_ahead(row.clinic_id)
        is_news = bool(stranded - set(row.told_of)) or (differs > 0 and not row.differs)
        if is_news:
            _ask(row.clinic, differs=differs, stranded=stranded, by=by, at=at)
        elif not differs and not stranded:
            settle_task(cause_key=_cause(row.clinic), reason="all is as it says", by=by, at=at)
        row.differs, row.told_of, row.looked_at = differs, sorted(stranded), at
        row.save(update_fields=["differs", "told_of", "looked_at"])


def _cause(clinic: Clinic) -> str:
    return f"schedule:{clinic.pk}"


def _ask(
    clinic: Clinic, *, differs: int, stranded: Collection[int], by: Actor, at: dt.datetime
) -> None:
    task = open_task(
        kind=TaskKind.SCHEDULE,
        title=f"The schedule of {clinic.name} has changed and was not applied"[:200],
        why=_why(differs, len(stranded)),
        due_at=at + LOOK_WITHIN,
        cause_key=_cause(clinic),
        by=by,
        at=at,
    )
    if task.status in {TaskStatus.DONE, TaskStatus.CANCELLED}:
        task.why = _why(differs, len(stranded))
        task.save(update_fields=["why"])
        put_back_task(task=task, by=by, at=at)


def _why(differs: int, stranded: int) -> str:
    said = []
    if differs:
        are = "slots are" if differs > 1 else "slot is"
        said.append(f"{differs} {are} not as it says.")
    if stranded:
        stand = "visits stand" if stranded > 1 else "visit stands"
        said.append(
            f"{stranded} booked {stand} at times that it no longer has; they keep them until "
            "somebody says that they are to be moved."
        )
    return " ".join(said)
