"""What a task is about, found by its cause: a text, a write to the EHR, visits, or a wave."""

from __future__ import annotations

from dataclasses import dataclass

from crm.models import Task
from desk.queries.task_request import RequestLine, WaveTask, find_request, find_wave_task
from desk.queries.task_visits import VISIT_PARTS, VisitLine, visit_line
from outreach.models import Message
from scheduling.models import Appointment, EhrWrite
from scheduling.queries import overlapping
from scheduling.states import EhrOperation, EhrWriteStatus


@dataclass(frozen=True, slots=True)
class WriteLine:
    """What the EHR should have been told, and what it answered."""

    operation: EhrOperation
    status: EhrWriteStatus
    tries: int
    answer: str
    visit: VisitLine


@dataclass(frozen=True, slots=True)
class Cause:
    """At most one of these is there."""

    text: Message | None = None
    write: WriteLine | None = None
    overlap: tuple[VisitLine, ...] = ()
    request: RequestLine | None = None
    wave: WaveTask | None = None


def find_cause(task: Task) -> Cause:
    """What opened the task, as it is now; nothing where it is gone. At most two queries."""
    match task.cause_key.split(":"):
        case ["outreach.message", key, *_] if key.isdigit():
            texts = Message.objects.select_related("phone")
            return Cause(text=texts.filter(pk=int(key)).first())
        case ["ehr-write", key] if key.isdigit():
            return Cause(write=_write(int(key)))
        case ["overlap", key, *_] if key.isdigit():
            return Cause(overlap=_overlap(int(key)))
        case ["confirm-request", key] if key.isdigit():
            return Cause(request=find_request(int(key)))
        case ["wave-plan", key] if key.isdigit():
            return Cause(wave=find_wave_task(int(key)))
    return Cause()


def _write(key: int) -> WriteLine | None:
    parts = (f"appointment__{part}" for part in VISIT_PARTS)
    write = EhrWrite.objects.select_related(*parts).filter(pk=key).first()
    if write is None:
        return None
    return WriteLine(
        operation=EhrOperation(write.operation),
        status=EhrWriteStatus(write.status),
        tries=write.tries,
        answer=write.answer,
        visit=visit_line(write.appointment),
    )


def _overlap(key: int) -> tuple[VisitLine, ...]:
    """The visit and those that still stand at its time; the visit alone when none does."""
    visit = Appointment.objects.select_related(*VISIT_PARTS).filter(pk=key).first()
    if visit is None:
        return ()
    others = overlapping(visit).select_related(*VISIT_PARTS).order_by("starts_at", "pk")
    return (
        visit_line(visit),
        *(visit_line(o, of_another=o.patient_id != visit.patient_id) for o in others),
    )
