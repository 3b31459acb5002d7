"""Two visits at one time, as an EHR tells of them: flagged for a person, until it has ended."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db.models import Q, QuerySet

from crm.actions import open_task, put_back_task, settle_task
from crm.engine import Actor
from crm.states import TaskKind, TaskStatus
from scheduling import locks, queries
from scheduling.actions.seats import live_on
from scheduling.models import Appointment, Slot
from scheduling.states import LIVE


@dataclass(frozen=True, slots=True)
class Before:
    """Where a visit stood before it was changed."""

    patient_id: int
    provider_id: int | None
    starts_at: dt.datetime
    ends_at: dt.datetime

    @classmethod
    def of(cls, visit: Appointment) -> Before:
        return cls(visit.patient_id, visit.provider_id, visit.starts_at, visit.ends_at)


def flag_overlap(
    appointment: Appointment, slot: Slot | None, *, by: Actor, at: dt.datetime
) -> None:
    """Clinics overbook on purpose, and feeds make mistakes: a person looks.

    Other patients in the seats of one slot are no overlap: the clinic gave it those seats.
    """
    if appointment.status not in LIVE:
        return
    if not _others(appointment, slot).exists():
        return
    Appointment.objects.filter(pk=appointment.pk).update(overlap_flagged_at=at)
    appointment.overlap_flagged_at = at
    task = open_task(
        kind=TaskKind.OVERLAP,
        title="Two visits at one time",
        why="The EHR reports a visit that overlaps another one. Overbooked on purpose?",
        patient=appointment.patient,
        due_at=at + dt.timedelta(hours=4),
        cause_key=_cause(appointment.pk, appointment.starts_at),
        by=by,
        at=at,
    )
    if task.status == TaskStatus.CANCELLED:  # it had ended, and is back
        put_back_task(task=task, by=by, at=at)


def settle_overlaps(
    appointment: Appointment, before: Before, *, by: Actor, at: dt.datetime
) -> None:
    """The visit has changed: flags and tasks end where there is no overlap any more, its own and
    those of the visits that it stood against. A visit that somebody else is changing just now
    is left to them."""
    then = Q(starts_at__lt=before.ends_at, ends_at__gt=before.starts_at)
    same = Q(patient_id=before.patient_id)
    if before.provider_id is not None:
        same |= Q(provider_id=before.provider_id)
    stood_against = Q(overlap_flagged_at__isnull=False) & (Q(pk=appointment.pk) | (then & same))
    keys = list(Appointment.objects.filter(stood_against).values_list("pk", flat=True))
    if not keys:
        return
    for visit in locks.lock_appointments_if_free(keys):
        if visit.pk == appointment.pk and visit.starts_at != before.starts_at:
            _close(visit.pk, before.starts_at, by=by, at=at)
        if visit.status in LIVE and _others(visit, visit.slot).exists():
            continue
        Appointment.objects.filter(pk=visit.pk).update(overlap_flagged_at=None)
        _close(visit.pk, visit.starts_at, by=by, at=at)
    appointment.refresh_from_db(fields=["overlap_flagged_at"])


def _others(appointment: Appointment, slot: Slot | None) -> QuerySet[Appointment]:
    """The visits that it stands against."""
    others = queries.overlapping(appointment)
    if slot is not None and live_on(slot) <= slot.capacity:
        others = others.exclude(Q(slot=slot) & ~Q(patient_id=appointment.patient_id))
    return others


def _cause(pk: int, starts_at: dt.datetime) -> str:
    return f"overlap:{pk}:{starts_at.isoformat()}"


def _close(pk: int, starts_at: dt.datetime, *, by: Actor, at: dt.datetime) -> None:
    reason = "The overlap has ended."
    settle_task(cause_key=_cause(pk, starts_at), by=by, at=at, reason=reason, done=False)
