"""Mass rescheduling as a job: planned, looked at, run, paused, stopped. Nothing happens to any
visit before a person has started it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any, Final

from django.db import transaction

from crm import clock
from crm.engine import Actor, move, publish, record, ring, wake
from crm.models import User
from crm.states import Role
from scheduling import locks
from scheduling.models import Absence, Appointment, Location, MassMove, MassMoveItem, Provider
from scheduling.queries.mass_planning import Plan, plan_job
from scheduling.queries.mass_proposals import Proposal
from scheduling.rules.effects import SETTABLE
from scheduling.rules.mass import URGENCIES
from scheduling.states import CancelReason, MassItemStatus, MassMoveHow, MassMoveStatus

MASS_STEP: Final = "scheduling.mass-move"
S = MassMoveStatus


class NothingToMove(Exception):
    """The job names nobody and no place, or its plan has nothing to do; the text says which."""


class NotNow(Exception):
    """The job is not where this could be done; the text says where it is, for staff."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Whose visits a job is about, and how far it may go. Half-open period.

    With `orphans`: the visits without a slot; of those the `picked` alone, where some are.
    Past the rules in `set_aside` only with a reason, and only those that its maker's roles may.
    """

    name: str
    reason: CancelReason
    starts_at: dt.datetime
    ends_at: dt.datetime
    providers: Collection[Provider] = ()
    locations: Collection[Location] = ()
    orphans: bool = False
    picked: Collection[Appointment] = ()
    absence: Absence | None = None
    days_after: int = 28
    set_aside: frozenset[str] = frozenset()
    set_aside_reason: str = ""


def make_job(wanted: Wanted, *, user: User, by: Actor, at: dt.datetime) -> MassMove:
    """Have a dry run worked out. Publishes `scheduling.mass-move-changed`.

    :raises NothingToMove: when it names no clinician, no site and not the orphans.
    """
    if not (wanted.providers or wanted.locations or wanted.orphans):
        raise NothingToMove("Choose a clinician or a site.")
    rules = wanted.set_aside & {rule.value for rule in SETTABLE}
    with transaction.atomic():
        job = MassMove.objects.create(
            name=wanted.name[:120],
            reason=wanted.reason,
            starts_at=wanted.starts_at,
            ends_at=wanted.ends_at,
            orphans=wanted.orphans,
            absence=wanted.absence,
            days_after=wanted.days_after,
            set_aside=sorted(rules) if wanted.set_aside_reason.strip() else [],
            set_aside_reason=wanted.set_aside_reason.strip()[:300],
            created_at=at,
            created_by=user,
            due_at=at,
        )
        job.providers.set(wanted.providers)
        job.locations.set(wanted.locations)
        job.picked.set(wanted.picked)
        record("scheduling.mass-move.made", job, by=by, at=at, aside=sorted(rules))
        tell(job, at=at)
        ring(MASS_STEP, job.pk)
    return job


def tell(job: MassMove, *, at: dt.datetime) -> None:
    """Open pages show it anew."""
    publish("scheduling.mass-move-changed", job, at=at, status=str(job.status))


def plan_again(*, job_id: int, by: Actor, at: dt.datetime) -> MassMove:
    """Work the dry run out anew; what was changed in the plan by hand is lost.

    :raises NotNow: once it has been started.
    :raises MassMove.DoesNotExist:
    """
    with transaction.atomic():
        job = _lock(job_id, S.PLANNED)
        move(job, to=S.DRAFT, by=by, at=at, due_at=at, done=0, total=0, phase="")
        tell(job, at=at)
        ring(MASS_STEP, job.pk)
    return job


def roles_of(user: User) -> frozenset[Role]:
    """Their roles, as the rules of overriding ask for them."""
    return frozenset(role for role in Role if user.is_active and user.has_role(role))


def make_plan(job: MassMove, *, by: Actor, at: dt.datetime) -> None:
    """Work out the plan, and keep it at once with the job's new status.

    A worker that dies over it has written nothing: the next begins again.
    """
    plan = plan_job(job, at=at, roles=roles_of(job.created_by), say=_progress_of(job.pk, at))
    with transaction.atomic():
        fresh = locks.lock_mass_move(job.pk)
        if fresh.status != S.DRAFT:
            return
        _keep_plan(fresh, plan)
        move(
            fresh,
            to=S.PLANNED,
            by=by,
            at=at,
            due_at=None,
            phase="",
            figures=plan.figures,
            planned_at=clock.now(),
        )
        tell(fresh, at=at)


def _progress_of(pk: int, at: dt.datetime) -> Callable[[str, int, int], None]:
    """Writes down what the dry run is at, each by itself, so that pages see it meanwhile."""

    def say(phase: str, done: int, total: int) -> None:
        rows = MassMove.objects.filter(pk=pk, status=S.DRAFT)
        with transaction.atomic():
            if rows.update(phase=phase, done=done, total=total):
                publish("scheduling.mass-move-changed", MassMove(pk=pk), at=at, phase=phase)

    return say


def _keep_plan(job: MassMove, plan: Plan) -> None:
    job.items.all().delete()
    MassMoveItem.objects.bulk_create(
        [item_of(job, proposal) for proposal in plan.proposals], batch_size=500
    )


def item_of(job: MassMove, proposal: Proposal) -> MassMoveItem:
    """The row of one visit of a plan, unsaved."""
    slot = proposal.slot
    return MassMoveItem(
        job=job,
        appointment=proposal.visit,
        status=MassItemStatus.PROPOSED if slot else MassItemStatus.UNPLACED,
        urgency=proposal.urgent.urgency,
        urgency_why=proposal.urgent.why[:120],
        urgency_rank=URGENCIES.index(proposal.urgent.urgency),
        slot=slot,
        slot_starts_at=slot.starts_at if slot else None,
        points=proposal.points,
        terms=[{"name": t.name, "points": t.points, "says": t.says} for t in proposal.terms],
        later_days=proposal.later_days,
        more_miles=round(proposal.more_miles, 1),
        over_rules=sorted({one.rule.value for one in proposal.over}),
        options=list(proposal.others),
        why=proposal.why[:300],
    )


def start_job(*, job_id: int, how: MassMoveHow, user: User, by: Actor, at: dt.datetime) -> MassMove:
    """Begin: in batches, the most urgent first. Visits without a place go to the work list.

    :raises NothingToMove: when the plan has no visit.
    :raises NotNow: when it is not planned, or somebody has started it already.
    :raises MassMove.DoesNotExist:
    """
    with transaction.atomic():
        job = _lock(job_id, S.PLANNED)
        if not job.items.exclude(status=MassItemStatus.EXCLUDED).exists():
            raise NothingToMove("There is no visit to move in this plan.")
        started: dict[str, Any] = {"started_at": at, "started_by": user, "how": how}
        move(job, to=S.RUNNING, by=by, at=at, due_at=at, **started)
        tell(job, at=at)
        ring(MASS_STEP, job.pk)
    return job


def pause_job(*, job_id: int, by: Actor, at: dt.datetime) -> MassMove:
    """Begin no more moves; what was asked or offered goes on.

    :raises NotNow: when it does not run.
    :raises MassMove.DoesNotExist:
    """
    with transaction.atomic():
        job = _lock(job_id, S.RUNNING)
        move(job, to=S.PAUSED, by=by, at=at, due_at=None)
        tell(job, at=at)
    return job


def resume_job(*, job_id: int, by: Actor, at: dt.datetime) -> MassMove:
    """Go on where it was paused.

    :raises NotNow: when it is not paused.
    :raises MassMove.DoesNotExist:
    """
    with transaction.atomic():
        job = _lock(job_id, S.PAUSED)
        move(job, to=S.RUNNING, by=by, at=at)
        wake(job, MASS_STEP, at=at)
        tell(job, at=at)
    return job


def stop_job(*, job_id: int, by: Actor, at: dt.datetime) -> MassMove:
    """End it for good: what was not begun stays as it is; what was asked or offered goes on.

    :raises NotNow: when it has ended.
    :raises MassMove.DoesNotExist:
    """
    with transaction.atomic():
        job = _lock(job_id, S.DRAFT, S.PLANNED, S.RUNNING, S.PAUSED)
        move(job, to=S.STOPPED, by=by, at=at, due_at=None, ended_at=at)
        if job.items.filter(status=MassItemStatus.OFFERED).exists():
            wake(job, MASS_STEP, at=at)  # whoever does not answer is still called
        tell(job, at=at)
    return job


def _lock(job_id: int, *wanted: MassMoveStatus) -> MassMove:
    job = locks.lock_mass_move(job_id)
    if job.status not in wanted:
        raise NotNow(f"This job is {job.get_status_display().lower()} by now.")
    return job
