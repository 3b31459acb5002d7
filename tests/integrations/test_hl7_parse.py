"""Bytes to messages: what is tolerated, what is refused, and that nothing else gets out."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from integrations.hl7v2.errors import AckCode, Hl7Error, Hl7Unreadable
from integrations.hl7v2.mapping import map_siu
from integrations.hl7v2.parse import read_header, read_message, split_batch
from tests.integrations.hl7 import CHICAGO, SMALL, lines, sample

SIU = sample("SIU-S12-01")


def test_reads_a_sample_with_line_feeds() -> None:
    message = read_message(SIU)
    assert message.header.source == "SCHApp|GHHSFacility"
    assert message.header.control_id == "MSG00012"
    assert (message.header.message_code, message.header.trigger) == ("SIU", "S12")
    assert [s.name for s in message.segments][:4] == ["MSH", "SCH", "TQ1", "NTE"]
    assert message.notes == ()


@pytest.mark.parametrize("end", [b"\r", b"\n", b"\r\n", b"\n\n"])
@pytest.mark.parametrize("head", [b"", b"\xef\xbb\xbf", b"\r\n \x0b"])
@pytest.mark.parametrize("tail", [b"", b"  \r\n\r\n", b"\x00\x00", b"\x1c"])
def test_reads_any_line_end_byte_order_mark_and_trailing_blanks(
    end: bytes, head: bytes, tail: bytes
) -> None:
    plain = read_message(SIU)
    assert read_message(head + SIU.replace(b"\n", end) + tail) == plain


def test_reads_counted_parts_of_a_field() -> None:
    pid = read_message(SIU).find("PID")
    assert pid is not None
    assert [element.text(1) for element in pid.all(3)] == ["PATID1234", "123456789"]
    assert pid.first(3).subs(4) == ("test1", "2.16.1", "HCD")
    assert pid.text(8) == "M"
    assert pid.text(5, 1, 5) == "Aniston"
    assert (pid.text(500), pid.text(8, 9), pid.text(8, 1, 9)) == ("", "", "")


def test_tells_a_deleted_value_from_an_empty_one() -> None:
    pid = read_message(lines(PID='PID|1||7^^^M||A^B||""|')).find("PID")
    assert pid is not None
    assert (pid.text(7), pid.text(8)) == ("", "")
    assert (pid.deletes(7), pid.deletes(8)) == (True, False)
    assert list(pid.deleted_fields()) == [7]


def test_reads_escapes() -> None:
    raw = lines(PID="PID|1||7^^^M||Smith \\T\\ Sons\\.br\\Ltd\\X4A\\\\H\\^\\Zxx\\B\\X00\\C")
    pid = read_message(raw).find("PID")
    assert pid is not None
    assert pid.text(5, 1) == "Smith & Sons LtdJ"
    assert pid.text(5, 2) == "B C"


def test_repeats_no_escape_a_billion_times() -> None:
    pid = read_message(lines(PID="PID|1||7^^^M||\\.sp999999999999\\A")).find("PID")
    assert pid is not None
    assert pid.text(5) == "A"


def test_takes_other_delimiters_when_they_are_named() -> None:
    raw = b"MSH*:~!+*APP*FAC***202603021200**SIU:S15*M:1*P*2.5\rSCH*P*F\r"
    message = read_message(raw)
    assert message.header.trigger == "S15"
    schedule = message.find("SCH")
    assert schedule is not None
    assert schedule.text(2) == "F"


@pytest.mark.parametrize(
    ("declared", "encoded", "codec"),
    [
        ("UNICODE UTF-8", "Núñez".encode(), "utf-8"),
        ("8859/1", "Núñez".encode("latin-1"), "iso8859-1"),
        ("ISO-8859-1", "Núñez".encode("latin-1"), "iso8859-1"),
        ("8859/1", "O\u2019Núñez".encode("cp1252"), "cp1252"),
        ("8859/2", "Dvořák".encode("iso8859-2"), "iso8859-2"),
        ("8859/15", "Núñez".encode("iso8859-15"), "iso8859-15"),
        ("", "Núñez".encode(), "utf-8"),
    ],
)
def test_reads_the_declared_character_set(declared: str, encoded: bytes, codec: str) -> None:
    raw = f"{SMALL['MSH']}||||||{declared}\rPID|1||7^^^M||".encode() + encoded
    message = read_message(raw)
    pid = message.find("PID")
    assert pid is not None
    assert pid.text(5).encode(codec) == encoded
    assert message.codec == codec
    assert message.notes == ()


@pytest.mark.parametrize(
    ("declared", "encoded"),
    [
        ("UNICODE UTF-8", "Núñez".encode("latin-1")),
        ("ASCII", "Núñez".encode()),
        ("ASCII", "Núñez".encode("latin-1")),
        ("MARTIAN", "Núñez".encode()),
        ("", "Núñez".encode("latin-1")),
    ],
)
def test_falls_back_to_utf_8_then_latin_1_and_says_so(declared: str, encoded: bytes) -> None:
    raw = f"{SMALL['MSH']}||||||{declared}\rPID|1||7^^^M||".encode() + encoded
    message = read_message(raw)
    pid = message.find("PID")
    assert pid is not None
    assert pid.text(5) == "Núñez"
    assert len(message.notes) == 1


def test_reads_the_senders_usual_set_where_msh_18_is_empty() -> None:
    raw = lines(PID="PID|1||7^^^M||X").replace(b"|X", "|Dvořák".encode("cp1250"))
    assert read_message(raw.replace("ř".encode("cp1250"), b"r")).notes != ()
    raw = lines(PID="PID|1||7^^^M||X").replace(b"||X", "||Dvořák".encode("iso8859-2"))
    pid = read_message(raw, default_charset="8859/2").find("PID")
    assert pid is not None
    assert pid.text(5) == "Dvořák"


def test_joins_a_line_that_a_line_feed_broke() -> None:
    message = read_message(lines("NTE|1||first part\nsecond part", "NTE|2||next"))
    assert [note.text(3) for note in message.each("NTE")] == ["first part second part", "next"]


def test_leaves_out_a_line_without_a_segment_name() -> None:
    message = read_message(lines("what is this|1"))
    assert message.notes == ("1 line(s) without a segment name were left out.",)


@pytest.mark.parametrize(
    ("raw", "field"),
    [
        (b"", "MSH"),
        (b"PID|1||7", "MSH"),
        (b"GET / HTTP/1.1\r\n\r\n", "MSH"),
        (b"MSH", "MSH-1"),
        (b"MSH\r", "MSH-1"),
        (b"MSH|A~\\&|APP", "MSH-2"),
        (b"MSH|^~ \\&|APP", "MSH-2"),
        (b"MSHA^~\\&A", "MSH-2"),
        (b"MSH|^~\\&", "MSH-9"),
        (b"MSH|^~\\&|A|B|C|D|2021||SIU^S12", "MSH-10"),
        (b"MSH|^~\\&|A|B|C|D|2021|||M1|P", "MSH-9"),
        (b"MSH|^~\\&|A|B|C|D|2021||SIU^S12||P", "MSH-10"),
        (b'MSH|^~\\&|A|B|C|D|2021||SIU^S12|""|P', "MSH-10"),
        (b"MSH|^~\\&|A|B|C|D|2021||SIU^S12|" + b"9" * 200, "MSH-10"),
    ],
)
def test_rejects_what_is_no_message_and_names_the_field(raw: bytes, field: str) -> None:
    with pytest.raises(Hl7Unreadable) as caught:
        read_message(raw)
    assert caught.value.ack_code is AckCode.REJECT
    assert caught.value.field == field
    assert caught.value.sentence.endswith(".")


def test_reads_a_header_from_a_message_that_is_refused() -> None:
    assert read_header(b"MSH|^~\\&|A|B|C|D|2021||SIU^S12||P").source == "A|B"
    assert read_header(b"nonsense").control_id == ""


def test_splits_a_batch_file() -> None:
    first, second = lines(), lines(MSH=SMALL["MSH"].replace("M1", "M2"))
    raw = b"FHS|^~\\&|A\rBHS|^~\\&|A\r" + first + second + b"BTS|2\rFTS|1\r"
    for text in (raw, raw.replace(b"\r", b"\n"), b"\xef\xbb\xbf" + raw.replace(b"\r", b"\r\n")):
        batch = split_batch(text)
        assert batch.is_batch
        assert batch.messages == (first, second)
        assert batch.notes == ()


def test_notes_a_batch_that_lost_a_message() -> None:
    batch = split_batch(b"BHS|^~\\&|A\r" + lines() + b"BTS|3\r")
    assert batch.notes == ("BTS-1 counts 3 messages, the batch holds 1.",)


def test_splits_messages_that_follow_each_other_without_an_envelope() -> None:
    assert split_batch(lines() + b"\r\r" + lines()).messages == (lines(), lines())


def test_gives_a_single_message_back_untouched() -> None:
    assert split_batch(SIU).messages == (SIU,)
    assert split_batch(b"nonsense").messages == (b"nonsense",)


def test_rejects_an_empty_batch() -> None:
    with pytest.raises(Hl7Unreadable, match="no message"):
        split_batch(b"BHS|^~\\&|A\rBTS|0\r")


def check_only_raises_its_own_errors(raw: bytes) -> None:
    read_header(raw)
    for one in (raw, *_split_or_nothing(raw)):
        with contextlib.suppress(Hl7Error):
            map_siu(read_message(one), CHICAGO)


def _split_or_nothing(raw: bytes) -> tuple[bytes, ...]:
    try:
        return split_batch(raw).messages
    except Hl7Error:
        return ()


@pytest.mark.fault(26)
@settings(deadline=None)  # a busy machine is no failure
@given(st.binary(max_size=400))
@example(b"MSH")
@example(b"MSH|^~\\&")
@example(b"\xef\xbb\xbfMSH|^~\\&|\rMSH")
def test_raises_nothing_but_its_own_errors_on_any_bytes(raw: bytes) -> None:
    check_only_raises_its_own_errors(raw)


@settings(deadline=None)  # a busy machine is no failure
@given(
    head=st.sampled_from([b"MSH|^~\\&|A|B|||2021010112||SIU^S12|1|P|2.5", b"MSH|^~\\&", b"FHS|"]),
    body=st.lists(
        st.one_of(
            st.binary(max_size=30),
            st.sampled_from(
                [*b"|^~\\&\r\n\x00\"'", *(b"\rSCH|", b"\rPID|", b"\rAIP|", b"\rTQ1|", b"\rAIS|")]
            ).map(lambda v: bytes([v]) if isinstance(v, int) else v),
            st.from_regex(rb"[0-9+\-.]{1,20}", fullmatch=True),
        ),
        max_size=30,
    ),
)
def test_raises_nothing_but_its_own_errors_on_bytes_that_look_like_hl7(
    head: bytes, body: list[bytes]
) -> None:
    check_only_raises_its_own_errors(head + b"".join(body))


@settings(deadline=None)  # a busy machine is no failure
@given(
    cut=st.integers(0, len(SIU)),
    at=st.integers(0, len(SIU)),
    noise=st.binary(min_size=1, max_size=8),
)
def test_raises_nothing_but_its_own_errors_on_a_damaged_sample(
    cut: int, at: int, noise: bytes
) -> None:
    check_only_raises_its_own_errors(SIU[:cut])
    check_only_raises_its_own_errors(SIU[:at] + noise + SIU[at + len(noise) :])
