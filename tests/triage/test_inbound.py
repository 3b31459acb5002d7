"""Every text passes the safety check first: what is answered, held, and done all the same."""

from __future__ import annotations

import ast
import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
import structlog

from crm.actions import claim_task, revoke_consent
from crm.engine import Actor
from crm.models import AuditEntry, ConsentEntry, Event, Task
from crm.queries import is_opted_out
from crm.states import Channel, ConsentDecision, TaskKind
from outreach.actions import NotHeld, NurseFirst, carry_out
from outreach.actions import inbound as inbound_module
from outreach.models import Message
from outreach.ports import SmsRefused
from outreach.states import Direction, MessageStatus
from tests.cast import Cast
from tests.conventions.repo import sources
from tests.drive import settle
from tests.factories import NOW, TEST, phone_of, reachable_patient
from tests.fakes.sms import FakeSms
from tests.triage.scene import MINUTE, answers, only_alert, text_from
from triage import ports
from triage.models import Alert
from triage.states import HelpLine, Level

pytestmark = pytest.mark.django_db
#: Three in the morning in Phoenix.
NIGHT = NOW.replace(hour=10)


def heard() -> list[str]:
    return list(Event.objects.filter(name__startswith="outreach.").values_list("name", flat=True))


class TestAnEmergency:
    def test_is_answered_held_and_given_to_a_nurse(self, cast: Cast) -> None:
        message = text_from(cast.phone, "my chest hurts")
        message.refresh_from_db()
        assert (message.status, message.reading) == (MessageStatus.HELD, "emergency")
        alert = only_alert()
        assert (message.subject_type, message.subject_id) == ("triage.alert", alert.pk)
        assert (alert.level, alert.line) == (Level.EMERGENCY, HelpLine.CALL_911)
        assert (alert.phone, alert.patient) == (cast.phone, cast.patient)
        assert alert.list_version == "1"
        task = alert.task
        assert (task.kind, task.due_at, task.patient) == (
            TaskKind.SAFETY_ALERT,
            NOW,
            cast.patient,
        )
        assert answers() == ["safety_911"]
        assert "outreach.reply-received" not in heard()
        assert "outreach.text-held" in heard()

    def test_puts_nothing_of_it_where_it_does_not_belong(self, cast: Cast) -> None:
        text_from(cast.phone, "Zaphod has chest pain")
        kept = [
            *Event.objects.values_list("payload", flat=True),
            *AuditEntry.objects.values_list("detail", "reason"),
            *Task.objects.values_list("title", "why"),
            *Alert.objects.values_list("matches", flat=True),
        ]
        assert "zaphod" not in str(kept).lower()
        assert "chest" not in str([*Task.objects.values_list("title", "why")]).lower()
        assert "chest" not in str([*Event.objects.values_list("payload", flat=True)]).lower()

    @pytest.mark.parametrize(
        ("language", "body", "template"),
        [
            ("en", "chest pain", "safety_911"),
            ("es-MX", "me duele el pecho", "safety_911"),
            ("en", "me duele el pecho", "safety_911_both"),
            ("es", "chest pain", "safety_911_both"),
            ("zh", "chest pain", "safety_911_both"),
            ("en", "I want to die", "safety_988"),
            ("es", "quiero morir", "safety_988"),
            ("en", "she drank bleach", "safety_poison"),
            ("en", "no chest pain", "safety_person"),
            ("en", "I'm pregnant and bleeding", "safety_person"),
        ],
    )
    def test_names_the_right_help_in_their_language(
        self, carrier: type[FakeSms], language: str, body: str, template: str
    ) -> None:
        patient = reachable_patient(language=language)
        text_from(phone_of(patient), body)
        assert answers() == [template]
        settle(NOW)
        [(_, sent)] = carrier.texts
        numbers = {"safety_988": "988", "safety_poison": "1-800-222-1222"}
        assert numbers.get(template, "911") in sent.body
        assert ("llame" in sent.body.lower()) == (language[:2] == "es" or "both" in template)

    def test_is_answered_in_the_night_and_beyond_the_budget(
        self, cast: Cast, carrier: type[FakeSms]
    ) -> None:
        text_from(cast.phone, "I can't breathe", at=NIGHT)
        settle(NIGHT + MINUTE / 2)
        assert [text.to for _, text in carrier.texts] == [str(cast.phone.number)]

    @pytest.mark.parametrize("source", ["patient-text", "wrong-number"])
    def test_is_answered_on_a_phone_that_had_opted_out(
        self, cast: Cast, carrier: type[FakeSms], source: str
    ) -> None:
        revoke_consent(phone=cast.phone, channel=Channel.SMS, source=source, by=TEST, at=NOW)
        text_from(cast.phone, "chest pain", at=NOW + MINUTE)
        settle(NOW + MINUTE)
        assert len(carrier.texts) == 1

    def test_of_a_stranger_is_answered_in_both_languages(self, carrier: type[FakeSms]) -> None:
        message = text_from("+12125550199", "heart attack")
        assert message.patient is None
        assert only_alert().patient is None
        settle(NOW)
        [(_, sent)] = carrier.texts
        assert "Call 911" in sent.body
        assert "al 911" in sent.body

    def test_the_same_text_again_changes_nothing(self, cast: Cast) -> None:
        first = text_from(cast.phone, "chest pain", carrier_id="SM1")
        before = AuditEntry.objects.count()
        assert text_from(cast.phone, "chest pain", carrier_id="SM1", at=NOW + MINUTE) == first
        assert (Alert.objects.count(), Task.objects.count()) == (1, 1)
        assert AuditEntry.objects.count() == before
        assert answers() == ["safety_911"]

    def test_the_same_answer_does_not_answer_a_machine_for_ever(self, cast: Cast) -> None:
        for minute in (0, 1, 9, 11):
            text_from(cast.phone, "chest pain", at=NOW + minute * MINUTE)
        assert answers() == ["safety_911", "safety_911"]
        assert Alert.objects.count() == 1

    def test_is_answered_again_where_the_answer_has_failed(
        self, cast: Cast, carrier: type[FakeSms]
    ) -> None:
        carrier.trouble.append(SmsRefused("Unreachable.", code="30003"))
        text_from(cast.phone, "chest pain")
        settle(NOW)
        assert carrier.texts == []
        text_from(cast.phone, "please help, chest pain", at=NOW + MINUTE)
        settle(NOW + MINUTE)
        assert len(carrier.texts) == 1


class TestOptOuts:
    @pytest.mark.parametrize(
        "body", ["STOP I have chest pain", "chest pain. Stop texting me", "chest pain, stop"]
    )
    def test_an_opt_out_holds_and_one_text_answers(
        self, cast: Cast, carrier: type[FakeSms], body: str
    ) -> None:
        text_from(cast.phone, body)
        assert is_opted_out(cast.phone)
        settle(NOW)
        assert answers() == ["safety_911"]
        assert len(carrier.texts) == 1
        assert only_alert().level == Level.EMERGENCY

    def test_a_stop_after_an_alert_holds_too(self, cast: Cast) -> None:
        text_from(cast.phone, "chest pain")
        text_from(cast.phone, "STOP", at=NOW + MINUTE)
        assert is_opted_out(cast.phone)
        assert answers() == ["safety_911"]

    def test_a_wrong_number_gets_its_task_and_no_second_text(self, cast: Cast) -> None:
        text_from(cast.phone, "Wrong number. but I have chest pain")
        assert is_opted_out(cast.phone)
        kinds = set(Task.objects.values_list("kind", flat=True))
        assert kinds == {TaskKind.SAFETY_ALERT, TaskKind.WRONG_NUMBER}
        assert answers() == ["safety_911"]

    def test_nothing_else_is_granted_or_revoked(self, cast: Cast) -> None:
        revoke_consent(phone=cast.phone, channel=Channel.SMS, source="x", by=TEST, at=NOW)
        text_from(cast.phone, "START. chest pain", at=NOW + MINUTE)
        assert is_opted_out(cast.phone)
        stops = ConsentEntry.objects.filter(decision=ConsentDecision.REVOKED)
        assert stops.count() == 1


class TestWhatIsHeld:
    def test_a_yes_that_follows_waits_for_the_nurse(self, cast: Cast) -> None:
        text_from(cast.phone, "chest pain")
        after = text_from(cast.phone, "Yes", at=NOW + MINUTE)
        after.refresh_from_db()
        assert (after.status, after.reading) == (MessageStatus.HELD, "follows-alert")
        assert after.subject_id == only_alert().pk
        assert answers() == ["safety_911"]
        assert "outreach.reply-received" not in heard()

    def test_ends_with_the_alert(self, cast: Cast) -> None:
        text_from(cast.phone, "chest pain")
        close(only_alert().task, cast)
        assert text_from(cast.phone, "Yes", at=NOW + MINUTE).reading == "yes"

    @pytest.mark.parametrize(
        ("body", "reading"),
        [("Yes but my chest hurts", "yes"), ("chest pain. I can't come tomorrow", "cancel_visit")],
    )
    def test_is_carried_out_once_a_nurse_is_at_it(
        self, cast: Cast, body: str, reading: str
    ) -> None:
        message = text_from(cast.phone, body)
        nurse = Actor.user(cast.nurse)
        with pytest.raises(NurseFirst):
            carry_out(message_id=message.pk, by=nurse, at=NOW)
        claim_task(task=only_alert().task, owner=cast.nurse, by=nurse, at=NOW)
        carry_out(message_id=message.pk, by=Actor.user(cast.agent), at=NOW + MINUTE)
        message.refresh_from_db()
        assert (message.status, message.reading) == (MessageStatus.READ, reading)
        event = Event.objects.get(name="outreach.reply-received")
        assert event.payload["reading"] == reading
        done = AuditEntry.objects.get(verb="outreach.message.carried-out")
        assert done.actor_id == cast.agent.pk
        with pytest.raises(NotHeld):
            carry_out(message_id=message.pk, by=nurse, at=NOW + 2 * MINUTE)

    def test_what_asks_for_nothing_cannot_be_carried_out(self, cast: Cast) -> None:
        message = text_from(cast.phone, "my chest hurts")
        claim_task(task=only_alert().task, owner=cast.nurse, by=TEST, at=NOW)
        with pytest.raises(NotHeld):
            carry_out(message_id=message.pk, by=TEST, at=NOW)
        message.refresh_from_db()
        assert message.status == MessageStatus.HELD


class BrokenCheck:
    """A check behind the port that fails, with the patient's words in its complaint."""

    def check(self, text: str, **_: Any) -> ports.Finding:
        raise RuntimeError(f"cannot read {text}")


@pytest.mark.django_db
def test_a_check_that_fails_leaves_the_text_to_a_nurse(cast: Cast, settings: Any) -> None:
    settings.SAFETY_CHECK = f"{__name__}.BrokenCheck"
    with structlog.testing.capture_logs() as logs:
        message = text_from(cast.phone, "Yes, says Zaphod")
    assert message.reading == "unsure"
    alert = only_alert()
    assert (alert.level, alert.failed) == (Level.UNSURE, True)
    assert answers() == ["safety_person"]
    assert [line["error"] for line in logs if line["event"] == "safety_check.failed"] == [
        "RuntimeError"
    ]
    assert "Zaphod" not in str(logs)


def test_the_check_comes_before_any_reading(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """And outside the transaction, since what stands behind the port may take its time."""
    order: list[str] = []

    def spy(name: str) -> None:
        real = getattr(inbound_module, name)

        def called(*args: Any, **kwargs: Any) -> Any:
            order.append(name)
            return real(*args, **kwargs)

        monkeypatch.setattr(inbound_module, name, called)

    for name in ("check_text", "insert_or_none", "read_reply", "read_also"):
        spy(name)
    text_from(cast.phone, "Yes")
    assert order == ["check_text", "insert_or_none", "read_reply"]


def makes_inbound_texts(tree: ast.Module) -> Iterator[int]:
    for node in ast.walk(tree):
        if isinstance(node, ast.keyword) and node.arg == "direction":
            value = node.value
            if isinstance(value, ast.Attribute) and value.attr == Direction.IN.name:
                yield node.value.lineno


def test_there_is_one_way_in_for_texts() -> None:
    """Carrier, phone wall, and whatever comes: an inbound text is made where it is checked."""
    makers = set()
    for path, tree in sources():
        for call in ast.walk(tree):
            if isinstance(call, ast.Call) and getattr(call.func, "id", "") == "Message":
                module = ast.Module(body=[ast.Expr(call)], type_ignores=[])
                if list(makes_inbound_texts(module)):
                    makers.add(str(path))
    assert makers == {"outreach/actions/inbound.py", "outreach/actions/web_words.py"}


def close(task: Task, cast: Cast) -> None:
    from triage.actions import settle_alert
    from triage.states import Outcome

    settle_alert(
        task=task, outcome=Outcome.NO_DANGER, note="Called.", by=Actor.user(cast.nurse), at=NOW
    )


def test_held_texts_do_not_come_due(cast: Cast) -> None:
    text_from(cast.phone, "chest pain")
    assert not Message.objects.filter(direction=Direction.IN, due_at__isnull=False).exists()
    assert dt.timedelta(0) < (only_alert().due_at or NOW) - NOW
