"""Faults to survive, 18: a STOP that commits while a text to that phone is being decided.

The STOP has written its ledger entry and not yet committed; a worker comes by for a queued text.
With the phone's lock the worker waits and then sees the opt-out. The twin takes the lock away
and shows that the text goes out although the STOP was first.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import pytest
from django.db import connection, transaction

from crm.engine import run_step
from crm.models import Phone
from outreach import locks
from outreach.actions import DISPATCH, receive_text
from outreach.models import Message
from outreach.queries import SendAnswer, may_go_now
from outreach.states import MessageStatus
from tests.concurrency.crowd import all_at_once
from tests.factories import NOW, MessageFactory, phone_of, reachable_patient
from tests.fakes.sms import FakeSms

pytestmark = [pytest.mark.concurrency, pytest.mark.django_db(transaction=True)]

#: How long the worker gets to run into the lock (seconds).
HEAD_START = 0.5


@contextmanager
def worker(message: Message) -> Iterator[threading.Thread]:
    """A worker in a thread of its own, with its own connection, joined at the end."""

    def work() -> None:
        try:
            run_step(DISPATCH, message.pk, at=NOW)
        finally:
            connection.close()

    thread = threading.Thread(target=work)
    yield thread
    thread.join(timeout=20)
    assert not thread.is_alive()


@pytest.fixture
def message() -> Message:
    patient = reachable_patient()
    return MessageFactory.create(patient=patient, phone=phone_of(patient))


def stop_while_a_worker_decides(message: Message) -> bool:
    """Returns whether the worker was still waiting when the STOP committed."""
    with worker(message) as thread, transaction.atomic():
        receive_text(
            from_number=str(message.phone.number),
            to_number=FakeSms.sender,
            body="STOP",
            carrier_id="SM1",
            at=NOW,
        )
        thread.start()
        thread.join(timeout=HEAD_START)
        waited = thread.is_alive()
    message.refresh_from_db()
    return waited


@pytest.mark.fault(18)
def test_the_text_waits_for_the_stop_and_is_not_sent(
    message: Message, carrier: type[FakeSms]
) -> None:
    assert stop_while_a_worker_decides(message)
    assert message.status == MessageStatus.NOT_PERMITTED
    assert carrier.texts == []


def test_without_the_lock_the_text_goes_out_after_the_stop(
    message: Message, carrier: type[FakeSms], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(locks, "lock_phone", lambda pk: Phone.objects.get(pk=pk))
    assert not stop_while_a_worker_decides(message)
    assert message.status == MessageStatus.SENT
    assert len(carrier.texts) == 1


@pytest.mark.fault(11)
class TestDeadHeat:
    """Two offers for one phone at once; the budget allows one a day."""

    @pytest.fixture
    def pair(self) -> list[Message]:
        patient = reachable_patient()
        return [MessageFactory.create(patient=patient, phone=phone_of(patient)) for _ in range(2)]

    def race(self, pair: list[Message]) -> list[str]:
        all_at_once(*(partial(run_step, DISPATCH, m.pk, at=NOW) for m in pair))
        return sorted(Message.objects.values_list("status", flat=True))

    def test_the_lock_lets_one_see_that_the_other_is_going(
        self, pair: list[Message], carrier: type[FakeSms]
    ) -> None:
        assert self.race(pair) == [MessageStatus.QUEUED, MessageStatus.SENT]
        assert len(carrier.texts) == 1

    def test_without_the_lock_both_go(
        self, pair: list[Message], carrier: type[FakeSms], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        both_have_decided = threading.Barrier(2, timeout=10)

        def decide_together(*args: Any, **kwargs: Any) -> SendAnswer:
            answer = may_go_now(*args, **kwargs)
            both_have_decided.wait()
            return answer

        monkeypatch.setattr(locks, "lock_phone", lambda pk: Phone.objects.get(pk=pk))
        monkeypatch.setattr("outreach.actions.dispatching.may_go_now", decide_together)
        assert self.race(pair) == [MessageStatus.SENT, MessageStatus.SENT]
        assert len(carrier.texts) == 2
