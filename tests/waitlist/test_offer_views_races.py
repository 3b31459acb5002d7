"""Two thumbs at once, on one link or on two."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable
from functools import partial

import pytest
import time_machine
from django.db.models import F

from crm.engine import Actor
from crm.models import AuditEntry
from scheduling.models import Appointment
from tests.concurrency.crowd import all_at_once, of_type
from tests.concurrency.test_accept import offers_to
from tests.waitlist.scene import Scene
from tests.waitlist.visitor import Visitor, verified, words
from waitlist.actions.identity import TRIES, LinkLocked, WrongBirthDate, check_birth_date
from waitlist.models import Offer
from waitlist.states import OfferStatus

pytestmark = [pytest.mark.concurrency, pytest.mark.django_db(transaction=True)]

GUESSES = 20
VISITOR = Actor.system("unknown visitor")


def accept(visitor: Visitor) -> int:
    return int(visitor.post("accept").status_code)


def test_two_yes_through_two_links_give_one_booking(scene: Scene) -> None:
    offers = offers_to(scene, 2)
    with time_machine.travel(scene.at, tick=False):
        visitors = [verified(offer) for offer in offers]
        answers = all_at_once(*(partial(accept, visitor) for visitor in visitors))
        assert answers == [302, 302]
        pages = [words(visitor.get()) for visitor in visitors]
        assert sum("We are confirming it with the clinic" in page for page in pages) == 1
        assert sum("You are in line" in page for page in pages) == 1
        scene.settle()
        pages = [words(visitor.get()) for visitor in visitors]
    assert sum("You are booked" in page for page in pages) == 1
    assert sum("no longer open" in page for page in pages) == 1
    assert Appointment.objects.filter(origin="firstcall").count() == 1
    assert scene.ehr.calls["book"] == 1


def test_yes_and_no_at_once_on_one_link_leave_one_of_them(scene: Scene) -> None:
    [offer] = offers_to(scene, 1)
    with time_machine.travel(scene.at, tick=False):
        visitor, other = verified(offer), verified(offer)
        answers = all_at_once(
            partial(accept, visitor), lambda: int(other.post("decline").status_code)
        )
    assert answers == [302, 302]
    offer.refresh_from_db()
    # The no first: the yes takes it back. The yes first: the no comes too late.
    assert offer.status == OfferStatus.ACCEPTED
    assert Appointment.objects.filter(origin="firstcall").count() == 1


def guess(offer: Offer, day: int, *, at: dt.datetime) -> Callable[[], None]:
    fresh = Offer.objects.select_related("patient").get(pk=offer.pk)
    birth_on = dt.date(1950, 1, day)
    return lambda: check_birth_date(offer=fresh, birth_on=birth_on, by=VISITOR, at=at)


def test_guesses_all_at_once_get_no_more_than_five_tries(scene: Scene) -> None:
    [offer] = offers_to(scene, 1)
    results = all_at_once(*(guess(offer, n + 1, at=scene.at) for n in range(GUESSES)))
    assert len(of_type(results, WrongBirthDate)) == TRIES
    assert len(of_type(results, LinkLocked)) == GUESSES - TRIES
    offer.refresh_from_db()
    assert offer.failed_checks == TRIES
    assert AuditEntry.objects.filter(verb="waitlist.offer.identity-failed").count() == TRIES


def test_counting_after_comparing_would_let_more_through(scene: Scene) -> None:
    """The race is real: the same guesses, each looking at the count before it compares."""
    [offer] = offers_to(scene, 1)
    gate = threading.Barrier(GUESSES, timeout=30)

    def check_late() -> bool:
        tries = Offer.objects.values_list("failed_checks", flat=True).get(pk=offer.pk)
        gate.wait()
        if tries >= TRIES:
            return False
        Offer.objects.filter(pk=offer.pk).update(failed_checks=F("failed_checks") + 1)
        return True

    compared = of_type(all_at_once(*([check_late] * GUESSES)), bool)
    assert sum(compared) > TRIES
