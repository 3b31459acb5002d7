"""The steps that write schedules: one that somebody applies, and days that come by themselves."""

from __future__ import annotations

from crm.engine import step
from scheduling.actions.schedule_ahead import AHEAD_STEP, keep_ahead
from scheduling.actions.schedule_runs import RUN_STEP, run_some
from scheduling.models import ScheduleAhead, ScheduleRun

step(name=RUN_STEP, model=ScheduleRun, queue="bulk", lease_seconds=60)(run_some)
step(name=AHEAD_STEP, model=ScheduleAhead, queue="bulk", lease_seconds=60)(keep_ahead)
