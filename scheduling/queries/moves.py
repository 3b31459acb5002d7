"""Visits that take the place of others, and how far that has come."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Q, QuerySet

from scheduling.models import Appointment, EhrWrite
from scheduling.rules.moving import HALF_DONE, MoveStage, move_stage
from scheduling.states import LIVE, AppointmentStatus, EhrOperation, EhrWriteStatus

_BESIDE = (
    "patient",
    "provider",
    "location",
    "visit_type",
    "gives_up__provider",
    "gives_up__location",
    "gives_up__visit_type",
)
#: A move is given so long before anybody is shown that it is half done.
SETTLES_WITHIN = dt.timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Move:
    """A visit and the one that it takes the place of. `cancel` tells the EHR of the old one's
    end, where it is we who tell it."""

    new: Appointment
    old: Appointment
    stage: MoveStage
    cancel: EhrWrite | None


def find_move(appointment_id: int) -> Move | None:
    """The move that this visit is the new one of; None when it took the place of no other."""
    rows = Appointment.objects.select_related(*_BESIDE)
    return next(iter(_moves(rows.filter(pk=appointment_id, gives_up__isnull=False))), None)


def find_move_away(appointment_id: int) -> Move | None:
    """The latest move by which this visit's place is, or was to be, taken."""
    rows = Appointment.objects.select_related(*_BESIDE).filter(gives_up=appointment_id)
    return next(iter(_moves(rows.order_by("-pk")[:1])), None)


def half_done_moves(*, at: dt.datetime) -> list[Move]:
    """Moves that stopped half-way: the patient may have two visits. The oldest first.

    Not those that are under way: of what was confirmed or given up in the last minute nothing is
    said.
    """
    stands = Q(status__in=LIVE) & ~Q(status=AppointmentStatus.REQUESTED)
    open_cancel = Q(
        gives_up__ehr_writes__operation=EhrOperation.CANCEL,
        gives_up__ehr_writes__status__in=[
            EhrWriteStatus.PENDING,
            EhrWriteStatus.SENT,
            EhrWriteStatus.UNKNOWN,
            EhrWriteStatus.REFUSED,
        ],
    )
    rows = (
        Appointment.objects.select_related(*_BESIDE)
        .filter(stands, gives_up__isnull=False)
        .filter(
            Q(gives_up__status__in=LIVE, booked_at__lte=at - SETTLES_WITHIN)
            | Q(gives_up__status=AppointmentStatus.CANCELLED)
            & Q(gives_up__cancelled_at__lte=at - SETTLES_WITHIN)
            & open_cancel
        )
        .distinct()
        .order_by("booked_at", "pk")
    )
    return [found for found in _moves(rows) if found.stage in HALF_DONE]


def _moves(rows: QuerySet[Appointment]) -> Iterable[Move]:
    visits = list(rows)
    cancels = _last_cancels([visit.gives_up_id for visit in visits])
    for new in visits:
        old = new.gives_up
        if old is None:
            continue
        cancel = cancels.get(old.pk)
        stage = move_stage(
            new=AppointmentStatus(new.status),
            old=AppointmentStatus(old.status),
            cancel=EhrWriteStatus(cancel.status) if cancel else None,
            is_with_a_person=cancel is not None and cancel.due_at is None,
        )
        yield Move(new=new, old=old, stage=stage, cancel=cancel)


def _last_cancels(keys: list[int | None]) -> dict[int, EhrWrite]:
    """The last cancel of each visit, in one query."""
    writes = EhrWrite.objects.filter(appointment__in=keys, operation=EhrOperation.CANCEL)
    return {write.appointment_id: write for write in writes.order_by("pk")}
