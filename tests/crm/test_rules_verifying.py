"""What callers say, against what is on record."""

from __future__ import annotations

import datetime as dt

import pytest

from crm.rules.verifying import OnRecord, compare, read_date, read_said
from crm.states import IdentifierKind as Kind

ROSA = OnRecord(
    full_name="Rosa María Delgado-Peña",
    birth_on=dt.date(1972, 3, 14),
    address_line="2200 E Camelback Rd",
    postal_code="85016-4412",
    phones=frozenset({"4805550142"}),
    record_numbers=("00418822",),
    member_ids=("XYB-123",),
)


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        (Kind.FULL_NAME, "Rosa Delgado"),
        (Kind.FULL_NAME, "delgado peña rosa"),
        (Kind.FULL_NAME, "Rosa Delgdo"),  # heard over the telephone
        (Kind.FULL_NAME, "rosa maria delgado pena"),
        (Kind.BIRTH_DATE, "3/14/1972"),
        (Kind.BIRTH_DATE, "March 14, 1972"),
        (Kind.BIRTH_DATE, "3/14/72"),
        (Kind.ADDRESS, "2200 east Camelback road"),
        (Kind.POSTAL_CODE, "85016"),
        (Kind.PHONE, "(480) 555-0142"),
        (Kind.RECORD_NUMBER, "418822"),
        (Kind.MEMBER_ID, "xyb123"),
    ],
)
def test_what_fits_is_matched(kind: Kind, said: str) -> None:
    assert compare({kind: said}, ROSA).matched == (kind,)


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        (Kind.FULL_NAME, "Rosa"),  # one name is no full name
        (Kind.FULL_NAME, "Rosa Salgado"),
        (Kind.FULL_NAME, "Rita Delgado"),
        (Kind.BIRTH_DATE, "3/15/1972"),
        (Kind.BIRTH_DATE, "in March"),
        (Kind.ADDRESS, "2201 E Camelback Rd"),
        (Kind.POSTAL_CODE, "85018"),
        (Kind.PHONE, "555-0142"),
        (Kind.RECORD_NUMBER, "41882"),
        (Kind.MEMBER_ID, "-"),
    ],
)
def test_what_does_not_fit_is_missed(kind: Kind, said: str) -> None:
    found = compare({kind: said}, ROSA)
    assert (found.matched, found.missed) == ((), (kind,))


def test_two_that_fit_are_enough_and_one_is_not() -> None:
    assert not compare({Kind.BIRTH_DATE: "3/14/1972"}, ROSA).passes
    assert compare({Kind.BIRTH_DATE: "3/14/1972", Kind.POSTAL_CODE: "85016"}, ROSA).passes
    assert not compare({}, ROSA).passes


def test_an_empty_record_fits_nothing() -> None:
    said = dict.fromkeys(Kind, "x") | {Kind.ADDRESS: "", Kind.MEMBER_ID: ""}
    assert compare(said, OnRecord(full_name="")).matched == ()


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        (
            "maria alvarez 3/14/1972, 85016",
            {
                Kind.FULL_NAME: "maria alvarez",
                Kind.BIRTH_DATE: "3/14/1972",
                Kind.POSTAL_CODE: "85016",
            },
        ),
        (
            "1972-03-14 (480) 555-0142",
            {Kind.BIRTH_DATE: "1972-03-14", Kind.PHONE: "(480) 555-0142"},
        ),
        ("Alvarez, Maria", {Kind.FULL_NAME: "alvarez maria"}),
        (
            "2200 E Camelback Rd, 85016",
            {Kind.ADDRESS: "2200 E Camelback Rd", Kind.POSTAL_CODE: "85016"},
        ),
        ("march 14 1972", {Kind.BIRTH_DATE: "march 14 1972"}),
        ("MRN-00418822", {Kind.RECORD_NUMBER: "MRN-00418822"}),
        ("", {}),
        ("99/99/2020", {Kind.RECORD_NUMBER: "2020"}),
    ],
)
def test_a_line_is_read_by_the_look_of_its_parts(typed: str, expected: dict[Kind, str]) -> None:
    assert read_said(typed) == expected


def test_a_date_is_read_as_people_write_it() -> None:
    day = dt.date(1972, 3, 4)
    said = ("1972-03-04", "3/4/1972", "03-04-1972", "3.4.72", "March 4th, 1972", "mar 4 1972")
    assert {read_date(words) for words in said} == {day}


def test_two_digits_of_a_year_are_of_either_century() -> None:
    old = OnRecord(full_name="", birth_on=dt.date(1952, 3, 14))
    assert compare({Kind.BIRTH_DATE: "3/14/52"}, old).matched
    assert not compare({Kind.BIRTH_DATE: "3/14/2052"}, old).matched
