"""Visits by video: their links, where the patient is, and what did not work."""

from __future__ import annotations

import datetime as dt
from typing import Final
from zoneinfo import ZoneInfo

from django.db import transaction

from crm.actions import open_task, settle_task
from crm.engine import Actor, insert_or_none, move, publish, record, ring
from crm.states import TaskKind
from scheduling import locks
from scheduling.actions.attending import mark_no_show
from scheduling.models import Appointment, ProviderLicense, VideoVisit
from scheduling.ports import VideoLink
from scheduling.rules.states import License, licensed_on, name_state, state_code
from scheduling.states import (
    LIVE,
    AppointmentStatus,
    MissedBecause,
    Modality,
    VideoStatus,
)

MAKE_ROOM = "scheduling.video"
#: What patients and staff choose from where something does not work.
TROUBLES: Final = ("camera", "microphone", "sound", "connection", "link", "other")
CALL_WITHIN = dt.timedelta(minutes=10)
GIVE_WITHIN = dt.timedelta(hours=24)


def want_video(*, appointment_id: int, by: Actor, at: dt.datetime) -> VideoVisit | None:
    """The EHR has the visit: if it is by video, have its links made. Once for each time.

    One that was moved or taken back gets links again. None where it is not by video. Publishes
    `scheduling.video-changed` where a link that stood is none any more.
    """
    with transaction.atomic():
        visit = locks.lock_appointment(appointment_id)
        if visit.status not in LIVE or _modality(visit) != Modality.VIDEO:
            return None
        video = insert_or_none(VideoVisit(appointment=visit, created_at=at, due_at=at))
        if video is not None:
            record("scheduling.video.wanted", video, by=by, at=at)
            ring(MAKE_ROOM, video.pk)
            return video
        video = locks.lock_video(appointment_id)
        if video.status == VideoStatus.ENDED or (
            video.status == VideoStatus.READY and video.made_for != visit.starts_at
        ):
            key = given_key(video)
            settle_task(cause_key=key, reason="it was moved", done=False, by=by, at=at)
            move(video, to=VideoStatus.WANTED, by=by, at=at, due_at=at, tries=0)
            ring(MAKE_ROOM, video.pk)
            publish("scheduling.video-changed", visit, at=at)
    return video


def _modality(visit: Appointment) -> str:
    if visit.slot is not None:
        return visit.slot.modality
    return visit.visit_type.modality if visit.visit_type else Modality.IN_PERSON


def keep_links(
    *, appointment_id: int, links: VideoLink, made_for: dt.datetime, by: Actor, at: dt.datetime
) -> bool:
    """The provider gave them. Publishes `scheduling.video-ready`, once for each time.

    False when the visit is off, or has been moved meanwhile: then they are made again.
    """
    with transaction.atomic():
        visit = locks.lock_appointment(appointment_id)
        video = locks.lock_video(appointment_id)
        if video.status not in {VideoStatus.WANTED, VideoStatus.FAILED}:
            return False
        if visit.starts_at != made_for:
            return False
        move(
            video,
            to=VideoStatus.READY,
            by=by,
            at=at,
            due_at=None,
            patient_url=links.patient_url,
            clinician_url=links.clinician_url,
            made_for=made_for,
        )
        settle_task(cause_key=f"video:{video.pk}:link", by=by, at=at, reason="it has its link")
        publish("scheduling.video-ready", visit, at=at)
    return True


def fail_links(*, appointment_id: int, why: str, by: Actor, at: dt.datetime) -> None:
    """The provider gave none, however often it was asked: a person sends one, or calls.
    Publishes `scheduling.video-changed`."""
    with transaction.atomic():
        visit = locks.lock_appointment(appointment_id)
        video = locks.lock_video(appointment_id)
        if video.status != VideoStatus.WANTED:
            return
        move(video, to=VideoStatus.FAILED, by=by, at=at, reason=why, due_at=None)
        open_task(
            kind=TaskKind.VIDEO_VISIT,
            title="A visit by video has no link",
            why=f"{why} Agree on another way with the patient, or make it a visit by phone.",
            patient=visit.patient,
            due_at=min(at + dt.timedelta(hours=4), visit.starts_at),
            cause_key=f"video:{video.pk}:link",
            by=by,
            at=at,
        )
        publish("scheduling.video-changed", visit, at=at)


def have_link_given(*, appointment_id: int, why: str, by: Actor, at: dt.datetime) -> None:
    """No text brings the patient their link: a person gives it by phone or e-mail. Once for each
    time of the visit. The link itself is a secret, and stands on the visit's page alone.

    :param why: why no text does, in a sentence for staff.
    """
    with transaction.atomic():
        visit = locks.lock_appointment(appointment_id)
        video = locks.find_locked_video(appointment_id)
        if video is None or video.status != VideoStatus.READY or visit.status not in LIVE:
            return
        open_task(
            kind=TaskKind.VIDEO_VISIT,
            title="Give a patient the link of their visit by video",
            why=f"{why} Call them, or send an e-mail. The link is on the page of the visit.",
            patient=visit.patient,
            due_at=max(at, min(at + GIVE_WITHIN, visit.starts_at - CALL_WITHIN)),
            cause_key=given_key(video),
            by=by,
            at=at,
        )
        publish("scheduling.video-changed", visit, at=at)


def link_was_given(*, video_id: int, by: Actor, at: dt.datetime) -> None:
    """A text has brought it after all: nobody need call. Harmless where nobody was asked to."""
    video = VideoVisit.objects.get(pk=video_id)
    settle_task(cause_key=given_key(video), reason="a text brought it", by=by, at=at)


def given_key(video: VideoVisit) -> str:
    """Names the task to give the link for the time that it was made for."""
    made_for = video.made_for.isoformat() if video.made_for else ""
    return f"video:{video.pk}:give:{made_for}"


def end_video(*, appointment_id: int, by: Actor, at: dt.datetime) -> None:
    """The visit is off: its links lead nowhere from here. Publishes `scheduling.video-changed`."""
    with transaction.atomic():
        visit = locks.lock_appointment(appointment_id)
        video = locks.find_locked_video(appointment_id)
        if video is not None and video.status != VideoStatus.ENDED:
            key = given_key(video)
            settle_task(cause_key=key, reason="the visit is off", done=False, by=by, at=at)
            move(video, to=VideoStatus.ENDED, by=by, at=at, due_at=None)
            publish("scheduling.video-changed", visit, at=at)


def say_where(*, appointment_id: int, state: str, by: Actor, at: dt.datetime) -> bool:
    """The patient says in which state they are for the visit. Whether the clinician may treat
    there that day; if not, staff are asked to call, and the visit stands until they do.

    Publishes `scheduling.video-changed`.

    :raises ValueError: for what is no state.
    """
    code = state_code(state)
    if not code:
        raise ValueError(state)
    with transaction.atomic():
        visit = locks.lock_appointment(appointment_id)
        video = locks.lock_video(appointment_id)
        VideoVisit.objects.filter(pk=video.pk).update(state=code, state_said_at=at)
        may = may_treat(visit, code)
        record("scheduling.video.state-said", video, by=by, at=at, state=code, licensed=may)
        cause = f"video:{video.pk}:state"
        if may:
            settle_task(cause_key=cause, by=by, at=at, reason="they are elsewhere by now")
        else:
            open_task(
                kind=TaskKind.VIDEO_VISIT,
                title="The clinician has no license where the patient will be",
                why=f"They will be in {name_state(code)}. Find a clinician with a license there, "
                "or a time when they are back. The visit stands until you have spoken with them.",
                patient=visit.patient,
                due_at=min(at + dt.timedelta(hours=1), max(visit.starts_at, at)),
                cause_key=cause,
                by=by,
                at=at,
            )
        publish("scheduling.video-changed", visit, at=at)
    return may


def may_treat(visit: Appointment, state: str) -> bool:
    """Whether the visit's clinician has a license for `state` on its day at the site; True where
    no license of theirs is kept here."""
    rows = list(ProviderLicense.objects.filter(provider=visit.provider_id))
    zone = ZoneInfo(visit.location.zone) if visit.location else dt.UTC
    day = visit.starts_at.astimezone(zone).date()
    kept = [License(row.state, row.valid_from, row.valid_until) for row in rows]
    return not kept or state in licensed_on(kept, day)


def say_trouble(*, appointment_id: int, what: str, by: Actor, at: dt.datetime) -> None:
    """Something does not work. It stays with the visit: not to have come is then no fault of the
    patient's. Staff are asked to call at once. Publishes `scheduling.video-changed`.

    :param what: one of `TROUBLES`; anything else is *other*.
    """
    with transaction.atomic():
        visit = locks.lock_appointment(appointment_id)
        video = locks.lock_video(appointment_id)
        word = what if what in TROUBLES else "other"
        VideoVisit.objects.filter(pk=video.pk).update(trouble=word, trouble_at=at)
        record("scheduling.video.trouble", video, by=by, at=at, what=word)
        open_task(
            kind=TaskKind.VIDEO_VISIT,
            title="Their visit by video does not work",
            why=f"They said: {word}. Call them, and go on by phone if that is all right with both.",
            patient=visit.patient,
            due_at=at + CALL_WITHIN,
            cause_key=f"video:{video.pk}:trouble:{at.date().isoformat()}",
            by=by,
            at=at,
        )
        publish("scheduling.video-changed", visit, at=at)


def excuse_trouble(*, appointment_id: int, by: Actor, at: dt.datetime) -> None:
    """A visit marked as missed, of which it was said that the technique failed: it is excused."""
    visit = Appointment.objects.select_related("video").get(pk=appointment_id)
    video = getattr(visit, "video", None)
    if video is None or not video.trouble or visit.missed_because:
        return
    if visit.status == AppointmentStatus.NO_SHOW:
        because = MissedBecause.TECHNICAL_FAILURE
        mark_no_show(appointment_id=appointment_id, because=because, by=by, at=at)
