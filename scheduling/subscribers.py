"""What scheduling does about its own events, after the commit."""

from __future__ import annotations

import datetime as dt

from crm.engine import Actor
from crm.models import Event, Interaction
from scheduling import actions
from scheduling.actions.following import follow_contact
from scheduling.actions.mass_running import on_visit_settled
from scheduling.actions.plans import follow_plan
from scheduling.actions.telemedicine import end_video, excuse_trouble, want_video

BY = Actor.system("booking")


def on_appointment_confirmed(event: Event, at: dt.datetime) -> None:
    """Books first, gives up after: never the other way round."""
    actions.give_up_later_visit(appointment_id=event.subject_id, by=BY, at=at)


def on_appointment_settled(event: Event, at: dt.datetime) -> None:
    """Booked, refused or cancelled: whoever was asked to book it need not any more."""
    actions.settle_request(appointment_id=event.subject_id, by=BY, at=at)


def on_visit_booked(event: Event, at: dt.datetime) -> None:
    """Referral, authorization, estimate: what it needs on file."""
    actions.open_papers(appointment_id=event.subject_id, by=BY, at=at)


def on_visit_off(event: Event, at: dt.datetime) -> None:
    actions.drop_papers(appointment_id=event.subject_id, by=BY, at=at)


def on_attendance_changed(event: Event, at: dt.datetime) -> None:
    """Missed, excused or not missed after all: a person may have to decide something."""
    actions.review_missed(appointment_id=event.subject_id, by=BY, at=at)


def on_mass_visit_settled(event: Event, at: dt.datetime) -> None:
    """A visit of a mass rescheduling has its answer from the EHR."""
    on_visit_settled(appointment_id=event.subject_id, at=at)


def on_plan_visit_changed(event: Event, at: dt.datetime) -> None:
    """One of several visits that belong together: how do all of them stand now?"""
    follow_plan(appointment_id=event.subject_id, by=BY, at=at)


def on_visit_stands(event: Event, at: dt.datetime) -> None:
    """By video: its links are made once the EHR has it, and again where it was moved."""
    want_video(appointment_id=event.subject_id, by=BY, at=at)


def on_video_off(event: Event, at: dt.datetime) -> None:
    end_video(appointment_id=event.subject_id, by=BY, at=at)


def on_video_missed(event: Event, at: dt.datetime) -> None:
    """A technical failure is not a no-show."""
    excuse_trouble(appointment_id=event.subject_id, by=BY, at=at)


def on_contact_taken(event: Event, at: dt.datetime) -> None:
    """`crm.contact-taken`: what is held and looked for in it goes to whoever has it now."""
    contact = Interaction.objects.select_related("agent").get(pk=event.subject_id)
    if contact.agent is not None:
        follow_contact(contact_id=contact.pk, to=contact.agent, by=BY, at=at)
