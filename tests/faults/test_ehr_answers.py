"""Faults to survive, 6 and 7: whatever the EHR answers to a booking, over real HTTP.

Only a definite no ends a claim. Where nobody knows, we look for our identifier before we ask
again, and here the EHR ignores `If-None-Exist`, so a second POST would be a second visit.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest

from crm import clock
from crm.models import Patient
from integrations.fhir.gateway import FhirGateway
from outreach.models import Message
from scheduling.models import EhrWrite
from scheduling.states import EhrOperation, EhrWriteStatus
from tests.drive import settle
from tests.factories import SOURCE
from tests.fakes.sms import FakeSms
from tests.fakes.twilio_server import TwilioServer
from tests.faults.invariants import broken, check_at_rest, check_filled
from tests.faults.outside import Outside, introduce
from tests.integrations.ehr_server import EhrServer
from waitlist.models import Offer
from waitlist.states import OfferStatus

pytestmark = [pytest.mark.faults, pytest.mark.django_db]

#: How long an answer may take here (seconds).
PATIENCE = 1.0
MINUTE = dt.timedelta(minutes=1)


def long(status: int) -> Any:
    """One of several that the code takes alike."""
    return pytest.param(status, marks=pytest.mark.long)


class Story:
    """A freed slot, two people asked, and an EHR in trouble when it is to book the first."""

    def __init__(self, outside: Outside) -> None:
        self.outside = outside
        self.first = outside.add_candidate(days=42)
        self.second = outside.add_candidate(days=30)
        outside.cancel()
        assert outside.notify() == 202
        self.at = clock.now()
        self.pass_time(MINUTE)

    def pass_time(self, passed: dt.timedelta) -> None:
        self.at += passed
        settle(self.at)
        assert not broken(ehr=self.outside.visits(), texts=self.texts())

    def texts(self) -> list[tuple[str, str]]:
        return [(text.to, text.body) for _, text in FakeSms.texts]

    def asked(self) -> list[Patient]:
        sent = Offer.objects.filter(status=OfferStatus.SENT).select_related("patient")
        return [offer.patient for offer in sent.order_by("pk")]

    def somebody_says_yes(self) -> Patient:
        """Whoever was asked first and has not answered."""
        while not self.asked():
            self.pass_time(dt.timedelta(hours=2))  # the next wave
        winner = self.asked()[0]
        assert self.outside.reply(winner, "Yes") == 200
        # It was written by the real clock; the story may have gone on beyond that.
        Message.objects.filter(direction="in").update(created_at=self.at)
        return winner

    def end(self, *, won: Patient) -> None:
        for _ in range(6):
            self.pass_time(MINUTE)
        assert check_filled(self.outside.slot).patient == won
        check_at_rest(ehr=self.outside.visits(), texts=self.texts(), at=self.at)

    def write(self) -> EhrWrite:
        return EhrWrite.objects.filter(operation=EhrOperation.BOOK).earliest("pk")


@pytest.fixture
def story(
    db: None,
    practice_ehr: EhrServer,
    carrier: type[FakeSms],
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Story]:
    practice_ehr.calm()
    introduce(monkeypatch)
    client = practice_ehr.client(read_seconds=PATIENCE)
    gateway = FhirGateway(client, source=SOURCE)
    for user in ("tasks", "gateways"):
        monkeypatch.setattr(f"scheduling.{user}.get_ehr", lambda: gateway)
    yield Story(Outside(practice_ehr, TwilioServer()))
    client.close()
    practice_ehr.calm()


@pytest.mark.fault(6)
def test_an_answer_that_is_lost_after_the_commit_is_read_back(story: Story) -> None:
    story.outside.ehr.set_switches(drop_next=1, hold_ms=2000, honors_if_none_exist=False)
    won = story.somebody_says_yes()
    story.pass_time(MINUTE)
    story.end(won=won)
    assert story.write().status == EhrWriteStatus.DONE


@pytest.mark.fault(7)
@pytest.mark.parametrize("status", [409, long(412), long(422)])
def test_a_refusal_frees_the_time_for_somebody_else(story: Story, status: int) -> None:
    """Nobody had been told that they had it; the first hears that it did not work out."""
    story.outside.ehr.set_switches(refuse_next=1, refuse_status=status)
    refused = story.somebody_says_yes()
    story.pass_time(MINUTE)
    assert story.write().status == EhrWriteStatus.REFUSED
    assert Offer.objects.get(patient=refused).status == OfferStatus.REFUSED
    won = story.somebody_says_yes()
    assert won != refused
    story.end(won=won)


@pytest.mark.fault(7)
@pytest.mark.parametrize("status", [429, 500, long(503)])
def test_trouble_over_there_is_waited_out(story: Story, status: int) -> None:
    story.outside.ehr.set_switches(refuse_next=2, refuse_status=status, honors_if_none_exist=False)
    won = story.somebody_says_yes()
    story.pass_time(MINUTE)
    story.end(won=won)


@pytest.mark.fault(7)
@pytest.mark.parametrize("switch", ["drip_next", "garble_next"])
def test_an_answer_that_makes_no_sense_is_no_answer(story: Story, switch: str) -> None:
    """A slow drip, byte by byte; and JSON that is cut in half. The EHR has booked it."""
    story.outside.ehr.set_switches(**{switch: 1, "honors_if_none_exist": False})
    won = story.somebody_says_yes()
    story.pass_time(MINUTE)
    story.end(won=won)
