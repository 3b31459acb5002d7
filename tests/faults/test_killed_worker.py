"""Faults to survive, 3: kill -9 of the workers in mid-fill, in real processes.

Each test stops the workers at one point, kills them, and starts others. Nobody tells those what
was going on: the sweep finds it.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable

import pytest

from crm.models import AuditEntry, Patient
from outreach.models import Message
from outreach.states import MessageStatus
from scheduling.models import EhrWrite
from scheduling.states import EhrWriteStatus
from tests.fakes.twilio_server import TwilioServer
from tests.faults.fill import SETTLED_WITHIN, Fill
from tests.faults.holding import DECISIONS_ABOUT_PHONES, holding, writes_to
from tests.faults.processes import wait_until
from waitlist.models import Offer, Opening
from waitlist.states import OfferStatus, OpeningStatus

pytestmark = [pytest.mark.faults, pytest.mark.fault(3), pytest.mark.django_db(transaction=True)]


@pytest.mark.long
def test_while_candidates_are_ranked(fill: Fill) -> None:
    with holding(writes_to("waitlist_candidate")) as held:
        fill.cancel()
        held.wait_for_worker()
        fill.kill_workers()
    assert Opening.objects.get().status == OpeningStatus.MATCHING
    fill.restart()
    fill.check_comes_right()


@pytest.mark.long
def test_before_the_wave_is_committed(fill: Fill) -> None:
    """Offers are written, their texts not yet: none of it counts."""
    with holding(writes_to("outreach_message")) as held:
        fill.cancel()
        held.wait_for_worker()
        fill.kill_workers()
    assert not Offer.objects.exists()
    fill.restart()
    fill.check_comes_right()


def test_after_the_offers_exist_and_before_their_texts_leave(fill: Fill) -> None:
    with holding(DECISIONS_ABOUT_PHONES) as held:
        fill.cancel()
        held.wait_for_worker()
        fill.kill_workers()
    assert Offer.objects.filter(status=OfferStatus.SENT).exists()
    assert not fill.outside.texts()
    fill.restart()
    fill.check_comes_right()


@pytest.mark.fault(23)
@pytest.mark.long
@pytest.mark.parametrize("carrier_took_it", [True, False], ids=["taken", "not-taken"])
def test_while_the_carrier_is_asked(
    fill: Fill, twilio: TwilioServer, carrier_took_it: bool
) -> None:
    """The text may be out, or not: the carrier's list tells, before anything is sent again."""
    twilio.trouble.append("slow" if carrier_took_it else "ignored")
    fill.cancel()
    wait_until(lambda: twilio.troubled, within=SETTLED_WITHIN)
    fill.kill_workers()
    # The other text may have been on its way as well.
    message = Message.objects.get(status=MessageStatus.SENDING, phone__number=twilio.troubled[0])
    assert len(fill.outside.texts_to(message_patient(message))) == int(carrier_took_it)
    fill.restart()
    fill.check_comes_right()
    went = [e.to_status for e in moves_of(message)]
    sent_again = [MessageStatus.QUEUED, MessageStatus.SENDING]
    between = [] if carrier_took_it else sent_again
    assert went == ["sending", "unknown", *between, "sent"]


@pytest.mark.long
def test_before_the_yes_is_committed(fill: Fill) -> None:
    fill.cancel()
    fill.wait_for_texts()
    with holding(writes_to("scheduling_ehrwrite")) as held:
        fill.say_yes()
        held.wait_for_worker()
        fill.kill_workers()
    assert Offer.objects.filter(status=OfferStatus.ACCEPTED).count() == 0
    fill.restart()
    fill.check_comes_right()


def test_after_the_yes_and_before_the_ehr_is_asked(fill: Fill) -> None:
    fill.cancel()
    fill.wait_for_texts()
    fill.firstcall.named("worker-io").freeze()
    fill.say_yes()
    wait_until(Offer.objects.filter(status=OfferStatus.ACCEPTED).exists, within=SETTLED_WITHIN)
    fill.kill_workers()
    assert EhrWrite.objects.get().status == EhrWriteStatus.PENDING
    assert not fill.outside.has_booking()
    fill.restart()
    fill.check_comes_right()


@pytest.mark.long
def test_after_the_ehr_was_asked_and_before_it_acts(fill: Fill) -> None:
    """A slow EHR books after the one who asked is dead, perhaps while the next one asks."""
    fill.cancel()
    fill.wait_for_texts()
    fill.outside.ehr.set_switches(slow_ms=1500)
    fill.say_yes()
    wait_until(write_is(EhrWriteStatus.SENT), within=SETTLED_WITHIN)
    fill.kill_workers()
    fill.outside.ehr.calm()
    fill.restart()
    fill.check_comes_right()


def test_after_the_ehr_has_booked_and_before_it_answers(fill: Fill) -> None:
    """The next worker finds the visit by our identifier; here If-None-Exist would not help."""
    fill.cancel()
    fill.wait_for_texts()
    fill.outside.ehr.set_switches(drop_next=1, hold_ms=6000, honors_if_none_exist=False)
    fill.say_yes()
    wait_until(fill.outside.has_booking, within=SETTLED_WITHIN)
    fill.kill_workers()
    assert EhrWrite.objects.get().status == EhrWriteStatus.SENT
    fill.restart()
    fill.check_comes_right()
    assert EhrWrite.objects.get(operation="book").tries == 1


@pytest.mark.long
def test_only_the_child_that_asks_the_ehr(fill: Fill) -> None:
    """The kernel kills for want of memory one process, not a group. Nobody starts anything."""
    fill.cancel()
    fill.wait_for_texts()
    fill.outside.ehr.set_switches(drop_next=1, hold_ms=6000)
    fill.say_yes()
    wait_until(fill.outside.has_booking, within=SETTLED_WITHIN)
    for child in fill.firstcall.named("worker-io").children():
        os.kill(child, signal.SIGKILL)
    fill.check_comes_right()


def write_is(status: EhrWriteStatus) -> Callable[[], bool]:
    return EhrWrite.objects.filter(status=status).exists


def message_patient(message: Message) -> Patient:
    assert message.patient is not None
    return message.patient


def moves_of(message: Message) -> list[AuditEntry]:
    found = AuditEntry.objects.filter(subject_type="outreach.message", subject_id=message.pk)
    return list(found.filter(verb="outreach.message.moved").order_by("pk"))
