"""What became of a write to the EHR. The calls themselves are in `scheduling.tasks`."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import transaction

from crm.actions import open_task
from crm.engine import Actor, move
from crm.states import TaskKind
from scheduling import locks
from scheduling.models import EhrWrite
from scheduling.states import EhrOperation, EhrWriteStatus


def settle_write(
    write: EhrWrite, *, to: EhrWriteStatus, answer: str, by: Actor, at: dt.datetime
) -> None:
    """Move a write on, keeping what the EHR answered (without patient data)."""
    with transaction.atomic():
        fresh = locks.lock_ehr_write(write.pk)
        if fresh.status == to:
            return
        done: dict[str, Any] = {"done_at": at} if to == EhrWriteStatus.DONE else {}
        move(fresh, to=to, by=by, at=at, reason=answer, answer=answer[:300], **done)
        write.refresh_from_db(fields=["status"])


def start_write(write: EhrWrite, *, by: Actor, at: dt.datetime) -> None:
    """Write down that the EHR is about to be asked, before it is: a crash leaves a trace."""
    move(write, to=EhrWriteStatus.SENT, by=by, at=at, tries=write.tries + 1)


_BY_HAND = {
    EhrOperation.BOOK: "Book in the EHR by hand",
    EhrOperation.CANCEL: "Cancel in the EHR by hand",
    EhrOperation.ARRIVE: "Check in in the EHR by hand",
    EhrOperation.NO_SHOW: "Mark the no-show in the EHR by hand",
    EhrOperation.RESTORE: "Take the check-in or no-show back in the EHR by hand",
}


def ask_a_person(write: EhrWrite, *, why: str, by: Actor, at: dt.datetime) -> None:
    """A task for the desk, once for each write."""
    open_task(
        kind=TaskKind.EHR_WRITE,
        title=_BY_HAND[EhrOperation(write.operation)],
        why=why,
        patient=write.appointment.patient,
        journey=write.appointment.journey,
        due_at=at + dt.timedelta(minutes=30),
        cause_key=f"ehr-write:{write.pk}",
        by=by,
        at=at,
    )
