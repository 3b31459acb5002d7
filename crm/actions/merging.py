"""Two records of one person: made one, and taken apart again.

Locks both patients first, so that nobody writes to either meanwhile, and waits for no other lock
for longer than a moment: whoever holds something of theirs goes before (`locks.lock_people`).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Final

from django.db import OperationalError, transaction

from crm import locks, merge_hooks
from crm.actions import merge_rows
from crm.actions.duplicates import (
    MergeRefused,
    cause_of,
    decider,
    find_open_pair,
    flag_duplicate,
)
from crm.actions.tasks import settle_task
from crm.engine import Actor, move, publish, record, written_together
from crm.engine.retrying import sqlstate
from crm.models import Patient, PatientMerge
from crm.states.merging import MergeStatus

#: How long after a merge it is looked for rows that somebody wrote for the record given up: pages
#: that were open, messages on their way.
FOLLOW_UPS: Final = (
    dt.timedelta(minutes=1),
    dt.timedelta(hours=1),
    dt.timedelta(days=1),
    dt.timedelta(days=7),
)
#: How soon a merge that had to wait is tried again.
AGAIN: Final = dt.timedelta(minutes=2)
_LOCK_NOT_AVAILABLE: Final = "55P03"


def merge_patients(
    *, merge_id: int, by: Actor, at: dt.datetime, keep: int | None = None
) -> PatientMerge:
    """Make the two records of a flagged pair one. Publishes `crm.patient-merged`.

    All that hangs on the record given up hangs on the one that stays; what only it says is
    written there, and of what protects somebody the stricter. Which rows these were is kept.

    :param keep: whose record stays; as suggested without.
    :raises MergeSettled:
    :raises MergeRefused: where something of theirs is in flight, or rows of both clash.
    """
    with _soon():
        merge = _lock_pair(merge_id, MergeStatus.FLAGGED)
        if keep not in {None, merge.survivor_id, merge.other_id}:
            raise MergeRefused("Choose one of the two records.")
        if keep == merge.other_id:
            merge.survivor, merge.other = merge.other, merge.survivor
            merge.save(update_fields=["survivor", "other"])
        _check(merge, at=at)
        _join(merge, by=by, at=at)
        settle_task(cause_key=cause_of(merge), by=by, at=at, reason="the same person")
    return merge


def undo_merge(
    *,
    merge_id: int,
    by: Actor,
    at: dt.datetime,
    also: Mapping[str, Collection[int]] | None = None,
) -> PatientMerge:
    """Take two records apart again: every row goes back to whose it was.

    What came since stays with the record that stood. Publishes `crm.patient-unmerged`.

    :param also: rows that came since and belong to the other after all, by "app.model.field".
    :raises MergeSettled:
    :raises MergeRefused: while the record that stood is itself merged away, or something is in
        flight.
    """
    with _soon():
        merge = _lock_pair(merge_id, MergeStatus.MERGED)
        _check(merge, at=at)
        _part(merge, also or {}, by=by, at=at)
    return merge


def swap_merge(*, merge_id: int, by: Actor, at: dt.datetime) -> PatientMerge:
    """Let the other record stand: the merge is undone, and made anew the other way round.

    :returns: the new merge.
    :raises MergeSettled, MergeRefused: as undoing and merging do.
    """
    with _soon():
        merge = _lock_pair(merge_id, MergeStatus.MERGED)
        _check(merge, at=at)
        _part(merge, {}, by=by, at=at)
        other_way = PatientMerge.objects.create(
            survivor=merge.other,
            other=merge.survivor,
            why=merge.why,
            source=merge.source,
            flagged_at=at,
            flagged_by=by.label[:120],
        )
        _join(other_way, by=by, at=at)
    return other_way


def hear_of_merge(
    *,
    stays: Patient,
    gone: Patient,
    source: str,
    sent_at: dt.datetime,
    by: Actor,
    at: dt.datetime,
) -> PatientMerge | None:
    """An EHR says that two records are one: merged by itself, now or once nothing is in flight.

    None where a person has taken that very merge back since the EHR said so. What staff have
    dismissed is merged all the same: the EHR is the record.
    """
    pair = {"survivor__in": (stays, gone), "other__in": (stays, gone)}
    undone = PatientMerge.objects.filter(status=MergeStatus.UNDONE, undone_at__gte=sent_at, **pair)
    if undone.exists():
        return None
    merge = flag_duplicate(one=stays, other=gone, source=source, by=by, at=at)
    if merge.status == MergeStatus.FLAGGED:
        told = {"survivor": stays, "other": gone, "source": source[:120], "due_at": at + AGAIN}
        PatientMerge.objects.filter(pk=merge.pk).update(**told)
        with suppress(MergeRefused):  # its step tries again
            return merge_patients(merge_id=merge.pk, by=by, at=at)
    return merge


def bring_along(merge: PatientMerge, *, by: Actor, at: dt.datetime) -> dt.datetime | None:
    """Rows that somebody has written for the record given up since: to the one that stands.

    :returns: when to look again.
    """
    with _soon():
        merge = _lock_pair(merge.pk, MergeStatus.MERGED)
        late = merge_rows.move_rows(gone=merge.other_id, stays=merge.survivor_id)
        for name, keys in late.items():
            merge.moved[name] = sorted({*merge.moved.get(name, ()), *keys})
        if late:
            merge.save(update_fields=["moved"])
            counts = {name: len(keys) for name, keys in late.items()}
            record("crm.patient.brought-along", merge.survivor, by=by, at=at, rows=counts)
    since = at - (merge.decided_at or at)
    return next(
        (merge.decided_at + one for one in FOLLOW_UPS if merge.decided_at and one > since), None
    )


# --- parts ------------------------------------------------------------------------------------


def _join(merge: PatientMerge, *, by: Actor, at: dt.datetime) -> None:
    stays, gone = merge.survivor, merge.other
    changed = merge_rows.learn(stays, gone)
    try:
        moved = merge_rows.move_rows(gone=gone.pk, stays=stays.pk)
    except merge_rows.RowsClash as clash:
        raise MergeRefused(str(clash)) from clash
    Patient.objects.filter(pk=gone.pk).update(merged_into=stays, merged_at=at)
    move(
        merge,
        to=MergeStatus.MERGED,
        by=by,
        at=at,
        moved=moved,
        changed=changed,
        decided_at=at,
        decided_by_id=decider(by),
        due_at=at + FOLLOW_UPS[0],
    )
    counts = {name: len(keys) for name, keys in moved.items()}
    record("crm.patient.merged", stays, by=by, at=at, other=gone.pk, merge=merge.pk, rows=counts)
    record("crm.patient.merged-away", gone, by=by, at=at, into=stays.pk, merge=merge.pk)
    publish("crm.patient-merged", stays, at=at, other=gone.pk)


def _part(
    merge: PatientMerge, also: Mapping[str, Collection[int]], *, by: Actor, at: dt.datetime
) -> None:
    stays, gone = merge.survivor, merge.other
    Patient.objects.filter(pk=gone.pk).update(merged_into=None, merged_at=None)
    try:
        for rows in (merge.moved, also):
            merge_rows.put_back(rows, gone=gone.pk, stays=stays.pk)
    except merge_rows.RowsClash as clash:
        raise MergeRefused(str(clash)) from clash
    merge_rows.unlearn(merge.changed)
    move(merge, to=MergeStatus.UNDONE, by=by, at=at, undone_at=at, due_at=None)
    extra = {name: sorted(keys) for name, keys in also.items()}
    record("crm.patient.unmerged", stays, by=by, at=at, other=gone.pk, merge=merge.pk, also=extra)
    record("crm.patient.stands-again", gone, by=by, at=at, merge=merge.pk)
    publish("crm.patient-unmerged", stays, at=at, other=gone.pk)


def _check(merge: PatientMerge, *, at: dt.datetime) -> None:
    """:raises MergeRefused:"""
    said = merge_hooks.find_objection((merge.survivor_id, merge.other_id), at=at)
    if said is not None:
        raise MergeRefused(said)


def _lock_pair(merge_id: int, status: MergeStatus) -> PatientMerge:
    """The merge with both records as they are, held. :raises MergeSettled, MergeRefused:"""
    pair = find_open_pair(merge_id, status)
    locks.lock_people((pair.survivor_id, pair.other_id))
    merge = find_open_pair(merge_id, status)
    if merge.survivor.merged_into_id is not None:
        raise MergeRefused(
            "One of these records was merged into a third one since. Undo that merge first."
        )
    if status is MergeStatus.FLAGGED and merge.other.merged_into_id is not None:
        raise MergeRefused("One of these records has been merged away. Flag the two that stand.")
    return merge


@contextmanager
def _soon() -> Iterator[None]:
    """One transaction, or nothing, for which nobody is waited for long."""
    try:
        with transaction.atomic(), written_together(), locks.little_patience():
            yield
    except OperationalError as error:
        if sqlstate(error) != _LOCK_NOT_AVAILABLE:
            raise
        raise MergeRefused(
            "Somebody is working with one of these records just now. Try again in a moment."
        ) from error
