"""Tasks that end elsewhere than by being closed: a visit to book, and a wave to send."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.utils.translation import gettext_noop

from crm.models import Task
from crm.states import TaskKind
from desk.queries.task_visits import VISIT_PARTS, VisitLine, visit_line
from scheduling.models import Appointment, EhrWrite
from scheduling.states import AppointmentStatus, EhrOperation
from waitlist.models import PlannedWave
from waitlist.states import PlanStatus


@dataclass(frozen=True, slots=True)
class RequestLine:
    """A visit that a person at the clinic books, and the later one that it replaces.

    `lapses_at`: then the patient is told that it could not be confirmed.
    """

    appointment_id: int
    visit: VisitLine
    gives_up: VisitLine | None
    lapses_at: dt.datetime | None
    is_requested: bool


@dataclass(frozen=True, slots=True)
class WaveTask:
    """A planned wave that a person sends from the page of its opening."""

    opening_id: int
    starts_at: dt.datetime
    zone: str
    provider: str
    visit_type: str
    site: str
    people: int
    lapses_at: dt.datetime
    is_waiting: bool


def find_request(appointment_id: int) -> RequestLine | None:
    """The requested visit as it is now. At most two queries."""
    parts = [*VISIT_PARTS, *(f"gives_up__{part}" for part in VISIT_PARTS)]
    visit = Appointment.objects.select_related("gives_up", *parts).filter(pk=appointment_id).first()
    if visit is None:
        return None
    write = EhrWrite.objects.filter(
        appointment=visit, operation=EhrOperation.BOOK, lapses_at__isnull=False
    ).order_by("-pk")
    return RequestLine(
        appointment_id=visit.pk,
        visit=visit_line(visit),
        gives_up=visit_line(visit.gives_up) if visit.gives_up else None,
        lapses_at=write.values_list("lapses_at", flat=True).first(),
        is_requested=visit.status == AppointmentStatus.REQUESTED,
    )


def find_wave_task(plan_id: int) -> WaveTask | None:
    """The planned wave as it is now. At most two queries."""
    plan = (
        PlannedWave.objects.select_related(
            "opening__slot__role__provider",
            "opening__slot__role__clinic__location",
            "opening__slot__visit_type",
        )
        .filter(pk=plan_id)
        .first()
    )
    if plan is None:
        return None
    slot = plan.opening.slot
    location = slot.role.clinic.location
    return WaveTask(
        opening_id=plan.opening_id,
        starts_at=plan.opening.starts_at,
        zone=location.zone,
        provider=str(slot.role.provider),
        visit_type=slot.visit_type.name,
        site=location.short_name,
        people=plan.people.filter(skipped_at__isnull=True).count(),
        lapses_at=plan.lapses_at,
        is_waiting=plan.status == PlanStatus.WAITING,
    )


def why_not_close(task: Task) -> str:
    """Why a task cannot simply be closed: what it asks for is decided elsewhere. Else empty."""
    match task.kind, task.cause_key.split(":"):
        case TaskKind.CONFIRM_REQUEST, [_, key] if key.isdigit():
            visits = Appointment.objects.filter(pk=key, status=AppointmentStatus.REQUESTED)
            if visits.exists():
                return gettext_noop("Say instead whether it is booked in the EHR, or not possible.")
        case TaskKind.SEND_WAVE, [_, key] if key.isdigit():
            if PlannedWave.objects.filter(pk=key, status=PlanStatus.WAITING).exists():
                return gettext_noop("Send the wave, or say not now, on the page of the opening.")
    return ""
