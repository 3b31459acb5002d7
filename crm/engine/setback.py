"""When the clock is set back: what was due must not wait for the same hour to come again."""

from __future__ import annotations

import datetime as dt
from typing import Any

import structlog
from django.db.models import F

from crm.engine import steps
from crm.engine.models import DueRow, Heartbeat

log = structlog.get_logger(__name__)

#: A heartbeat this far in the future was written before the clock was set back; less is what
#: two machines may differ by.
SET_BACK = dt.timedelta(seconds=5)


#: Beat rings every two seconds; of two sweeps closer than this one is enough.
ENOUGH = dt.timedelta(seconds=1)


def has_just_been(*, at: dt.datetime) -> bool:
    """Whether another sweep has left its heartbeat within the last second."""
    return Heartbeat.objects.filter(part="sweep", seen_at__gt=at - ENOUGH, seen_at__lte=at).exists()


def beat(*, at: dt.datetime) -> bool:
    """Leave the sweep's heartbeat; True when the clock has been set back since the last one.

    Then every row that was due by the last heartbeat is due now, and leases end as much sooner.
    Deadlines and times of waves are times of day and stay. Of two sweeps at once one does it.
    """
    seen = Heartbeat.objects.filter(part="sweep").values_list("seen_at", flat=True).first()
    if seen is None or seen - at < SET_BACK:
        Heartbeat.objects.update_or_create(part="sweep", defaults={"seen_at": at})
        return False
    mine = Heartbeat.objects.filter(part="sweep", seen_at=seen).update(seen_at=at)
    if mine:
        log.warning("clock.set-back", seconds=int((seen - at).total_seconds()))
        leases = {found.model: found.lease for found in steps.all_steps()}
        for model, lease in leases.items():
            _bring_forward(model, lease=lease, seen=seen, at=at)
    return bool(mine)


def _bring_forward(
    model: type[DueRow], *, lease: dt.timedelta, seen: dt.datetime, at: dt.datetime
) -> None:
    rows: Any = model._base_manager
    rows.filter(due_at__gt=at, due_at__lte=seen).update(due_at=at)
    # `attempts` counts while a worker holds the row, or it waits after a failure. What is held
    # stays held for the rest of its lease: a worker may be asking the EHR for it just now.
    held = rows.filter(attempts__gt=0, due_at__gt=seen, due_at__lte=seen + lease)
    held.update(due_at=F("due_at") - (seen - at))
