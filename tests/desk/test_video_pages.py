"""The patient's page of a visit by video, its text, and what staff see."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client
from django.urls import reverse

from crm.models import Event, PatientPhone, Task
from crm.states import Role, TaskKind, TaskStatus
from desk.video_subscribers import (
    link_of,
    on_message_not_sent,
    on_message_sent,
    on_video_ready,
)
from desk.video_words import VideoWords, all_words
from outreach.models import Message
from scheduling.actions.telemedicine import end_video, want_video
from scheduling.models import Appointment, ProviderLicense, VideoVisit
from scheduling.states import Modality, VideoStatus
from tests.cast import Cast
from tests.factories import NOW, AppointmentFactory, SlotFactory, UserFactory
from tests.scheduling.plan_world import BY

pytestmark = pytest.mark.django_db
BIRTH = {"month": "3", "day": "9", "year": "1961"}


@pytest.fixture
def video(cast: Cast) -> VideoVisit:
    slot = SlotFactory.create(modality=Modality.VIDEO)
    visit: Appointment = AppointmentFactory.create(
        patient=cast.patient, slot=slot, role=slot.role, starts_at=slot.starts_at
    )
    type(cast.patient).objects.filter(pk=cast.patient.pk).update(
        birth_on=dt.date(1961, 3, 9), state="AZ"
    )
    made = want_video(appointment_id=visit.pk, by=BY, at=NOW)
    assert made is not None
    url = "https://meet.example.org/secretroom"
    VideoVisit.objects.filter(pk=made.pk).update(
        status=VideoStatus.READY, patient_url=url, clinician_url=url, made_for=visit.starts_at
    )
    made.refresh_from_db()
    return made


def known(video: VideoVisit) -> Client:
    client = Client()
    assert client.post(page(video), BIRTH).status_code == 302
    return client


def page(video: VideoVisit, name: str = "visit") -> str:
    return reverse(f"video:{name}", args=[video.token])


def test_shows_nothing_before_the_date_of_birth(video: VideoVisit) -> None:
    client = Client()
    shown = client.get(page(video)).content.decode()
    assert "secretroom" not in shown
    unknown = client.get(reverse("video:visit", args=["nothing-like-it"]))
    assert unknown.status_code == 200
    wrong = client.post(page(video), BIRTH | {"year": "1962"})
    assert wrong.status_code == 422
    for name in ("state", "trouble"):
        client.post(page(video, name), {"state": "NY", "what": "camera"})
    video.refresh_from_db()
    assert (video.state, video.trouble) == ("", "")


def test_locks_after_too_many_dates(video: VideoVisit) -> None:
    client = Client()
    wrong = BIRTH | {"year": "1962"}
    answers = [client.post(page(video), wrong).status_code for _ in range(9)]
    assert answers[0] == 422
    assert answers[-1] == 403
    assert client.post(page(video), BIRTH).status_code == 403


@pytest.mark.parametrize(("lang", "join"), [("en", "Join the visit"), ("es", "Entrar a la cita")])
def test_leads_into_the_visit(video: VideoVisit, lang: str, join: str) -> None:
    shown = known(video).get(f"{page(video)}?lang={lang}").content.decode()
    assert join in shown
    assert video.patient_url in shown
    assert "<script>" not in shown


def test_says_so_when_the_clinician_may_not_treat_there(video: VideoVisit) -> None:
    provider = video.appointment.provider
    assert provider is not None
    ProviderLicense.objects.create(provider=provider, state="AZ", valid_from=dt.date(2020, 1, 1))
    client = known(video)
    assert client.post(page(video, "state"), {"state": "?"}).status_code == 422
    assert client.post(page(video, "state"), {"state": "NY"}).status_code == 302
    assert "A person will call you" in client.get(page(video)).content.decode()
    assert client.get(page(video, "state")).status_code == 405


def test_keeps_that_something_does_not_work(video: VideoVisit) -> None:
    client = known(video)
    assert client.post(page(video, "trouble"), {"what": "sound"}).status_code == 302
    video.refresh_from_db()
    assert (video.trouble, video.trouble_at) == ("sound", NOW)
    agent = Client()
    agent.force_login(UserFactory.create(roles=[Role.AGENT]))
    visit_page = agent.get(reverse("desk:visit", args=[video.appointment_id])).content.decode()
    assert "Not to have come is no fault of theirs" in visit_page
    assert "Open it as the clinician" in visit_page


def test_texts_a_short_link_and_no_room(video: VideoVisit, cast: Cast) -> None:
    event = Event(subject_id=video.appointment_id, payload={})
    for _ in range(2):
        on_video_ready(event, NOW)
    (message,) = Message.objects.filter(key__startswith="video:")
    assert link_of(video) in message.body
    assert "secretroom" not in message.body


def told(video: VideoVisit, what: str, status: str = "sent") -> Event:
    return Event(
        name=f"outreach.message-{what}",
        payload={"about_type": "scheduling.videovisit", "about_id": video.pk, "status": status},
    )


def test_has_a_person_give_the_link_where_no_phone_may_be_texted(
    video: VideoVisit, cast: Cast
) -> None:
    PatientPhone.objects.filter(patient=cast.patient).delete()
    for _ in range(2):
        on_video_ready(Event(subject_id=video.appointment_id, payload={}), NOW)
    task = Task.objects.get(kind=TaskKind.VIDEO_VISIT)
    assert task.due_at < video.appointment.starts_at
    assert not Message.objects.exists()
    assert video.token not in task.title + task.why + task.cause_key
    agent, other = Client(), Client()
    agent.force_login(UserFactory.create(roles=[Role.AGENT]))
    other.force_login(UserFactory.create(roles=[Role.MARKETING]))
    visit_page = reverse("desk:visit", args=[video.appointment_id])
    assert link_of(video) in agent.get(visit_page).text
    assert other.get(visit_page).status_code == 403
    on_message_sent(told(video, "sent"), NOW)
    task.refresh_from_db()
    assert task.status == TaskStatus.DONE


@pytest.mark.parametrize("status", ["not-permitted", "too-late", "failed"])
def test_has_a_person_give_the_link_that_a_text_did_not_bring(
    video: VideoVisit, status: str
) -> None:
    on_message_not_sent(told(video, "not-sent", status), NOW)
    task = Task.objects.get(kind=TaskKind.VIDEO_VISIT)
    assert "Call them, or send an e-mail" in task.why
    end_video(appointment_id=video.appointment_id, by=BY, at=NOW)
    task.refresh_from_db()
    assert task.status == TaskStatus.CANCELLED
    on_message_not_sent(told(video, "not-sent", status), NOW)  # the visit is off
    assert Task.objects.count() == 1


@pytest.mark.parametrize("language", ["en", "es"])
def test_every_sentence_can_be_said(language: str) -> None:
    words = VideoWords(language, phone="(312) 555-0142")
    assert all(words.fill(key) for key in all_words())
