"""One patient's story across channels: contacts, texts, visits and tasks, newest first."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from zoneinfo import ZoneInfo

from django.db.models import QuerySet

from crm.models import Interaction, InteractionStep, Patient, Task
from crm.states import Channel, StepKind
from desk.queries.task_thread import without_links
from desk.screen import words
from outreach.models import Message
from outreach.states import Direction
from scheduling.models import Appointment

#: So many of each kind are read, and so many lines shown.
READ, SHOWN = 20, 24
_QUIET = frozenset({StepKind.LOOK, StepKind.QUESTION, StepKind.RING, StepKind.ANSWER})
_CHANNELS = {
    Channel.VOICE: "call",
    Channel.SMS: "texts",
    Channel.WEB: "web",
    Channel.EMAIL: "e-mail",
    Channel.DESK: "desk",
}


@dataclass(frozen=True, slots=True)
class StoryLine:
    """One line: `when` in the patient's zone, `said` in words for staff."""

    at: dt.datetime
    when: str
    said: str
    is_now: bool = False


def timeline_of(
    contact: Interaction,
    steps: Sequence[InteractionStep],
    *,
    zone: ZoneInfo,
    hears: bool = True,
    names_all: bool = True,
    at: dt.datetime,
) -> tuple[StoryLine, ...]:
    """The contact in hand and everything before it. Four statements, whatever there is.

    :param steps: of the contact, the oldest first.
    :param zone: by whose clock its days go.
    :param hears: whether whoever speaks may hear of visits; else nothing but this contact is told.
    :param names_all: whether what is sensitive may be named to them. What was written, in texts,
        notes and tasks, may be; so else none of it is told, nor a visit of a sensitive kind.
    """
    patient = contact.patient
    if patient is None:
        return ()
    lines: Iterator[tuple[dt.datetime, str, bool]] = _steps(steps)
    if hears:
        whole = _everything if names_all else _harmless
        lines = chain(lines, whole(contact, patient, zone))
    found = sorted(lines, key=lambda each: each[0], reverse=True)
    return tuple(
        StoryLine(moment, say_when(moment, at=at, zone=zone), said, is_now)
        for moment, said, is_now in found[:SHOWN]
    )


def say_when(moment: dt.datetime, *, at: dt.datetime, zone: ZoneInfo) -> str:
    """ "Now", "40 s ago", "12 min ago", then the clock of today, then the day."""
    seconds = int((at - moment).total_seconds())
    if seconds < 60:
        return "Now" if seconds < 5 else f"{seconds} s ago"
    local, today = moment.astimezone(zone), at.astimezone(zone).date()
    if seconds < 3600:
        return f"{seconds // 60} min ago"
    if local.date() == today:
        return f"{local:%I:%M %p}".lstrip("0")
    year = f", {local.year}" if local.year != today.year else ""
    return f"{local:%b} {local.day}{year}"


def _everything(
    contact: Interaction, patient: Patient, zone: ZoneInfo
) -> Iterator[tuple[dt.datetime, str, bool]]:
    yield from _contacts(contact, patient)
    yield from _texts(patient)
    yield from _visits(Appointment.objects.filter(patient=patient), zone)
    yield from _tasks(patient)


def _harmless(
    contact: Interaction, patient: Patient, zone: ZoneInfo
) -> Iterator[tuple[dt.datetime, str, bool]]:
    """What may be told to somebody else who may hear of visits."""
    yield from _contacts(contact, patient, says_what=False)
    visits = Appointment.objects.filter(patient=patient)
    yield from _visits(visits.exclude(visit_type__is_sensitive=True), zone)


def _steps(steps: Sequence[InteractionStep]) -> Iterator[tuple[dt.datetime, str, bool]]:
    told = [step for step in steps if step.kind not in _QUIET]
    for step in reversed(told[-READ:]):
        yield step.at, words.STEPS.get(step.kind, step.kind).lower(), True


def _contacts(
    contact: Interaction, patient: Patient, *, says_what: bool = True
) -> Iterator[tuple[dt.datetime, str, bool]]:
    rows = Interaction.objects.filter(patient=patient).exclude(pk=contact.pk)
    for row in rows.select_related("agent", "wrap_up").order_by("-started_at")[:READ]:
        who = f", {row.agent.get_short_name()}" if row.agent else ""
        wrapped = getattr(row, "wrap_up", None)
        about = row.summary or (wrapped.note.splitlines()[0] if wrapped and wrapped.note else "")
        about = about or row.call_type.replace("-", " ") or "no words"
        said = f"{_CHANNELS[Channel(row.channel)]}{who}"
        yield row.started_at, f"{said}: {about}" if says_what else said, False


def _texts(patient: Patient) -> Iterator[tuple[dt.datetime, str, bool]]:
    rows = Message.objects.filter(patient=patient).order_by("-created_at")[:READ]
    for row in rows:
        way = "text" if row.direction == Direction.OUT else "they wrote"
        yield row.created_at, f"{way}: {without_links(row.body)[:90]}", False


def _visits(
    found: QuerySet[Appointment], theirs: ZoneInfo
) -> Iterator[tuple[dt.datetime, str, bool]]:
    rows = found.select_related("visit_type", "location")
    for row in rows.order_by("-booked_at")[:READ]:
        what = row.visit_type.name if row.visit_type else row.told_visit_type or "a visit"
        zone = row.location.tz if row.location else theirs
        local = row.starts_at.astimezone(zone)
        day = f"{local:%b} {local.day}"
        yield row.booked_at, f"{row.origin}: booked {what}, {day}", False
        if row.cancelled_at:
            yield row.cancelled_at, f"{what}, {day}, was cancelled", False


def _tasks(patient: Patient) -> Iterator[tuple[dt.datetime, str, bool]]:
    # What a nurse is asked after questions about safety would tell what was answered.
    rows = Task.objects.filter(patient=patient).exclude(cause_key__regex=r"^social:\d+:nurse$")
    for row in rows.order_by("-created_at")[:READ]:
        yield row.created_at, f"task: {row.title}", False
