"""One mass rescheduling of the demo: a clinician is out next Thursday, and its plan waits."""

from __future__ import annotations

import datetime as dt
from typing import Final

from crm.models import User
from integrations.demo.inventory import Inventory
from scheduling.actions.mass import item_of
from scheduling.models import MassMove, MassMoveItem
from scheduling.queries.mass_planning import plan_job
from scheduling.rules.releasing import first_moment
from scheduling.states import CancelReason, MassMoveStatus

#: Who is out.
CLINICIAN: Final = "P101"
THURSDAY: Final = 3
DAY: Final = dt.timedelta(days=1)


def add_mass(inventory: Inventory, *, by: User, at: dt.datetime) -> None:
    """Planned, with its items; nothing has happened to any visit."""
    provider, zone = inventory.providers[CLINICIAN], inventory.location_of(CLINICIAN).tz
    today = at.astimezone(zone).date()
    day = today + DAY * ((THURSDAY - today.weekday() - 1) % 7 + 1)
    job = MassMove.objects.create(
        name=f"{provider} is out next Thursday"[:120],
        reason=CancelReason.CLINICIAN_AWAY,
        starts_at=first_moment(day, dt.time.min, zone),
        ends_at=first_moment(day + DAY, dt.time.min, zone),
        created_at=at,
        created_by=by,
        planned_at=at,
        status=MassMoveStatus.PLANNED,
    )
    job.providers.set([provider])
    plan = plan_job(job, at=at)
    MassMove.objects.filter(pk=job.pk).update(figures=plan.figures)
    MassMoveItem.objects.bulk_create([item_of(job, proposal) for proposal in plan.proposals])
