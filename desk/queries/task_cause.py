"""What a task is about, found by its cause: a text, a write to the EHR, or two visits."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from crm.models import Task
from outreach.models import Message
from scheduling.models import Appointment, EhrWrite
from scheduling.queries import overlapping
from scheduling.states import EhrOperation, EhrWriteStatus


@dataclass(frozen=True, slots=True)
class VisitLine:
    """A visit in words, told in the zone of its site. `of_another`: of another patient."""

    pk: int
    starts_at: dt.datetime
    zone: str
    provider: str
    visit_type: str
    site: str
    status: str
    of_another: bool = False


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
    """At most one of the three is there."""

    text: Message | None = None
    write: WriteLine | None = None
    overlap: tuple[VisitLine, ...] = ()


VISIT_PARTS = ("provider", "location", "visit_type")


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
    return Cause()


def visit_line(visit: Appointment, *, of_another: bool = False) -> VisitLine:
    """A visit selected with `VISIT_PARTS`; where we know no such thing, as the EHR told it."""
    location = visit.location
    return VisitLine(
        pk=visit.pk,
        starts_at=visit.starts_at,
        zone=location.zone if location else "UTC",
        provider=str(visit.provider or visit.told_provider),
        visit_type=str(visit.visit_type or visit.told_visit_type),
        site=location.short_name if location else visit.told_location,
        status=visit.status,
        of_another=of_another,
    )


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
