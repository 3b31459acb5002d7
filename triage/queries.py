"""Named reads of alerts and of the signatures under the list of red flags."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from crm.models import Phone
from crm.states import TaskStatus
from triage.models import Alert, ListSignOff

#: A task that somebody must still act on.
OPEN = (TaskStatus.OPEN, TaskStatus.CLAIMED)


@dataclass(frozen=True, slots=True)
class Waiting:
    """Alerts that nobody has taken. `since` is the oldest's; `task_id` is the first to open."""

    count: int = 0
    escalated: int = 0
    since: dt.datetime | None = None
    task_id: int | None = None


def find_open_alert(phone: Phone) -> Alert | None:
    """The alert about this phone that is not settled."""
    rows = Alert.objects.filter(phone=phone, task__status__in=OPEN)
    return rows.order_by("-pk").first()


def find_sign_off(digest: str) -> ListSignOff | None:
    """The latest signature under a list with that digest."""
    return ListSignOff.objects.filter(digest=digest).order_by("-signed_at", "-pk").first()


def waiting_alerts(*, escalated_only: bool) -> Waiting:
    """What the bar on every page tells: alerts without a nurse. One query.

    :param escalated_only: for those who hear of an alert only when nobody has acted.
    """
    rows = Alert.objects.filter(task__status__in=OPEN)
    untaken = rows.filter(task__status=TaskStatus.OPEN) | rows.filter(escalated_at__isnull=False)
    if escalated_only:
        untaken = untaken.filter(escalated_at__isnull=False)
    found = list(
        untaken.order_by("task__due_at", "pk").values_list("task_id", "created_at", "escalated_at")
    )
    if not found:
        return Waiting()
    return Waiting(
        count=len(found),
        escalated=sum(1 for _, _, escalated_at in found if escalated_at),
        since=min(created_at for _, created_at, _ in found),
        task_id=found[0][0],
    )
