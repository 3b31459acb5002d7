"""Firstcall's Celery app for workers under test: the same tasks, with leases of seconds.

A worker that was killed is missed when its lease runs out, after a minute in production. No
test waits that long, so the leases and the vendors' time-outs shrink here, in proportion: a
lease stays longer than everything that may happen under it. One test does wait:
`test_production_leases`.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import Any

from celery import signals

from config.celery import app

__all__ = ["app"]

#: Longer than a vendor's three time-outs in a row: connect, look up, ask.
LEASE = dt.timedelta(seconds=8)
LOOK_AFTER = dt.timedelta(seconds=3)
CARRIER_SECONDS = 2.5
EHR_SECONDS = 2.0  # handed over as EHR_TIMEOUT_SECONDS


@signals.worker_init.connect(weak=False)
def shorten_leases(**_: Any) -> None:
    """In the parent, before its children are forked."""
    from crm.engine import steps
    from integrations.twilio import gateway
    from outreach.actions import dispatching

    assert steps.all_steps(), "the steps are registered by now"
    for found in steps.all_steps():
        steps._STEPS[found.name] = dataclasses.replace(found, lease=LEASE)
    dispatching.LEASE, dispatching.LOOK_AFTER = LEASE, LOOK_AFTER
    gateway.TIMEOUT = CARRIER_SECONDS
