"""The ledger is only ever added to, with evidence, audit and an event."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import DatabaseError, transaction

from crm.actions import grant_consent, mark_cannot_text, revoke_consent
from crm.models import AuditEntry, ConsentEntry, Event
from crm.queries import is_opted_out
from crm.states import Channel, ConsentDecision, Purpose
from tests.cast import Cast
from tests.factories import NOW, TEST

pytestmark = pytest.mark.django_db


def test_a_revocation_ends_everything_for_everybody(cast: Cast) -> None:
    entry = revoke_consent(
        phone=cast.phone,
        channel=Channel.SMS,
        source="carrier-keyword",
        evidence={"message": 7},
        by=TEST,
        at=NOW,
    )
    assert (entry.patient, entry.purpose) == (None, Purpose.ALL)
    assert entry.evidence == {"message": 7}
    assert entry.recorded_by == "test"
    assert is_opted_out(cast.phone)


def test_a_grant_may_speak_for_one_person_and_one_purpose(cast: Cast) -> None:
    entry = grant_consent(
        phone=cast.phone,
        patient=cast.patient,
        channel=Channel.SMS,
        purpose=Purpose.MARKETING,
        source="authorization-form",
        by=TEST,
        at=NOW,
    )
    assert entry.decision == ConsentDecision.GRANTED
    assert Event.objects.filter(name="crm.opted-in", subject_id=cast.phone.pk).count() == 1


def test_says_so_in_the_audit_and_to_listeners(cast: Cast) -> None:
    entry = revoke_consent(phone=cast.phone, channel=Channel.SMS, source="x", by=TEST, at=NOW)
    written = AuditEntry.objects.get(verb="crm.consent.revoked")
    assert (written.subject_type, written.subject_id) == ("crm.consententry", entry.pk)
    event = Event.objects.get(name="crm.opted-out")
    assert (event.subject_type, event.subject_id) == ("crm.phone", cast.phone.pk)
    assert event.payload == {"consent_id": entry.pk, "purpose": "all"}


def test_an_entry_cannot_be_changed_or_deleted(cast: Cast) -> None:
    entry = ConsentEntry.objects.get(phone=cast.phone)
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        ConsentEntry.objects.filter(pk=entry.pk).update(decision=ConsentDecision.REVOKED)
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        entry.delete()
    assert ConsentEntry.objects.get(pk=entry.pk).decision == ConsentDecision.GRANTED


def test_a_phone_that_cannot_text_is_remembered_once(cast: Cast) -> None:
    for minute in range(2):
        at = NOW + dt.timedelta(minutes=minute)
        mark_cannot_text(phone=cast.phone, reason="A landline.", by=TEST, at=at)
    cast.phone.refresh_from_db()
    assert (cast.phone.can_text, cast.phone.cannot_text_reason) == (False, "A landline.")
    assert AuditEntry.objects.filter(verb="crm.phone.cannot-text").count() == 1
