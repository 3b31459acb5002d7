"""Calling somebody back: opened with a time, tried so often, and what follows when it fails."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db import transaction

from crm import locks
from crm.actions.tasks import TaskClosed, close_task, open_task, put_back_task
from crm.engine import Actor, insert_or_none, publish, record
from crm.engine.actors import ActorKind
from crm.models import CallAttempt, Callback, Interaction, Journey, Patient, Phone, Task
from crm.rules.callbacks import is_over, next_try_at
from crm.states import AttemptOutcome, TaskKind, TaskStatus

#: Tries in all where the call type says nothing.
USUAL_LIMIT = 3
#: When the letter to somebody who was not reached should be out.
LETTER_DUE_IN = dt.timedelta(days=2)
WRONG_NUMBER_DUE_IN = dt.timedelta(days=1)
_OPEN = {TaskStatus.OPEN, TaskStatus.CLAIMED}
#: What the task says when it closes.
_ENDS = {
    AttemptOutcome.REACHED: "Reached.",
    AttemptOutcome.WRONG_NUMBER: "Not reached: the number is not theirs.",
}


@dataclass(frozen=True, slots=True)
class Logged:
    """One try, and what comes of it: `next_at` None when nobody tries any more."""

    attempt: CallAttempt
    tries: int
    next_at: dt.datetime | None
    next_task: Task | None


@transaction.atomic
def open_callback(
    *,
    why: str,
    due_at: dt.datetime,
    cause_key: str,
    by: Actor,
    at: dt.datetime,
    patient: Patient | None = None,
    phone: Phone | None = None,
    journey: Journey | None = None,
    contact: Interaction | None = None,
    promised_at: dt.datetime | None = None,
    attempt_limit: int = USUAL_LIMIT,
    language: str = "",
    title: str = "Call back",
) -> Task:
    """The task to call somebody; the same cause again gives the one that stands.

    :param due_at: when it should be done; a promised time counts instead where it is earlier.
    :param promised_at: "we call you at three": stands on the task.
    :param attempt_limit: of its call type; at least one.
    """
    task = open_task(
        kind=TaskKind.CALL_BACK,
        title=title,
        why=why,
        patient=patient,
        journey=journey,
        due_at=min(due_at, promised_at) if promised_at else due_at,
        cause_key=cause_key,
        by=by,
        at=at,
    )
    insert_or_none(
        Callback(
            task=task,
            phone=phone,
            interaction=contact,
            promised_at=promised_at,
            attempt_limit=max(attempt_limit, 1),
            language=(language or (patient.language if patient else ""))[:8] or "en",
        )
    )
    return task


@transaction.atomic
def log_attempt(
    *,
    task_id: int,
    outcome: AttemptOutcome,
    by: Actor,
    at: dt.datetime,
    limit: int | None = None,
    zone: str = "",
    note: str = "",
) -> Logged:
    """Write down one try. Reached closes the task; else it is due again later, until the limit.

    Whoever is not reached at last gets a letter (a task), where a patient is known; a wrong
    number asks for the right one. Locks the task; publishes `crm.callback-tried`.

    :param limit: tries in all; None: the callback's own.
    :param zone: IANA zone of the person, for the hour of the next try.
    :raises TaskClosed: somebody reached them meanwhile, or it was closed.
    """
    task = locks.lock_task(task_id)
    if task.status not in _OPEN:
        raise TaskClosed("This callback is closed already. Reload the page to see how it ended.")
    attempt = CallAttempt.objects.create(
        task=task,
        outcome=outcome,
        at=at,
        by_id=by.id if by.kind is ActorKind.USER else None,
        note=note.strip()[:300],
    )
    tries = task.attempts.count()
    record("crm.callback.tried", task, by=by, at=at, outcome=outcome, tries=tries)
    publish("crm.callback-tried", task, at=at, outcome=str(outcome), tries=tries)
    if is_over(outcome, tries=tries, limit=limit or limit_of(task)):
        return Logged(attempt, tries, None, _end(task, outcome, tries, by=by, at=at))
    next_at = next_try_at(at, tries=tries, outcome=outcome, zone=zone)
    _defer(task, next_at, by=by, at=at)
    return Logged(attempt, tries, next_at, None)


def limit_of(task: Task) -> int:
    """Tries in all for this task."""
    callback: Callback | None = getattr(task, "callback", None)
    return callback.attempt_limit if callback else USUAL_LIMIT


def _defer(task: Task, until: dt.datetime, *, by: Actor, at: dt.datetime) -> None:
    """Due again later, and free for whoever is there then."""
    task.due_at = until
    task.save(update_fields=["due_at"])
    record("crm.task.deferred", task, by=by, at=at, until=until.isoformat())
    if task.status == TaskStatus.CLAIMED:
        put_back_task(task=task, by=by, at=at)


def _end(
    task: Task, outcome: AttemptOutcome, tries: int, *, by: Actor, at: dt.datetime
) -> Task | None:
    reached = outcome is AttemptOutcome.REACHED
    times = "one try" if tries == 1 else f"{tries} tries"
    reason = _ENDS.get(outcome, f"Not reached after {times}.")
    close_task(task=task, by=by, at=at, reason=reason, done=reached)
    if reached:
        return None
    if outcome is AttemptOutcome.WRONG_NUMBER:
        return _next(task, TaskKind.WRONG_NUMBER, at + WRONG_NUMBER_DUE_IN, by=by, at=at)
    return _next(task, TaskKind.FOLLOW_UP, at + LETTER_DUE_IN, by=by, at=at)


_NEXT = {
    TaskKind.WRONG_NUMBER: (
        "Wrong number: find the right one",
        "Somebody waits for our call, and the number is not theirs.",
    ),
    TaskKind.FOLLOW_UP: (
        "Not reached by phone: send a letter",
        "Every try to call them back has failed. The letter asks them to call us, no more.",
    ),
}


def _next(
    task: Task, kind: TaskKind, due_at: dt.datetime, *, by: Actor, at: dt.datetime
) -> Task | None:
    """What is done instead; nothing where nobody is known."""
    if task.patient is None:
        return None
    title, why = _NEXT[kind]
    return open_task(
        kind=kind,
        title=title,
        why=why,
        patient=task.patient,
        journey=task.journey,
        due_at=due_at,
        cause_key=f"crm.task:{task.pk}:{kind}",
        by=by,
        at=at,
    )
