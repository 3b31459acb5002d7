"""Queueing: one cause makes one message, in the patient's language, with its version kept."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from crm.models import AuditEntry, Event, Patient
from crm.states import Purpose
from outreach.actions import send
from outreach.models import Message, TextVersion
from outreach.rules.render import FieldsDoNotFit
from outreach.states import MessageStatus
from outreach.texts import TEXTS, UnknownText
from tests.cast import Cast
from tests.factories import NOW, TEST, TaskFactory, phone_of, reachable_patient

pytestmark = pytest.mark.django_db

FIELDS = {
    "site": "Camelback",
    "time": "Tue Dec 1, 9:40 AM",
    "link": "https://visits.example.org/o/7Kq2mXw9TzR4b",
    "phone": "(602) 555-0100",
}


def offer(patient: Patient, **changed: Any) -> Message:
    told: dict[str, Any] = {
        "key": "offer:1",
        "patient": patient,
        "phone": phone_of(patient),
        "template": "offer",
        "fields": FIELDS,
        "purpose": Purpose.OFFER,
        "zone": "America/Phoenix",
        "by": TEST,
        "at": NOW,
    }
    return send(**{**told, **changed})


def test_queues_a_text_that_is_due_now(cast: Cast) -> None:
    message = offer(cast.patient, valid_until=NOW + dt.timedelta(hours=2))
    message.refresh_from_db()
    assert (message.status, message.due_at) == (MessageStatus.QUEUED, NOW)
    assert message.body.startswith("Camelback: earlier time open, Tue Dec 1, 9:40 AM.")
    assert message.segments == 1
    assert Event.objects.get(name="outreach.message-queued").subject_id == message.pk
    assert AuditEntry.objects.get(verb="outreach.message.queued").patient_id == cast.patient.pk


def test_one_cause_is_told_once(cast: Cast) -> None:
    first = offer(cast.patient)
    again = offer(cast.patient, fields={**FIELDS, "time": "Wed Dec 2, 9:40 AM"})
    assert again == first
    assert "Dec 1" in again.body
    assert Message.objects.count() == Event.objects.count() == 1


def test_speaks_the_patients_language() -> None:
    patient = reachable_patient(language="es")
    message = offer(patient)
    assert message.language == "es"
    assert "Responda SI o NO" in message.body


def test_keeps_the_wording_once(cast: Cast) -> None:
    offer(cast.patient)
    offer(cast.patient, key="offer:2")
    kept = TextVersion.objects.get()
    assert (kept.key, kept.language, kept.version) == ("offer", "en", TEXTS["offer"].version)
    assert kept.body == TEXTS["offer"].en


def test_names_what_it_is_about_to_listeners(cast: Cast) -> None:
    task = TaskFactory.create()
    message = offer(cast.patient, subject=task)
    assert (message.subject_type, message.subject_id) == ("crm.task", task.pk)
    assert Event.objects.get().payload == {
        "status": "queued",
        "purpose": "offer",
        "about_type": "crm.task",
        "about_id": task.pk,
        "rule": "",
    }


def test_a_missing_fact_queues_nothing(cast: Cast) -> None:
    with pytest.raises(FieldsDoNotFit, match="link"):
        offer(cast.patient, fields={"site": "Camelback", "time": "Tue"})
    with pytest.raises(UnknownText):
        offer(cast.patient, template="no such text")
    assert not Message.objects.exists()
    assert not Event.objects.exists()
