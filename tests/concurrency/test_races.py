"""Faults to survive, 1: yeses in the same millisecond. One booking, no deadlock, a word to all.

The long form is 10,000 of them: 200 openings with fifty people each, who all say yes at once.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

from crm.engine import Actor
from crm.models import ConsentEntry, Patient, PatientIdentifier, PatientPhone, Phone
from crm.states import Purpose
from outreach.actions import DISPATCH
from outreach.models import Message, TextVersion
from outreach.states import Direction, MessageStatus
from scheduling.models import Appointment
from scheduling.states import Origin
from tests.concurrency.crowd import all_at_once, of_type
from tests.drive import settle
from tests.factories import (
    SOURCE,
    ConsentEntryFactory,
    OpeningFactory,
    PatientFactory,
    PatientPhoneFactory,
    PhoneFactory,
    WaveFactory,
)
from tests.fakes.sms import FakeSms
from tests.faults.invariants import check_at_rest, check_filled
from tests.waitlist.scene import Scene
from waitlist.actions import accept_offer
from waitlist.models import Candidate, Offer, Opening
from waitlist.states import CandidateKind, OfferStatus

pytestmark = [
    pytest.mark.concurrency,
    pytest.mark.fault(1),
    pytest.mark.django_db(transaction=True),
]

#: From the fill to a queued answer, for everybody who lost.
ANSWERED_WITHIN = dt.timedelta(seconds=5)
#: What is left alone while the queue of texts is looked at.
TEXTS = frozenset({DISPATCH})
DEADLOCKS = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"


def people(count: int) -> list[tuple[Patient, Phone]]:
    """So many who may be texted, known to the EHR."""
    patients = Patient.objects.bulk_create(PatientFactory.build_batch(count))
    phones = Phone.objects.bulk_create(PhoneFactory.build_batch(count))
    pairs = list(zip(patients, phones, strict=True))
    PatientPhone.objects.bulk_create(
        PatientPhoneFactory.build(patient=patient, phone=phone) for patient, phone in pairs
    )
    ConsentEntry.objects.bulk_create(
        ConsentEntryFactory.build(patient=patient, phone=phone) for patient, phone in pairs
    )
    PatientIdentifier.objects.bulk_create(
        PatientIdentifier(patient=patient, system=SOURCE, value=f"ehr-{patient.pk}")
        for patient in patients
    )
    return pairs


def opening_with_offers(scene: Scene, number: int, *, count: int) -> Opening:
    """A free slot that `count` people have been asked about by text."""
    slot = scene._slot(scene.slot.starts_at + dt.timedelta(hours=number + 1))
    type(slot).objects.filter(pk=slot.pk).update(status="free", taken=0)
    slot.refresh_from_db()
    scene.ehr.add_slot(slot.source_id, slot.starts_at, slot.ends_at)
    opening = OpeningFactory.create(slot=slot, opened_at=scene.at, matched_at=scene.at)
    wave = WaveFactory.create(opening=opening, size=count, sent_at=scene.at)
    asked = people(count)
    candidates = Candidate.objects.bulk_create(
        Candidate(opening=opening, patient=patient, kind=CandidateKind.WAITLIST, rank=rank)
        for rank, (patient, _) in enumerate(asked, start=1)
    )
    offers = Offer.objects.bulk_create(
        Offer(
            opening=opening,
            slot=slot,
            wave=wave,
            candidate=candidate,
            patient=patient,
            phone=phone,
            offered_at=scene.at,
            expires_at=opening.deadline_at,
        )
        for candidate, (patient, phone) in zip(candidates, asked, strict=True)
    )
    Message.objects.bulk_create(_asking(offer, scene) for offer in offers)
    return opening


def _asking(offer: Offer, scene: Scene) -> Message:
    body = f"Offer {offer.pk}"
    FakeSms.texts.append((f"FK{offer.pk}", _Taken(str(offer.phone.number), body)))  # type: ignore[arg-type]
    words, _ = TextVersion.objects.get_or_create(key="offer", language="en", version=1)
    return Message(
        direction=Direction.OUT,
        status=MessageStatus.SENT,
        patient=offer.patient,
        phone=offer.phone,
        purpose=Purpose.OFFER,
        body=body,
        text_version=words,
        subject_type="waitlist.offer",
        subject_id=offer.pk,
        key=f"race:{offer.pk}",
        carrier_id=f"FK{offer.pk}",
        created_at=scene.at,
        sent_at=scene.at,
    )


class _Taken:
    """A text as the carrier has it."""

    def __init__(self, to: str, body: str) -> None:
        self.to, self.body = to, body


def say_yes(offer: Offer, at: dt.datetime) -> Callable[[], Offer]:
    by = Actor.patient(offer.patient, channel="web")
    return lambda: accept_offer(offer_id=offer.pk, channel="web", by=by, at=at)


def deadlocks() -> int:
    with connection.cursor() as cursor:
        cursor.execute(DEADLOCKS)
        found: int = cursor.fetchone()[0]
    return found


def long(chunk: int) -> Any:
    return pytest.param(10, 50, id=f"500-{chunk}", marks=[pytest.mark.long, pytest.mark.faults])


@pytest.mark.timeout(600)
@pytest.mark.parametrize(
    ("openings", "crowd"), [pytest.param(3, 30, id="90"), *(long(chunk) for chunk in range(20))]
)
def test_of_many_yeses_at_once_one_wins_and_all_hear_of_it(
    scene: Scene, openings: int, crowd: int
) -> None:
    made = [opening_with_offers(scene, number, count=crowd) for number in range(openings)]
    before = deadlocks()
    for opening in made:
        offers = list(opening.offers.select_related("patient"))
        results = all_at_once(*(say_yes(offer, scene.at) for offer in offers))
        answered = Counter(offer.status for offer in of_type(results, Offer))
        assert answered == {OfferStatus.ACCEPTED: 1, OfferStatus.NEXT_IN_LINE: crowd - 1}, results
    assert deadlocks() == before
    assert Appointment.objects.filter(origin=Origin.FIRSTCALL).count() == openings

    settle(scene.at + dt.timedelta(seconds=1), but=TEXTS)
    for opening in made:
        check_all_hear_of_it(opening, by=scene.at + ANSWERED_WITHIN)
    assert scene.ehr.calls["book"] == openings
    if crowd < 50:  # thousands of texts would take minutes, and show nothing more
        scene.settle(minutes=1)
        texts = [(text.to, text.body) for _, text in FakeSms.texts]
        check_at_rest(ehr=scene.ehr.visits.values(), texts=texts, at=scene.at)


def check_all_hear_of_it(opening: Opening, *, by: dt.datetime) -> None:
    """One has it; for everybody else a text stands in the queue by then."""
    won = check_filled(opening.slot)
    told = Message.objects.filter(
        subject_type="waitlist.offer",
        subject_id__in=opening.offers.exclude(pk=won.pk).values("pk"),
        text_version__key="offer_gone",
        created_at__lte=by,
        due_at__lte=by,
    )
    assert told.count() == opening.offers.count() - 1
