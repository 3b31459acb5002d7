"""Celery's side of the engine: two tasks for all the work there is."""

from __future__ import annotations

import structlog
from celery import shared_task

from crm import clock
from crm.engine import doorbell, onward, setback, steps

log = structlog.get_logger(__name__)

#: Rows of one kind that one sweep rings for. The next sweep is two seconds away.
BATCH = 200


@shared_task(name="crm.engine.tasks.run")
def run(step_name: str, pk: int, rung_at: float | None = None) -> None:
    """Run one step on one row, and go straight on; a ring from before an outage is left to the
    sweep."""
    if not doorbell.is_stale(rung_at):
        onward.run_on(step_name, pk)


@shared_task(name="crm.engine.tasks.sweep")
def sweep() -> int:
    """Ring for every row that is due; returns how many. Finds what lost rings left behind.

    Sweeps that piled up while no worker ran find that one has just been, and go.
    """
    now = clock.now()
    if setback.has_just_been(at=now):
        return 0
    setback.beat(at=now)
    rung = 0
    for found in steps.all_steps():
        due = found.model._base_manager.filter(due_at__lte=now).order_by("due_at", "pk")
        for pk in due.values_list("pk", flat=True)[:BATCH]:
            rung += doorbell.ring_now(found.name, pk)
    return rung
