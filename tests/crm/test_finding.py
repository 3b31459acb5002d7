"""Patients by what a caller says: in any mix, misspelt, half typed."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import example, given
from hypothesis import strategies as st

from crm.models import Patient
from crm.queries.finding import find_patients, search_patients
from crm.rules.finding import Known, fit, near_births
from crm.rules.finding_words import read_search
from tests.factories import PatientFactory, PatientIdentifierFactory, reachable_patient

BORN = dt.date(1988, 5, 2)


@pytest.fixture
def arturo(db: None) -> Patient:
    """Arturo, among people who are like him."""
    wanted = reachable_patient(
        given_name="Arturo",
        family_name="Guzmán-Ponce de León",
        birth_on=BORN,
        number="+16025550777",
    )
    PatientIdentifierFactory.create(patient=wanted, value="S-0011469")
    for first, family, born in (
        ("Ana", "Ortiz", dt.date(1990, 1, 1)),
        ("Robert", "O'Brien", dt.date(1951, 7, 3)),
        ("Marta", "Gonzalez", BORN),
        ("Maria", "Hernández Vásquez", dt.date(1979, 12, 31)),
    ):
        PatientFactory.create(given_name=first, family_name=family, birth_on=born)
    return wanted


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ("guzman", "Name"),
        ("GUZMÁN, arturo", "Name"),
        ("art guz", "Name"),
        ("a guzman", "Name"),
        ("ponce", "Name"),
        ("de leon arturo", "Name"),
        ("gusman arturo", "A similar name"),
        ("artruo guzmna", "A similar name"),
        ("arturo luis guzman", "A similar name"),
        ("1988-05-02 arturo", "Birth date and name"),
        ("5/2/1988 Ponce", "Birth date and name"),
        ("5/2/88 gusmann", "Birth date and a similar name"),
        ("may 2, 1988 guzman", "Birth date and name"),
        ("2 de mayo de 1988 guzman", "Birth date and name"),
        ("05021988 guzman", "Birth date and name"),
        ("5/3/1988 guzman", "A birth date one slip away and name"),
        ("2/5/1988 guzman", "A birth date one slip away and name"),
        ("guzman 5/2", "Day and month of birth and name"),
        ("guzman may 1988", "Month and year of birth and name"),
        ("guzman 1988", "Year of birth and name"),
        ("guzman 5/1988", "Month and year of birth and name"),
        ("(602) 555-0777", "Phone"),
        ("+1 602 555 0777", "Phone"),
        ("555-0777 arturo", "Phone and name"),
        ("602.555.0777 guz", "Phone and name"),
        ("s0011469", "Record number"),
        ("S-00114", "Record number"),
        ("mrn s0011469 guzman 5/2/1988", "Record number, birth date and name"),
        ("602-555-9999 arturo guzman 5/2/1988", "Birth date and name; another number"),
        ("602-555-0777 arturo guzman 7/7/1971", "Phone and name; another birth date"),
    ],
)
def test_finds_him_first_and_says_by_what(arturo: Patient, said: str, why: str) -> None:
    best = search_patients(said)[0]
    assert (best.patient, best.why) == (arturo, why)


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("bob obrien", "Robert O'Brien"),
        ("O Brien", "Robert O'Brien"),
        ("maria ernandez", "Maria Hernández Vásquez"),
        ("bazquez", "Maria Hernández Vásquez"),
        ("mari hernan", "Maria Hernández Vásquez"),
        ("marta gonsales", "Marta Gonzalez"),
    ],
)
def test_forgives_how_it_is_spelled(arturo: Patient, said: str, name: str) -> None:
    assert [str(found.patient) for found in search_patients(said)][:1] == [name]


@pytest.mark.parametrize(
    "said",
    [
        *("", "  ", "%", "a", "zzz", "'; --", "\x00", "(602) 555-9999", "(602) 555-9999 arturo"),
        *("guzmán 1990-06-17", "5", "5/2", "1988", "00", "arturo ortiz", "S99"),
    ],
)
def test_finds_nobody_by_what_fits_nobody(arturo: Patient, said: str) -> None:
    assert search_patients(said) == ()


def test_puts_what_fits_whole_before_what_is_alike(arturo: Patient) -> None:
    exact = PatientFactory.create(given_name="Ana", family_name="Gusman")
    found = search_patients("gusman")
    assert [one.patient for one in found] == [exact, arturo]
    assert [one.is_exact for one in found] == [True, False]


def test_tells_namesakes_apart_by_what_else_is_said(arturo: Patient) -> None:
    other = PatientFactory.create(
        given_name="Arturo", family_name="Guzmán", birth_on=dt.date(1950, 1, 9)
    )
    assert set(find_patients("arturo guzman")) == {arturo, other}
    assert find_patients("arturo guzman 1/9/1950") == (other,)
    assert find_patients("guzman 6025550777") == (arturo,)


def test_a_number_given_up_is_found_and_said_to_be(arturo: Patient) -> None:
    arturo.patient_phones.update(ended_on=dt.date(2020, 1, 1))
    (found,) = search_patients("602 555 0777")
    assert (found.patient, found.why) == (arturo, "A phone that they had")


def test_who_was_merged_away_is_found_under_who_stands(arturo: Patient) -> None:
    gone = PatientFactory.create(given_name="Artie", family_name="Quintana", birth_on=BORN)
    Patient.objects.filter(pk=gone.pk).update(merged_into=arturo, merged_at="2026-01-01T00:00Z")
    (found,) = search_patients("artie quintana")
    assert (found.patient, found.under) == (arturo, "Artie Quintana")
    assert [one.patient for one in search_patients("5/2/1988 guzman")] == [arturo]


def test_takes_a_handful_of_statements_however_many_fit(arturo: Patient) -> None:
    PatientFactory.create_batch(15, given_name="Arturo", family_name="Guzmán")
    for said in ("arturo guzman", "artruo gusman 1988", "5/2/1988 x", "gu"):
        with CaptureQueriesContext(
            connection,
        ) as done:
            search_patients(said)
        assert len(done) <= 5, said
    assert len(search_patients("arturo guzman")) == 10
    assert len(search_patients("arturo guzman", limit=3)) == 3


def test_the_last_month_of_a_year_is_of_that_year(arturo: Patient) -> None:
    for said, count in (("hernandez dec 1979", 1), ("hernandez 1979", 1), ("hernandez 1980", 0)):
        assert len(search_patients(said)) == count, said


@pytest.mark.django_db
@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=60))
@example("'\\' | !a:* <-> \uffff")
@example("٣٣٣٣٣٣٣٣ ² ½ 00000000 99/99/9999 0/0/0 +0000000000")
def test_whatever_is_typed_is_answered(typed: str) -> None:
    with transaction.atomic():
        assert search_patients(typed) == ()


def test_births_near_are_dates_and_name_the_swapped_one() -> None:
    near = near_births(dt.date(1988, 5, 2))
    assert {dt.date(1988, 2, 5), dt.date(1988, 5, 3), dt.date(1983, 5, 2)} <= set(near)
    assert len(near) < 60


def test_no_birth_date_on_record_speaks_neither_way() -> None:
    found = fit(read_search("arturo guzman 5/2/1988"), Known("Arturo", "Guzman"))
    assert found is not None
    assert found.why == "No birth date on record and name"
