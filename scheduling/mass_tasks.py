"""The step of mass rescheduling. A dry run of thousands takes seconds; its lease is longer."""

from __future__ import annotations

from crm.engine import step
from scheduling.actions.mass import MASS_STEP
from scheduling.actions.mass_running import work_on
from scheduling.models import MassMove

step(name=MASS_STEP, model=MassMove, queue="bulk", lease_seconds=120)(work_on)
