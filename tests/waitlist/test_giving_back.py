"""A winner who cannot come after all: a person is asked, and nothing changes before."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import time_machine

from crm.engine import Actor
from crm.models import Task
from crm.states import TaskKind
from scheduling.models import Appointment
from scheduling.states import AppointmentStatus
from tests.waitlist.scene import Scene
from tests.waitlist.test_requests import read_only
from tests.waitlist.visitor import Visitor, verified, words
from waitlist.actions import OfferClosed, ask_to_give_back
from waitlist.models import Offer


@pytest.fixture
def offer(scene: Scene) -> Iterator[Offer]:
    """An offer that is out; the clock stands still."""
    patient = scene.add_candidate()
    scene.free()
    with time_machine.travel(scene.at, tick=False):
        yield scene.offer_to(patient)


def tasks() -> int:
    return Task.objects.filter(kind=TaskKind.CANCEL_VISIT).count()


def test_says_so_by_the_link_of_what_they_have(scene: Scene, offer: Offer) -> None:
    scene.reply(offer.patient, "yes")
    visitor = verified(offer)
    assert "I can't come after all" in words(visitor.get())
    for _ in range(2):
        assert visitor.post("give-back").status_code == 302
    page = words(visitor.get())
    assert "Nothing has changed yet: a person will check with you first." in page
    assert "I can't come after all" not in page
    task = Task.objects.get(kind=TaskKind.CANCEL_VISIT)
    assert (task.patient, task.cause_key) == (offer.patient, f"give-back:{offer.pk}")
    scene.settle()
    assert scene.texts_to(offer.patient)[-1] == "give_back_ack"
    mine = Appointment.objects.get(patient=offer.patient, origin="firstcall")
    assert mine.status == AppointmentStatus.BOOKED


def test_says_requested_while_a_person_is_asked(scene: Scene, offer: Offer) -> None:
    read_only(scene)
    scene.reply(offer.patient, "yes")
    visitor = verified(offer)
    page = words(visitor.get())
    assert "We asked the clinic for it" in page
    assert "not booked until a person at the clinic confirms it" in page
    assert visitor.post("give-back").status_code == 302
    assert tasks() == 1


def test_only_what_is_theirs_and_only_who_they_are(offer: Offer) -> None:
    assert "I can't come after all" not in words(verified(offer).get())
    assert verified(offer).post("give-back").status_code == 302
    assert Visitor(offer.token).post("give-back").status_code == 302
    assert verified(offer).get("give-back").status_code == 405
    assert tasks() == 0
    with pytest.raises(OfferClosed):
        ask_to_give_back(offer_id=offer.pk, by=Actor.system("test"), at=offer.offered_at)
