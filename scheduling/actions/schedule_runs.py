"""Schedules written clinician after clinician, as a job that can be watched and stopped."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from time import monotonic

from django.db import transaction

from crm import clock
from crm.engine import Actor, move, publish, record, ring
from scheduling import locks
from scheduling.actions.schedule_ahead import note_made
from scheduling.actions.templates import BATCH, WouldOrphan, apply_plan, plan_schedule
from scheduling.models import Clinic, ScheduleRun
from scheduling.queries.schedule_diff import Change
from scheduling.queries.schedules import scheduled_roles
from scheduling.states import OrphanChoice, ScheduleRunStatus

RUN_STEP = "scheduling.schedule-run"
#: One run of the step goes on for so long (seconds), well within its lease.
WORKS_FOR = 15.0
#: A schedule is written so far ahead at most.
MOST_DAYS = 400


class NothingScheduled(Exception):
    """There is no weekly pattern to make slots from."""


def start_run(
    *,
    clinic_id: int | None,
    first_on: dt.date,
    last_on: dt.date,
    orphans: OrphanChoice | None,
    by: Actor,
    at: dt.datetime,
) -> ScheduleRun:
    """Have the slots of a clinic, or of all, brought in line with their patterns.

    Publishes `scheduling.schedule-run-started`.

    :raises NothingScheduled: when no clinic in question owns a schedule with a pattern.
    :raises WouldOrphan: when booked visits would lose their slot and `orphans` is None.
    """
    role_ids = scheduled_roles(clinic_id)
    if not role_ids:
        raise NothingScheduled("There is no weekly pattern yet, so there is nothing to make.")
    if orphans is None:
        plan = plan_schedule(role_ids, first_on=first_on, last_on=last_on, at=at)
        if plan.orphans:
            raise WouldOrphan(len(plan.orphans))
    with transaction.atomic():
        run = ScheduleRun.objects.create(
            clinic=Clinic.objects.get(pk=clinic_id) if clinic_id is not None else None,
            first_on=first_on,
            last_on=last_on,
            # One that comes up until its turn keeps its slot: the choice that takes nothing away.
            orphans=orphans or OrphanChoice.KEEP,
            role_ids=role_ids,
            started_at=at,
            started_by=by.label[:120],
            due_at=at,
        )
        record("scheduling.schedule-run.started", run, by=by, at=at, roles=len(role_ids))
        publish("scheduling.schedule-run-started", run, at=at)
        ring(RUN_STEP, run.pk)
    return run


def stop_run(*, run_id: int, by: Actor, at: dt.datetime) -> ScheduleRun:
    """Write no more; what was written stays. One that has ended stays ended.

    :raises ScheduleRun.DoesNotExist:
    """
    with transaction.atomic():
        run = locks.lock_schedule_run(run_id)
        if run.status == ScheduleRunStatus.RUNNING:
            _end(run, ScheduleRunStatus.STOPPED, by=by, at=at)
    return run


def run_some(pk: int, at: dt.datetime) -> dt.datetime | None:
    """Write the next clinicians for a while; due again at once while there are more.

    A worker that dies over some of them is followed by another, which finds them as they are.
    """
    ends = monotonic() + WORKS_FOR
    while monotonic() < ends:
        with transaction.atomic():
            run = locks.lock_schedule_run(pk)
            if run.status != ScheduleRunStatus.RUNNING:
                return None
            some = run.role_ids[run.done : run.done + BATCH]
            by = Actor.system(f"schedule of {run.started_by}"[:120])
            if not some:
                _note(run, by=by, at=at)
                _end(run, ScheduleRunStatus.DONE, by=by, at=at)
                return None
            _write(run, some, by=by, at=at)
    return at


def _write(run: ScheduleRun, role_ids: list[int], *, by: Actor, at: dt.datetime) -> None:
    done = apply_plan(
        role_ids,
        first_on=run.first_on,
        last_on=run.last_on,
        orphans=OrphanChoice(run.orphans),
        by=by,
        at=at,
        run=run,
    )
    counts = Counter(run.counts)
    counts.update({str(change): count for change, count in done.items()})
    run.counts, run.done = dict(counts), run.done + len(role_ids)
    run.save(update_fields=["counts", "done"])


def _note(run: ScheduleRun, *, by: Actor, at: dt.datetime) -> None:
    """From here on days are added by themselves."""
    note_made(
        role_ids=run.role_ids,
        first_on=run.first_on,
        last_on=run.last_on,
        kept=run.orphans == OrphanChoice.KEEP and bool(run.counts.get(str(Change.ORPHAN))),
        by=by,
        at=at,
    )


def _end(run: ScheduleRun, to: ScheduleRunStatus, *, by: Actor, at: dt.datetime) -> None:
    move(run, to=to, by=by, at=at, ended_at=clock.now(), due_at=None)
    publish("scheduling.schedule-run-ended", run, at=at)
