"""Fifty people say yes in the same instant."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from crm.engine import Actor, MovedMeanwhile
from scheduling.models import Appointment
from tests.concurrency.crowd import all_at_once, of_type
from tests.factories import CandidateFactory, OfferFactory, phone_of
from tests.waitlist.scene import Scene
from waitlist import locks
from waitlist.actions import accept_offer
from waitlist.models import Offer, Opening
from waitlist.states import OfferStatus, OpeningStatus

pytestmark = [pytest.mark.concurrency, pytest.mark.django_db(transaction=True)]


def offers_to(scene: Scene, count: int) -> list[Offer]:
    """An opening with so many live offers."""
    people = [scene.add_candidate(days=20 + n) for n in range(count)]
    opening = scene.free()
    for patient in people:
        if opening.offers.filter(patient=patient).exists():
            continue
        candidate = opening.candidates.filter(patient=patient).first() or CandidateFactory.create(
            opening=opening, patient=patient
        )
        OfferFactory.create(
            opening=opening,
            slot=opening.slot,
            wave=opening.waves.get(number=1),
            candidate=candidate,
            patient=patient,
            phone=phone_of(patient),
            gives_up=scene.later_visit(patient),
            offered_at=scene.at,
            expires_at=opening.deadline_at,
        )
    return list(opening.offers.select_related("patient"))


def say_yes(offer: Offer, scene: Scene) -> Callable[[], Offer]:
    by = Actor.patient(offer.patient, channel="web")
    return lambda: accept_offer(offer_id=offer.pk, channel="web", by=by, at=scene.at)


def test_fifty_yes_at_once_give_one_booking_and_a_line(scene: Scene) -> None:
    offers = offers_to(scene, 50)
    results = all_at_once(*(say_yes(offer, scene) for offer in offers))
    answered = [offer.status for offer in of_type(results, Offer)]
    assert len(answered) == 50, results  # no deadlock, no error
    assert answered.count(OfferStatus.ACCEPTED) == 1
    assert answered.count(OfferStatus.NEXT_IN_LINE) == 49
    assert Appointment.objects.filter(origin="firstcall").count() == 1
    scene.settle()
    assert Opening.objects.get(slot=scene.slot).status == OpeningStatus.FILLED
    assert scene.ehr.calls["book"] == 1
    assert Offer.objects.filter(slot=scene.slot, status=OfferStatus.WON).count() == 1


def test_the_same_yes_ten_times_at_once_is_one_yes(scene: Scene) -> None:
    [offer] = offers_to(scene, 1)
    results = all_at_once(*(say_yes(offer, scene) for _ in range(10)))
    assert [o.status for o in of_type(results, Offer)] == [OfferStatus.ACCEPTED] * 10
    assert Appointment.objects.filter(origin="firstcall").count() == 1


def test_without_the_openings_lock_somebody_falls_over(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The lock is what turns a collision into a place in the line."""
    offers = offers_to(scene, 8)
    gate = threading.Barrier(len(offers), timeout=20)
    read = locks.lock_offer_to_answer

    def read_together(pk: int) -> tuple[Opening, Offer]:
        found = read(pk)
        gate.wait()
        return found

    monkeypatch.setattr(locks, "lock_opening_of", lambda pk: Opening.objects.get(offers=pk))
    monkeypatch.setattr(locks, "lock_offer_to_answer", read_together)
    results = all_at_once(*(say_yes(offer, scene) for offer in offers))
    assert Appointment.objects.filter(origin="firstcall").count() <= 1
    assert of_type(results, MovedMeanwhile)
