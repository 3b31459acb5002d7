"""Messages as a person reads them: lines, marks, and nothing that a browser would act on."""

from __future__ import annotations

import json

import pytest

from integrations.inbox.showing import MOST, Line, Readable, show
from integrations.states import InboxKind
from tests.integrations.hl7 import lines, sample


def hl7(raw: bytes, field: str = "", *, charset: str = "utf-8") -> Readable:
    return show(InboxKind.HL7, raw, refused_field=field, charset=charset)


def texts(shown: Readable) -> list[str]:
    return [line.before + (line.mark or "") + line.after for line in shown.lines]


def marked(shown: Readable) -> list[str | None]:
    return [line.mark for line in shown.lines if line.is_refused]


class TestHl7:
    def test_stands_a_segment_a_line_however_they_end(self) -> None:
        segments = lines().decode().strip("\r").split("\r")
        for end in ("\r", "\n", "\r\n"):
            assert texts(hl7(end.join(segments).encode())) == segments

    @pytest.mark.parametrize(
        ("field", "mark"),
        [
            ("SCH-2", "F1"),
            ("PID-5", "Nuñez^Ana"),
            ("PID-3.1", "77^^^MRN^MR"),
            ("MSH-10", "M1"),
            ("MSH-2", "^~\\&"),
            ("MSH-3", "APP"),
            ("SCH-3", ""),
            ("RGS-9", ""),
            ("PID", None),
            ("MSH-1", None),
        ],
    )
    def test_marks_the_refused_field_in_its_segment(self, field: str, mark: str | None) -> None:
        shown = hl7(lines(), field)
        assert marked(shown) == [mark]
        [line] = [line for line in shown.lines if line.is_refused]
        assert line.before.startswith(field[:3])
        assert texts(shown) == texts(hl7(lines()))
        assert shown.missing == ""

    def test_marks_every_segment_of_that_name(self) -> None:
        assert marked(hl7(lines("AIP|2|A|56^Other"), "AIP-3")) == ["55^Okafor^Chidi", "56^Other"]

    def test_says_which_segment_is_missing(self) -> None:
        shown = hl7(lines(TQ1=None), "TQ1-7")
        assert (shown.missing, marked(shown)) == ("TQ1", [])

    def test_takes_a_senders_own_separator(self) -> None:
        raw = lines().replace(b"|", b"#")
        assert marked(hl7(raw, "SCH-2")) == ["F1"]

    def test_reads_the_characters_of_its_sender(self) -> None:
        raw = lines().decode().encode("cp1252")
        assert "Nuñez" in texts(hl7(raw, charset="windows-1252"))[3]

    def test_shows_control_characters_as_pictures(self) -> None:
        assert texts(hl7(b"\x0bMSH|^~\\&|A\x00B\r\x1c\r"))[0] == "␋MSH|^~\\&|A␀B"

    @pytest.mark.parametrize("raw", [b"", b"\r\n", b"MSH", b"hello", b"\xff\xfe", b"MSH|"])
    def test_shows_whatever_came(self, raw: bytes) -> None:
        shown = hl7(raw, "MSH-10")
        assert shown.size == len(raw)

    def test_a_real_one_is_whole(self) -> None:
        raw = sample("SIU-S15-01")
        shown = hl7(raw, "SCH-2")
        assert marked(shown) == ["36996"]
        assert "".join(texts(shown)) == raw.decode().replace("\r", "").replace("\n", "")


def as_json(body: object, field: str = "", kind: InboxKind = InboxKind.FHIR) -> Readable:
    return show(kind, json.dumps(body).encode(), refused_field=field)


APPOINTMENT = {
    "resourceType": "Appointment",
    "start": "yesterday",
    "participant": [{"period": {"start": "2026-01-01"}, "actor": {"reference": "Patient/1"}}],
}


class TestJson:
    def test_is_indented_and_keeps_its_letters(self) -> None:
        shown = texts(as_json({"name": [{"family": "Nuñez"}]}))
        assert '      "family": "Nuñez"' in shown

    @pytest.mark.parametrize(
        ("field", "found"),
        [
            ("Appointment.start", ['"start": "yesterday",']),
            ("Appointment.participant.actor", ['"actor": {']),
            ("Appointment.participant[0].actor", ['"actor": {']),
            ("Appointment.participant.period.start", ['"start": "2026-01-01"']),
            ("Appointment.end", []),
            ("Appointment", []),
            ("body", []),
        ],
    )
    def test_marks_the_refused_member_where_it_stands(self, field: str, found: list[str]) -> None:
        assert marked(as_json(APPOINTMENT, field)) == found

    def test_marks_it_in_a_resource_of_a_bundle(self) -> None:
        bundle = {"resourceType": "Bundle", "start": 1, "entry": [{"resource": APPOINTMENT}]}
        shown = as_json(bundle, "Bundle, report 1: Appointment.start")
        assert marked(shown) == ['"start": "yesterday",']

    def test_marks_a_member_of_a_plain_event(self) -> None:
        body = {"starts_at": "x", "appointment": {"id": "9", "starts_at": "y"}}
        shown = as_json(body, "appointment.starts_at", InboxKind.REST)
        assert marked(shown) == ['"starts_at": "y"']

    def test_a_quote_in_a_name_is_no_end_of_it(self) -> None:
        assert marked(as_json({'a": "b': 1, "c": 2}, "c", InboxKind.REST)) == ['"c": 2']

    @pytest.mark.parametrize("raw", [b"", b"{", b"not json", b"\xff", b"[" * 5000])
    def test_shows_whatever_came(self, raw: bytes) -> None:
        shown = show(InboxKind.REST, raw, refused_field="body")
        assert shown.size == len(raw)
        assert not marked(shown)


def test_a_long_one_is_cut_and_says_so() -> None:
    long = b"MSH|^~\\&|" + b"x" * MOST
    for kind in (InboxKind.HL7, InboxKind.REST):
        shown = show(kind, long, refused_field="PID-3")
        assert shown.is_cut
        assert sum(map(len, texts(shown))) == MOST
        assert shown.missing == ""


def test_a_line_without_a_mark_is_plain() -> None:
    assert Line("MSH").is_refused is False
    assert Line("MSH").mark is None
