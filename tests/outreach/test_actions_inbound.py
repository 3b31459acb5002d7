"""Texts from patients: kept once, read, and acted on."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from crm.actions import grant_consent, revoke_consent
from crm.models import AuditEntry, ConsentEntry, Event, Patient, Phone, Task
from crm.queries import contact_permission, is_opted_out
from crm.states import Channel, ConsentDecision, Purpose, TaskKind
from outreach.actions import UnreadableNumber, hand_to_person, receive_text
from outreach.models import Message
from outreach.rules.reply_words import CARRIER_OPT_OUT
from outreach.states import Direction, MessageStatus
from tests.cast import Cast
from tests.factories import (
    NOW,
    TEST,
    InteractionFactory,
    MessageFactory,
    PatientPhoneFactory,
    phone_of,
    reachable_patient,
)

pytestmark = pytest.mark.django_db

OURS = "+16025550100"
MINUTE = dt.timedelta(minutes=1)
_ids = iter(range(10**6))


def text(phone: Phone | str, body: str, **changed: Any) -> Message:
    """The phone texts us."""
    told = {
        "from_number": phone if isinstance(phone, str) else str(phone.number),
        "to_number": OURS,
        "body": body,
        "carrier_id": f"SM{next(_ids):032x}",
        "at": NOW,
    }
    return receive_text(**{**told, **changed})


def answers() -> list[str]:
    """The texts that we have queued, by key of their wording, in order."""
    sent = Message.objects.filter(direction=Direction.OUT, text_version__isnull=False)
    return list(sent.order_by("pk").values_list("text_version__key", flat=True))


def tasks() -> list[str]:
    return list(Task.objects.order_by("pk").values_list("kind", flat=True))


def opt_outs(phone: Phone) -> list[str]:
    entries = ConsentEntry.objects.filter(phone=phone, decision=ConsentDecision.REVOKED)
    return list(entries.order_by("pk").values_list("source", flat=True))


def rules(phone: Phone, *patients: Patient) -> list[str]:
    """What decides about offering something to each of these patients on this phone."""
    asked: dict[str, Any] = {
        "phone": phone,
        "channel": Channel.SMS,
        "purpose": Purpose.OFFER,
        "at": NOW,
    }
    return [str(contact_permission(patient=patient, **asked).rule) for patient in patients]


def heard() -> list[object]:
    events = Event.objects.filter(name="outreach.reply-received").order_by("pk")
    return [event.payload["reading"] for event in events]


class TestKeeping:
    def test_a_text_is_kept_as_it_came_and_read(self, cast: Cast) -> None:
        message = text(cast.phone, "  Yes please \N{THUMBS UP SIGN}", carrier_id="SM1")
        message.refresh_from_db()
        assert (message.direction, message.status) == (Direction.IN, MessageStatus.READ)
        assert message.body == "  Yes please \N{THUMBS UP SIGN}"
        assert (message.reading, message.patient, message.phone) == (
            "yes",
            cast.patient,
            cast.phone,
        )
        assert (message.our_number, message.carrier_id) == (OURS, "SM1")
        assert message.due_at is None
        event = Event.objects.get(name="outreach.reply-received")
        assert event.subject_id == message.pk
        assert event.payload == {"message_id": message.pk, "reading": "yes"}

    def test_the_same_text_again_changes_nothing(self, cast: Cast) -> None:
        first = text(cast.phone, "STOP", carrier_id="SM1")
        again = text(cast.phone, "STOP", carrier_id="SM1", at=NOW + dt.timedelta(minutes=1))
        assert again == first
        assert Message.objects.count() == 1
        assert len(opt_outs(cast.phone)) == 1
        assert heard() == ["stop"]

    def test_belongs_to_the_patient_whom_we_texted_last_on_a_shared_phone(self, cast: Cast) -> None:
        brother = reachable_patient(number=str(cast.phone.number), language="es")
        interaction = InteractionFactory.create(journey__patient=brother)
        ours = MessageFactory.create(
            patient=brother,
            phone=cast.phone,
            interaction=interaction,
            status=MessageStatus.SENT,
            sent_at=NOW - dt.timedelta(hours=1),
            created_at=NOW - dt.timedelta(hours=1),
        )
        message = text(cast.phone, "sale")  # a yes in Spanish only
        assert (message.patient, message.in_reply_to) == (brother, ours)
        assert message.interaction == interaction
        assert message.reading == "yes"

    def test_belongs_to_nobody_where_two_could_be_meant(self, cast: Cast) -> None:
        PatientPhoneFactory.create(phone=cast.phone)
        assert text(cast.phone, "Yes").patient is None

    def test_takes_no_text_of_ours_that_never_left_for_the_one_answered(self, cast: Cast) -> None:
        MessageFactory.create(patient=cast.patient, phone=cast.phone, sent_at=None)
        assert text(cast.phone, "Yes").in_reply_to is None

    def test_a_stranger_is_kept_too(self) -> None:
        message = text("(212) 555-0199", "hello?")
        assert (str(message.phone.number), message.patient) == ("+12125550199", None)
        assert tasks() == [TaskKind.ANSWER_TEXT]

    @pytest.mark.parametrize("sender", ["AMAZON", "72975", "", "+1"])
    def test_a_sender_without_a_number_is_refused(self, sender: str) -> None:
        with pytest.raises(UnreadableNumber):
            text(sender, "Your code is 1234")
        assert not Message.objects.exists()
        assert not Phone.objects.exists()

    @pytest.mark.parametrize("body", ["", "\0", "\N{PILE OF POO}" * 2000, "a\0b", "\ud7ff\uffff"])
    def test_any_body_is_kept(self, cast: Cast, body: str) -> None:
        assert text(cast.phone, body).reading == "unclear"

    def test_the_words_stand_in_no_audit_entry_and_no_event(self, cast: Cast) -> None:
        text(cast.phone, "My zebra tumor hurts, call me")
        told = f"{list(AuditEntry.objects.values())}{list(Event.objects.values())}"
        assert "zebra" not in told + f"{list(Task.objects.values())}"


@pytest.mark.fault(19)
class TestStop:
    @pytest.mark.parametrize("word", ["STOP", "stop", " Stop\n", "UNSUBSCRIBE", "end", "quit"])
    def test_a_carrier_word_opts_out_and_gets_no_text(self, cast: Cast, word: str) -> None:
        text(cast.phone, word)
        assert is_opted_out(cast.phone)
        assert opt_outs(cast.phone) == ["carrier-keyword"]
        assert answers() == []
        assert tasks() == []

    def test_every_carrier_word_is_in_the_ledger_when_the_webhook_answers(self) -> None:
        """Faults to survive, 19, to the row that the next text is decided by."""
        for word in sorted(CARRIER_OPT_OUT):
            patient = reachable_patient()
            for spelled in (word, f" {word.upper()}\n", f"{word.title()}."):
                text(phone_of(patient), spelled)
                assert is_opted_out(phone_of(patient)), spelled
            assert rules(phone_of(patient), patient) == ["opted-out"]

    def test_cancel_opts_out_and_a_person_asks_whether_a_visit_was_meant(self, cast: Cast) -> None:
        text(cast.phone, "CANCEL")
        assert is_opted_out(cast.phone)
        task = Task.objects.get()
        assert (task.kind, task.patient) == (TaskKind.MEANT_CANCEL, cast.patient)
        assert answers() == []

    @pytest.mark.parametrize("words", ["please stop texting me", "no me manden mas mensajes"])
    def test_any_reasonable_words_opt_out_and_are_confirmed(self, cast: Cast, words: str) -> None:
        text(cast.phone, words)
        assert opt_outs(cast.phone) == ["patient-text"]
        assert answers() == ["stop_confirm"]

    def test_a_second_one_is_not_confirmed_again(self, cast: Cast) -> None:
        text(cast.phone, "please stop texting me")
        text(cast.phone, "I said stop texting me", at=NOW + dt.timedelta(minutes=1))
        assert answers() == ["stop_confirm"]
        assert len(opt_outs(cast.phone)) == 2

    def test_is_the_evidence_of_its_entry(self, cast: Cast) -> None:
        message = text(cast.phone, "STOP", carrier_id="SM77")
        entry = ConsentEntry.objects.get(phone=cast.phone, source="carrier-keyword")
        assert entry.evidence == {"message": message.pk, "carrier_id": "SM77"}


class TestStart:
    def test_undoes_a_stop(self, cast: Cast) -> None:
        text(cast.phone, "STOP")
        text(cast.phone, "START", at=NOW + dt.timedelta(minutes=1))
        assert not is_opted_out(cast.phone)
        entry = ConsentEntry.objects.order_by("-pk")[0]
        assert (entry.decision, entry.source, entry.patient) == (
            ConsentDecision.GRANTED,
            "carrier-keyword",
            None,
        )
        assert answers() == ["start_confirm"]

    def test_grants_nothing_that_was_not_taken_back(self) -> None:
        text("+12125550199", "START")
        assert not ConsentEntry.objects.exists()
        assert answers() == ["help"]

    def test_keeps_what_was_said_for_one_patient_before(self, cast: Cast) -> None:
        sister = reachable_patient(number=str(cast.phone.number))
        stranger = PatientPhoneFactory.create(phone=cast.phone).patient  # agreed to nothing
        told: dict[str, Any] = {"phone": cast.phone, "channel": Channel.SMS, "by": TEST, "at": NOW}
        revoke_consent(patient=sister, purpose=Purpose.OFFER, source="by-phone", **told)
        before = rules(cast.phone, cast.patient, sister, stranger)
        assert before == ["allowed", "opted-out", "no-consent"]
        text(cast.phone, "STOP", at=NOW + MINUTE)
        assert rules(cast.phone, cast.patient, sister, stranger) == ["opted-out"] * 3
        text(cast.phone, "START", at=NOW + 2 * MINUTE)
        assert rules(cast.phone, cast.patient, sister, stranger) == before

    def test_hides_no_earlier_consent_for_everybody(self) -> None:
        link = PatientPhoneFactory.create()
        grant_consent(
            phone=link.phone,
            channel=Channel.SMS,
            purpose=Purpose.ALL,
            source="intake-form",
            by=TEST,
            at=NOW,
        )
        for minutes, word in enumerate(("STOP", "START", "STOP", "STOP", "START"), start=1):
            text(link.phone, word, at=NOW + minutes * MINUTE)
            expected = "opted-out" if word == "STOP" else "allowed"
            assert rules(link.phone, link.patient) == [expected]

    def test_does_not_undo_a_wrong_number_that_a_stop_followed(self, cast: Cast) -> None:
        for minutes, words in enumerate(("wrong number", "STOP", "START")):
            text(cast.phone, words, at=NOW + minutes * MINUTE)
        assert is_opted_out(cast.phone)
        assert tasks() == [TaskKind.WRONG_NUMBER, TaskKind.ANSWER_TEXT]

    def test_does_not_undo_a_wrong_number(self, cast: Cast) -> None:
        text(cast.phone, "wrong number")
        text(cast.phone, "START", at=NOW + dt.timedelta(minutes=1))
        assert is_opted_out(cast.phone)
        assert tasks() == [TaskKind.WRONG_NUMBER, TaskKind.ANSWER_TEXT]
        assert answers() == ["wrong_number_ack"]


class TestYes:
    def test_is_left_to_those_who_know_the_offers(self, cast: Cast) -> None:
        for words in ("YES", "no", "thanks"):
            text(cast.phone, words)
        assert heard() == ["yes", "no", "thanks"]
        assert answers() == tasks() == []

    def test_from_a_phone_that_opted_out_books_nothing(self, cast: Cast) -> None:
        text(cast.phone, "STOP")
        message = text(cast.phone, "YES", at=NOW + dt.timedelta(minutes=1))
        assert message.reading == "opted-out-yes"
        assert heard() == ["stop", "opted-out-yes"]
        assert is_opted_out(cast.phone)
        assert tasks() == [TaskKind.ANSWER_TEXT]
        assert answers() == []


class TestPeople:
    def test_a_visit_to_cancel_is_a_task_and_changes_nothing(self, cast: Cast) -> None:
        text(cast.phone, "I can't make it tomorrow")
        assert tasks() == [TaskKind.CANCEL_VISIT]
        assert answers() == ["cancel_visit_ack"]
        assert not is_opted_out(cast.phone)

    def test_a_wrong_number_gets_no_more_texts(self, cast: Cast) -> None:
        text(cast.phone, "Sorry, wrong number")
        assert opt_outs(cast.phone) == ["wrong-number"]
        assert tasks() == [TaskKind.WRONG_NUMBER]
        assert answers() == ["wrong_number_ack"]

    def test_a_question_goes_to_a_person_and_is_acknowledged_once_a_day(self, cast: Cast) -> None:
        for hours, body in enumerate(["Where do I park?", "???", "Is it ok to eat before?"]):
            text(cast.phone, body, at=NOW + dt.timedelta(hours=hours))
        assert tasks() == [TaskKind.ANSWER_TEXT] * 3
        assert answers() == ["question_ack"]
        text(cast.phone, "Where do I park?", at=NOW + dt.timedelta(hours=25))
        assert answers() == ["question_ack"] * 2

    def test_help_is_answered(self, cast: Cast) -> None:
        text(cast.phone, "HELP")
        body = Message.objects.get(direction=Direction.OUT).body
        assert "(602) 555-0100" in body
        assert answers() == ["help"]

    @pytest.mark.parametrize("body", ["HELP", "Where do I park?", "I can't make it tomorrow"])
    def test_nothing_is_texted_to_a_phone_that_opted_out(self, cast: Cast, body: str) -> None:
        text(cast.phone, "STOP")
        text(cast.phone, body, at=NOW + dt.timedelta(minutes=1))
        assert answers() == []

    def test_an_answer_goes_back_from_the_number_and_in_the_language_of_the_thread(self) -> None:
        patient: Patient = reachable_patient(language="es")
        message = text(phone_of(patient), "ayuda", to_number="+16025550177")
        reply = Message.objects.get(direction=Direction.OUT)
        assert (reply.our_number, reply.language) == ("+16025550177", "es")
        assert reply.in_reply_to == message

    def test_handing_over_twice_makes_one_task(self, cast: Cast) -> None:
        message = text(cast.phone, "thanks")
        for _ in range(2):
            hand_to_person(message=message, why="An offer is open.", by=TEST, at=NOW)
        task = Task.objects.get()
        assert (task.why, task.due_at) == ("An offer is open.", NOW + dt.timedelta(hours=2))
        assert answers() == ["unclear_ack"]
