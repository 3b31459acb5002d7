"""PID to a person."""

from __future__ import annotations

import datetime as dt

import pytest

from scheduling.ports import IdentifierReport, PatientReport, PhoneReport
from tests.integrations.hl7 import lines, report, sample


def patient(**fields: str) -> PatientReport:
    """The patient of a PID with these fields by number: `patient(f5="A^B")`."""
    values = {3: "77^^^MRN^MR", 5: "Doe^Jo"} | {int(k[1:]): v for k, v in fields.items()}
    pid = "PID|" + "|".join(values.get(number, "") for number in range(1, 41))
    seen = report(lines(PID=pid)).patient
    assert seen is not None
    return seen


def test_reads_the_person_of_the_samples() -> None:
    seen = report(sample("SIU-S12-01")).patient
    assert seen == PatientReport(
        identifiers=(IdentifierReport("test1", "PATID1234"),),
        # The legal name, "Josh^^stanley", has no given name; the usual one is whole.
        family_name="EVERYMAN",
        given_name="ADAM",
        birth_on=dt.date(1988, 8, 18),
        sex="male",
        language="ara",
        phones=(
            PhoneReport("78788788", "", "mobile"),
            PhoneReport("12121212", "", "mobile"),
            PhoneReport("7777", "", "mobile"),
            PhoneReport("1111", "", "work"),
        ),
        address_lines=("1000 Hospital Lane", "Ste. 123"),
        city="Ann Arbor",
        state="MI",
        postal_code="99999",
        is_deceased=True,
    )


def test_keeps_every_identifier_with_its_issuer() -> None:
    seen = patient(f3="77^^^EAST^MR~88^^^WEST&1.2.3&ISO^PI~99^^^&1.2.9&ISO~77^^^EAST^MR")
    assert seen.identifiers == (
        IdentifierReport("EAST", "77"),
        IdentifierReport("WEST", "88"),
        IdentifierReport("1.2.9", "99"),
    )


@pytest.mark.parametrize(
    "number",
    [
        *("123-45-6789^^^^SS", "123456789^^^USSSA", "123456789^^^USSSA^ss", "D1^^^IL^DL"),
        *("P1^^^USA^PPN", "V1^^^EAST^VN", "A1^^^EAST^AN"),
    ],
)
def test_never_takes_social_security_and_other_such_numbers(number: str) -> None:
    seen = report(
        lines(PID=f"PID|1|{number}|77^^^MRN~{number}|{number}|Doe^Jo||||||||||||||{number}")
    )
    assert seen.patient is not None
    assert seen.patient.identifiers == (IdentifierReport("MRN", "77"),)
    assert number.split("^", maxsplit=1)[0] not in repr(seen)
    assert "PID-3: 1 number(s) of a kind that is never stored." in seen.notes


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        ("Doe^Jo", ("Doe", "Jo")),
        ("Nick^Jojo^^^^^N~Doe^Josephine^^^^^L", ("Doe", "Josephine")),
        ("Maiden^Jo^^^^^M~Doe^Jo^^^^^D", ("Doe", "Jo")),
        ("Legal^^^^^^L~Doe^Jo^^^^^D", ("Doe", "Jo")),
        ("Legal^^^^^^L", ("Legal", "")),
        ("van der Berg&van der&Berg^Jo", ("van der Berg", "Jo")),
        ("", ("", "")),
    ],
)
def test_prefers_the_legal_name_that_is_whole(names: str, expected: tuple[str, str]) -> None:
    seen = patient(f5=names)
    assert (seen.family_name, seen.given_name) == expected


def test_keeps_markup_in_a_name_as_text() -> None:
    assert patient(f5="<script>alert(1)</script>^Jo").family_name == "<script>alert(1)</script>"


@pytest.mark.parametrize("code", ["", "U", "?", "female"])
def test_reads_an_unclear_sex_as_unknown(code: str) -> None:
    assert patient(f8=code).sex == "unknown"


def test_reads_sexes() -> None:
    assert [patient(f8=code).sex for code in "FMOfA"] == [
        *("female", "male", "other", "female", "other")
    ]


@pytest.mark.parametrize("born", ["1988", "19881399", "unknown"])
def test_leaves_a_birth_date_out_that_is_not_one(born: str) -> None:
    assert patient(f7=born).birth_on is None


@pytest.mark.parametrize(
    ("phone", "expected"),
    [
        ("(312)555-0142^PRN^PH", PhoneReport("(312)555-0142", "+13125550142", "home")),
        ("3125550142^PRN^CP", PhoneReport("3125550142", "+13125550142", "mobile")),
        ("+52 55 1234 5678", PhoneReport("+52 55 1234 5678", "+525512345678", "home")),
        ("^PRN^PH^^1^312^5550142", PhoneReport("+13125550142", "+13125550142", "home")),
        ("^PRN^PH^^^312^5550142", PhoneReport("3125550142", "+13125550142", "home")),
        ("^PRN^CP^^^^^^^^^3125550142", PhoneReport("3125550142", "+13125550142", "mobile")),
        ("3125550142^WPN^PH", PhoneReport("3125550142", "+13125550142", "work")),
        ("call my son", PhoneReport("call my son", "", "home")),
    ],
)
def test_reads_a_phone(phone: str, expected: PhoneReport) -> None:
    assert patient(f13=phone).phones == (expected,)


def test_leaves_out_what_is_no_phone() -> None:
    seen = patient(f13="^NET^Internet^jo@example.org~3125550199^PRN^FX~3125550142^PRN^PH")
    assert [phone.number for phone in seen.phones] == ["+13125550142"]


def test_names_a_phone_once_and_knows_the_one_at_work() -> None:
    seen = patient(f13="3125550142", f14="3125550143~312-555-0142", f40="(312) 555-0144^PRN^CP")
    assert [(phone.number, phone.use) for phone in seen.phones] == [
        ("+13125550142", "home"),
        ("+13125550143", "work"),
        ("+13125550144", "mobile"),
    ]


def test_prefers_the_home_address_and_never_takes_a_bad_one() -> None:
    seen = patient(
        f11="1 Old^^Gary^IN^46402^^BA~2 Work^^Joliet^IL^60431^^B~3 Home^^Elgin^IL^60120^^H"
    )
    assert (seen.address_lines, seen.city, seen.postal_code) == (("3 Home",), "Elgin", "60120")
    assert patient(f11="1 Old^^Gary^IN^46402^^BA").city == ""


def test_does_not_repeat_the_parts_of_a_street() -> None:
    assert patient(f11="12 Elm St&Elm St&12^^Elgin").address_lines == ("12 Elm St",)


def test_cuts_what_is_longer_than_any_name() -> None:
    assert len(patient(f5=f"{'x' * 5000}^Jo").family_name) == 200
