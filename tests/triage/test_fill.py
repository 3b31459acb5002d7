"""A yes that speaks of danger, through the doors that texts come in by, in the middle of a fill."""

from __future__ import annotations

from django.test import Client
from django.urls import reverse

from crm.actions import claim_task
from crm.engine import Actor
from crm.models import Task
from crm.states import TaskKind
from outreach.actions import carry_out
from outreach.models import Message
from outreach.states import Direction, MessageStatus
from scheduling.models import EhrWrite
from tests.cast import Cast
from tests.factories import phone_of
from tests.fakes.sms import carrier
from tests.triage.scene import only_alert
from tests.waitlist.conftest import scene
from tests.waitlist.scene import Scene
from waitlist.states import OfferStatus

__all__ = ["carrier", "scene"]
WORDS = "Yes! But my chest hurts"


def test_nothing_is_booked_before_a_nurse_has_called(scene: Scene, cast: Cast) -> None:
    patient = scene.add_candidate()
    opening = scene.free()
    text = scene.reply(patient, WORDS)
    scene.reply(patient, "Yes")
    assert scene.offer_to(patient).status == OfferStatus.SENT
    assert not EhrWrite.objects.exists()
    task = only_alert().task
    assert task.journey is not None

    client = Client()
    client.force_login(cast.agent)
    page = client.get(reverse("waitlist:opening", args=[opening.pk])).content.decode()
    assert "chest" not in page

    nurse = Actor.user(cast.nurse)
    claim_task(task=task, owner=cast.nurse, by=nurse, at=scene.at)
    carry_out(message_id=text.pk, by=nurse, at=scene.at)
    scene.settle()
    assert scene.offer_to(patient).status == OfferStatus.WON


def test_a_no_is_held_as_well(scene: Scene) -> None:
    patient = scene.add_candidate()
    scene.free()
    scene.reply(patient, "No, I want to die")
    assert scene.offer_to(patient).status == OfferStatus.SENT


def test_the_phone_wall_goes_the_same_way(scene: Scene, cast: Cast) -> None:
    patient = scene.add_candidate()
    scene.free()
    client = Client()
    client.force_login(cast.agent)
    address = reverse("phones:reply", args=[phone_of(patient).pk])
    assert client.post(address, {"body": WORDS}).status_code == 302
    assert Task.objects.filter(kind=TaskKind.SAFETY_ALERT).count() == 1
    answer = Message.objects.get(text_version__key="safety_911")
    assert (answer.direction, answer.status) == (Direction.OUT, MessageStatus.QUEUED)
    assert "911" in client.get("/phones/").content.decode()
