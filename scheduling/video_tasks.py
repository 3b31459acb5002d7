"""The step that gets the links of visits by video from their provider."""

from __future__ import annotations

import datetime as dt

from django.db.models import F

from crm.engine import Actor, step
from scheduling.actions.telemedicine import MAKE_ROOM, fail_links, keep_links
from scheduling.gateways import get_video
from scheduling.models import VideoVisit
from scheduling.ports import VideoUnavailable
from scheduling.states import VideoStatus

BY = Actor.system("video")
PATIENCE, RETRY = 5, dt.timedelta(minutes=2)


@step(name=MAKE_ROOM, model=VideoVisit, queue="ehr")
def make_room(pk: int, at: dt.datetime) -> dt.datetime | None:
    """One try. Returns when to try again, None when it has its links or a person was asked."""
    video = VideoVisit.objects.select_related("appointment").get(pk=pk)
    visit = video.appointment
    if video.status != VideoStatus.WANTED:
        return None
    try:
        links = get_video().create_room(str(visit.identifier), visit.starts_at, visit.ends_at)
    except VideoUnavailable as error:
        VideoVisit.objects.filter(pk=pk).update(tries=F("tries") + 1)
        if video.tries + 1 < PATIENCE:
            return at + RETRY
        fail_links(appointment_id=visit.pk, why=str(error), by=BY, at=at)
        return None
    kept = keep_links(appointment_id=visit.pk, links=links, made_for=visit.starts_at, by=BY, at=at)
    return None if kept else at + dt.timedelta(seconds=5)
