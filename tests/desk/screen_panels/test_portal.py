"""Results that stand in the portal: the way there, by text, once, and only if a text may go."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from pydantic import ValidationError

from config.env import Env, get_env
from crm.models import ConsentEntry, InteractionStep, LabReport, Phone, Task
from crm.states import Channel, ConsentDecision, Purpose, ReportStatus, ReviewOutcome, StepKind
from desk.screen.contact import read_contact
from desk.screen.wrap_reading import propose
from outreach.models import Message
from outreach.rules.wording import find_health_words
from outreach.states import MessageStatus
from tests.desk.screen.conftest import Desk
from tests.desk.screen_panels.conftest import panel, said
from tests.factories import NOW

PORTAL = "https://portal.example.org/"


@pytest.fixture(autouse=True)
def portal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(get_env(), "patient_portal_url", PORTAL)


def a_lab(known: Desk, name: str = "Vitamin D", **facts: Any) -> LabReport:
    return LabReport.objects.create(
        patient=known.patient,
        name=name,
        source_id=name,
        **{
            "status": ReportStatus.FINAL,
            "collected_at": NOW - dt.timedelta(days=4),
            "reviewed_at": NOW - dt.timedelta(days=3),
            "outcome": ReviewOutcome.NO_ACTION,
            "released_at": NOW - dt.timedelta(days=2),
            **facts,
        },
    )


def test_texts_the_way_to_the_portal_once_and_says_nothing_of_care(known: Desk) -> None:
    vitamin, iron = a_lab(known), a_lab(known, "Ferritin")
    assert panel(known, "labs").count("Text link</button>") == 2
    answer = said(known.post("lab", vitamin.pk))
    assert answer.count("Link to the portal: waits to go out") == 2
    assert "Text link" not in answer
    known.post("lab", iron.pk)
    text = Message.objects.get()
    assert PORTAL in text.body
    assert not find_health_words(text.body)
    assert (text.purpose, text.interaction) == (Purpose.CONFIRMATION, known.contact)
    step = InteractionStep.objects.get(kind=StepKind.TELL)
    assert step.code == "portal-link"
    assert not Task.objects.exists()
    note = propose(read_contact(known.contact.pk, at=NOW), at=NOW).note
    assert "Told: the link to the patient portal, by text." in note.text


def test_texts_again_where_it_did_not_come_through(known: Desk) -> None:
    lab = a_lab(known)
    known.post("lab", lab.pk)
    Message.objects.update(status=MessageStatus.FAILED)
    assert "Text link</button>" in panel(known, "labs")
    known.post("lab", lab.pk)
    assert Message.objects.count() == 2


def test_says_why_no_text_may_go(known: Desk) -> None:
    lab = a_lab(known)
    ConsentEntry.objects.create(
        phone=Phone.objects.get(patients=known.patient),
        channel=Channel.SMS,
        purpose=Purpose.ALL,
        decision=ConsentDecision.REVOKED,
        at=NOW,
        source="keyword",
        recorded_by="test",
    )
    answer = known.post("lab", lab.pk)
    assert answer.status_code == 409
    assert "Say where the portal is instead." in said(answer)
    assert not Message.objects.exists()
    assert not InteractionStep.objects.filter(kind=StepKind.TELL).exists()


def test_what_is_not_in_the_portal_is_sent_by_the_clinic(known: Desk) -> None:
    lab = a_lab(known, released_at=None)
    assert "Have it sent</button>" in panel(known, "labs")
    known.post("lab", lab.pk)
    assert Task.objects.get().title == "Tell them where results are"
    assert not Message.objects.exists()


def test_without_a_portal_the_clinic_sends_all(
    known: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(get_env(), "patient_portal_url", "")
    lab = a_lab(known)
    assert "Have it sent</button>" in panel(known, "labs")
    known.post("lab", lab.pk)
    assert Task.objects.exists()
    assert not Message.objects.exists()


@pytest.mark.parametrize(
    "url", ["http://portal.example.org/", "portal", f"https://{'a' * 48}.example.org/"]
)
def test_an_address_that_no_text_may_carry_is_refused_at_the_start(url: str) -> None:
    with pytest.raises(ValidationError, match="patient_portal_url"):
        Env(firstcall_demo=True, patient_portal_url=url)
