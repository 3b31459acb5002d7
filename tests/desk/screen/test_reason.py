"""Why they call: danger first, then what kind of call it is."""

from __future__ import annotations

import pytest

from crm.models import Answer, Journey, Task
from crm.states import Acuity, StepKind, TaskKind
from desk.models import CallType
from tests.desk.screen.conftest import Desk

pytestmark = pytest.mark.django_db


def test_a_misspelt_reason_chooses_the_kind_of_call_and_opens_a_journey(desk: Desk) -> None:
    desk.know()
    desk.post("reason", reason="I need an apointment with my doctor")
    contact = desk.fresh()
    assert contact.call_type == "book"
    assert contact.acuity == Acuity.ROUTINE
    assert Journey.objects.get() == contact.journey


def test_a_tap_is_enough(desk: Desk) -> None:
    desk.post("reason", call_type="bill")
    contact = desk.fresh()
    assert contact.call_type == "bill"
    assert contact.acuity == ""  # nothing was said that could be checked for danger
    assert not contact.steps.filter(kind=StepKind.SAFETY).exists()


def test_a_reason_that_nobody_understands_asks_which_kind_it_is(desk: Desk) -> None:
    page = desk.post("reason", reason="qwrt zzz").content.decode()
    assert "Not understood." in page
    assert desk.fresh().call_type == ""


def test_which_of_several_kinds_it_is_stays_asked_until_somebody_says(
    desk: Desk, kinds: dict[str, CallType]
) -> None:
    desk.post("reason", reason="bill or invoice of my appointment")
    for refreshed in ("talk", "contact"):
        page = desk.get(refreshed).content.decode()
        assert "Which of these is it?" in page
        assert 'value="bill"' in page
    desk.post("reason", call_type="bill")
    assert "Which of these is it?" not in desk.get("talk").content.decode()


def test_nothing_typed_is_told_what_to_do(desk: Desk) -> None:
    assert desk.post("reason").status_code == 422


def test_an_emergency_stops_everything_and_alerts_the_nurses(desk: Desk) -> None:
    desk.know()
    said = desk.post("reason", reason="crushing chest pain, I want an appointment")
    page = desk.get("talk").content.decode()
    assert said.status_code == 200
    assert desk.fresh().acuity == Acuity.EMERGENCY
    assert "Ask them to call 911 now" in page
    assert 'id="times"' not in page
    assert Task.objects.filter(kind=TaskKind.SAFETY_ALERT).count() == 1
    refused = desk.post("not-now")
    assert refused.status_code == 409
    assert not Answer.objects.exists()


def test_a_danger_that_is_denied_is_asked_about_and_then_left(desk: Desk) -> None:
    desk.post("reason", reason="no chest pain, just an appointment")
    page = desk.get("talk").content.decode()
    assert "Do you have that now?" in page
    desk.post("not-now")
    assert "Do you have that now?" not in desk.get("talk").content.decode()
    assert Answer.objects.get(key="safety.not-now").user == desk.agent


def test_a_later_reason_makes_it_no_less_urgent(desk: Desk) -> None:
    desk.post("reason", reason="crushing chest pain")
    assert desk.fresh().acuity == Acuity.EMERGENCY  # though nobody knows what kind of call it is
    desk.post("reason", call_type="book")
    desk.post("reason", reason="I want an appointment")
    assert desk.fresh().acuity == Acuity.EMERGENCY


def test_whoever_says_why_before_who_gets_a_journey_all_the_same(desk: Desk) -> None:
    desk.post("reason", call_type="book")
    assert desk.fresh().journey is None
    desk.know()
    assert desk.fresh().journey == Journey.objects.get(patient=desk.patient)
