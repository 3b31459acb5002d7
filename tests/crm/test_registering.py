"""Somebody new in the conversation, after a look at who may be the same; and how to reach them."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from crm.actions.contact_details import (
    NotANumber,
    UnknownLanguage,
    add_phone,
    change_address,
    end_phone,
    set_language,
    set_preferences,
)
from crm.actions.people import MayBeKnown, register_caller
from crm.actions.tasks import close_task
from crm.engine.models import Event
from crm.models import AuditEntry, Patient, Phone, Task
from crm.rules.names import Named
from crm.states import PhoneUse, Sex, TaskKind
from tests.factories import NOW, TEST, PatientFactory, PhoneFactory, phone_of, reachable_patient

pytestmark = pytest.mark.django_db

BORN = dt.date(1980, 3, 14)
ADDRESS = {"address_line": "12 Elm St", "city": "Mesa", "state": "AZ", "postal_code": "85201"}


def register(
    given: str = "Rosa",
    family: str = "Delgado",
    born: dt.date = BORN,
    *,
    phone: Phone | None = None,
    compared: Any = (),
) -> Patient:
    return register_caller(
        named=Named(given, family, born),
        phone=phone,
        language="es",
        sex=Sex.FEMALE,
        postal_code="85201",
        compared=compared,
        by=TEST,
        at=NOW,
    )


def test_registers_whom_nobody_is_like() -> None:
    phone = PhoneFactory.create()
    rosa = register(phone=phone)
    assert (str(rosa), rosa.birth_on, rosa.language) == ("Rosa Delgado", BORN, "es")
    assert phone_of(rosa) == phone
    assert Event.objects.get(name="crm.patient-registered").subject_id == rosa.pk


@pytest.mark.parametrize(
    ("given", "family", "born"),
    [
        ("Rosa", "Delgado", BORN),
        ("ROSA", "Delgádo-Ruiz", BORN),
        ("Rosa", "Degado", BORN),
    ],
)
def test_shows_who_may_be_the_same_first(given: str, family: str, born: dt.date) -> None:
    known = PatientFactory.create(given_name="Rosa", family_name="Delgado", birth_on=BORN)
    with pytest.raises(MayBeKnown) as asked:
        register(given, family, born)
    assert asked.value.alike == (known,)
    assert Patient.objects.count() == 1
    made = register(given, family, born, compared=[known.pk])
    entry = AuditEntry.objects.get(verb="crm.patient.registered", subject_id=made.pk)
    assert entry.detail["none_of"] == [known.pk]


def test_a_slip_in_the_date_needs_the_phone_to_speak_for_it() -> None:
    known = reachable_patient(given_name="Rosa", family_name="Delgado", birth_on=BORN)
    slip = dt.date(1980, 3, 15)
    with pytest.raises(MayBeKnown) as asked:
        register(born=slip, phone=phone_of(known))
    assert asked.value.alike == (known,)
    assert register(born=slip) != known


def test_who_was_not_compared_is_shown_again_and_who_was_merged_away_never() -> None:
    known = PatientFactory.create(given_name="Rosa", family_name="Delgado", birth_on=BORN)
    gone = PatientFactory.create(given_name="Rosa", family_name="Delgado", birth_on=BORN)
    with pytest.raises(MayBeKnown):
        register(compared=[known.pk])
    Patient.objects.filter(pk=gone.pk).update(merged_into=known, merged_at=NOW)
    assert register(compared=[known.pk]) != known


# --- how to reach them ------------------------------------------------------------------------


def of_the_clinic() -> int:
    return Task.objects.filter(kind=TaskKind.EHR_DETAILS).count()


def test_an_address_is_written_and_the_clinic_asked_and_no_value_told() -> None:
    rosa = PatientFactory.create(latitude=33.4, longitude=-112.0)
    assert change_address(patient=rosa, **ADDRESS, by=TEST, at=NOW)
    assert not change_address(patient=rosa, **ADDRESS, by=TEST, at=NOW), "no news"
    rosa.refresh_from_db()
    assert (rosa.address_line, rosa.latitude) == ("12 Elm St", None)
    (entry,) = AuditEntry.objects.filter(verb="crm.patient.changed")
    assert "address_line" in entry.detail["fields"]
    (event,) = Event.objects.filter(name="crm.patient-changed")
    assert event.payload == {"what": "address"}
    assert "Elm" not in str(entry.detail)
    assert of_the_clinic() == 1


def test_one_task_collects_what_is_told_until_it_is_done() -> None:
    rosa = reachable_patient()
    change_address(patient=rosa, **ADDRESS, by=TEST, at=NOW)
    add_phone(patient=rosa, number="480 555 0199", by=TEST, at=NOW)
    assert of_the_clinic() == 1
    close_task(task=Task.objects.get(kind=TaskKind.EHR_DETAILS), by=TEST, at=NOW)
    end_phone(held=rosa.patient_phones.earliest("pk"), by=TEST, at=NOW)
    assert of_the_clinic() == 2


def test_a_new_number_is_tried_first_where_they_say_so_and_one_may_come_back() -> None:
    rosa = reachable_patient()
    old = rosa.patient_phones.get()
    add_phone(
        patient=rosa, number="(480) 555-0199", use=PhoneUse.HOME, is_first=True, by=TEST, at=NOW
    )
    assert next(str(one.phone) for one in rosa.patient_phones.all()) == "+14805550199"
    end_phone(held=old, by=TEST, at=NOW)
    old.refresh_from_db()
    assert old.ended_on == NOW.date()
    back = add_phone(patient=rosa, number=str(old.phone), is_confidential=True, by=TEST, at=NOW)
    assert (back.pk, back.ended_on, back.is_confidential) == (old.pk, None, True)


@pytest.mark.parametrize("typed", ["", "555", "call me", "1" * 30])
def test_what_is_no_number_is_refused(typed: str) -> None:
    with pytest.raises(NotANumber):
        add_phone(patient=PatientFactory.create(), number=typed, by=TEST, at=NOW)
    assert not Phone.objects.exists()


def test_languages_and_what_suits_them() -> None:
    rosa = PatientFactory.create()
    set_language(
        patient=rosa, language="en", spoken_language="vi", needs_interpreter=True, by=TEST, at=NOW
    )
    with pytest.raises(UnknownLanguage):
        set_language(patient=rosa, language="vi", by=TEST, at=NOW)
    before = of_the_clinic()
    set_preferences(patient=rosa, weekdays=[4, 0], wants_earlier_offers=False, by=TEST, at=NOW)
    rosa.refresh_from_db()
    assert (rosa.spoken_language, rosa.needs_interpreter) == ("vi", True)
    assert (rosa.prefers_weekdays, rosa.wants_earlier_offers) == ([0, 4], False)
    assert of_the_clinic() == before == 1, "what suits them is ours alone"
