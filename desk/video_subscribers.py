"""Telling a patient the way into their visit by video."""

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
from scheduling.models import VideoVisit
from scheduling.states import LIVE

BY = Actor.system("video")


def link_of(video: VideoVisit) -> str:
    """The patient's own page. The token in it is a secret."""
    return f"{settings.FIRSTCALL.public_url.rstrip('/')}/t/{video.token}/"


def on_video_ready(event: Event, at: dt.datetime) -> None:
    """One text for each time of the visit, where a phone may be used for it."""
    rows = VideoVisit.objects.select_related(
        "appointment__patient", "appointment__location", "appointment__visit_type"
    )
    video = rows.get(appointment=event.subject_id)
    visit = video.appointment
    if visit.location is None or visit.status not in LIVE or visit.starts_at <= at:
        return
    is_sensitive = visit.visit_type is not None and visit.visit_type.is_sensitive
    chosen = choose_phones(
        patient_ids=[visit.patient_id],
        purpose=Purpose.CONFIRMATION,
        at=at,
        is_sensitive=is_sensitive,
    )[visit.patient_id]
    if chosen.phone is None:
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
