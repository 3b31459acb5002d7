"""Alerts: raised for a text, made known again while nobody acts, settled by a nurse."""

from __future__ import annotations

import datetime as dt
from typing import Any, Final

from django.conf import settings
from django.db import transaction

from crm.actions import close_task, hasten_task, open_task
from crm.engine import Actor, publish, record
from crm.models import Journey, Patient, Phone, Task
from crm.states import TaskKind, TaskStatus
from triage import locks
from triage.models import Alert
from triage.ports import Finding
from triage.queries import OPEN
from triage.states import Heard, Level, Outcome

#: The step that looks whether somebody acts (`triage.tasks`).
LOOK_AFTER = "triage.alert"
BY = Actor.system("safety check")
#: Whoever takes an alert has so long before others hear of it again.
SETTLE_WITHIN: Final = dt.timedelta(minutes=30)
#: How much longer than an emergency each level may wait for somebody to take it.
PATIENCE: Final = {Level.EMERGENCY: 1, Level.URGENT: 2, Level.UNSURE: 12}
#: Until when a nurse should have looked.
DUE_IN: Final = {
    Level.EMERGENCY: dt.timedelta(0),
    Level.URGENT: dt.timedelta(0),
    Level.UNSURE: dt.timedelta(minutes=30),
}
NOW: Final = "Safety alert: a nurse calls now"
TITLES: Final = {
    Heard.TEXT: {
        Level.EMERGENCY: NOW,
        Level.URGENT: NOW,
        Level.UNSURE: "Safety check: a nurse reads this text",
    },
    Heard.TALK: {
        Level.EMERGENCY: NOW,
        Level.URGENT: NOW,
        Level.UNSURE: "Safety check: a nurse asks them",
    },
}
#: A text was answered by one that says where help is; whoever talks hears only what an agent says.
WHY: Final = {
    Heard.TEXT: {
        Level.EMERGENCY: "A text may speak of an emergency. They were told where to get help at "
        "once.",
        Level.URGENT: "A text speaks of something that cannot wait. They were told to call 911 if "
        "it gets worse.",
        Level.UNSURE: "A text names a danger, and it is not clear whether there is one.",
    },
    Heard.TALK: {
        Level.EMERGENCY: "Somebody who talks with an agent may be in an emergency. The agent is to "
        "send them to 911 and to stay; the contact says what was done.",
        Level.URGENT: "Somebody who talks with an agent speaks of something that cannot wait. The "
        "agent gives no advice, and stays until a nurse has them.",
        Level.UNSURE: "Somebody who talks with an agent names a danger, and it is not clear "
        "whether there is one.",
    },
}


@transaction.atomic
def raise_alert(
    *,
    finding: Finding,
    phone: Phone,
    patient: Patient | None,
    cause_key: str,
    by: Actor,
    at: dt.datetime,
    journey: Journey | None = None,
    heard: Heard = Heard.TEXT,
) -> Alert | None:
    """Alert the nurses to what `finding` says of a text from `phone`, or of what was said.

    Joins the alert about that phone that is still open, which gets no milder by it; a text in
    which nothing was found joins it as well, and makes none: None then. The caller holds the
    phone's lock. Publishes `triage.alert-raised`.

    :param cause_key: names the text; the same text alerts once.
    """
    standing = locks.lock_open_alert(phone)
    if standing is not None:
        return _join(standing, finding, heard=heard, by=by, at=at)
    if finding.is_none:
        return None
    level = finding.level
    task = open_task(
        kind=TaskKind.SAFETY_ALERT,
        title=TITLES[heard][level],
        why=WHY[heard][level],
        patient=patient,
        journey=journey,
        due_at=at + DUE_IN[level],
        cause_key=cause_key,
        by=by,
        at=at,
    )
    alert, is_new = Alert.objects.get_or_create(
        task=task,
        defaults={
            "phone": phone,
            "patient": patient,
            "created_at": at,
            "due_at": at + _patience(level),
            **_found(finding),
        },
    )
    if is_new:
        _tell("raised", alert, by=by, at=at)
    return alert


def _join(alert: Alert, finding: Finding, *, heard: Heard, by: Actor, at: dt.datetime) -> Alert:
    if finding.is_none:
        return alert
    worse = finding.level.rank > Level(alert.level).rank
    known = {(match["flag"], match["doubt"]) for match in alert.matches}
    new = [m.as_dict() for m in finding.matches if (m.flag, str(m.doubt)) not in known]
    alert.matches = [*alert.matches, *new]
    alert.failed = alert.failed or finding.failed
    if worse:
        found = _found(finding)
        alert.level, alert.line = found["level"], found["line"]
        level = finding.level
        hasten_task(
            task=alert.task,
            title=TITLES[heard][level],
            why=WHY[heard][level],
            due_at=at + DUE_IN[level],
            by=by,
            at=at,
        )
        alert.due_at = min(filter(None, [alert.due_at, at + _patience(level)]))
    alert.save()
    _tell("raised", alert, by=by, at=at)
    return alert


def _found(finding: Finding) -> dict[str, Any]:
    return {
        "level": finding.level,
        "line": finding.line or "",
        "matches": [match.as_dict() for match in finding.matches],
        "failed": finding.failed,
        "list_version": finding.list_version,
        "list_digest": finding.list_digest,
    }


def _patience(level: Level) -> dt.timedelta:
    minutes: float = settings.FIRSTCALL.safety_escalate_minutes
    return dt.timedelta(minutes=minutes) * PATIENCE[level]


def _tell(what: str, alert: Alert, *, by: Actor, at: dt.datetime) -> None:
    flags = sorted({match["flag"] for match in alert.matches})
    record(f"triage.alert.{what}", alert, by=by, at=at, level=alert.level, flags=flags)
    publish(f"triage.alert-{what}", alert, at=at, level=str(alert.level), task=alert.task_id)


def escalate_or_rest(pk: int, at: dt.datetime) -> dt.datetime | None:
    """The step of one alert: make it known again while nobody acts; returns when to look next.

    Publishes `triage.alert-escalated`, which reaches every nurse and the operations managers on
    whatever page they have open. Paging their phones is not built yet.
    """
    with transaction.atomic():
        alert = locks.lock_alert(pk)
        if alert.task.status not in OPEN:
            return None
        alert.escalated_at, alert.escalations = at, alert.escalations + 1
        alert.save(update_fields=["escalated_at", "escalations"])
        _tell("escalated", alert, by=BY, at=at)
        return at + _patience(Level(alert.level))


@transaction.atomic
def follow_task(*, task_id: int, at: dt.datetime) -> None:
    """The task of an alert was taken, put back or closed: look after it accordingly.

    Publishes `triage.alert-followed`, for the bar on every page.
    """
    alert = Alert.objects.filter(task=task_id).first()
    if alert is None:
        return
    alert = locks.lock_alert(alert.pk)
    if alert.task.status == TaskStatus.CLAIMED:
        due_at, escalated_at = at + SETTLE_WITHIN, None
    elif alert.task.status == TaskStatus.OPEN:
        due_at, escalated_at = at + _patience(Level(alert.level)), alert.escalated_at
    else:
        due_at, escalated_at = None, None
    Alert.objects.filter(pk=alert.pk).update(due_at=due_at, escalated_at=escalated_at)
    publish("triage.alert-followed", alert, at=at, task=task_id)


@transaction.atomic
def settle_alert(*, task: Task, outcome: Outcome, note: str, by: Actor, at: dt.datetime) -> Alert:
    """Close an alert with how it ended; publishes `triage.alert-settled`.

    :param note: for the nurse who asks later; kept with the task.
    :raises TaskClosed: when it is closed already.
    :raises MovedMeanwhile: when somebody changed it since it was read.
    :raises Alert.DoesNotExist: when the task is not an alert's.
    """
    alert = locks.lock_alert(Alert.objects.get(task=task).pk)
    close_task(task=task, by=by, at=at, reason=note)
    alert.outcome, alert.settled_at = outcome, at
    alert.escalated_at, alert.due_at = None, None
    alert.save(update_fields=["outcome", "settled_at", "escalated_at", "due_at"])
    _tell("settled", alert, by=by, at=at)
    return alert
