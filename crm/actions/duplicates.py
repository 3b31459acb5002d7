"""Two records that may be one person: flagged by whoever sees it, and told apart."""

from __future__ import annotations

import datetime as dt
from typing import Any, Final

from django.db import transaction

from crm.actions.tasks import open_task, settle_task
from crm.engine import Actor, insert_or_none, move, publish, record
from crm.engine.actors import ActorKind
from crm.models import Patient, PatientIdentifier, PatientMerge
from crm.states import TaskKind
from crm.states.merging import MergeStatus

DECIDE_WITHIN: Final = dt.timedelta(days=1)


class MergeRefused(Exception):
    """It cannot be done now; the text says what has to happen first, for staff."""


class MergeSettled(Exception):
    """Somebody else has decided it meanwhile."""


@transaction.atomic
def flag_duplicate(
    *, one: Patient, other: Patient, by: Actor, at: dt.datetime, why: str = "", source: str = ""
) -> PatientMerge:
    """Say that two records may be one person; records staff decide, by a task.

    The same pair is flagged once. Publishes `crm.duplicate-flagged`.

    :param why: in words of whoever saw it.
    :param source: the EHR that says so: then nobody is asked.
    :raises MergeRefused: where they are one record already.
    """
    stays, gone = _by_standing(one, other)
    flagged = insert_or_none(
        PatientMerge(
            survivor=stays,
            other=gone,
            why=why[:300],
            source=source[:120],
            flagged_at=at,
            flagged_by=by.label[:120],
        )
    )
    if flagged is None:
        return _live_pair(stays.pk, gone.pk)
    record("crm.patient.flagged-duplicate", stays, by=by, at=at, other=gone.pk, merge=flagged.pk)
    publish("crm.duplicate-flagged", flagged, at=at)
    if not source:
        ask_records_staff(flagged, by=by, at=at)
    return flagged


def ask_records_staff(flagged: PatientMerge, *, by: Actor, at: dt.datetime) -> None:
    """A task to compare the two."""
    open_task(
        kind=TaskKind.DUPLICATE,
        title="Two records that may be one person",
        why=flagged.why,
        patient=flagged.survivor,
        due_at=at + DECIDE_WITHIN,
        cause_key=cause_of(flagged),
        by=by,
        at=at,
    )


@transaction.atomic
def dismiss_duplicate(*, merge_id: int, by: Actor, at: dt.datetime) -> PatientMerge:
    """They are two people. Publishes `crm.duplicate-dismissed`.

    :raises MergeSettled:
    """
    merge = find_open_pair(merge_id, MergeStatus.FLAGGED)
    move(merge, to=MergeStatus.DISMISSED, by=by, at=at, decided_at=at, decided_by_id=decider(by))
    record("crm.patient.told-apart", merge.survivor, by=by, at=at, other=merge.other_id)
    settle_task(cause_key=cause_of(merge), by=by, at=at, reason="not the same person")
    publish("crm.duplicate-dismissed", merge, at=at)
    return merge


def find_open_pair(merge_id: int, status: MergeStatus) -> PatientMerge:
    """:raises MergeSettled:"""
    rows = PatientMerge.objects.select_related("survivor", "other")
    merge = rows.filter(pk=merge_id, status=status).first()
    if merge is None:
        raise MergeSettled("Somebody has decided this pair just now. Reload the page.")
    return merge


def _by_standing(one: Patient, other: Patient) -> tuple[Patient, Patient]:
    """Whose record should stay first: whom an EHR knows, else the older. Merged ones stand for
    nobody: the records that stand for them do. :raises MergeRefused:"""
    rows = Patient.objects.filter(pk__in=(one.pk, other.pk)).values_list("pk", "merged_into")
    pair = {stands or pk for pk, stands in rows}
    if len(pair) < 2:
        raise MergeRefused("These are one record already.")
    first, second = Patient.objects.filter(pk__in=pair).order_by("pk")
    known = PatientIdentifier.objects.filter(patient__in=pair)
    if set(known.values_list("patient_id", flat=True)) == {second.pk}:
        return second, first
    return first, second


def _live_pair(one: int, other: int) -> PatientMerge:
    live = PatientMerge.objects.filter(status__in=[MergeStatus.FLAGGED, MergeStatus.MERGED])
    return live.get(survivor__in=(one, other), other__in=(one, other))


def cause_of(merge: PatientMerge) -> str:
    """Of the task that asks about it."""
    return f"duplicate:{merge.pk}"


def decider(by: Actor) -> Any:
    """The member of staff behind `by`, if it is one."""
    return by.id if by.kind is ActorKind.USER else None
