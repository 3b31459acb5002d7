"""Going through a script with somebody on the line."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from crm.actions.contacts import hold_open, keep_answer, note_step
from crm.actions.tasks import open_task
from crm.engine import Actor, record
from crm.models import Answer, Interaction, Task
from crm.states import StepKind, TaskKind
from desk.actions.safety import check_said, heed
from desk.queries.scripts import Flow, find_flow
from desk.rules.scripts import SKIP, ScriptStep, UnknownAnswer, read_answer
from desk.states import StepDo


class StepGone(Exception):
    """The script has changed, or the step does not belong to this contact (any more)."""


class ReasonMissing(Exception):
    """A step is left out only with a reason."""


def answer_step(
    *,
    contact: Interaction,
    key: str,
    said: str = "",
    is_verified: bool,
    by: Actor,
    at: dt.datetime,
) -> Answer:
    """Keep what was answered to a step of the contact's script, or that it was done.

    An answer may be given again: the later one counts. Free words go through the safety check, as
    the reason does: what they name is kept with the answer.

    :param key: of the step.
    :param said: the key of an option, or words; empty for a step that is ticked.
    :raises StepGone, ContactOver:
    :raises desk.rules.scripts.UnknownAnswer: with what to do instead.
    """
    flow, step = _step(contact, key, is_verified=is_verified, at=at)
    if step.ticks_itself and not contact.is_training:
        raise UnknownAnswer("This is ticked by doing it. Do it, or say why it is left out.")
    value = read_answer(step, said)
    is_free = step.kind.is_answered and not step.options
    finding = check_said(value, contact=contact) if is_free else None
    code = _code(flow, step)
    with transaction.atomic():  # the check stands behind a port, and may take its time
        hold_open(contact.pk)
        kept = _keep_answer(contact, step, value, code=code, by=by, at=at)
        if finding is not None:
            heed(contact=contact, finding=finding, by=by, at=at)
    return kept


def _keep_answer(
    contact: Interaction, step: ScriptStep, value: str, *, code: str, by: Actor, at: dt.datetime
) -> Answer:
    asked = step.kind.is_answered
    kept = keep_answer(
        contact=contact, key=step.answer_key, value=value, was_asked=asked, by=by, at=at
    )
    if not asked:
        kind = StepKind.TELL if step.kind is StepDo.SAY else StepKind.QUESTION
        note_step(contact=contact, kind=kind, code=code, by=by, at=at)
    return kept


@transaction.atomic
def leave_task(
    *,
    contact: Interaction,
    key: str,
    title: str,
    why: str,
    kind: TaskKind,
    due_at: dt.datetime,
    is_verified: bool,
    by: Actor,
    at: dt.datetime,
) -> Task:
    """The task that a step asks for, once for each step; it ticks the step.

    :raises StepGone, ContactOver:
    """
    hold_open(contact.pk)
    flow, step = _step(contact, key, is_verified=is_verified, at=at)
    task = open_task(
        kind=kind,
        title=title,
        why=why,
        patient=contact.patient,
        journey=contact.journey,
        due_at=due_at,
        cause_key=f"crm.interaction:{contact.pk}:step:{step.key}",
        by=by,
        at=at,
    )
    code = _code(flow, step)
    note_step(
        contact=contact, kind=StepKind.TASK, code=code, subject=task, by=by, at=at, task=str(kind)
    )
    return task


@transaction.atomic
def skip_step(
    *,
    contact: Interaction,
    key: str,
    reason: str,
    is_verified: bool,
    by: Actor,
    at: dt.datetime,
) -> Answer:
    """Leave a step out, with why: kept with the contact, and in the audit trail.

    :raises StepGone, ReasonMissing, ContactOver:
    """
    hold_open(contact.pk)
    flow, step = _step(contact, key, is_verified=is_verified, at=at)
    why = " ".join(reason.split())
    if not why:
        raise ReasonMissing("Say why it is left out.")
    kept = keep_answer(
        contact=contact, key=SKIP + step.answer_key, value=why, was_asked=False, by=by, at=at
    )
    record(
        "desk.script.step-skipped",
        contact,
        by=by,
        at=at,
        reason=why,
        version=flow.version.pk,
        step=step.key,
        required=step.required,
    )
    code = f"skip:{_code(flow, step)}"
    note_step(contact=contact, kind=StepKind.QUESTION, code=code, by=by, at=at)
    return kept


def _step(
    contact: Interaction, key: str, *, is_verified: bool, at: dt.datetime
) -> tuple[Flow, ScriptStep]:
    flow = find_flow(contact, is_verified=is_verified, at=at)
    found = flow.find(key) if flow else None
    if flow is None or found is None:
        raise StepGone("The script has changed meanwhile. Go on with what it shows now.")
    return flow, found.step


def _code(flow: Flow, step: ScriptStep) -> str:
    """For timeline and ribbon: "script:late:how-late"."""
    return f"script:{flow.version.script.code}:{step.key}"
