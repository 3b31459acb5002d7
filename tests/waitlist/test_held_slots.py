"""A slot that staff keep for minutes while people are offered it: nobody's yes is lost."""

from __future__ import annotations

import pytest

from crm.engine import Actor
from scheduling.actions import hold_slot, request_booking
from scheduling.models import Hold
from tests.factories import PatientFactory
from tests.waitlist.scene import Scene
from waitlist.models import Opening
from waitlist.states import OfferStatus, OpeningStatus

pytestmark = pytest.mark.django_db

BY = Actor.system("test")


def held_while_offered(scene: Scene) -> tuple[Opening, Hold]:
    """Somebody says yes while an agent keeps the slot."""
    patient = scene.add_candidate()
    opening = scene.free()
    hold = hold_slot(slot_id=scene.slot.pk, by=BY, at=scene.at, owner="Dana Ruiz")
    scene.reply(patient, "Yes")
    offer = opening.offers.get(patient=patient)
    assert offer.status == OfferStatus.NEXT_IN_LINE
    opening.refresh_from_db()
    assert opening.status == OpeningStatus.OFFERING
    return opening, hold


def test_a_yes_to_a_held_slot_has_it_when_the_hold_lapses(scene: Scene) -> None:
    opening, _ = held_while_offered(scene)
    scene.settle(minutes=6)
    scene.settle(minutes=1)
    opening.refresh_from_db()
    assert opening.status == OpeningStatus.FILLED


def test_a_yes_to_a_held_slot_hears_that_it_is_gone_when_it_is_booked(scene: Scene) -> None:
    opening, hold = held_while_offered(scene)
    stranger = PatientFactory.create()
    request_booking(slot_id=scene.slot.pk, patient=stranger, hold_id=hold.pk, by=BY, at=scene.at)
    scene.settle()
    opening.refresh_from_db()
    assert opening.status == OpeningStatus.TAKEN
    assert opening.offers.get().status == OfferStatus.CLOSED
