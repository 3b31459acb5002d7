"""Every write of this app, and the exceptions that writes raise."""

from triage.actions.alerts import (
    LOOK_AFTER,
    escalate_or_rest,
    follow_task,
    raise_alert,
    settle_alert,
)
from triage.actions.checking import check_text
from triage.actions.signing import MayNotSign, sign_list

__all__ = [
    "LOOK_AFTER",
    "MayNotSign",
    "check_text",
    "escalate_or_rest",
    "follow_task",
    "raise_alert",
    "settle_alert",
    "sign_list",
]
