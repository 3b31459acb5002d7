"""All that the page of one task shows, as frozen values."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace

from django.utils.translation import gettext_noop, pgettext

from crm.models import AuditEntry, Patient, Task
from crm.saying import translated
from crm.states import TaskKind, TaskStatus
from desk.queries.task_alert import AlertPanel, find_alert_panel
from desk.queries.task_cause import Cause, find_cause
from desk.queries.task_contact import is_of_contact
from desk.queries.task_list import CLOSED, IN_TURN, OPEN
from desk.queries.task_people import About, Stranger, about_patient, about_phone
from desk.queries.task_thread import Thread, read_thread
from desk.queries.task_visits import VISIT_PARTS, VisitLine, visit_line
from outreach.models import Message
from scheduling.models import Appointment, Location
from scheduling.states import LIVE
from waitlist.models import Offer
from waitlist.states import LIVE_OFFER, OfferStatus

#: So many visits that are still to come are shown.
MOST_VISITS = 10


@dataclass(frozen=True, slots=True)
class OfferLine:
    """An offer that is still out."""

    opening_id: int
    status: OfferStatus
    starts_at: dt.datetime
    zone: str
    provider: str
    site: str


@dataclass(frozen=True, slots=True)
class OtherTask:
    """Another open task about the same patient."""

    pk: int
    kind: TaskKind
    title: str
    due_at: dt.datetime
    is_late: bool


@dataclass(frozen=True, slots=True)
class Step:
    """What happened to the task, and who did it; `note` is what they wrote."""

    at: dt.datetime
    text: str
    by: str
    note: str


@dataclass(frozen=True, slots=True)
class TaskDetail:
    """One task. `stranger` is there where nobody knows which patient it is about."""

    pk: int
    kind: TaskKind
    status: TaskStatus
    title: str
    why: str
    owner_id: int | None
    owner: str
    due_at: dt.datetime
    is_late: bool
    created_at: dt.datetime
    closed_at: dt.datetime | None
    zone: str
    cause_text_id: int | None
    at_desk: bool  # it belongs to a contact, or to texts that can be answered there
    cause: Cause
    alert: AlertPanel | None
    about: About | None
    stranger: Stranger | None
    thread: Thread
    visits: tuple[VisitLine, ...]
    offers: tuple[OfferLine, ...]
    others: tuple[OtherTask, ...]
    steps: tuple[Step, ...]

    @property
    def ends_elsewhere(self) -> bool:
        """Whether it ends with what it asks for, and not by being closed."""
        request, wave = self.cause.request, self.cause.wave
        return bool(request and request.is_requested) or bool(wave and wave.is_waiting)

    @property
    def is_open(self) -> bool:
        return self.status in OPEN

    @property
    def state(self) -> str:
        """Names what somebody saw before they acted: another one means that it has changed."""
        return state_of(self.status, self.owner_id)

    @property
    def closed_by(self) -> Step | None:
        """How it was closed."""
        return None if self.is_open or not self.steps else self.steps[-1]

    @property
    def people_shown(self) -> frozenset[int]:
        """Keys of the patients whom the page names, or whose texts it shows."""
        people = {self.about.person.pk} if self.about else set()
        people |= {person.pk for person in self.stranger.people} if self.stranger else set()
        return self.thread.people | people


def state_of(status: str, owner_id: int | None) -> str:
    return f"{status}:{owner_id or ''}"


def get_task_detail(pk: int, *, at: dt.datetime, for_nurse: bool = False) -> TaskDetail:
    """The task with everything beside it, in a fixed number of queries.

    :param for_nurse: with the words of texts that the safety check seized, and what it found.

    :raises Task.DoesNotExist:
    """
    task = Task.objects.select_related("patient", "owner").get(pk=pk)
    patient, cause = task.patient, find_cause(task)
    asked = cause.text
    thread = read_thread(patient=patient, asked=asked, for_nurse=for_nurse)
    visits = _visits(patient, at)
    return TaskDetail(
        pk=task.pk,
        kind=TaskKind(task.kind),
        status=TaskStatus(task.status),
        title=task.title,
        why=task.why,
        owner_id=task.owner_id,
        owner=(task.owner.get_full_name() or task.owner.get_username()) if task.owner else "",
        due_at=task.due_at,
        is_late=task.status in OPEN and task.due_at <= at,
        created_at=task.created_at,
        closed_at=task.closed_at,
        zone=_zone(patient, thread, visits, cause),
        cause_text_id=asked.pk if asked else None,
        at_desk=is_of_contact(task),
        cause=replace(cause, text=None),
        alert=find_alert_panel(task, for_nurse=for_nurse),
        about=about_patient(patient, wrote=asked.phone if asked else None, at=at)
        if patient
        else None,
        stranger=_stranger(patient, asked),
        thread=thread,
        visits=visits,
        offers=_offers(patient, at),
        others=_others(task, at),
        steps=_steps(task),
    )


def find_next_task(
    *, after: int, kind: TaskKind | None, user_id: int, for_nurse: bool = False
) -> int | None:
    """The first task due that nobody has, or that this user has; None when all is done.

    :param for_nurse: safety alerts as well, which only nurses take.
    """
    rows = Task.objects.filter(status=TaskStatus.OPEN) | Task.objects.filter(
        status=TaskStatus.CLAIMED, owner=user_id
    )
    if kind is not None:
        rows = rows.filter(kind=kind)
    if not for_nurse:
        rows = rows.exclude(kind=TaskKind.SAFETY_ALERT)
    return rows.exclude(pk=after).order_by(*IN_TURN).values_list("pk", flat=True).first()


def _stranger(patient: Patient | None, asked: Message | None) -> Stranger | None:
    return about_phone(asked.phone) if patient is None and asked else None


def _zone(
    patient: Patient | None, thread: Thread, visits: tuple[VisitLine, ...], cause: Cause
) -> str:
    """Where the clocks of the people concerned are; where nothing says so, those of a site."""
    written = cause.write.visit.zone if cause.write else cause.wave.zone if cause.wave else ""
    told = (patient.zone if patient else "", thread.zone, visits[0].zone if visits else "", written)
    sites = Location.objects.filter(is_active=True).order_by("pk").values_list("zone", flat=True)
    return next((zone for zone in told if zone), "") or sites.first() or "UTC"


def _visits(patient: Patient | None, at: dt.datetime) -> tuple[VisitLine, ...]:
    if patient is None:
        return ()
    rows = Appointment.objects.filter(patient=patient, status__in=LIVE, ends_at__gt=at)
    rows = rows.select_related(*VISIT_PARTS).order_by("starts_at", "pk")
    return tuple(visit_line(row) for row in rows[:MOST_VISITS])


def _offers(patient: Patient | None, at: dt.datetime) -> tuple[OfferLine, ...]:
    if patient is None:
        return ()
    rows = Offer.objects.filter(
        patient=patient, status__in=LIVE_OFFER, opening__deadline_at__gt=at
    ).select_related("slot__role__provider", "slot__role__clinic__location")
    return tuple(
        OfferLine(
            opening_id=row.opening_id,
            status=OfferStatus(row.status),
            starts_at=row.slot.starts_at,
            zone=row.slot.role.clinic.location.zone,
            provider=str(row.slot.role.provider),
            site=row.slot.role.clinic.location.short_name,
        )
        for row in rows.order_by("slot__starts_at", "pk")
    )


def _others(task: Task, at: dt.datetime) -> tuple[OtherTask, ...]:
    if task.patient_id is None:
        return ()
    rows = Task.objects.filter(patient=task.patient_id, status__in=OPEN).exclude(pk=task.pk)
    return tuple(
        OtherTask(row.pk, TaskKind(row.kind), row.title, row.due_at, row.due_at <= at)
        for row in rows.order_by(*IN_TURN)
    )


def _steps(task: Task) -> tuple[Step, ...]:
    """From the audit trail, the oldest first."""
    rows = AuditEntry.objects.filter(subject_type="crm.task", subject_id=task.pk).order_by("pk")
    told = ((row, _say_step(row)) for row in rows)
    return tuple(Step(row.at, text, row.actor_label, row.reason) for row, text in told if text)


_SAID = {
    "crm.task.opened": gettext_noop("Opened"),
    "crm.task.hastened": gettext_noop("More urgent by a later text"),
}


def _say_step(row: AuditEntry) -> str:
    match row.from_status, row.to_status:
        case _, "":
            return translated(_SAID.get(row.verb, ""))
        case _, TaskStatus.CLAIMED:
            return pgettext("task", "Taken")
        case was, TaskStatus.OPEN:
            return (
                pgettext("task", "Opened again") if was in CLOSED else pgettext("task", "Put back")
            )
        case _, TaskStatus.DONE:
            return pgettext("task", "Done")
        case _, TaskStatus.CANCELLED:
            return pgettext("task", "Closed: nothing to do")
    return ""
