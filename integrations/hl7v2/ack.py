"""Acknowledgments, ours and others' (HL7 v2.5.1, chapter 2.9.2, original mode).

A refusal carries its sentence twice: in ERR-8, and in MSA-3, where older engines look.
"""

from __future__ import annotations

import datetime as dt
import re
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from integrations.hl7v2.charset import codec_for
from integrations.hl7v2.errors import AckCode, ErrorCode, Hl7Error, Hl7Unreadable
from integrations.hl7v2.escape import STANDARD
from integrations.hl7v2.message import Header
from integrations.hl7v2.parse import read_message, split_batch
from integrations.hl7v2.times import write_stamp

#: What an answer says its version is when the message did not.
DEFAULT_VERSION = "2.5.1"


@dataclass(frozen=True, slots=True)
class Ack:
    """An answer as read. `field` is where the fault lies, such as "SCH-25"; may be empty."""

    code: str
    control_id: str
    sentence: str = ""
    field: str = ""

    @property
    def is_accepted(self) -> bool:
        return self.code == AckCode.ACCEPT


def accept(header: Header, *, at: dt.datetime) -> bytes:
    """AA: the message is ours now. Build it only after the commit."""
    return build_ack(header, code=AckCode.ACCEPT, at=at)


def refuse(header: Header, error: Hl7Error, *, at: dt.datetime) -> bytes:
    """AE or AR with the error's field and sentence."""
    return build_ack(
        header,
        code=error.ack_code,
        at=at,
        field=error.field,
        sentence=error.sentence,
        error_code=error.error_code,
    )


def build_ack(
    header: Header,
    *,
    code: AckCode,
    at: dt.datetime,
    field: str = "",
    sentence: str = "",
    error_code: ErrorCode = ErrorCode.INTERNAL,
) -> bytes:
    """An ACK for the message whose header this is.

    :param header: of `read_header`, so that even an unreadable message is answered.
    :param at: aware; MSH-7.
    :param sentence: without patient data.
    """
    segments = [
        _msh(header, at),
        ["MSA", code, STANDARD.escape(header.control_id), STANDARD.escape(sentence)],
    ]
    if code is not AckCode.ACCEPT:
        coded = STANDARD.component.join([error_code, error_code.text, "HL70357"])
        segments.append(["ERR", "", _location(field), coded, "E", "", "", "", segments[1][3]])
    text = "".join(STANDARD.field.join(parts).rstrip(STANDARD.field) + "\r" for parts in segments)
    return _encode(text, header)


def build_batch_ack(acks: Sequence[bytes], *, at: dt.datetime) -> bytes:
    """The answers to a batch, in its order, in a batch of their own."""
    head = f"BHS|{STANDARD.encoding}|FIRSTCALL||||{write_stamp(at)}\r".encode("ascii")
    return head + b"".join(acks) + f"BTS|{len(acks)}\r".encode("ascii")


def read_acks(raw: bytes) -> tuple[Ack, ...]:
    """The answers in what a peer sent back: one, or those of a batch.

    :raises Hl7Unreadable: when it is no HL7, or an MSA segment is missing.
    """
    return tuple(_read_ack(message) for message in split_batch(raw).messages)


def _read_ack(raw: bytes) -> Ack:
    message = read_message(raw)
    answer, error = message.find("MSA"), message.find("ERR")
    if answer is None or not answer.text(1):
        raise Hl7Unreadable(
            field="MSA",
            sentence="The answer has no MSA segment.",
            error_code=ErrorCode.SEGMENT_MISSING,
        )
    sentence = (error.text(8) if error else "") or answer.text(3)
    return Ack(
        code=answer.text(1),
        control_id=answer.text(2),
        sentence=sentence,
        field=_place([error.text(2, part) for part in (1, 3, 5)]) if error else "",
    )


def _msh(header: Header, at: dt.datetime) -> list[str]:
    """Sender and receiver change places."""
    kind = ["ACK", header.trigger, "ACK"] if header.trigger else ["ACK"]
    return [
        "MSH",
        STANDARD.encoding,
        _joined(header.receiving_application),
        _joined(header.receiving_facility),
        _joined(header.sending_application),
        _joined(header.sending_facility),
        write_stamp(at),
        "",
        _joined(kind),
        uuid.uuid4().hex[:20],
        STANDARD.escape(header.processing_id) or "P",
        STANDARD.escape(header.version) or DEFAULT_VERSION,
        *[""] * 5,
        STANDARD.escape(header.charset),
    ]


def _joined(components: Iterable[str]) -> str:
    parts = [STANDARD.escape(part) for part in components]
    return STANDARD.component.join(parts)


def _location(field: str) -> str:
    """ERL: segment, its sequence, field, its repetition, component."""
    found = re.fullmatch(r"([A-Z][A-Z0-9]{2})(?:-(\d+)(?:\.(\d+))?)?", field)
    if found is None:
        return ""
    segment, number, component = found.groups()
    parts = [segment, "1", number or "", "1" if component else "", component or ""]
    return STANDARD.component.join(parts).rstrip(STANDARD.component)


def _place(parts: list[str]) -> str:
    segment, field, component = parts
    return segment + (f"-{field}" if field else "") + (f".{component}" if component else "")


def _encode(text: str, header: Header) -> bytes:
    """In the message's own character set, so that MSA-2 comes back as it was sent."""
    for codec in (codec_for(header.charset) if header.charset else None, "utf-8"):
        if codec is not None:
            try:
                return text.encode(codec)
            except UnicodeEncodeError:
                continue
    raise AssertionError("UTF-8 writes every character")
