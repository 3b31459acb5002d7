"""How many statements a fill takes on its way to the first text: exact, so that none creeps in."""

from __future__ import annotations

import random

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from crm.models import AuditEntry, Event, Interaction, Journey
from outreach.models import Message, TextVersion
from outreach.texts import TEXTS
from tests.factories import NOW, TEST
from tests.waitlist.crowd import Crowd
from waitlist.actions import accept_offer
from waitlist.actions.offering import NEED
from waitlist.models import Offer
from waitlist.states import OfferStatus
from waitlist.tasks import work_on_opening


def crowd_with_wording(*, max_disappointed: int = 4) -> Crowd:
    """People around a slot; the wording of every text has been kept before."""
    TextVersion.objects.bulk_create(
        TextVersion(key=text.key, language="en", version=text.version, body=text.en)
        for text in TEXTS.values()
    )
    crowd = Crowd(random.Random(1))
    crowd.here.max_disappointed = max_disappointed
    crowd.here.save()
    crowd.add(300)
    return crowd


#: Matching, the wave, and the start of the survey. It was 80 with four offers, written one by one.
STEP_IN = 41


@pytest.mark.django_db
@pytest.mark.parametrize(("max_disappointed", "size"), [(1, 2), (8, 4)])
def test_the_openings_step_takes_as_many_statements_for_any_wave(
    max_disappointed: int, size: int
) -> None:
    crowd = crowd_with_wording(max_disappointed=max_disappointed)
    with CaptureQueriesContext(connection) as captured:
        work_on_opening(crowd.opening.pk, NOW)
    assert Offer.objects.filter(opening=crowd.opening).count() == size
    assert len(captured) == STEP_IN, "\n".join(q["sql"][:90] for q in captured)


@pytest.mark.django_db
def test_every_offer_of_a_wave_has_its_rows_and_their_trail() -> None:
    crowd = crowd_with_wording()
    work_on_opening(crowd.opening.pk, NOW)
    offers = list(Offer.objects.filter(opening=crowd.opening).select_related("interaction"))
    assert len(offers) > 1
    for offer in offers:
        interaction = offer.interaction
        assert interaction is not None
        assert (interaction.subject_type, interaction.subject_id) == ("waitlist.offer", offer.pk)
        assert interaction.specialty == offer.slot.role.clinic.specialty
        assert interaction.journey == Journey.objects.get(patient=offer.patient_id, need=NEED)
        message = Message.objects.get(subject_type="waitlist.offer", subject_id=offer.pk)
        assert (message.patient_id, message.phone_id) == (offer.patient_id, offer.phone_id)
        assert message.interaction_id == interaction.pk
        assert message.key.startswith(f"waitlist.offer:{offer.pk}:offer")
        assert offer.token in message.body
        assert Event.objects.filter(name="outreach.message-queued", subject_id=message.pk).exists()
        for verb, row in (
            ("waitlist.offer.made", offer.pk),
            ("crm.interaction.opened", interaction.pk),
            ("outreach.message.queued", message.pk),
        ):
            assert AuditEntry.objects.get(verb=verb, subject_id=row).patient_id == offer.patient_id
    assert Interaction.objects.count() == len(offers)


#: The first yes takes the slot, the second stands in line. They were 50 and 21.
FIRST_YES_IN, SECOND_YES_IN = 21, 9


@pytest.mark.django_db
def test_a_yes_takes_few_statements() -> None:
    crowd = crowd_with_wording()
    work_on_opening(crowd.opening.pk, NOW)
    offers = Offer.objects.filter(opening=crowd.opening).order_by("pk")
    taken = []
    for offer in offers[:2]:
        with CaptureQueriesContext(connection) as captured:
            accept_offer(offer_id=offer.pk, channel="web", by=TEST, at=NOW)
        taken.append(captured)
    statuses = list(offers.values_list("status", flat=True)[:2])
    assert statuses == [OfferStatus.ACCEPTED, OfferStatus.NEXT_IN_LINE]
    said = "\n".join(query["sql"][:90] for captured in taken for query in captured)
    assert [len(captured) for captured in taken] == [FIRST_YES_IN, SECOND_YES_IN], said
