"""What happens to a visit that was asked for online, told to whoever asked. One text each."""

from __future__ import annotations

import datetime as dt

from crm.actions import open_task
from crm.engine import Actor
from crm.models import Event
from crm.states import Purpose, TaskKind
from desk.self_service.actions.asking import ask_a_person
from desk.self_service.actions.telling import tell
from scheduling.models import Appointment, SelfServiceSession

BY = Actor.system("self-service")
CALL_WITHIN = dt.timedelta(hours=2)
REFUSED = "The time they asked for online was refused, and no text could tell them"


def on_appointment_confirmed(event: Event, at: dt.datetime) -> None:
    found = _session_of(event)
    if found is None:
        return
    session, visit = found
    old = visit.gives_up
    tell(session, "visit_moved" if old else "visit_booked", visit=visit, old=old, by=BY, at=at)


def on_appointment_refused(event: Event, at: dt.datetime) -> None:
    found = _session_of(event)
    if found is not None:
        session, visit = found
        tell(session, "visit_not_possible", visit=visit, by=BY, at=at)


def on_request_handed_over(event: Event, at: dt.datetime) -> None:
    """Only a person can book it: they are told that it takes time."""
    found = _session_of(event)
    if found is not None:
        session, visit = found
        tell(session, "visit_asked_for", visit=visit, by=BY, at=at)


def on_message_not_sent(event: Event, at: dt.datetime) -> None:
    """Who could not be told that their time was refused is called."""
    told = event.payload
    is_ours = told["about_type"] == "scheduling.selfservicesession"
    if not is_ours or told["purpose"] != Purpose.UPDATE:
        return
    session = SelfServiceSession.objects.select_related("patient").get(pk=told["about_id"])
    task = open_task(
        kind=TaskKind.ANSWER_TEXT,
        title="Call: the time they asked for online was refused",
        why="No text could tell them. Any visit they had stands.",
        patient=session.patient,
        due_at=at + CALL_WITHIN,
        cause_key=f"book:{session.pk}:unheard",
        by=BY,
        at=at,
    )
    ask_a_person(session, task, about=REFUSED, by=BY, at=at)


def _session_of(event: Event) -> tuple[SelfServiceSession, Appointment] | None:
    session = (
        SelfServiceSession.objects.select_related("patient", "phone", "visit_type")
        .filter(appointment=event.subject_id)
        .first()
    )
    if session is None:
        return None
    rows = Appointment.objects.select_related(
        "location", "role__clinic__location", "visit_type", "gives_up__location"
    )
    return session, rows.get(pk=event.subject_id)
