"""Going through a published tree with somebody: the desk and self-service call these."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import transaction

from crm.engine import Actor, move, record
from crm.engine.actors import ActorKind
from crm.states import Channel
from scheduling import locks
from scheduling.models import TreeRun
from scheduling.queries.trees import find_published
from scheduling.rules.trees import (
    Ask,
    Facts,
    Outcome,
    UnknownAnswer,
    known_answers,
    read_tree,
    walk,
)
from scheduling.states import LeftWhy, TreeRunStatus


class TreeNotPublished(Exception):
    """There is nothing to walk: the tree has no published version."""


def start_run(
    *,
    tree_id: int,
    facts: Facts,
    channel: Channel,
    by: Actor,
    at: dt.datetime,
    patient_id: int | None = None,
    journey_id: int | None = None,
) -> TreeRun:
    """Begin; questions that `facts` answer are behind us already. The facts are not kept.

    The reason that led here must have passed the safety check (`triage.actions.check_text`).

    :raises TreeNotPublished:
    """
    version = find_published(tree_id)
    if version is None:
        raise TreeNotPublished("This tree is not published. Choose another, or a visit type.")
    tree = read_tree(version.body)
    known = known_answers(tree, facts)
    found = walk(tree, known, Facts())
    with transaction.atomic():
        run = TreeRun.objects.create(
            version=version,
            patient_id=patient_id,
            journey_id=journey_id,
            channel=channel,
            known=known,
            started_at=at,
            started_by_id=by.id if by.kind is ActorKind.USER else None,
            **_where(found, at),
        )
        record("scheduling.treerun.started", run, by=by, at=at, tree=tree_id)
        if isinstance(found, Outcome):
            move(run, to=TreeRunStatus.ENDED, by=by, at=at)
    return run


def answer_run(*, run_id: int, question: str, answer: str, by: Actor, at: dt.datetime) -> TreeRun:
    """Answer the question that is open, or one behind us anew.

    Answers given further on are kept for the case that the way comes by their questions again.

    :raises UnknownAnswer: for a question that is not on the way, or an answer that it lacks.
    :raises TreeRun.DoesNotExist:
    """
    with transaction.atomic():
        run = locks.lock_tree_run(run_id)
        if question != run.at_node and question not in [step[0] for step in run.steps]:
            raise UnknownAnswer("This question is not on the way. Answer the one that is shown.")
        tree = read_tree(run.version.body)
        answers = {**run.answers, question: answer}
        found = walk(tree, {**run.known, **answers}, Facts())
        fields = {"answers": answers, "left_why": "", **_where(found, at)}
        if run.status != TreeRunStatus.RUNNING:
            move(run, to=TreeRunStatus.RUNNING, by=by, at=at)
        if isinstance(found, Outcome):
            return move(run, to=TreeRunStatus.ENDED, by=by, at=at, **fields)
        TreeRun.objects.filter(pk=run.pk).update(**fields)
        for name, value in fields.items():
            setattr(run, name, value)
    return run


def leave_run(*, run_id: int, why: LeftWhy, by: Actor, at: dt.datetime) -> TreeRun:
    """Give it up where it is; one that has ended or was left stays as it is.

    :raises TreeRun.DoesNotExist:
    """
    with transaction.atomic():
        run = locks.lock_tree_run(run_id)
        if run.status == TreeRunStatus.RUNNING:
            move(
                run, to=TreeRunStatus.LEFT, by=by, at=at, reason=why.value, left_why=why, last_at=at
            )
    return run


def _where(found: Ask | Outcome, at: dt.datetime) -> dict[str, Any]:
    here = found.question.id if isinstance(found, Ask) else found.leaf.id
    steps = [[step.question, step.answer] for step in found.path]
    return {"steps": steps, "at_node": here, "last_at": at}
