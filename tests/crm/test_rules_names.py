"""Is this the same person? Names and birth dates as people type them."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.rules.names import (
    Likeness,
    Named,
    like_birth,
    like_family,
    like_given,
    may_be_same,
    plain,
)

BORN = dt.date(1980, 3, 14)
SAME, NEAR, OTHER = Likeness.SAME, Likeness.NEAR, Likeness.OTHER


@pytest.mark.parametrize(
    ("typed", "known", "likeness"),
    [
        ("María José", "Maria", SAME),
        ("Bob", "Robert", SAME),
        ("Pepe", "José", SAME),
        ("R", "Rosa", NEAR),
        ("", "Rosa", NEAR),
        ("Rosa", "Rose", NEAR),
        ("Maria", "Marta", NEAR),
        ("Rosa", "Pedro", OTHER),
        ("R", "Pedro", OTHER),
    ],
)
def test_first_names(typed: str, known: str, likeness: Likeness) -> None:
    assert like_given(typed, known) is likeness
    assert like_given(known, typed) is likeness


@pytest.mark.parametrize(
    ("typed", "known", "likeness"),
    [
        ("García López", "Garcia", SAME),
        ("Gonzales", "González", SAME),
        ("O'Brien", "OBrien", SAME),
        ("Delgado", "Smith", OTHER),
        ("", "Smith", NEAR),
    ],
)
def test_family_names(typed: str, known: str, likeness: Likeness) -> None:
    assert like_family(typed, known) is likeness


@pytest.mark.parametrize(
    ("known", "likeness"),
    [
        (BORN, SAME),
        (None, NEAR),
        (dt.date(1980, 3, 15), NEAR),
        (dt.date(1989, 3, 14), NEAR),
        (dt.date(1989, 3, 15), OTHER),
    ],
)
def test_birth_dates(known: dt.date | None, likeness: Likeness) -> None:
    assert like_birth(BORN, known) is likeness


def test_day_and_month_the_other_way_round_are_near() -> None:
    assert like_birth(dt.date(1980, 4, 11), dt.date(1980, 11, 4)) is NEAR


ROSA = Named("Rosa", "Delgado", BORN)


@pytest.mark.parametrize(
    ("known", "shares_phone", "may_be"),
    [
        (ROSA, False, True),
        (Named("Rosa", "Mora", BORN), False, False),
        (Named("Rosa", "Mora", BORN), True, True),  # married, perhaps
        (Named("Pedro", "Mora", BORN), True, False),
        (Named("Rosa", "Delgado", dt.date(1980, 3, 15)), False, False),
        (Named("Rosa", "Delgado", dt.date(1980, 3, 15)), True, True),
        (Named("Rosa", "Delgado", dt.date(1950, 1, 1)), True, False),
    ],
)
def test_who_could_become_two(known: Named, shares_phone: bool, may_be: bool) -> None:
    assert may_be_same(ROSA, known, shares_phone=shares_phone) is may_be


@given(st.text(max_size=30), st.text(max_size=30))
def test_any_names_can_be_compared_either_way(one: str, other: str) -> None:
    assert like_given(one, other) is like_given(other, one)
    assert like_family(one, one) in {SAME, NEAR}
    assert plain(plain(one)) == plain(one)
