"""Taking back texts that wait to go."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from crm.engine import run_step
from crm.models import AuditEntry, Event, Patient
from crm.states import Purpose
from outreach.actions import DISPATCH, withdraw
from outreach.models import Message
from outreach.states import MessageStatus
from tests.cast import Cast
from tests.factories import NOW, TEST, MessageFactory, phone_of, reachable_patient
from tests.fakes.sms import FakeSms

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("carrier")]

S = MessageStatus
WHY = "The time was given to somebody else."


def about(subject: Patient, **fields: Any) -> Message:
    """A queued offer about `subject`, for whom any row may stand in."""
    told = {"patient": subject, "phone": phone_of(subject), "zone": "America/Phoenix"}
    told |= {"subject_type": "crm.patient", "subject_id": subject.pk}
    return MessageFactory.create(**{**told, **fields})


def take_back(*subjects: Patient) -> int:
    return withdraw(subjects=subjects, purpose=Purpose.OFFER, why=WHY, by=TEST, at=NOW)


def test_what_was_taken_back_never_leaves(cast: Cast, carrier: type[FakeSms]) -> None:
    message = about(cast.patient, due_at=NOW + dt.timedelta(hours=10))
    assert take_back(cast.patient) == 1
    message.refresh_from_db()
    assert (message.status, message.due_at) == (S.TOO_LATE, None)
    event = Event.objects.get(name="outreach.message-not-sent", subject_id=message.pk)
    assert event.payload["rule"] == "withdrawn"
    assert event.payload["about_id"] == cast.patient.pk
    moved = AuditEntry.objects.get(verb="outreach.message.moved", subject_id=message.pk)
    assert (moved.reason, moved.to_status) == (WHY, S.TOO_LATE)
    assert not run_step(DISPATCH, message.pk, at=NOW + dt.timedelta(hours=20))
    assert carrier.texts == []
    assert take_back(cast.patient) == 0


def test_several_subjects_at_once_and_nothing_else(cast: Cast) -> None:
    second, stranger = reachable_patient(), reachable_patient()
    gone = [about(cast.patient), about(second)]
    left = [
        about(stranger),
        about(second, purpose=Purpose.UPDATE),
        about(second, subject_type="waitlist.offer"),
        *(about(second, status=status) for status in (S.SENDING, S.UNKNOWN, S.SENT, S.FAILED)),
    ]
    before = {message.pk: message.status for message in left}
    assert take_back(cast.patient, second) == 2
    now = dict(Message.objects.values_list("pk", "status"))
    assert {message.pk: now[message.pk] for message in gone} == dict.fromkeys(
        (message.pk for message in gone), S.TOO_LATE
    )
    assert {pk: now[pk] for pk in before} == before


def test_no_subject_takes_nothing_back(cast: Cast) -> None:
    message = about(cast.patient)
    assert take_back() == 0
    message.refresh_from_db()
    assert message.status == S.QUEUED


def test_locks_the_phones_in_key_order_and_then_the_messages(cast: Cast) -> None:
    second = reachable_patient()
    for patient in (second, cast.patient):
        about(patient)
    with CaptureQueriesContext(
        connection,
    ) as asked:
        take_back(second, cast.patient)
    locking = [query["sql"] for query in asked.captured_queries if "FOR NO KEY" in query["sql"]]
    assert ['FROM "crm_phone"' in sql for sql in locking] == [True, False]
    assert all("ORDER BY" in sql for sql in locking)
