"""The step that makes an alert known again while nobody acts."""

from __future__ import annotations

import datetime as dt

from crm.engine import step
from triage import actions
from triage.models import Alert


@step(name=actions.LOOK_AFTER, model=Alert, queue="fill")
def look_after(pk: int, at: dt.datetime) -> dt.datetime | None:
    return actions.escalate_or_rest(pk, at)
