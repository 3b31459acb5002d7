"""One fold of names, in Python and in PostgreSQL."""

from __future__ import annotations

import pytest
from django.db import connection

from crm.models import NameWord, Patient
from crm.rules.finding_words import fold

pytestmark = pytest.mark.django_db

NAMES = [
    "María-José",
    "O'Brien-Núñez",
    "O\u2019Neill",
    "GUZMÁN Ponce",
    "Łukasz Ørsted Æbel Großmann",
    "Jean\u2013Luc  d`Arc, Jr. 3rd",
    "Nguyễn Thị Ánh",
    "Çelik I\u0131\u0130",
    "王 小明",
    "Иванов",
    " ' - ",
    "",
]


def in_postgresql(statement: str, name: str) -> object:
    with connection.cursor() as cursor:
        cursor.execute(statement, [name])
        return cursor.fetchall()[0][0]


@pytest.mark.parametrize("name", NAMES)
def test_folds_a_name_alike_in_both(name: str) -> None:
    assert in_postgresql("SELECT crm_plain(%s)", name) == fold(name)


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("gonzales", "gonzalez"),
        ("ernandez", "hernandez"),
        ("bazquez", "vasquez"),
        ("himenez", "jimenez"),
        ("cristina", "kristina"),
        ("jeovanni", "giovanni"),
    ],
)
def test_hears_what_is_meant(said: str, meant: str) -> None:
    sounds = in_postgresql("SELECT crm_sounds(%s)", said)
    assert set(sounds) & set(in_postgresql("SELECT crm_sounds(%s)", meant))  # type: ignore[call-overload]


def test_keeps_each_word_of_names_once_and_those_of_a_new_name_too() -> None:
    patient = Patient.objects.create(given_name="Ana", family_name="Gómez-Ruiz")
    Patient.objects.create(given_name="Ana", family_name="Gomez")
    patient.family_name = "Ortiz Ruiz"
    patient.save()
    words = NameWord.objects.order_by("word").values_list("word", flat=True)
    assert list(words) == ["ana", "gomez", "ortiz", "ruiz"]
