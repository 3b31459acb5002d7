"""What was done in a contact, in the words of its note: visits, offers, tasks, interpreters."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from crm.models import InteractionStep, Task
from crm.models.interpreting import InterpreterSession
from crm.rules.wrapping import Describe, Done, Words
from crm.states import StepKind
from desk.actions.declining import LOST, NEXT, WAITS
from desk.queries.zone import house_zone
from desk.rules.danger import HELPED
from desk.screen.panels.portal import CODE as PORTAL_LINK
from outreach.actions.replying import CODE as BY_TEXT
from outreach.rules.times import say_time
from scheduling.models import Appointment
from scheduling.states import AppointmentStatus
from waitlist.models import Offer

#: The EHR has these as ours.
_CONFIRMED: Final = frozenset(
    {AppointmentStatus.BOOKED, AppointmentStatus.ARRIVED, AppointmentStatus.FULFILLED}
)
#: What was told, by the code of its step.
_TOLD: Final[Mapping[str, str]] = {
    WAITS: "that they are on the waitlist, and hear when a time frees",
    LOST: "the times that there are; none suits",
    NEXT: "that they are next in line for the time that was offered",
    BY_TEXT: "by text, as it stands in the thread",
    PORTAL_LINK: "the link to the patient portal, by text",
    **HELPED,
}


def describer(steps: Iterable[InteractionStep]) -> Describe:
    """Visits, offers, tasks and interpreters of these steps, each read in one statement."""
    named: dict[str, set[int]] = {}
    for step in steps:
        if step.subject_id is not None:
            named.setdefault(step.subject_type, set()).add(step.subject_id)
    told = {
        "scheduling.appointment": _visits(named.get("scheduling.appointment", set())),
        "waitlist.offer": _offers(named.get("waitlist.offer", set())),
        "crm.task": _tasks(named.get("crm.task", set())),
    }
    with_help = [step.pk for step in steps if step.kind == StepKind.INTERPRETER]
    interpreters = _interpreters(with_help)

    def describe(step: Done) -> Words:
        if step.kind is StepKind.INTERPRETER:
            return interpreters.get(int(str(step.detail["step"])), Words())
        if step.kind is StepKind.TELL and step.code in _TOLD:
            return Words(_TOLD[step.code])
        if step.kind is StepKind.UPDATE:
            return Words(step.code.replace("-", " "))
        return told.get(step.subject_type, {}).get(step.subject_id or 0, Words())

    return describe


def _visits(keys: set[int]) -> dict[int, Words]:
    rows = Appointment.objects.filter(pk__in=keys) if keys else Appointment.objects.none()
    related = ("location", "provider", "visit_type")
    return {row.pk: visit_words(row) for row in rows.select_related(*related)}


def visit_words(visit: Appointment) -> Words:
    """ "Orthopedic follow-up, Tue Dec 1, 9:40 AM, Lena Park, Northgate"."""
    site = visit.location
    parts = [
        visit.visit_type.name if visit.visit_type else "",
        say_time(visit.starts_at, site.zone if site else house_zone().key, "en"),
        str(visit.provider) if visit.provider else "",
        (site.short_name or site.name) if site else "",
    ]
    confirmed = AppointmentStatus(visit.status) in _CONFIRMED
    return Words(", ".join(part for part in parts if part), is_confirmed=confirmed)


def _offers(keys: set[int]) -> dict[int, Words]:
    """The visit that an offer became; one that was declined has no words."""
    rows = Offer.objects.filter(pk__in=keys, appointment__isnull=False) if keys else []
    by_visit = {row.appointment_id: row.pk for row in rows if row.appointment_id}
    return {by_visit[pk]: words for pk, words in _visits(set(by_visit)).items()}


def _tasks(keys: set[int]) -> dict[int, Words]:
    rows = Task.objects.filter(pk__in=keys).values_list("pk", "title") if keys else ()
    return {pk: Words(title) for pk, title in rows}


def _interpreters(steps: list[int]) -> dict[int, Words]:
    rows = InterpreterSession.objects.filter(step__in=steps) if steps else ()
    return {
        row.step_id: Words(
            ", ".join(
                filter(None, [row.language, row.interpreter_id and f"ID {row.interpreter_id}"])
            )
        )
        for row in rows
    }
