"""A patient answers before we have written down that our text has left."""

from __future__ import annotations

import datetime as dt

import pytest

from crm.models import Task
from crm.states import Purpose
from outreach.models import Message
from outreach.ports import OutgoingText, SmsUnknown
from outreach.states import MessageStatus
from tests.factories import MessageFactory, phone_of
from tests.fakes.sms import FakeSms, after_taking
from tests.waitlist.scene import Scene
from waitlist.states import OfferStatus

pytestmark = pytest.mark.fault(23)
LATELY = dt.timedelta(minutes=10)


def answer_at_once(scene: Scene, carrier: type[FakeSms]) -> None:
    """Whoever gets a text says yes before the carrier has told us that it took it."""
    patient = scene.add_candidate()

    def reply(text: OutgoingText) -> None:
        carrier.on_send = None
        scene.reply(patient, "yes")

    carrier.on_send = reply
    scene.free()
    scene.settle(minutes=1)
    assert scene.offer_to(patient).status == OfferStatus.WON
    assert not Task.objects.exists()


def test_a_yes_that_overtakes_our_note_of_sending_counts(
    scene: Scene, carrier: type[FakeSms]
) -> None:
    answer_at_once(scene, carrier)


def test_a_yes_to_a_text_whose_sending_timed_out_counts(
    scene: Scene, carrier: type[FakeSms]
) -> None:
    patient = scene.add_candidate()
    carrier.trouble.append(after_taking(SmsUnknown("The carrier did not answer.")))
    scene.free()
    assert Message.objects.get(patient=patient).status == MessageStatus.UNKNOWN
    scene.reply(patient, "yes")
    scene.settle(minutes=1)
    assert scene.offer_to(patient).status == OfferStatus.WON
    assert not Task.objects.exists()


def test_a_yes_soon_after_another_text_is_not_taken_for_one_that_is_on_its_way(
    scene: Scene, carrier: type[FakeSms]
) -> None:
    patient = scene.add_candidate()
    MessageFactory.create(
        patient=patient,
        phone=phone_of(patient),
        purpose=Purpose.CONFIRMATION,
        status=MessageStatus.SENT,
        created_at=scene.at - LATELY,
        sent_at=scene.at - LATELY,
    )
    carrier.trouble.append(after_taking(SmsUnknown("The carrier did not answer.")))
    scene.free()
    scene.reply(patient, "ok")
    assert scene.offer_to(patient).status == OfferStatus.SENT
    assert Task.objects.exists()
