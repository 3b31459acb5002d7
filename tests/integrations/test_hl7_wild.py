"""HL7 as it is sent: each trap that we know of, by name, through the whole inbox.

What a single field means is tested in `test_hl7_mapping.py` and `test_hl7_timing.py`.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from crm.models import Patient, PatientIdentifier
from integrations.hl7v2.ack import Ack, read_acks
from integrations.hl7v2.errors import Hl7Refused
from integrations.hl7v2.mapping import map_siu
from integrations.hl7v2.parse import read_message
from integrations.hl7v2.profile import SenderProfile
from integrations.inbox.actions import receive_hl7
from integrations.models import Hl7Sender, InboxMessage
from integrations.states import InboxStatus, OtherMessages
from scheduling.models import Appointment
from scheduling.ports import ReportKind
from tests.factories import NOW
from tests.integrations.hl7 import CHICAGO, SMALL, event, lines, report, sample, sch

UTC = dt.UTC
START = dt.datetime(2026, 3, 10, 14, 0, tzinfo=UTC)


@pytest.fixture
def sender(db: None) -> Hl7Sender:
    Hl7Sender.objects.create(name="SCHApp|GHHSFacility", zone="America/Chicago")
    return Hl7Sender.objects.create(name="APP|FAC", zone="America/Chicago")


def hear(raw: bytes, *, at: dt.datetime = NOW) -> Ack:
    (ack,) = read_acks(receive_hl7(raw, peer="10.0.0.9:40000", at=at))
    return ack


def wire(name: str) -> bytes:
    return sample(name).replace(b"\n", b"\r")


def last() -> InboxMessage:
    return InboxMessage.objects.latest("pk")


def msh(trigger: str, *, sent: str = "202603021201-0600", key: str = "M2", **old: str) -> str:
    """MSH of another event, sent at another time, under another key."""
    text = event(trigger).replace("202603021200-0600", sent).replace("|M1|", f"|{key}|")
    return text.replace("2.5.1", old.get("version", "2.5.1"))


def adt(trigger: str, pid: str, *, sent: str = "202603021200-0600", key: str = "A1") -> bytes:
    head = SMALL["MSH"].replace("SIU^S12^SIU_S12", f"ADT^{trigger}")
    head = head.replace("202603021200-0600", sent).replace("|M1|", f"|{key}|")
    return f"{head}\rEVN|{trigger}|20260302\rPID|1||{pid}\r".encode()


# --- what the README of the samples lists ----------------------------------------------


@pytest.mark.usefixtures("sender")
def test_same_control_id_and_placer_with_another_body_are_two_and_flagged() -> None:
    for name in ("SIU-S12-01", "SIU-S12-02"):
        assert hear(wire(name)).is_accepted
    rows = InboxMessage.objects.order_by("pk")
    assert [(m.key, m.key_reused) for m in rows] == [("MSG00012", True)] * 2


@pytest.mark.usefixtures("sender")
def test_older_by_msh_7_is_kept_and_changes_nothing() -> None:
    hear(wire("SIU-S12-01"))
    before = Appointment.objects.values().get()
    hear(wire("SIU-S12-02"))
    assert last().status == InboxStatus.IGNORED
    assert Appointment.objects.values().get() == before


@pytest.mark.fault(8)
@pytest.mark.usefixtures("sender")
def test_dated_1989_is_older_than_all_we_know() -> None:
    hear(wire("SIU-S12-01"))
    hear(wire("SIU-S16-01"))
    assert (last().status, last().outcome) == (
        InboxStatus.IGNORED,
        "It is older than what we know of this visit.",
    )
    assert Appointment.objects.get().status == "booked"


def test_sch_11_that_contradicts_tq1_loses_and_is_flagged() -> None:
    seen = report(lines(SCH=sch(f11="1^^^202001010800^202001010830")))
    assert seen.starts_at == START
    assert "SCH-11 gives another time than TQ1-7, which was used." in seen.notes


@pytest.mark.parametrize(
    ("version", "schedule", "expected"),
    [
        ("2.3", "1^^^202603100900^202603100930", START),  # SCH-11 is its home
        ("2.3", "1^^^202603100900^202603090930", START - dt.timedelta(hours=3)),  # makes no sense
        ("2.5", "1^^^202603100900^202603100930", START - dt.timedelta(hours=3)),
    ],
)
def test_sch_11_and_resources_go_by_the_version(
    version: str, schedule: str, expected: dt.datetime
) -> None:
    seen = report(
        lines(
            MSH=msh("S12", version=version),
            SCH=sch(f11=schedule),
            TQ1=None,
            AIS="AIS|1|A|OV|202603100600",
        )
    )
    assert seen.starts_at == expected
    assert any("gives another time than" in note for note in seen.notes)


@pytest.mark.parametrize("status", ["Booked", "Cancelled", "1"])
def test_s26_is_a_no_show_whatever_its_status_says(status: str) -> None:
    assert report(lines(MSH=msh("S26"), SCH=sch(status))).status == "noshow"


@pytest.mark.parametrize(
    "changes",
    [
        {"TQ1": "TQ1|1||||||202603100900"},
        {"TQ1": None, "SCH": sch(f11="^^^202603100900^202603100930")},
        {"TQ1": None, "AIS": "AIS|1|A|OV|202603100900"},
        {"TQ1": None, "AIP": "AIP|1|A|55^Okafor^Chidi|||202603100900"},
        {"TQ1": None, "AIL": "AIL|1|A|U1^R1^^North|||202603100900"},
        {"TQ1": None, "AIS": "AIG|1|A|9^Scope|EQ||||202603100900"},
        {"TQ1": "TQ1|1||||||2026-03-10T09:00"},
        {"TQ1": "TQ1|1||||||20260310"} | {"AIS": "AIS|1|A|OV|202603100900"},
    ],
    ids=["TQ1", "SCH-11", "AIS", "AIP", "AIL", "AIG", "ISO 8601", "a day only in TQ1"],
)
def test_the_time_may_stand_in_one_place_only(changes: dict[str, str | None]) -> None:
    """To the minute, and without a zone: the sender's."""
    assert report(lines(**changes)).starts_at == START


def test_fractions_and_offsets_are_read_and_a_visit_begins_on_a_second() -> None:
    seen = report(lines(TQ1="TQ1|1||||||20260310090000.1234-0500"))
    assert seen.starts_at == START


@pytest.mark.parametrize(
    ("fields", "minutes"),
    [
        ({"f9": "1800", "f10": "s"}, 30),
        ({"f9": "30", "f10": "min"}, 30),
        ({"f9": "0.5", "f10": "HR^Hours"}, 30),
        ({"f9": "30", "f10": "X1^Minutes"}, 30),
        ({"f11": "^^M30^202603100900"}, 30),
        ({"f11": "^^30^202603100900"}, 30),
        ({"f11": "^^S1800^202603100900"}, 30),
    ],
)
def test_the_end_comes_from_any_unit(fields: dict[str, str], minutes: int) -> None:
    start = None if "f11" in fields else "TQ1|1||||||202603100900"
    seen = report(lines(SCH=sch(**fields), TQ1=start))
    assert seen.ends_at == START + dt.timedelta(minutes=minutes)


def test_numeric_and_local_status_codes_go_by_the_senders_table() -> None:
    told = lines(MSH=msh("S14"), SCH=sch("2"))
    with pytest.raises(Hl7Refused) as caught:
        report(told)
    assert caught.value.field == "SCH-25"
    known = SenderProfile(zone="America/Chicago", statuses={"2": "arrived"})  # type: ignore[dict-item]
    assert report(told, known).status == "arrived"


@pytest.mark.usefixtures("sender")
def test_two_quotes_delete_what_we_held() -> None:
    before = "77^^^MRN^MR||Nuñez^Ana||19800229|F|||1 Oak St^^Reno^NV^89501||(775)555-0142"
    hear(adt("A08", before))
    hear(adt("A08", '77^^^MRN^MR||Nuñez^Ana||""|F|||""||""', sent="202603021300-0600", key="A2"))
    patient = Patient.objects.get()
    assert (patient.birth_on, patient.address_line, patient.city) == (None, "", "")
    assert patient.sex == "female"
    assert patient.patient_phones.get().ended_on == NOW.date()


@pytest.mark.usefixtures("sender")
def test_every_repetition_of_pid_3_is_kept_but_for_those_never_stored() -> None:
    hear(lines(PID="PID|1||77^^^MRN^MR~123456789^^^USSSA^SS~A9^^^EAST^PI||Nuñez^Ana"))
    keys = set(PatientIdentifier.objects.values_list("system", "value"))
    assert keys == {("MRN", "77"), ("EAST", "A9")}


@pytest.mark.usefixtures("sender")
def test_latin_1_without_a_word_of_it_is_read() -> None:
    assert hear(lines().decode().encode("latin-1")).is_accepted
    assert Patient.objects.get().family_name == "Nuñez"


@pytest.mark.usefixtures("sender")
def test_s13_before_its_s12_registers_the_visit_and_the_s12_comes_too_late() -> None:
    moved = "TQ1|1||||||202603111000-0500|202603111030-0500"
    assert hear(lines(MSH=msh("S13"), TQ1=moved)).is_accepted
    assert hear(lines()).is_accepted
    visit = Appointment.objects.get()
    assert visit.starts_at == dt.datetime(2026, 3, 11, 15, 0, tzinfo=UTC)
    assert last().status == InboxStatus.IGNORED


@pytest.mark.usefixtures("sender")
def test_the_same_message_twice_is_applied_once_and_answered_alike() -> None:
    first, again = (receive_hl7(lines(), peer="a", at=NOW) for _ in range(2))
    assert first == again
    assert (Appointment.objects.count(), last().repeats) == (1, 1)


@pytest.mark.usefixtures("sender")
def test_a_batch_file_is_taken_message_by_message() -> None:
    cancel = lines(MSH=msh("S15"), SCH=sch("Cancelled"))
    raw = b"FHS|^~\\&|X\rBHS|^~\\&|X\r" + lines() + cancel + b"BTS|2\rFTS|1\r"
    acks = read_acks(receive_hl7(raw, peer="a", at=NOW))
    assert [ack.code for ack in acks] == ["AA", "AA"]
    assert Appointment.objects.get().status == "cancelled"


@pytest.mark.usefixtures("sender")
def test_a_missing_sch_is_an_error_that_says_so() -> None:
    ack = hear(lines(SCH=None))
    assert (ack.code, ack.field) == ("AE", "SCH")
    assert last().status == InboxStatus.REFUSED


# --- besides ---------------------------------------------------------------------------


@pytest.mark.parametrize("marks", ["^~\\", "^~\\\\&", "^", "", "^~\\&#"])
def test_msh_2_may_lack_marks_or_have_them_twice(marks: str) -> None:
    raw = lines(MSH=SMALL["MSH"].replace("^~\\&", marks, 1))
    assert report(raw).providers[0].family_name == "Okafor"


@pytest.mark.parametrize("kind", ["SIU^S12", "siu^s12", "SIU_S12", "SIU-S12"])
def test_msh_9_may_be_written_in_one(kind: str) -> None:
    raw = lines(MSH=SMALL["MSH"].replace("SIU^S12^SIU_S12", kind))
    assert report(raw).kind is ReportKind.BOOKED


@pytest.mark.parametrize(
    ("general", "expected"),
    [
        ("AIG|1|A|1^White, Charles|D", ("1", "White", "Charles")),
        ("AIG|1|A|32^JONES, BOB", ("32", "JONES", "BOB")),
        ("AIG|1|A|7^Smith^Jane", ("7", "Smith", "Jane")),
        ("AIG|1|A|9^Scope^L|101^Equipment^L", None),
        ("AIG|1|A|9^Scope^LN", None),
    ],
)
def test_a_clinician_may_stand_in_aig(general: str, expected: tuple[str, str, str] | None) -> None:
    seen = report(lines(AIP=general)).providers
    found = [(p.identifier, p.family_name, p.given_name) for p in seen]
    assert found == ([expected] if expected else [])


@pytest.mark.parametrize("trigger", ["S18", "S19", "S20", "S21", "S22"])
def test_news_of_one_resource_changes_the_visit_and_not_its_time(trigger: str) -> None:
    seen = report(
        lines(MSH=msh(trigger), TQ1=None, AIS="AIS|1|A|LAB|202603101100", SCH=sch("Booked"))
    )
    assert (seen.kind, seen.starts_at) == (ReportKind.MODIFIED, None)


@pytest.mark.parametrize("trigger", ["S23", "S24"])
def test_blocked_time_is_no_visit(trigger: str) -> None:
    with pytest.raises(Hl7Refused) as caught:
        report(lines(MSH=msh(trigger)))
    assert (caught.value.ack_code, caught.value.field) == ("AR", "MSH-9.2")


@pytest.mark.parametrize("stamp", ["", "20260302", "soon"])
def test_without_msh_7_a_message_is_as_new_as_it_came(stamp: str) -> None:
    raw = lines(MSH=SMALL["MSH"].replace("202603021200-0600", stamp))
    seen = map_siu(read_message(raw), CHICAGO, received_at=NOW)
    assert seen.sent_at == NOW
    assert any(note.startswith("MSH-7") for note in seen.notes)


def test_pid_2_stands_in_for_an_empty_pid_3() -> None:
    patient = report(lines(PID="PID|1|77^^^MRN")).patient
    assert patient is not None
    assert [i.value for i in patient.identifiers] == ["77"]


# --- patients without a visit -----------------------------------------------------------


@pytest.mark.usefixtures("sender")
@pytest.mark.parametrize("trigger", ["A04", "A08", "A28", "A31"])
def test_adt_updates_the_patient(trigger: str) -> None:
    assert hear(adt(trigger, "77^^^MRN^MR||Nuñez^Ana||19800229|F")).is_accepted
    patient = Patient.objects.get()
    assert (patient.family_name, str(patient.birth_on)) == ("Nuñez", "1980-02-29")
    assert last().status == InboxStatus.APPLIED


@pytest.mark.parametrize("name", ["ADT-A04-01", "ADT-A08-01", "ADT-A28-01", "ADT-A31-01"])
@pytest.mark.django_db
def test_the_adt_samples_are_applied(name: str) -> None:
    Hl7Sender.objects.create(name="ADTApp|GHHSFacility", zone="America/Chicago")
    assert hear(wire(name)).is_accepted
    assert Patient.objects.get().identifiers.get().value == "PATID1234"


@pytest.mark.usefixtures("sender")
def test_older_news_of_a_patient_overwrite_nothing_whatever_visit_they_came_with() -> None:
    hear(lines(PID="PID|1||77^^^MRN^MR||Nuñez^Ana||19800229"))
    older = "202603011200-0600"
    other_visit = lines(
        MSH=msh("S12", sent=older, key="M0"),
        SCH=sch(f2="F2"),
        PID="PID|1||77^^^MRN^MR||Nunes^Anna||19810101|F",
    )
    assert hear(other_visit).is_accepted
    patient = Patient.objects.get()
    assert (patient.family_name, str(patient.birth_on)) == ("Nuñez", "1980-02-29")
    assert patient.sex == "female", "what was empty is filled"
    hear(adt("A08", "77^^^MRN^MR||Nunes^Anna", sent=older))
    assert last().status == InboxStatus.IGNORED
    assert Patient.objects.get().family_name == "Nuñez"


@pytest.mark.parametrize("policy", OtherMessages)
@pytest.mark.django_db
def test_a_merge_of_accounts_is_kept_for_a_person(policy: OtherMessages) -> None:
    raw = wire("ADT-A40-01").replace(b"A40", b"A41")
    name = read_message(raw).header.source
    Hl7Sender.objects.create(name=name, zone="America/Chicago", other_messages=policy)
    ack = hear(raw)
    assert (ack.code, ack.field) == (
        ("AE", "MRG") if policy is OtherMessages.REJECT else ("AA", "")
    )
    assert (last().status, last().refused_field) == (InboxStatus.REFUSED, "MRG")
    assert not Patient.objects.exists()


@pytest.mark.parametrize("name", ["LAB-ORU-1", "ORU-R01-01", "OMG-O19-01", "REF-I12-01"])
@pytest.mark.django_db
def test_results_orders_and_referrals_are_answered_by_the_senders_policy(name: str) -> None:
    raw = wire(name)
    source = read_message(raw).header.source
    row: dict[str, Any] = {"name": source, "zone": "America/Chicago"}
    Hl7Sender.objects.create(**row, other_messages=OtherMessages.IGNORE)
    assert hear(raw).is_accepted
    assert last().status == InboxStatus.IGNORED
    Hl7Sender.objects.update(other_messages=OtherMessages.REJECT)
    ack = hear(raw + b"ZZZ|1\r")
    assert (ack.code, ack.field) == ("AR", "MSH-9")
    assert last().status == InboxStatus.REFUSED
