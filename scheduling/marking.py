"""Telling the EHR who came and who did not: a part of the step `scheduling.ehr-write`.

Like a booking, it is written down before it is asked. Unlike one it can be asked again without
looking first: what is told is a state, and a visit that stands so already is a success.
"""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from crm.engine import Actor
from scheduling.actions.writes import ask_a_person, settle_write, start_write
from scheduling.models import EhrWrite
from scheduling.ports import EhrGateway, EhrRefused
from scheduling.states import AppointmentStatus, EhrOperation, EhrWriteStatus

BY = Actor.system("booking")
#: While another write of the visit is out, how long this one waits.
TURN = dt.timedelta(seconds=3)
#: What each says of the visit.
MARKS = {
    EhrOperation.ARRIVE: AppointmentStatus.ARRIVED,
    EhrOperation.NO_SHOW: AppointmentStatus.NO_SHOW,
    EhrOperation.RESTORE: AppointmentStatus.BOOKED,
}


def tell_mark(write: EhrWrite, ehr: EhrGateway, at: dt.datetime) -> dt.datetime | None:
    """One try; returns when to try again, None when it is settled.

    :raises EhrUnavailable, EhrUnknown: as the gateway does.
    """
    appointment, wanted = write.appointment, MARKS[EhrOperation(write.operation)]
    if appointment.status != wanted:
        answer = f"no longer so: {appointment.status}"
        settle_write(write, to=EhrWriteStatus.ABANDONED, answer=answer, by=BY, at=at)
        return None
    if _others_out(write):
        return at + TURN
    if not appointment.source_id:
        ask_a_person(write, why="Its number in the EHR is not known here.", by=BY, at=at)
        return None
    if not ehr.capabilities.can_mark(wanted):
        ask_a_person(write, why="This EHR takes no such word from outside.", by=BY, at=at)
        return None
    _start(write, at)
    try:
        ehr.mark(appointment_id=appointment.source_id, status=wanted)
    except EhrRefused as error:
        with transaction.atomic():
            settle_write(write, to=EhrWriteStatus.REFUSED, answer=str(error), by=BY, at=at)
            ask_a_person(write, why=f"The EHR would not take it: {error}", by=BY, at=at)
        return None
    settle_write(write, to=EhrWriteStatus.DONE, answer="told and read back", by=BY, at=at)
    return None


def _others_out(write: EhrWrite) -> bool:
    """Whether the EHR is hearing something else of this visit, asked before: one at a time."""
    out = {EhrWriteStatus.PENDING, EhrWriteStatus.SENT, EhrWriteStatus.UNKNOWN}
    before = EhrWrite.objects.filter(
        appointment=write.appointment_id, status__in=out, pk__lt=write.pk, due_at__isnull=False
    )
    return before.exists()


def _start(write: EhrWrite, at: dt.datetime) -> None:
    if write.status == EhrWriteStatus.SENT:
        return
    if write.status == EhrWriteStatus.UNKNOWN:
        settle_write(write, to=EhrWriteStatus.PENDING, answer="asking again", by=BY, at=at)
    start_write(write, by=BY, at=at)
