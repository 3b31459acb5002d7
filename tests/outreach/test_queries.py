"""May this text go now? One person, and thousands in four statements."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from crm.models import Patient, Phone
from crm.states import Purpose
from outreach.queries import SendAnswer, may_send, may_send_many
from outreach.states import MessageStatus
from tests.cast import Cast
from tests.factories import (
    NOW,
    ConsentEntryFactory,
    MessageFactory,
    PatientFactory,
    PatientPhoneFactory,
    phone_of,
    reachable_patient,
)

pytestmark = pytest.mark.django_db

PHOENIX = "America/Phoenix"
NIGHT = dt.datetime(2026, 11, 19, 5, 30, tzinfo=dt.UTC)  # 22:30 in Phoenix
MORNING = dt.datetime(2026, 11, 19, 15, 0, tzinfo=dt.UTC)


def ask(patient: Patient, at: dt.datetime = NOW, purpose: Purpose = Purpose.OFFER) -> SendAnswer:
    """The answer for one, after checking that asking for many says the same."""
    phone = phone_of(patient)
    alone = may_send(patient=patient, phone=phone, purpose=purpose, zone=PHOENIX, at=at)
    among = may_send_many([patient.pk], purpose=purpose, zone=PHOENIX, at=at)[patient.pk]
    assert (alone.rule, alone.allowed, alone.retry_at) == (
        among.rule,
        among.allowed,
        among.retry_at,
    )
    return alone


def test_yes_with_the_phone_and_the_proof(cast: Cast) -> None:
    answer = ask(cast.patient)
    assert (answer.allowed, answer.rule, answer.phone) == (True, "allowed", cast.phone)
    assert answer.proof["zones"] == [PHOENIX]
    assert answer.proof["purpose"] == "offer"


def test_a_refusal_of_the_ledger_never_lapses() -> None:
    answer = ask(reachable_patient(wants_earlier_offers=False))
    assert (answer.allowed, answer.rule, answer.retry_at) == (False, "wants-no-offers", None)


def test_the_night_lapses_in_the_morning(cast: Cast) -> None:
    answer = ask(cast.patient, NIGHT)
    assert (answer.allowed, answer.rule, answer.retry_at) == (False, "quiet-hours", MORNING)
    assert answer.sentence == (
        "It is early or late there. May be texted again from Thu Nov 19, 8:00 AM."
    )


def test_one_offer_a_day_counts_what_waits_to_go(cast: Cast) -> None:
    MessageFactory.create(patient=cast.patient, phone=cast.phone, status=MessageStatus.QUEUED)
    answer = ask(cast.patient)
    assert (answer.allowed, answer.rule, answer.retry_at) == (False, "per-day", MORNING)
    assert answer.sentence == (
        "Already had 1 text, the most a day. May be texted again from Thu Nov 19, 8:00 AM."
    )


def test_the_ledger_speaks_before_the_budget_and_the_budget_before_the_night(cast: Cast) -> None:
    MessageFactory.create(
        patient=cast.patient, phone=cast.phone, status=MessageStatus.SENT, sent_at=NIGHT
    )
    assert ask(cast.patient, NIGHT).rule == "per-day"
    cast.patient.wants_earlier_offers = False
    cast.patient.save()
    assert ask(cast.patient, NIGHT).rule == "wants-no-offers"


def test_confirmations_are_outside_the_budget(cast: Cast) -> None:
    MessageFactory.create(
        patient=cast.patient, phone=cast.phone, status=MessageStatus.SENT, sent_at=NOW
    )
    assert ask(cast.patient, purpose=Purpose.CONFIRMATION).allowed


def test_nobody_is_texted_whose_hour_is_unknown() -> None:
    patient = reachable_patient(zone="", number="+18005550142")
    answer = may_send(
        patient=patient, phone=phone_of(patient), purpose=Purpose.OFFER, zone="", at=NOW
    )
    assert (answer.allowed, answer.rule, answer.retry_at) == (False, "zone-unknown", None)


def test_many_get_an_answer_each(cast: Cast) -> None:
    phoneless = PatientFactory.create()
    answers = may_send_many(
        [cast.patient.pk, phoneless.pk, 10**9], purpose=Purpose.OFFER, zone=PHOENIX, at=NOW
    )
    assert set(answers) == {cast.patient.pk, phoneless.pk}
    assert (answers[phoneless.pk].rule, answers[phoneless.pk].phone) == ("no-phone", None)


def test_asks_the_database_as_often_for_many_as_for_one() -> None:
    patients = [reachable_patient() for _ in range(40)]
    for patient in patients[::2]:
        MessageFactory.create(
            patient=patient, phone=phone_of(patient), status=MessageStatus.SENT, sent_at=NOW
        )

    def count(some: list[Patient]) -> int:
        with CaptureQueriesContext(connection) as asked:
            may_send_many([p.pk for p in some], purpose=Purpose.OFFER, zone=PHOENIX, at=NOW)
        return len(asked)

    assert count(patients) == count(patients[:1]) == 4


def test_a_deployment_may_set_other_caps(cast: Cast, settings: Settings) -> None:
    sent = {"patient": cast.patient, "phone": cast.phone, "status": MessageStatus.SENT}
    MessageFactory.create(**sent, sent_at=NOW)
    settings.FIRSTCALL = settings.FIRSTCALL.model_copy(update={"texts_per_day": 2})
    assert ask(cast.patient).allowed
    settings.FIRSTCALL = settings.FIRSTCALL.model_copy(update={"texts_per_week": 1})
    answer = ask(cast.patient)
    assert (answer.rule, answer.retry_at) == ("per-week", NOW + dt.timedelta(days=7))


def test_the_day_is_the_patients_own(cast: Cast) -> None:
    """22:30 in Phoenix is the next day in New York; their own midnight ends the day."""
    eastern = reachable_patient(zone="America/New_York")
    for patient in (cast.patient, eastern):
        sent = {"patient": patient, "phone": phone_of(patient), "status": MessageStatus.SENT}
        MessageFactory.create(**sent, sent_at=NIGHT - dt.timedelta(hours=1))
    assert ask(cast.patient, MORNING).allowed
    in_the_east = dt.datetime(2026, 11, 19, 16, 0, tzinfo=dt.UTC)
    assert ask(eastern, in_the_east).allowed
    assert ask(cast.patient, NIGHT + dt.timedelta(minutes=30)).rule == "per-day"
    assert ask(eastern, NIGHT + dt.timedelta(minutes=30)).rule == "quiet-hours"


def test_a_sensitive_visit_is_not_told_on_a_parents_phone() -> None:
    teen = reachable_patient(birth_on=dt.date(2010, 1, 1))
    own = PatientPhoneFactory.create(patient=teen, is_confidential=True, rank=2)
    ConsentEntryFactory.create(phone=own.phone)

    def phone(*, is_sensitive: bool) -> Phone | None:
        asked: dict[str, Any] = {"purpose": Purpose.OFFER, "zone": PHOENIX, "at": NOW}
        return may_send_many([teen.pk], **asked, is_sensitive=is_sensitive)[teen.pk].phone

    assert phone(is_sensitive=True) == own.phone
    type(own).objects.filter(pk=own.pk).delete()
    assert phone(is_sensitive=False) == phone_of(teen)
    assert phone(is_sensitive=True) is None


def test_a_family_of_offers_on_one_phone_is_one_day(cast: Cast) -> None:
    brother = reachable_patient(number=str(cast.phone.number))
    MessageFactory.create(patient=brother, phone=cast.phone, status=MessageStatus.SENT, sent_at=NOW)
    assert ask(cast.patient).rule == "per-day"
