"""Telling a patient the way into their visit by video; whom no text reaches gets a call."""

from __future__ import annotations

import datetime as dt

from django.conf import settings

from crm.engine import Actor
from crm.models import Event
from crm.queries.contact import choose_phones
from crm.states import Purpose
from outreach.actions import send
from outreach.rules.render import choose_language
from outreach.rules.times import say_time
from outreach.states import MessageStatus
from scheduling.actions.telemedicine import have_link_given, link_was_given
from scheduling.models import VideoVisit
from scheduling.states import LIVE

BY = Actor.system("video")


def link_of(video: VideoVisit) -> str:
    """The patient's own page. The token in it is a secret."""
    return f"{settings.FIRSTCALL.public_url.rstrip('/')}/t/{video.token}/"


def on_video_ready(event: Event, at: dt.datetime) -> None:
    """One text for each time of the visit, where a phone may be used for it; else a person."""
    rows = VideoVisit.objects.select_related(
        "appointment__patient", "appointment__location", "appointment__visit_type"
    )
    video = rows.get(appointment=event.subject_id)
    visit = video.appointment
    if visit.status not in LIVE or visit.starts_at <= at:
        return
    if visit.location is None:
        _have_it_given(visit.pk, "No site is known to speak of in a text.", at)
        return
    is_sensitive = visit.visit_type is not None and visit.visit_type.is_sensitive
    chosen = choose_phones(
        patient_ids=[visit.patient_id],
        purpose=Purpose.CONFIRMATION,
        at=at,
        is_sensitive=is_sensitive,
    )[visit.patient_id]
    if chosen.phone is None:
        why = f"No text may bring it to them. {chosen.permission.sentence}"
        _have_it_given(visit.pk, why, at)
        return
    language = choose_language(visit.patient.language)
    send(
        key=f"video:{video.pk}:{visit.starts_at.isoformat()}",
        patient=visit.patient,
        phone=chosen.phone,
        template="video_link",
        fields={
            "site": visit.location.short_name,
            "time": say_time(visit.starts_at, visit.location.zone, language),
            "link": link_of(video),
        },
        purpose=Purpose.CONFIRMATION,
        zone=visit.location.zone,
        subject=video,
        valid_until=visit.starts_at,
        is_sensitive=is_sensitive,
        by=BY,
        at=at,
    )


def on_message_not_sent(event: Event, at: dt.datetime) -> None:
    """Not permitted any more, too late, or refused by the carrier."""
    video = _video_of(event)
    if video is None:
        return
    why = {
        MessageStatus.NOT_PERMITTED: "No text may bring it to them.",
        MessageStatus.TOO_LATE: "The text with it could not go out in time.",
    }.get(MessageStatus(event.payload["status"]), "The text with it did not arrive.")
    _have_it_given(video.appointment_id, why, at)


def on_message_sent(event: Event, at: dt.datetime) -> None:
    """One that went out after all."""
    video = _video_of(event)
    if video is not None:
        link_was_given(video_id=video.pk, by=BY, at=at)


def _video_of(event: Event) -> VideoVisit | None:
    if event.payload.get("about_type") != "scheduling.videovisit":
        return None
    return VideoVisit.objects.filter(pk=event.payload["about_id"]).first()


def _have_it_given(appointment_id: int, why: str, at: dt.datetime) -> None:
    have_link_given(appointment_id=appointment_id, why=why, by=BY, at=at)
