"""Status callbacks in any order, any number of times: messages only move forward."""

from __future__ import annotations

import datetime as dt
import uuid

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from crm.models import AuditEntry, ConsentEntry, Event
from crm.queries import is_opted_out
from outreach.actions import record_delivery
from outreach.models import Message
from outreach.ports import DeliveryReport, DeliveryStatus
from outreach.states import MessageStatus
from tests.factories import NOW, MessageFactory

S, D = MessageStatus, DeliveryStatus
ASKED_AT = NOW


def asked(status: MessageStatus = S.SENDING) -> Message:
    return MessageFactory.create(status=status, asked_at=ASKED_AT, due_at=None)


def tell(message: Message, status: DeliveryStatus, code: str = "") -> str:
    """The carrier tells us; returns what the message says then."""
    report = DeliveryReport(status=status, ref=message.ref, carrier_id="SM1", error_code=code)
    record_delivery(report=report, at=NOW)
    message.refresh_from_db()
    return message.status


@pytest.mark.fault(21)
class TestPermuted(TestCase):
    """Faults to survive, 21: callbacks permuted."""

    @settings(max_examples=40)
    @given(st.lists(st.sampled_from([D.ACCEPTED, D.SENT, D.DELIVERED]), min_size=1, max_size=7))
    def test_good_news_ends_with_the_best_of_it(self, told: list[DeliveryStatus]) -> None:
        message = asked()
        for status in told:
            tell(message, status)
        assert message.status == (S.DELIVERED if D.DELIVERED in told else S.SENT)

    @given(st.permutations([D.ACCEPTED, D.SENT, D.FAILED]), st.integers(1, 3))
    def test_a_failure_stands_whenever_it_came(
        self, told: list[DeliveryStatus], times: int
    ) -> None:
        message = asked()
        for status in told * times:
            tell(message, status, code="30003" if status == D.FAILED else "")
        assert (message.status, message.error_code) == (S.FAILED, "30003")
        assert (
            Event.objects.filter(name="outreach.message-not-sent", subject_id=message.pk).count()
            == 1
        )

    @given(st.permutations([D.SENT, D.DELIVERED, D.FAILED, D.ACCEPTED]))
    def test_what_has_arrived_has_arrived(self, told: list[DeliveryStatus]) -> None:
        message = asked()
        for status in told:
            tell(message, status)
        assert message.status == S.DELIVERED
        moves = AuditEntry.objects.filter(
            subject_type="outreach.message", subject_id=message.pk
        ).values_list("from_status", "to_status")
        assert len(set(moves)) == len(moves)  # no way was gone twice


@pytest.mark.django_db
class TestOne:
    def test_a_delivery_keeps_when_and_by_which_id(self) -> None:
        message = asked()
        tell(message, D.DELIVERED)
        assert (message.sent_at, message.delivered_at, message.carrier_id) == (NOW, NOW, "SM1")
        assert Event.objects.filter(name="outreach.message-delivered").count() == 1

    def test_finds_the_message_by_the_carriers_id_alone(self) -> None:
        message = asked(S.SENT)
        Message.objects.filter(pk=message.pk).update(carrier_id="SM9")
        report = DeliveryReport(status=D.DELIVERED, carrier_id="SM9")
        found = record_delivery(report=report, at=NOW)
        assert found == message
        assert found.status == S.DELIVERED

    @pytest.mark.parametrize(
        "report",
        [
            DeliveryReport(status=D.SENT, ref=uuid.uuid4(), carrier_id="SM1"),
            DeliveryReport(status=D.SENT, carrier_id="SM404"),
            DeliveryReport(status=D.SENT),
        ],
    )
    def test_a_report_about_nothing_of_ours_changes_nothing(self, report: DeliveryReport) -> None:
        message = asked()
        assert record_delivery(report=report, at=NOW) is None
        message.refresh_from_db()
        assert message.status == S.SENDING

    def test_never_touches_a_text_from_a_patient(self) -> None:
        inbound = MessageFactory.create(inbound=True)
        report = DeliveryReport(status=D.DELIVERED, carrier_id=inbound.carrier_id)
        assert record_delivery(report=report, at=NOW) is None

    @pytest.mark.parametrize("status", [S.NOT_PERMITTED, S.TOO_LATE])
    def test_what_never_left_does_not_come_back(self, status: MessageStatus) -> None:
        message = asked(status)
        assert tell(message, D.DELIVERED) == status

    def test_a_message_taken_back_for_lost_is_found_after_all(self) -> None:
        message = asked(S.QUEUED)
        assert tell(message, D.SENT) == S.SENT

    def test_a_message_that_was_never_asked_about_stays_queued(self) -> None:
        message = MessageFactory.create()
        assert tell(message, D.SENT) == S.QUEUED

    def test_a_dead_number_is_remembered(self) -> None:
        message = asked(S.SENT)
        report = DeliveryReport(
            status=D.FAILED, ref=message.ref, error_code="30006", cannot_text="A landline."
        )
        record_delivery(report=report, at=NOW)
        message.phone.refresh_from_db()
        assert (message.phone.can_text, message.phone.cannot_text_reason) == (False, "A landline.")

    def test_a_phone_that_is_off_keeps_its_texts(self) -> None:
        message = asked(S.SENT)
        tell(message, D.FAILED, "30003")
        message.phone.refresh_from_db()
        assert message.phone.can_text

    def test_an_opt_out_at_the_carrier_enters_the_ledger_once(self) -> None:
        message = asked(S.SENT)
        report = DeliveryReport(
            status=D.FAILED, ref=message.ref, error_code="21610", opted_out=True
        )
        for minute in range(2):
            record_delivery(report=report, at=NOW + dt.timedelta(minutes=minute))
        assert is_opted_out(message.phone)
        assert ConsentEntry.objects.filter(phone=message.phone).count() == 1
