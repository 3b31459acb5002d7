"""A danger on the screen: found in whatever is said, told to the nurses, and dealt with."""

from __future__ import annotations

import datetime as dt
from html import unescape
from typing import Any

import pytest
import time_machine
from django.test import Client

from crm.actions.handoffs import accept_handoff, offer_handoff
from crm.engine import Actor
from crm.models import Answer, Call, Interaction, Patient, PatientPhone, Task, WrapUp
from crm.states import Acuity, HandoffTo, StepKind, TaskKind
from desk.models import CallType
from desk.screen.contact import read_contact
from desk.screen.wrap_reading import propose
from tests.cast import Cast
from tests.desk.screen.conftest import Desk
from tests.desk.screen.scripting import publish
from tests.factories import NOW
from triage.models import Alert

pytestmark = pytest.mark.django_db
CHEST = "crushing chest pain, I want an appointment"
DENIED = "no chest pain, just an appointment"
ASKS = {"key": "words", "kind": "ask", "words": "Tell me?", "words_es": "¿Qué le pasa?"}
LATER = NOW + dt.timedelta(minutes=2)


def levels(desk: Desk) -> list[str]:
    rows = desk.contact.steps.filter(kind=StepKind.SAFETY).order_by("pk")
    return list(rows.values_list("code", flat=True))


def page(desk: Desk) -> str:
    return unescape(desk.get("talk").content.decode())


def nurse_takes(desk: Desk, cast: Cast) -> Desk:
    """The contact is hers, and so is the screen that comes back."""
    made = offer_handoff(
        contact_id=desk.contact.pk,
        to=HandoffTo.NURSE,
        question="Chest pain?",
        by=Actor.user(desk.agent),
        at=NOW,
    )
    accept_handoff(handoff_id=made.pk, user=cast.nurse, by=Actor.user(cast.nurse), at=NOW)
    client = Client()
    client.force_login(cast.nurse, backend="django.contrib.auth.backends.ModelBackend")
    return Desk(client, cast.nurse, desk.contact, desk.patient)


class TestAskedAway:
    def test_holds_for_what_was_said_before_and_not_after(self, desk: Desk) -> None:
        desk.post("reason", reason=DENIED)
        desk.post("not-now")
        assert "desk-danger" not in page(desk)
        desk.post("reason", reason="crushing chest pain")
        assert "Ask them to call 911 now" in page(desk)
        assert desk.post("not-now").status_code == 409

    def test_is_not_offered_once_it_was_sure(self, desk: Desk) -> None:
        desk.post("reason", reason="crushing chest pain")
        desk.post("reason", reason="no chest pain any more")
        assert levels(desk) == ["emergency", "unsure"]
        assert "They say: not now" not in page(desk)
        assert desk.post("not-now").status_code == 409
        assert not Answer.objects.filter(key="safety.not-now").exists()

    def test_a_tap_of_the_kind_of_call_asks_nothing_again(self, desk: Desk) -> None:
        desk.post("reason", reason="no chest pain, qwrt")
        desk.post("not-now")
        desk.post("reason", call_type="book")
        assert "desk-danger" not in page(desk)
        assert levels(desk) == ["unsure"]


class TestAge:
    def test_of_whoever_is_known_later_makes_it_worse(self, desk: Desk) -> None:
        Patient.objects.filter(pk=desk.patient.pk).update(birth_on=NOW.date() - dt.timedelta(40))
        desk.post("reason", reason="an appointment, she has a fever")
        assert levels(desk) == ["none"]
        desk.post("identify", patient=desk.patient.pk)
        assert levels(desk) == ["none", "urgent"]
        assert desk.fresh().acuity == Acuity.NURSE_NOW
        assert Alert.objects.get().patient == desk.patient

    def test_notes_nothing_twice(self, desk: Desk) -> None:
        desk.post("reason", reason=DENIED)
        desk.post("not-now")
        desk.know()
        assert levels(desk) == ["unsure"]
        assert "desk-danger" not in page(desk)


class TestTheNurses:
    def test_hear_of_it_or_nothing_is_kept(
        self, desk: Desk, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def dies(**_: Any) -> None:
            raise RuntimeError("the power went")

        monkeypatch.setattr("desk.actions.safety.alert_about_call", dies)
        with pytest.raises(RuntimeError):
            desk.post("reason", reason=CHEST)
        contact = desk.fresh()
        assert (contact.reason, contact.acuity) == ("", "")
        assert not contact.steps.filter(kind=StepKind.SAFETY).exists()

    def test_get_the_journey_that_the_reason_has_opened(self, desk: Desk) -> None:
        desk.know()
        desk.post("reason", reason=CHEST)
        task = Alert.objects.get().task
        assert task.journey is not None
        assert task.journey == desk.fresh().journey
        assert "text" not in task.why
        assert "told where" not in task.why

    def test_are_called_to_the_patients_phone_where_no_number_shows(
        self, desk: Desk, cast: Cast
    ) -> None:
        Call.objects.update(phone=None)
        desk.know()
        desk.post("reason", reason=CHEST)
        assert Alert.objects.get().phone == cast.phone

    def test_have_a_task_at_once_where_no_number_is_known_at_all(self, desk: Desk) -> None:
        Call.objects.all().delete()
        PatientPhone.objects.all().delete()
        desk.post("reason", reason=CHEST)
        assert not Alert.objects.exists()
        task = Task.objects.get()
        assert (task.kind, task.due_at) == (TaskKind.ASK_NURSE, NOW)
        assert "no number" in task.why

    def test_are_not_alarmed_by_training(self, desk: Desk) -> None:
        Interaction.objects.update(is_training=True)
        desk.post("reason", reason=CHEST)
        assert "Ask them to call 911 now" in page(desk)
        assert not Task.objects.exists()


class TestWhateverElseIsSaid:
    def test_a_free_answer_is_checked_as_the_reason_is(
        self, desk: Desk, kinds: dict[str, CallType]
    ) -> None:
        publish(kinds["book"], ASKS)
        desk.post("reason", call_type="book")
        desk.post("step", "words", said="I have crushing chest pain")
        assert levels(desk) == ["emergency"]
        assert desk.fresh().acuity == Acuity.EMERGENCY
        assert Alert.objects.exists()
        assert "Ask them to call 911 now" in page(desk)

    def test_an_ordinary_answer_leaves_no_mark(
        self, desk: Desk, kinds: dict[str, CallType]
    ) -> None:
        publish(kinds["book"], ASKS)
        desk.post("reason", call_type="book")
        desk.post("step", "words", said="my knee is stiff")
        assert levels(desk) == []
        assert desk.fresh().acuity == ""


class TestTheEnd:
    def end(self, desk: Desk) -> Any:
        return desk.post("wrap", disposition="other", note="")

    def test_is_refused_until_a_nurse_has_them(self, desk: Desk, cast: Cast) -> None:
        desk.post("reason", reason="crushing chest pain")
        refused = self.end(desk)
        assert refused.status_code == 409
        assert "Hand them to a nurse, or say that you sent them to 911" in refused.content.decode()
        assert not WrapUp.objects.exists()
        hers = nurse_takes(desk, cast)
        assert self.end(hers).status_code == 200
        assert WrapUp.objects.get().by == cast.nurse

    @pytest.mark.parametrize(
        ("how", "words"),
        [
            ("911:told", "Told: to call 911 at once."),
            ("911:stayed", "Told: to call 911; stayed on the line until help was there."),
        ],
    )
    def test_may_come_once_they_were_sent_to_911(self, desk: Desk, how: str, words: str) -> None:
        desk.post("reason", reason="crushing chest pain")
        desk.post("helped", how=how)
        assert "They were sent to 911" in page(desk)
        assert words in propose(read_contact(desk.contact.pk, at=NOW), at=NOW).note.lines
        assert self.end(desk).status_code == 200

    def test_911_is_for_emergencies(self, desk: Desk) -> None:
        desk.post("reason", reason=DENIED)
        assert desk.post("helped", how="911:told").status_code == 409
        assert not desk.contact.steps.filter(kind=StepKind.TELL).exists()


class TestRuledOut:
    def test_by_a_nurse_with_why_into_the_note(self, desk: Desk, cast: Cast) -> None:
        desk.post("reason", reason=CHEST)
        hers = nurse_takes(desk, cast)
        assert "Ruled out, because" in page(hers)
        empty = hers.post("ruled-out", because=" ")
        assert empty.status_code == 422
        assert "Say why it is ruled out." in empty.content.decode()
        with time_machine.travel(LATER, tick=False):
            hers.post("ruled-out", because="A strained muscle, seen yesterday")
            assert "desk-danger" not in page(hers)
        lines = propose(read_contact(desk.contact.pk, at=LATER), at=LATER).note.lines
        because = "A strained muscle, seen yesterday (Nurse Cast)"
        assert f"A nurse ruled the danger out, because: {because}" in lines

    def test_by_nobody_else(self, desk: Desk) -> None:
        desk.post("reason", reason=CHEST)
        assert "Ruled out, because" not in page(desk)
        assert desk.post("ruled-out", because="I think so").status_code == 409
        assert "desk-danger" in page(desk)
        assert not Answer.objects.exists()
