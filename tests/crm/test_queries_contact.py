"""Contact permission over real rows: own phones, shared phones, proxies, the ledger."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from crm.models import Patient, Phone
from crm.queries import choose_phones, contact_permission, is_opted_out, phones_for
from crm.rules import ContactRule
from crm.states import Channel, ConsentDecision, ProxyScope, Purpose, Sensitivity
from tests.cast import Cast
from tests.factories import (
    NOW,
    ConsentEntryFactory,
    PatientFactory,
    PatientPhoneFactory,
    PhoneFactory,
    ProxyFactory,
    phone_of,
    reachable_patient,
)

pytestmark = pytest.mark.django_db
R = ContactRule
CHILD_BORN = dt.date(2018, 5, 2)


def rule(
    patient: Patient | None, phone: Phone | None, purpose: Purpose = Purpose.OFFER
) -> ContactRule:
    assert phone is not None
    return contact_permission(
        patient=patient, phone=phone, channel=Channel.SMS, purpose=purpose, at=NOW
    ).rule


def stop(phone: Phone, *, at: dt.datetime = NOW, patient: Patient | None = None) -> None:
    ConsentEntryFactory.create(
        phone=phone, patient=patient, decision=ConsentDecision.REVOKED, at=at, source="test"
    )


def test_the_proof_names_the_rows_that_decided(cast: Cast) -> None:
    found = contact_permission(
        patient=cast.patient, phone=cast.phone, channel=Channel.SMS, purpose=Purpose.OFFER, at=NOW
    )
    assert found.allowed
    assert found.proof == {
        "patient": cast.patient.pk,
        "phone": cast.phone.pk,
        "holder": "own",
        "rule": "allowed",
        "consent": cast.phone.consents.get().pk,
    }


def test_consent_by_voice_is_not_consent_to_texts() -> None:
    patient = PatientFactory.create()
    link = PatientPhoneFactory.create(patient=patient)
    ConsentEntryFactory.create(phone=link.phone, patient=patient, channel=Channel.VOICE)
    assert rule(patient, link.phone) == R.NO_CONSENT


def test_somebody_elses_phone_is_not_theirs(cast: Cast) -> None:
    assert rule(cast.patient, phone_of(reachable_patient())) == R.PHONE_NOT_THEIRS


def test_a_number_given_up_is_over_on_its_day() -> None:
    patient = PatientFactory.create()  # in Phoenix, where NOW is the 18th
    today = PatientPhoneFactory.create(patient=patient, ended_on=dt.date(2026, 11, 18))
    tomorrow = PatientPhoneFactory.create(patient=patient, ended_on=dt.date(2026, 11, 19))
    for link in (today, tomorrow):
        ConsentEntryFactory.create(phone=link.phone)
    assert rule(patient, today.phone) == R.NUMBER_ENDED
    assert rule(patient, tomorrow.phone) == R.ALLOWED


def test_a_landline_cannot_text_and_can_ring(cast: Cast) -> None:
    cast.phone.can_text = False
    cast.phone.save()
    assert rule(cast.patient, cast.phone) == R.CANNOT_TEXT
    ConsentEntryFactory.create(phone=cast.phone, channel=Channel.VOICE)
    by_voice = contact_permission(
        patient=cast.patient,
        phone=cast.phone,
        channel=Channel.VOICE,
        purpose=Purpose.OFFER,
        at=NOW,
    )
    assert by_voice.allowed


class TestSharedPhone:
    def test_stop_holds_for_everybody_on_it(self, cast: Cast) -> None:
        brother = reachable_patient(number=str(cast.phone.number))
        stop(cast.phone)
        assert rule(cast.patient, cast.phone) == R.OPTED_OUT
        assert rule(brother, cast.phone) == R.OPTED_OUT
        assert rule(None, cast.phone, Purpose.ANSWER) == R.OPTED_OUT
        assert is_opted_out(cast.phone)

    def test_one_persons_own_opt_out_leaves_the_other(self, cast: Cast) -> None:
        brother = reachable_patient(number=str(cast.phone.number))
        stop(cast.phone, patient=brother)
        assert rule(brother, cast.phone) == R.OPTED_OUT
        assert rule(cast.patient, cast.phone) == R.ALLOWED
        assert not is_opted_out(cast.phone)

    def test_keeps_behavioral_health_off_it(self) -> None:
        patient = reachable_patient(sensitivity=[Sensitivity.BEHAVIORAL_HEALTH])
        phone = phone_of(patient)
        assert rule(patient, phone) == R.ALLOWED
        reachable_patient(number=str(phone.number))
        assert rule(patient, phone) == R.CONFIDENTIAL_PHONE_ONLY


class TestOptOutLedger:
    def test_start_undoes_stop(self, cast: Cast) -> None:
        stop(cast.phone, at=NOW - dt.timedelta(hours=2))
        ConsentEntryFactory.create(phone=cast.phone, at=NOW - dt.timedelta(hours=1))
        assert rule(cast.patient, cast.phone) == R.ALLOWED
        assert not is_opted_out(cast.phone)

    def test_an_entry_from_a_faster_clock_counts(self, cast: Cast) -> None:
        stop(cast.phone, at=NOW + dt.timedelta(minutes=5))
        assert rule(cast.patient, cast.phone) == R.OPTED_OUT

    def test_of_two_at_one_instant_the_stop_holds(self, cast: Cast) -> None:
        stop(cast.phone)
        ConsentEntryFactory.create(phone=cast.phone, at=NOW)
        assert rule(cast.patient, cast.phone) == R.OPTED_OUT
        assert is_opted_out(cast.phone)


class TestChildren:
    def test_a_parent_with_scope_is_reached_first(self) -> None:
        child = reachable_patient(birth_on=CHILD_BORN)
        proxy = ProxyFactory.create(patient=child)
        ConsentEntryFactory.create(phone=proxy.phone)
        phones = phones_for(patient=child, purpose=Purpose.OFFER, at=NOW)
        assert phones == [proxy.phone, phone_of(child)]

    @pytest.mark.parametrize(
        "fields",
        [
            {"scope": [ProxyScope.BILLING]},
            {"ends_on": dt.date(2026, 11, 18)},
            {"until_age": 8},
        ],
    )
    def test_a_proxy_without_a_say_in_scheduling_is_nobody(self, fields: dict) -> None:
        child = PatientFactory.create(birth_on=CHILD_BORN)  # eight years old
        proxy = ProxyFactory.create(patient=child, **fields)
        ConsentEntryFactory.create(phone=proxy.phone)
        assert rule(child, proxy.phone) == R.PHONE_NOT_THEIRS
        assert phones_for(patient=child, purpose=Purpose.OFFER, at=NOW) == []

    def test_a_court_keeps_a_phone_out_though_it_stands_in_the_record(self) -> None:
        child = reachable_patient(birth_on=CHILD_BORN)
        ProxyFactory.create(
            patient=child, phone=phone_of(child), court_restriction="No contact, 2025-1234"
        )
        assert rule(child, phone_of(child)) == R.COURT_RESTRICTION

    def test_a_court_keeps_every_phone_of_that_person_out(self) -> None:
        father = reachable_patient()
        child = reachable_patient(birth_on=CHILD_BORN, number=str(phone_of(father).number))
        ProxyFactory.create(
            patient=child, person=father, phone=None, court_restriction="No contact"
        )
        assert rule(child, phone_of(father)) == R.COURT_RESTRICTION
        assert rule(father, phone_of(father)) == R.ALLOWED

    def test_a_proxy_who_is_a_patient_is_reached_by_their_own_phone(self) -> None:
        mother = reachable_patient()
        child = PatientFactory.create(birth_on=CHILD_BORN)
        ProxyFactory.create(patient=child, person=mother, phone=None)
        ConsentEntryFactory.create(phone=phone_of(mother))  # for all on her phone
        assert phones_for(patient=child, purpose=Purpose.OFFER, at=NOW) == [phone_of(mother)]

    def test_an_adolescents_confidential_phone_is_the_only_one(self) -> None:
        teen = reachable_patient(birth_on=dt.date(2010, 1, 1), sensitivity=[Sensitivity.ADOLESCENT])
        proxy = ProxyFactory.create(patient=teen)
        own = PatientPhoneFactory.create(patient=teen, is_confidential=True, rank=9)
        for phone in (proxy.phone, own.phone):
            ConsentEntryFactory.create(phone=phone)
        assert phones_for(patient=teen, purpose=Purpose.OFFER, at=NOW) == [own.phone]
        assert rule(teen, proxy.phone) == R.CONFIDENTIAL_PHONE_ONLY
        assert rule(teen, phone_of(teen)) == R.CONFIDENTIAL_PHONE_ONLY

    def test_an_adults_carer_comes_after_the_adult(self) -> None:
        adult = reachable_patient(birth_on=dt.date(1940, 1, 1))
        carer = ProxyFactory.create(patient=adult, relationship="daughter")
        ConsentEntryFactory.create(phone=carer.phone)
        phones = phones_for(patient=adult, purpose=Purpose.OFFER, at=NOW)
        assert phones == [phone_of(adult), carer.phone]


class TestMany:
    def test_chooses_the_first_phone_that_may_be_used(self) -> None:
        patient = PatientFactory.create()
        landline = PatientPhoneFactory.create(
            patient=patient, rank=1, phone=PhoneFactory.create(can_text=False)
        )
        mobile = PatientPhoneFactory.create(patient=patient, rank=2)
        for link in (landline, mobile):
            ConsentEntryFactory.create(phone=link.phone)
        chosen = choose_phones(patient_ids=[patient.pk], purpose=Purpose.OFFER, at=NOW)
        assert chosen[patient.pk].phone == mobile.phone

    def test_tells_what_speaks_against_the_first_phone(self) -> None:
        nobody = PatientFactory.create()
        silent = PatientPhoneFactory.create().patient
        chosen = choose_phones(patient_ids=[nobody.pk, silent.pk], purpose=Purpose.OFFER, at=NOW)
        assert chosen[nobody.pk].permission.rule == R.NO_PHONE
        assert chosen[silent.pk].permission.rule == R.NO_CONSENT
        assert chosen[silent.pk].phone is None

    def test_asks_the_database_as_often_for_a_hundred_as_for_one(self) -> None:
        def count(patients: list[Patient]) -> int:
            with CaptureQueriesContext(
                connection,
            ) as asked:
                choose_phones(patient_ids=[p.pk for p in patients], purpose=Purpose.OFFER, at=NOW)
            return len(asked)

        patients = [reachable_patient() for _ in range(30)]
        for patient in patients[:10]:
            ProxyFactory.create(patient=patient)
        assert count(patients) == count(patients[:1]) == 3
