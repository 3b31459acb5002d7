"""What became of a write to the EHR. The calls themselves are in `scheduling.tasks`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any, Final

from django.db import transaction

from crm.actions import open_task
from crm.engine import Actor, move
from crm.states import TaskKind
from scheduling import locks
from scheduling.models import EhrWrite
from scheduling.rules.words import say_list
from scheduling.states import LIVE, EhrOperation, EhrWriteStatus

#: A clerk enters what an EHR was not told of a visit that it has.
TELL_WITHIN: Final = dt.timedelta(hours=24)


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


def ask_to_tell(write: EhrWrite, things: Sequence[str], *, by: Actor, at: dt.datetime) -> None:
    """The EHR has the visit, and not what else it takes: a clerk enters that, once. Nothing where
    there is nothing to tell, or the visit is off."""
    visit = write.appointment
    if not things or visit.status not in LIVE:
        return
    open_task(
        kind=TaskKind.EHR_WRITE,
        title="Enter in the EHR what else a visit takes",
        why=f"{say_things(things)} The visit itself is booked there.",
        patient=visit.patient,
        journey=visit.journey,
        due_at=max(at, min(at + TELL_WITHIN, visit.starts_at)),
        cause_key=f"ehr-resources:{write.pk}",
        by=by,
        at=at,
    )


def say_things(things: Sequence[str]) -> str:
    """What the EHR was not told of, in a sentence; empty where there is nothing."""
    if not things:
        return ""
    return f"It also takes {say_list(things)}, of which the EHR was not told."
