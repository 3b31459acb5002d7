"""What the page shows agrees with what a yes would do, for every way an offer can stand."""

from __future__ import annotations

import datetime as dt
import itertools

from django.db import transaction

from crm.engine import Actor
from scheduling.states import FillMode
from tests.waitlist.scene import Scene
from waitlist.actions import OfferClosed, accept_offer
from waitlist.models import Offer, Opening
from waitlist.rules.showing import TAKES_A_YES, Showing, showing
from waitlist.states import OfferStatus, OpeningStatus


def test_every_way_has_something_to_show() -> None:
    for offer, opening in itertools.product(OfferStatus, OpeningStatus):
        for in_time, stands in itertools.product((True, False), repeat=2):
            assert showing(offer, opening, in_time=in_time, visit_stands=stands) in Showing


def test_nothing_but_a_won_offer_whose_visit_stands_is_called_booked() -> None:
    for offer, opening in itertools.product(OfferStatus, OpeningStatus):
        for stands in (True, False):
            shown = showing(offer, opening, in_time=True, visit_stands=stands)
            assert (shown is Showing.BOOKED) == (offer is OfferStatus.WON and stands)


def test_the_page_offers_a_yes_exactly_where_a_yes_is_taken(scene: Scene) -> None:
    patient = scene.add_candidate()
    opening = scene.free()
    offer = scene.offer_to(patient)
    by = Actor.patient(patient, channel="web")
    taken = set[tuple[str, str, bool]]()
    for status, stage, in_time in itertools.product(OfferStatus, OpeningStatus, (True, False)):
        at = scene.at if in_time else opening.deadline_at + dt.timedelta(seconds=1)
        with transaction.atomic():
            Offer.objects.filter(pk=offer.pk).update(status=status)
            mode = FillMode.SHADOW if stage is OpeningStatus.WATCHING else FillMode.AUTOMATIC
            Opening.objects.filter(pk=opening.pk).update(status=stage, mode=mode)
            try:
                answered = accept_offer(offer_id=offer.pk, channel="web", by=by, at=at)
            except OfferClosed:
                moved = False
            else:
                moved = answered.status != status
            transaction.set_rollback(True)
        shown = showing(status, stage, in_time=in_time, visit_stands=False)
        assert (shown in TAKES_A_YES) == moved, (status, stage, in_time, shown)
        if moved:
            taken.add((status, stage, in_time))
    assert len(taken) == 9
