"""Acknowledgments: what a sender reads in ours, and what we read in others'."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from integrations.hl7v2.ack import Ack, accept, build_batch_ack, read_acks, refuse
from integrations.hl7v2.errors import AckCode, ErrorCode, Hl7Error, Hl7Refused, Hl7Unreadable
from integrations.hl7v2.parse import read_header, read_message
from tests.integrations.hl7 import SMALL, lines, report, sample

NOW = dt.datetime(2026, 3, 2, 18, 0, 5, tzinfo=dt.UTC)


def test_accepts_a_message_with_sender_and_receiver_exchanged() -> None:
    raw = accept(read_header(sample("SIU-S12-01")), at=NOW)
    assert raw.startswith(
        b"MSH|^~\\&|EHRApp^1.Aux^ISO|GHHRFacility^2.16.840.1.1122848.1.32^ISO|SCHApp|"
    )
    assert raw.endswith(b"\rMSA|AA|MSG00012\r")
    answer = read_message(raw)
    assert answer.header.source == "EHRApp|GHHRFacility"
    assert answer.header.receiving_application == ("SCHApp",)
    assert answer.header.message_code == "ACK"
    assert answer.header.trigger == "S12"
    assert answer.header.version == "2.8"
    assert answer.find("ERR") is None
    msh = answer.find("MSH")
    assert msh is not None
    assert msh.text(7) == "20260302180005+0000"


def test_gives_each_answer_its_own_control_id() -> None:
    header = read_header(lines())
    ids = {read_message(accept(header, at=NOW)).header.control_id for _ in range(20)}
    assert len(ids) == 20


def test_refuses_with_the_place_and_the_sentence() -> None:
    raw = lines(SCH=None)
    with pytest.raises(Hl7Refused) as caught:
        report(raw)
    answer = read_message(refuse(read_header(raw), caught.value, at=NOW))
    error = answer.find("ERR")
    assert error is not None
    assert error.text(2) == "SCH"
    assert [error.text(3, part) for part in (1, 2, 3)] == [
        "100",
        "Segment sequence error",
        "HL70357",
    ]
    assert error.text(4) == "E"
    assert error.text(8) == caught.value.sentence
    assert read_acks(refuse(read_header(raw), caught.value, at=NOW)) == (
        Ack("AE", "M1", caught.value.sentence, "SCH"),
    )


@pytest.mark.parametrize("field", ["SCH", "SCH-25", "MSH-9.2", "TQ1-7"])
def test_reads_back_the_place_it_wrote(field: str) -> None:
    error = Hl7Refused(field=field, sentence="No.", error_code=ErrorCode.UNKNOWN_VALUE)
    assert read_acks(refuse(read_header(lines()), error, at=NOW))[0].field == field


@pytest.mark.parametrize("raw", [b"", b"nonsense", b"MSH", b"MSH|^~\\&|A|B"])
def test_answers_what_it_cannot_read(raw: bytes) -> None:
    with pytest.raises(Hl7Unreadable) as caught:
        read_message(raw)
    answer = read_acks(refuse(read_header(raw), caught.value, at=NOW))[0]
    assert (answer.code, answer.control_id) == ("AR", "")
    assert answer.sentence == caught.value.sentence
    assert not answer.is_accepted


@pytest.mark.parametrize(
    ("charset", "codec"), [("UNICODE UTF-8", "utf-8"), ("8859/1", "latin-1"), ("", "utf-8")]
)
def test_answers_in_the_character_set_of_the_message(charset: str, codec: str) -> None:
    raw = f"{SMALL['MSH'].replace('M1', 'Ñ1')}||||||{charset}\r".encode(codec)
    answer = accept(read_header(raw), at=NOW)
    assert "MSA|AA|Ñ1\r".encode(codec) in answer
    assert read_acks(answer)[0].control_id == "Ñ1"


@settings(deadline=None)  # a busy machine is no failure
@given(control_id=st.text(min_size=1, max_size=50), app=st.text(max_size=30))
def test_lets_nobody_write_segments_into_an_answer(control_id: str, app: str) -> None:
    raw = f"MSH|^~\\&|{app}|F|||2021||SIU^S12|{control_id}|P|2.5\r".encode()
    answer = accept(read_header(raw), at=NOW)
    assert [segment.name for segment in read_message(answer).segments] == ["MSH", "MSA"]


def test_escapes_delimiters_in_a_control_id() -> None:
    raw = lines(MSH=SMALL["MSH"].replace("M1", "A\\F\\B\\T\\C"))
    answer = accept(read_header(raw), at=NOW)
    assert b"MSA|AA|A\\F\\B\\T\\C\r" in answer
    assert read_acks(answer)[0].control_id == "A|B&C"


def test_answers_a_batch_with_a_batch() -> None:
    header = read_header(lines())
    refusal = refuse(header, Hl7Refused(field="SCH", sentence="No."), at=NOW)
    acks = read_acks(build_batch_ack([accept(header, at=NOW), refusal], at=NOW))
    assert [ack.code for ack in acks] == ["AA", "AE"]


@pytest.mark.parametrize(
    "raw", [b"", b"HTTP/1.1 400", lines(), b"MSH|^~\\&|A|||||" + b"|ACK|1|P\rMSA|"]
)
def test_does_not_take_something_else_for_an_answer(raw: bytes) -> None:
    with pytest.raises(Hl7Error):
        read_acks(raw)


def test_has_a_text_for_every_code() -> None:
    assert all(code.text for code in ErrorCode)
    assert {AckCode.ACCEPT, AckCode.ERROR, AckCode.REJECT} == set(AckCode)
