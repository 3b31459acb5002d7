"""Who may be calling from a number, as far as labels and courts let it be said."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from crm.models import Patient, PatientPhone, Phone
from crm.queries.finding_caller import Relation, callers_on
from crm.states import ProxyScope, Sensitivity
from tests.factories import NOW, PatientFactory, PhoneFactory, ProxyFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def phone() -> Phone:
    return PhoneFactory.create(number="+16025550142")


def on(phone: Phone, given: str, family: str = "Delgado", **link: Any) -> Patient:
    patient = PatientFactory.create(given_name=given, family_name=family)
    PatientPhone.objects.create(patient=patient, phone=phone, **link)
    return patient


def shown(phone: Phone) -> list[tuple[str, Relation]]:
    return [(one.name, one.relation) for one in callers_on(phone, at=NOW)]


def test_a_number_of_one_person_names_them_in_short(phone: Phone) -> None:
    on(phone, "Rosa Maria")
    assert shown(phone) == [("Rosa D.", Relation.OWN)]


def test_nobody_is_made_of_a_number_that_nobody_has(phone: Phone) -> None:
    assert callers_on(phone, at=NOW) == ()


def test_a_household_shares_a_number(phone: Phone) -> None:
    on(phone, "Rosa"), on(phone, "Luis", rank=2)
    assert shown(phone) == [("Luis D.", Relation.SHARED), ("Rosa D.", Relation.SHARED)]


def test_a_number_given_up_is_a_maybe(phone: Phone) -> None:
    on(phone, "Rosa", ended_on=dt.date(2026, 1, 1))
    assert shown(phone) == [("Rosa D.", Relation.MAYBE)]


def test_a_proxy_leads_to_whom_they_speak_for(phone: Phone) -> None:
    mother = on(phone, "Elena")
    child = PatientFactory.create(
        given_name="Ana", family_name="Ruiz", birth_on=dt.date(2018, 1, 1)
    )
    told = ProxyFactory.create(
        patient=child, person=mother, name="Elena Delgado", relationship="mother", phone=None
    )
    assert shown(phone) == [("Elena D.", Relation.OWN), ("Ana R.", Relation.PROXY)]
    assert callers_on(phone, at=NOW)[1].speakers == ("Elena, mother",)
    told.scope = [ProxyScope.BILLING]
    told.save()
    assert shown(phone)[1] == ("Ana R.", Relation.MAYBE)
    assert callers_on(phone, at=NOW)[1].why.endswith("about billing.")


@pytest.mark.parametrize(
    "right", [{"until_age": 5}, {"ends_on": dt.date(2026, 1, 1)}, {"court_restriction": "No. 1"}]
)
def test_a_right_that_is_over_or_forbidden_leads_nowhere(phone: Phone, right: Any) -> None:
    mother = on(phone, "Elena")
    child = PatientFactory.create(given_name="Ana", birth_on=dt.date(2018, 1, 1))
    ProxyFactory.create(patient=child, person=mother, phone=phone, **right)
    assert shown(phone) == [("Elena D.", Relation.OWN)]


@pytest.mark.parametrize(
    ("label", "confidential", "expected"),
    [
        (Sensitivity.ADOLESCENT, False, []),
        (Sensitivity.DOMESTIC_VIOLENCE, False, []),
        (Sensitivity.SUBSTANCE_USE, False, []),
        (Sensitivity.ADOLESCENT, True, ["A. D."]),
        (Sensitivity.VIP, False, ["A. D."]),
    ],
)
@pytest.mark.parametrize("ended", [None, dt.date(2026, 1, 1)])
def test_a_label_keeps_somebody_from_the_family_phone(
    phone: Phone, label: Sensitivity, confidential: bool, expected: list[str], ended: Any
) -> None:
    on(phone, "Elena")
    ana = on(phone, "Ana", is_confidential=confidential, ended_on=ended)
    Patient.objects.filter(pk=ana.pk).update(sensitivity=[label])
    names = {name for name, _ in shown(phone)}
    assert names == {"Elena D.", *expected}


def test_a_court_keeps_the_child_from_the_phone_that_they_share(phone: Phone) -> None:
    father, child = on(phone, "Luis"), on(phone, "Ana")
    ProxyFactory.create(patient=child, person=father, court_restriction="Order 7", phone=None)
    assert [name for name, _ in shown(phone)] == ["Luis D."]


def test_the_dead_and_the_merged_away_do_not_call(phone: Phone) -> None:
    rosa, dead, gone = on(phone, "Rosa"), on(phone, "Luis"), on(phone, "Rosie")
    Patient.objects.filter(pk=dead.pk).update(deceased_at=NOW)
    Patient.objects.filter(pk=gone.pk).update(merged_into=rosa, merged_at=NOW)
    assert [name for name, _ in shown(phone)] == ["Rosa D."]


def test_asks_as_often_for_many_as_for_one(phone: Phone) -> None:
    for name in ("Rosa", "Luis", "Ana", "Pia"):
        ProxyFactory.create(patient=on(phone, name), phone=phone)
    with CaptureQueriesContext(connection) as done:
        assert len(callers_on(phone, at=NOW)) == 4
    assert len(done) == 5
