"""Who, where and what: AIP, AIL and AIS in their groups."""

from __future__ import annotations

import pytest

from integrations.hl7v2.profile import SenderProfile
from scheduling.ports import CodeReport, ProviderReport
from tests.integrations.hl7 import event, lines, report, sample, sch


def test_reads_the_clinician_of_a_sample() -> None:
    assert report(sample("SIU-S12-01")).providers == (
        ProviderReport("1210", "GE", "Robert", "Gastroenterologist"),
    )


@pytest.mark.parametrize(
    "assisting",
    [
        *("Phlebotomist", "Radiologic Technologist", "Registered Nurse", "Medical Assistant"),
        *("RN", "Interpreter", "Lab technician"),
    ],
)
@pytest.mark.parametrize(
    "clinician",
    [
        *("Physician", "Nurse Practitioner", "Physician Assistant", "Cardiologist", "Pediatrician"),
        *("Psychiatrist", "MD", "Surgeon", "Physical Therapist", "General Practitioner"),
    ],
)
def test_puts_the_one_who_sees_the_patient_first(clinician: str, assisting: str) -> None:
    seen = report(lines(f"AIP|2|A|2^B|x^{clinician}", AIP=f"AIP|1|A|1^A|y^{assisting}"))
    assert [provider.identifier for provider in seen.providers] == ["2", "1"]


def test_keeps_the_order_of_equals_and_puts_the_unknown_between() -> None:
    seen = report(
        lines(
            "AIP|2|A|2^B|x^Attending",
            "AIP|3|A|3^C|x^Surgeon",
            "AIP|4|A|4^D|x^Internal Doctor",
            AIP="AIP|1|A|1^A|x^Clerk",
        )
    )
    assert [provider.identifier for provider in seen.providers] == ["3", "4", "2", "1"]


def test_goes_by_the_senders_roles_where_it_has_a_table() -> None:
    sender = SenderProfile(zone="UTC", primary_roles=frozenset({"019"}))
    seen = report(sample("SIU-S12-02"), sender)
    assert seen.providers[0].identifier == "400"
    assert seen.room is not None
    assert seen.room.code == "LabUnit101/Lab Room 01"
    assert seen.visit_type is not None
    assert seen.visit_type.code == "58410-2"


def test_takes_a_degree_for_a_role() -> None:
    seen = report(lines("AIP|2|A|2^B^^^^^MD", AIP="AIP|1|A|1^A"))
    assert seen.providers[0].identifier == "2"


def test_names_a_provider_once_and_none_without_identifier() -> None:
    seen = report(lines("AIP|2|A|55^Okafor^Chidi|^Surgeon", "AIP|3|A|^Nobody|^Surgeon"))
    assert [provider.identifier for provider in seen.providers] == ["55"]
    assert any("without an identifier" in note for note in seen.notes)


def test_falls_back_to_the_visit_segment() -> None:
    seen = report(lines("PV1|1|O|U9^R9^^South Clinic||||0210^Attend^Aaron", AIP=None, AIL=None))
    assert seen.providers == (ProviderReport("0210", "Attend", "Aaron"),)
    assert seen.location == CodeReport("South Clinic", "South Clinic")


@pytest.mark.parametrize(
    ("place", "location", "room"),
    [
        ("055^Room01^^GH Clinic", "GH Clinic", "055/Room01"),
        ("055^^^GH Clinic", "GH Clinic", "055"),
        ("^Room01^^GH Clinic", "GH Clinic", "Room01"),
        ("^^^GH Clinic&1.2&ISO", "GH Clinic", None),
        ("^^^&1.2.3&ISO", "1.2.3", None),
        ("CARD-N", "CARD-N", None),
        ("CARD-N^12", "CARD-N", "CARD-N/12"),
        ("", None, None),
    ],
)
def test_reads_a_place(place: str, location: str | None, room: str | None) -> None:
    seen = report(lines(AIL=f"AIL|1|A|{place}"))
    assert (seen.location and seen.location.code) == location
    assert (seen.room and seen.room.code) == room


def test_reads_the_department_as_location_where_the_sender_means_that() -> None:
    sender = SenderProfile(zone="UTC", location_from="PL.1")
    seen = report(lines(AIL="AIL|1|A|10501^EXAM 1^^EPIC^^^^^Cardiology North"), sender)
    assert seen.location == CodeReport("10501", "Cardiology North", "EPIC")


def test_reads_the_visit_type_from_the_segment_of_the_sender() -> None:
    raw = lines(SCH=sch(f7="FU^Follow-up", f8="NEW^New patient"))
    assert report(raw).visit_type == CodeReport("OV", "Office visit")
    by_type = SenderProfile(zone="UTC", visit_type_from=("SCH-8", "AIS-3"))
    assert report(raw, by_type).visit_type == CodeReport("NEW", "New patient")
    by_reason = SenderProfile(zone="UTC", visit_type_from=("SCH-7",))
    assert report(raw, by_reason).visit_type == CodeReport("FU", "Follow-up")
    assert report(lines(), by_reason).visit_type == CodeReport("OV", "Office visit")


def test_does_not_take_normal_for_a_visit_type() -> None:
    seen = report(lines(SCH=sch(f7="FU", f8="Normal"), AIS=None))
    assert seen.visit_type == CodeReport("FU")


def test_keeps_all_services_beside_the_type() -> None:
    seen = report(sample("SIU-S12-02"))
    assert [service.code for service in seen.services] == ["58410-2", "42272-5"]
    assert seen.visit_type == CodeReport("CHECKUP")


def test_leaves_out_what_a_change_takes_off() -> None:
    raw = lines(
        "AIP|2|A|66^New^Doc|^Physician", MSH=event("S14"), AIP="AIP|1|D|55^Old^Doc|^Physician"
    )
    assert [provider.identifier for provider in report(raw).providers] == ["66"]


def test_still_names_the_resources_of_a_visit_that_ends() -> None:
    raw = lines(MSH=event("S15"), AIP="AIP|1|D|55^Old^Doc|^Physician")
    assert [provider.identifier for provider in report(raw).providers] == ["55"]
