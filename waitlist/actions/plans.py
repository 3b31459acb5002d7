"""Ending a planned wave, and the task that asked a person to send it."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import transaction

from crm.actions import settle_task
from crm.engine import Actor, move, publish
from waitlist import locks
from waitlist.models import Opening, PlannedWave
from waitlist.states import OpeningStatus, PlanStatus


class PlanClosed(Exception):
    """The planned wave can no longer be sent as it was shown; the text says why, for staff."""


def task_key(plan: PlannedWave) -> str:
    """The cause of the task that asks a person to send the plan."""
    return f"wave-plan:{plan.pk}"


def waiting_plan(opening: Opening) -> PlannedWave | None:
    """The plan that waits for a person. The caller holds the opening."""
    return PlannedWave.objects.filter(opening=opening, status=PlanStatus.WAITING).first()


def settle_plan(
    plan: PlannedWave, *, to: PlanStatus, reason: str, by: Actor, at: dt.datetime, **fields: Any
) -> None:
    """End it, and its task with it. The caller holds the opening.

    Publishes `waitlist.plan-settled`.
    """
    move(plan, to=to, by=by, at=at, reason=reason, settled_at=at, settled_by=by.label, **fields)
    done = to in {PlanStatus.SENT, PlanStatus.PUT_OFF}
    settle_task(cause_key=task_key(plan), reason=reason, done=done, by=by, at=at)
    publish("waitlist.plan-settled", plan, at=at, opening=plan.opening_id, status=to)


def drop_plan(opening: Opening, *, reason: str, by: Actor, at: dt.datetime) -> None:
    """What was planned is void: its opening was claimed, paused or ended, or changes its mode.

    The caller holds the opening.
    """
    plan = waiting_plan(opening)
    if plan is not None:
        settle_plan(plan, to=PlanStatus.DROPPED, reason=reason, by=by, at=at)


def drop_plan_of(*, opening_id: int, by: Actor, at: dt.datetime) -> None:
    """Somebody has said yes: whoever would have been asked next is not. Harmless twice."""
    with transaction.atomic():
        opening = locks.lock_opening(opening_id)
        if opening.status == OpeningStatus.CLAIMED:
            drop_plan(opening, reason="somebody has said yes", by=by, at=at)
