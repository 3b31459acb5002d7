"""The step that writes schedules."""

from __future__ import annotations

from crm.engine import step
from scheduling.actions.schedule_runs import RUN_STEP, run_some
from scheduling.models import ScheduleRun

step(name=RUN_STEP, model=ScheduleRun, queue="bulk", lease_seconds=60)(run_some)
