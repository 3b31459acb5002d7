"""Dispatch: decided at the last moment, intent before the POST, no text twice."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

import pytest

from crm.actions import grant_consent, revoke_consent
from crm.engine import run_step
from crm.models import AuditEntry, ConsentEntry, Event, Patient, Phone
from crm.queries import is_opted_out
from crm.states import Channel, Purpose
from outreach.actions import DISPATCH, dispatch, record_delivery
from outreach.actions.dispatching import LEASE
from outreach.models import Message
from outreach.ports import (
    DeliveryReport,
    DeliveryStatus,
    OutgoingText,
    SmsRefused,
    SmsUnavailable,
    SmsUnknown,
)
from outreach.states import MessageStatus
from tests.cast import Cast
from tests.factories import (
    NOW,
    TEST,
    MessageFactory,
    TextVersionFactory,
    phone_of,
    reachable_patient,
)
from tests.fakes.sms import FakeSms, after_taking

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("carrier")]

S = MessageStatus
HOUR = dt.timedelta(hours=1)
SECOND = dt.timedelta(seconds=1)


def queued(patient: Patient, **fields: Any) -> Message:
    return MessageFactory.create(
        **{
            "patient": patient,
            "phone": phone_of(patient),
            "zone": "America/Phoenix",
            **fields,
        }
    )


def run(message: Message, at: dt.datetime = NOW) -> Message:
    """Have a worker come by at `at`, as the sweep would: only for what is due."""
    assert run_step(DISPATCH, message.pk, at=at), "nothing was due"
    message.refresh_from_db()
    return message


def stop(phone: Phone, at: dt.datetime = NOW) -> None:
    revoke_consent(phone=phone, channel=Channel.SMS, source="test", by=TEST, at=at)


def heard(phone: Phone, at: dt.datetime) -> None:
    """The phone texted us at `at`."""
    MessageFactory.create(inbound=True, phone=phone, created_at=at)


def not_sent(message: Message) -> Event:
    return Event.objects.get(name="outreach.message-not-sent", subject_id=message.pk)


class TestGoing:
    def test_a_permitted_text_goes_and_keeps_its_proof(
        self, cast: Cast, carrier: type[FakeSms]
    ) -> None:
        message = run(queued(cast.patient, valid_until=NOW + HOUR))
        ((carrier_id, text),) = carrier.texts
        assert (message.status, message.carrier_id) == (S.SENT, carrier_id)
        assert (message.sent_at, message.due_at) == (NOW, None)
        assert message.our_number == carrier.sender
        assert text == OutgoingText(
            ref=message.ref,
            to=str(cast.phone.number),
            body=message.body,
            from_number=carrier.sender,
            validity_seconds=3600,
        )
        assert message.permission["consent"] == ConsentEntry.objects.get(phone=cast.phone).pk
        assert message.permission["zones"] == ["America/Phoenix"]
        assert Event.objects.filter(name="outreach.message-sent").count() == 1

    def test_a_second_worker_finds_nothing_to_do(self, cast: Cast, carrier: type[FakeSms]) -> None:
        message = run(queued(cast.patient))
        assert dispatch(message.pk, NOW) is None
        assert len(carrier.texts) == 1

    def test_the_intent_is_committed_before_the_carrier_is_asked(
        self, cast: Cast, carrier: type[FakeSms]
    ) -> None:
        seen = []
        message = queued(cast.patient)
        FakeSms.on_send = staticmethod(
            lambda _: seen.append(Message.objects.get(pk=message.pk).status)
        )
        run(message)
        assert seen == [S.SENDING]

    def test_validity_ends_with_the_offer_and_never_passes_the_carriers_limit(
        self, cast: Cast, carrier: type[FakeSms]
    ) -> None:
        run(queued(cast.patient, valid_until=NOW + 72 * HOUR))
        run(queued(reachable_patient(), valid_until=None))
        assert [text.validity_seconds for _, text in carrier.texts] == [36_000, None]

    def test_an_answer_leaves_from_the_number_that_was_texted(
        self, cast: Cast, carrier: type[FakeSms]
    ) -> None:
        run(queued(cast.patient, our_number="+16025550177"))
        assert carrier.texts[0][1].from_number == "+16025550177"


class TestPermission:
    def test_stop_between_queue_and_dispatch_holds(
        self, cast: Cast, carrier: type[FakeSms]
    ) -> None:
        message = queued(cast.patient)
        stop(cast.phone)
        run(message)
        assert (message.status, message.due_at) == (S.NOT_PERMITTED, None)
        assert message.permission["rule"] == "opted-out"
        assert not_sent(message).payload["rule"] == "opted-out"
        assert carrier.texts == []

    @pytest.mark.parametrize(
        ("changed", "rule"),
        [
            ({"wants_earlier_offers": False}, "wants-no-offers"),
            ({"deceased_at": NOW}, "deceased"),
            ({"sensitivity": ["adolescent"]}, "confidential-phone-only"),
        ],
    )
    def test_what_changes_between_queue_and_dispatch_holds(
        self, cast: Cast, carrier: type[FakeSms], changed: dict[str, Any], rule: str
    ) -> None:
        message = queued(cast.patient)
        Patient.objects.filter(pk=cast.patient.pk).update(**changed)
        run(message)
        assert (message.status, message.permission["rule"]) == (S.NOT_PERMITTED, rule)
        assert carrier.texts == []

    def test_consent_for_one_purpose_withdrawn_between_queue_and_dispatch_holds(
        self, cast: Cast, carrier: type[FakeSms]
    ) -> None:
        offer = queued(cast.patient)
        reminder = queued(cast.patient, purpose=Purpose.REMINDER)
        revoke_consent(
            phone=cast.phone,
            patient=cast.patient,
            channel=Channel.SMS,
            purpose=Purpose.OFFER,
            source="by-phone",
            by=TEST,
            at=NOW,
        )
        assert run(offer).status == S.NOT_PERMITTED
        assert run(reminder).status == S.SENT

    def test_where_to_get_help_goes_after_a_stop_and_at_night(
        self, cast: Cast, carrier: type[FakeSms]
    ) -> None:
        stop(cast.phone)
        night = dt.datetime(2026, 11, 19, 5, 30, tzinfo=dt.UTC)
        assert run(queued(cast.patient, purpose=Purpose.SAFETY), night).status == S.SENT

    def test_a_sensitive_visit_is_not_told_on_a_phone_that_has_come_to_be_shared(
        self, cast: Cast, carrier: type[FakeSms]
    ) -> None:
        message = queued(cast.patient, is_sensitive=True)
        reachable_patient(number=str(cast.phone.number))
        assert run(message).permission["rule"] == "confidential-phone-only"

    def test_an_opt_out_settles_what_waits_for_the_morning_at_once(
        self, cast: Cast, carrier: type[FakeSms]
    ) -> None:
        message = queued(cast.patient, due_at=NOW + 10 * HOUR)
        other = queued(reachable_patient(), due_at=NOW + 10 * HOUR)
        stop(cast.phone)
        for delivery in Event.objects.get(name="crm.opted-out").deliveries.all():
            run_step("crm.deliver", delivery.pk, at=NOW)
        run(message)
        other.refresh_from_db()
        assert message.status == S.NOT_PERMITTED
        assert (other.status, other.due_at) == (S.QUEUED, NOW + 10 * HOUR)

    @pytest.mark.parametrize("template", ["stop_confirm", "wrong_number_ack"])
    def test_one_confirmation_may_follow_an_opt_out_within_five_minutes(
        self, cast: Cast, carrier: type[FakeSms], template: str
    ) -> None:
        stop(cast.phone)
        told = queued(
            cast.patient,
            purpose=Purpose.ANSWER,
            text_version=TextVersionFactory.create(key=template),
        )
        late = queued(
            cast.patient,
            purpose=Purpose.ANSWER,
            text_version=told.text_version,
            created_at=NOW - dt.timedelta(minutes=6),
        )
        assert run(told).status == S.SENT
        assert told.permission["rule"] == "confirms-opt-out"
        assert run(late).status == S.NOT_PERMITTED

    def test_no_other_answer_may(self, cast: Cast) -> None:
        stop(cast.phone)
        help_text = TextVersionFactory.create(key="help")
        message = queued(cast.patient, purpose=Purpose.ANSWER, text_version=help_text)
        assert run(message).status == S.NOT_PERMITTED


@pytest.mark.fault(16)
class TestHours:
    #: 22:30 in Phoenix.
    NIGHT = dt.datetime(2026, 11, 19, 5, 30, tzinfo=dt.UTC)
    MORNING = dt.datetime(2026, 11, 19, 15, 0, tzinfo=dt.UTC)

    def test_an_offer_waits_for_the_morning(self, cast: Cast, carrier: type[FakeSms]) -> None:
        message = run(queued(cast.patient), self.NIGHT)
        assert (message.status, message.due_at) == (S.QUEUED, self.MORNING)
        assert carrier.texts == []
        assert run(message, self.MORNING).status == S.SENT

    def test_the_edge_is_looked_at_when_it_goes_not_when_it_was_queued(self, cast: Cast) -> None:
        """Faults to survive, 16."""
        last_second = dt.datetime(2026, 11, 19, 3, 59, 59, tzinfo=dt.UTC)  # 20:59:59
        early = queued(cast.patient, created_at=last_second - HOUR)
        assert run(early, last_second).status == S.SENT
        late = queued(reachable_patient(), created_at=last_second - HOUR)
        assert run(late, last_second + SECOND).due_at == self.MORNING

    def test_an_offer_that_ends_before_the_morning_is_too_late(self, cast: Cast) -> None:
        message = run(queued(cast.patient, valid_until=self.MORNING), self.NIGHT)
        assert (message.status, message.due_at) == (S.TOO_LATE, None)
        assert not_sent(message).payload["rule"] == "quiet-hours"

    def test_the_strictest_of_address_site_and_area_code_holds(self) -> None:
        at = dt.datetime(2026, 11, 18, 14, 30, tzinfo=dt.UTC)  # 9:30 New York, 7:30 Phoenix
        eastern = {"zone": "America/New_York", "number": "+12125550142"}
        nowhere_early = queued(reachable_patient(**eastern), zone="", due_at=at)
        assert run(nowhere_early, at).status == S.SENT
        site = "America/Phoenix"
        for patient, zone in (
            ({"zone": "America/Phoenix", "number": "+12125550143"}, ""),
            ({"zone": "America/New_York", "number": "+12125550144"}, site),
            ({"zone": "America/New_York", "number": "+16025550145"}, ""),
        ):
            message = queued(reachable_patient(**patient), zone=zone, due_at=at)
            assert run(message, at).due_at == at + HOUR / 2

    @pytest.mark.parametrize("purpose", [Purpose.ANSWER, Purpose.CONFIRMATION, Purpose.UPDATE])
    def test_what_is_awaited_goes_at_night_to_somebody_who_is_up(
        self, cast: Cast, purpose: Purpose
    ) -> None:
        waits = queued(cast.patient, purpose=purpose, created_at=self.NIGHT)
        assert run(waits, self.NIGHT).due_at == self.MORNING
        awake = reachable_patient()
        heard(phone_of(awake), self.NIGHT - 10 * SECOND)
        goes = queued(awake, purpose=purpose, created_at=self.NIGHT)
        assert run(goes, self.NIGHT).status == S.SENT
        assert goes.permission["any_hour"] is True

    def test_an_answer_that_the_ehr_held_up_past_bedtime_waits_for_the_morning(
        self, cast: Cast, carrier: type[FakeSms]
    ) -> None:
        said_yes = dt.datetime(2026, 11, 19, 3, 50, tzinfo=dt.UTC)  # 20:50
        ehr_back = dt.datetime(2026, 11, 19, 10, 0, tzinfo=dt.UTC)  # 3:00
        heard(cast.phone, said_yes)
        booked = queued(
            cast.patient, purpose=Purpose.CONFIRMATION, created_at=ehr_back, due_at=ehr_back
        )
        assert run(booked, ehr_back).due_at == self.MORNING
        assert carrier.texts == []
        assert run(booked, self.MORNING).status == S.SENT


@pytest.mark.fault(11)
class TestBudget:
    def test_a_second_offer_on_one_day_waits_for_the_next(self, cast: Cast) -> None:
        run(queued(cast.patient))
        second = run(queued(cast.patient), NOW + SECOND)
        assert (second.status, second.due_at) == (
            S.QUEUED,
            dt.datetime(2026, 11, 19, 15, 0, tzinfo=dt.UTC),
        )

    def test_answers_do_not_count_and_are_not_counted(self, cast: Cast) -> None:
        run(queued(cast.patient))
        for purpose in (Purpose.ANSWER, Purpose.CONFIRMATION, Purpose.UPDATE):
            assert run(queued(cast.patient, purpose=purpose)).status == S.SENT
        fresh = reachable_patient()
        run(queued(fresh, purpose=Purpose.ANSWER))
        assert run(queued(fresh)).status == S.SENT

    def test_a_family_on_one_phone_shares_the_day(self, cast: Cast) -> None:
        brother = reachable_patient(number=str(cast.phone.number))
        run(queued(cast.patient))
        assert run(queued(brother)).status == S.QUEUED

    def test_three_in_a_week_are_the_most(self, cast: Cast) -> None:
        for days in (6, 4, 2):
            when = NOW - dt.timedelta(days=days)
            queued(cast.patient, status=S.DELIVERED, sent_at=when, due_at=None)
        message = run(queued(cast.patient))
        assert message.due_at == NOW + dt.timedelta(days=1)

    def test_what_failed_does_not_count(self, cast: Cast) -> None:
        queued(cast.patient, status=S.FAILED, sent_at=NOW, due_at=None)
        assert run(queued(cast.patient)).status == S.SENT


class TestPace:
    def test_a_sender_says_one_thing_at_a_time(self, carrier: type[FakeSms]) -> None:
        carrier.segments_per_second = 0.5
        first, second = queued(reachable_patient()), queued(reachable_patient(), segments=2)
        run(first)
        assert run(second).due_at == NOW + 2 * SECOND
        assert run(second, NOW + 2 * SECOND).status == S.SENT
        third = queued(reachable_patient())
        assert run(third, NOW + 3 * SECOND).due_at == NOW + 6 * SECOND
        assert len(carrier.texts) == 2

    def test_other_senders_do_not_wait(self, carrier: type[FakeSms]) -> None:
        carrier.segments_per_second = 0.1
        run(queued(reachable_patient()))
        other = queued(reachable_patient(), our_number="+16025550177")
        assert run(other).status == S.SENT

    def test_those_in_line_come_back_one_after_the_other(self, carrier: type[FakeSms]) -> None:
        carrier.segments_per_second = 1
        run(queued(reachable_patient()))
        waiting = [run(queued(reachable_patient())) for _ in range(3)]
        assert [m.due_at for m in waiting] == [NOW + n * SECOND for n in (1, 2, 3)]

    def test_fills_go_before_recalls(self, carrier: type[FakeSms]) -> None:
        carrier.segments_per_second = 1
        recall = queued(reachable_patient(), purpose=Purpose.RECALL)
        offer = queued(reachable_patient())
        assert run(recall).status == S.QUEUED
        assert recall.due_at is not None
        assert recall.due_at > NOW
        assert run(offer).status == S.SENT
        assert run(recall, NOW + 5 * SECOND).status == S.SENT


class TestTooLate:
    def test_nothing_goes_out_after_its_time(self, cast: Cast, carrier: type[FakeSms]) -> None:
        message = run(queued(cast.patient, valid_until=NOW))
        assert message.status == S.TOO_LATE
        assert not_sent(message).payload["rule"] == "expired"
        assert carrier.texts == []


@pytest.mark.fault(20)
class TestTrouble:
    def test_a_refusal_is_final_and_told(self, cast: Cast, carrier: type[FakeSms]) -> None:
        carrier.trouble.append(SmsRefused("Not a mobile number.", code="21614", cannot_text="x"))
        message = run(queued(cast.patient))
        assert (message.status, message.error_code, message.due_at) == (S.FAILED, "21614", None)
        assert not_sent(message).payload["rule"] == "21614"
        cast.phone.refresh_from_db()
        assert not cast.phone.can_text

    def test_an_opt_out_at_the_carrier_enters_the_ledger(
        self, cast: Cast, carrier: type[FakeSms]
    ) -> None:
        """Faults to survive, 20."""
        carrier.blocked.add(str(cast.phone.number))
        message = run(queued(cast.patient))
        assert (message.status, message.error_code) == (S.FAILED, "21610")
        entry = ConsentEntry.objects.get(phone=cast.phone, source="carrier-21610")
        assert entry.evidence == {"message": message.pk, "code": "21610"}
        assert is_opted_out(cast.phone)
        assert run(queued(cast.patient)).status == S.NOT_PERMITTED

    @pytest.mark.parametrize("code", ["21611", "20429", "503"])
    @pytest.mark.parametrize(
        ("told", "wait"), [(None, 15 * SECOND), (dt.timedelta(minutes=3), 180 * SECOND)]
    )
    def test_a_carrier_that_is_full_or_down_is_asked_again(
        self,
        cast: Cast,
        carrier: type[FakeSms],
        told: dt.timedelta | None,
        wait: dt.timedelta,
        code: str,
    ) -> None:
        """Faults to survive, 20: the carrier's queue is full, or wants fewer requests (429)."""
        carrier.trouble.append(SmsUnavailable("Not now.", code=code, retry_after=told))
        message = run(queued(cast.patient))
        assert (message.status, message.due_at) == (S.QUEUED, NOW + wait)
        assert run(message, NOW + wait).status == S.SENT

    @pytest.mark.fault(23)
    def test_an_answer_that_was_lost_is_looked_up_not_resent(
        self, cast: Cast, carrier: type[FakeSms]
    ) -> None:
        carrier.trouble.append(after_taking(SmsUnknown("Timed out.")))
        message = run(queued(cast.patient))
        assert (message.status, message.due_at) == (S.UNKNOWN, NOW + 30 * SECOND)
        run(message, NOW + 30 * SECOND)
        assert (message.status, message.carrier_id) == (S.SENT, carrier.texts[0][0])
        assert len(carrier.texts) == 1

    def test_a_request_that_was_lost_is_sent_again(
        self, cast: Cast, carrier: type[FakeSms]
    ) -> None:
        carrier.trouble.append(SmsUnknown("Timed out."))
        message = run(queued(cast.patient))
        run(message, NOW + 30 * SECOND)
        assert message.status == S.SENT
        assert len(carrier.texts) == 1

    def test_a_text_found_at_the_carrier_belongs_to_one_message_only(
        self, cast: Cast, carrier: type[FakeSms]
    ) -> None:
        run(queued(cast.patient, purpose=Purpose.ANSWER, body="Thank you."))
        carrier.trouble.append(SmsUnknown("Timed out."))
        second = run(queued(cast.patient, purpose=Purpose.ANSWER, body="Thank you."))
        run(second, NOW + 30 * SECOND)
        assert second.status == S.SENT
        assert len(carrier.texts) == 2
        assert second.carrier_id == carrier.texts[1][0]

    def test_a_lost_text_is_not_resent_once_it_is_too_late(
        self, cast: Cast, carrier: type[FakeSms]
    ) -> None:
        carrier.trouble.append(SmsUnknown("Timed out."))
        message = run(queued(cast.patient, valid_until=NOW + 20 * SECOND))
        assert run(message, NOW + 30 * SECOND).status == S.TOO_LATE
        assert carrier.texts == []

    def test_a_stop_while_the_answer_is_lost_is_heeded(
        self, cast: Cast, carrier: type[FakeSms]
    ) -> None:
        carrier.trouble.append(SmsUnknown("Timed out."))
        message = run(queued(cast.patient))
        stop(cast.phone, at=NOW + 10 * SECOND)
        assert run(message, NOW + 30 * SECOND).status == S.NOT_PERMITTED


class TestDeadWorker:
    @pytest.fixture
    def orphan(self, cast: Cast, carrier: type[FakeSms]) -> Message:
        """A message whose worker was killed after it had handed the text over."""
        carrier.trouble.append(after_taking(KeyboardInterrupt()))  # type: ignore[arg-type]
        message = queued(cast.patient)
        with pytest.raises(KeyboardInterrupt):
            run(message)
        message.refresh_from_db()
        assert message.status == S.SENDING
        return message

    def test_its_text_is_found_and_not_sent_twice(
        self, orphan: Message, carrier: type[FakeSms]
    ) -> None:
        assert orphan.due_at == NOW + LEASE  # the end of the dead worker's lease
        run(orphan, orphan.due_at)
        assert (orphan.status, orphan.carrier_id) == (S.SENT, carrier.texts[0][0])
        assert len(carrier.texts) == 1

    def test_nobody_takes_a_living_worker_for_dead(
        self, orphan: Message, carrier: type[FakeSms]
    ) -> None:
        assert dispatch(orphan.pk, NOW + LEASE - SECOND) == NOW + LEASE
        orphan.refresh_from_db()
        assert orphan.status == S.SENDING

    def test_a_callback_settles_it_first(self, orphan: Message, carrier: type[FakeSms]) -> None:
        record_delivery(
            report=DeliveryReport(
                status=DeliveryStatus.DELIVERED, ref=orphan.ref, carrier_id="FK9"
            ),
            at=NOW + SECOND,
        )
        run(orphan, NOW + LEASE)
        assert (orphan.status, orphan.carrier_id, orphan.due_at) == (S.DELIVERED, "FK9", None)


def test_a_callback_may_overtake_the_answer(cast: Cast, carrier: type[FakeSms]) -> None:
    def deliver(text: OutgoingText) -> None:
        report = DeliveryReport(status=DeliveryStatus.DELIVERED, ref=text.ref, carrier_id="FK0")
        record_delivery(report=report, at=NOW)

    FakeSms.on_send = staticmethod(deliver)
    message = run(queued(cast.patient))
    assert (message.status, message.carrier_id) == (S.DELIVERED, "FK0")
    assert not Event.objects.filter(name="outreach.message-sent").exists()


def test_a_message_that_is_gone_is_nobodys_work(carrier: type[FakeSms]) -> None:
    assert dispatch(10**9, NOW) is None


def test_every_move_is_in_the_audit(cast: Cast) -> None:
    message = run(queued(cast.patient))
    moves = AuditEntry.objects.filter(verb="outreach.message.moved", subject_id=message.pk)
    assert list(moves.order_by("pk").values_list("from_status", "to_status")) == [
        ("queued", "sending"),
        ("sending", "sent"),
    ]


def test_a_new_grant_reopens_nothing_that_was_refused(cast: Cast) -> None:
    stop(cast.phone)
    message = run(queued(cast.patient))
    grant_consent(
        phone=cast.phone,
        channel=Channel.SMS,
        purpose=Purpose.ALL,
        source="test",
        by=TEST,
        at=NOW + SECOND,
    )
    assert dispatch(message.pk, NOW + HOUR) is None
    message.refresh_from_db()
    assert message.status == S.NOT_PERMITTED


def test_refs_differ(cast: Cast) -> None:
    refs = {queued(cast.patient).ref for _ in range(3)}
    assert len(refs) == 3
    assert all(isinstance(ref, uuid.UUID) for ref in refs)
