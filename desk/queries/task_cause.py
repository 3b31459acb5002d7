"""What a task is about, found by its cause: a text, a write to the EHR, visits, a wave."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from crm.models import SocialScreen, Task
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
    social: SocialScreen | None = None


def find_cause(task: Task) -> Cause:
    """What opened the task, as it is now; nothing where it is gone. At most two queries."""
    match task.cause_key.split(":"):
        case [kind, key, *_] if kind in _READ and key.isdigit():
            return _READ[kind](int(key))
    return Cause()


def _text(key: int) -> Cause:
    return Cause(text=Message.objects.select_related("phone").filter(pk=key).first())


def _social(key: int) -> Cause:
    rows = SocialScreen.objects.select_related("referred_to")
    return Cause(social=rows.filter(pk=key).first())


#: By how the task's cause begins.
_READ: Final[Mapping[str, Callable[[int], Cause]]] = {
    "outreach.message": _text,
    "ehr-write": lambda key: Cause(write=_write(key)),
    "overlap": lambda key: Cause(overlap=_overlap(key)),
    "confirm-request": lambda key: Cause(request=find_request(key)),
    "wave-plan": lambda key: Cause(wave=find_wave_task(key)),
    "social": _social,
}


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
