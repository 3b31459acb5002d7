"""Bytes to `Hl7Message`. Nothing that python-hl7 raises gets out of here.

python-hl7 does the splitting. Its unescaping is not used: it logs the values that it cannot
read, which are patient data, and `\\.sp99999999\\` makes it write that many line ends.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable
from dataclasses import dataclass

import hl7

from integrations.hl7v2.charset import decode
from integrations.hl7v2.errors import ErrorCode, Hl7Unreadable
from integrations.hl7v2.escape import Delimiters
from integrations.hl7v2.message import DELETE, Element, Header, Hl7Message, Segment

#: MSH-10 has 20 characters up to version 2.6 and 199 since.
MAX_CONTROL_ID = 199

_JOINED_KIND = re.compile(r"([A-Z]{3})[_\-. ]([A-Z][0-9]{2})")
_LINE_END = re.compile(r"(\r\n|\r|\n)")
_BOM = b"\xef\xbb\xbf"
_BLANK = b" \t\r\n\x00\x0b\x0c\x1c"
_ENVELOPE = (b"FHS", b"BHS", b"BTS", b"FTS")


@dataclass(frozen=True, slots=True)
class Batch:
    """What one transmission held. `is_batch` is True when it came in an FHS or BHS envelope."""

    messages: tuple[bytes, ...]
    is_batch: bool
    notes: tuple[str, ...] = ()


def read_message(raw: bytes, *, default_charset: str = "utf-8") -> Hl7Message:
    """Parse one message.

    Segments may end in CR, LF or both. A line that is no segment is taken for the rest of the
    line above when only an LF broke it, and dropped with a note otherwise.

    :raises Hl7Unreadable: naming the header field that is wrong.
    """
    body = _trimmed(raw)
    header = read_header(body, default_charset=default_charset)
    delimiters = _delimiters(body)
    text, codec, remark = decode(body, declared=header.charset, default=default_charset)
    lines, dropped = _segment_lines(text, delimiters.field)
    _check_header(header)
    notes = [remark] if remark else []
    if dropped:
        notes.append(f"{dropped} line(s) without a segment name were left out.")
    lines[0] = _with_marks(lines[0], delimiters, notes)
    segments = _split(lines, delimiters)
    return Hl7Message(header=header, segments=segments, codec=codec, notes=tuple(notes))


def read_header(raw: bytes, *, default_charset: str = "utf-8") -> Header:
    """What can be read of MSH; empty fields where nothing can. Never raises."""
    body = _trimmed(raw)
    try:
        delimiters = _delimiters(body)
    except Hl7Unreadable:
        return Header()
    line = re.split(rb"[\r\n]", body, maxsplit=1)[0]
    charset = _field(line.decode("latin-1"), 18, delimiters)[:1]
    text, _, _ = decode(line, declared="".join(charset), default=default_charset)

    def components(number: int) -> tuple[str, ...]:
        return _field(text, number, delimiters)

    code, trigger = _kind(components(9))
    return Header(
        sending_application=components(3),
        sending_facility=components(4),
        receiving_application=components(5),
        receiving_facility=components(6),
        message_code=code,
        trigger=trigger,
        control_id="".join(components(10)[:1]),
        processing_id="".join(components(11)[:1]),
        version="".join(components(12)[:1]),
        charset="".join(charset),
    )


def split_batch(raw: bytes) -> Batch:
    """The messages of a batch file (FHS, BHS … BTS, FTS), or the one message that there is.

    Several MSH without an envelope are several messages too. What is no batch comes back whole,
    for `read_message` to judge.

    :raises Hl7Unreadable: for an envelope without a message in it.
    """
    body = _trimmed(raw).replace(b"\x0b", b"")
    is_batch = body.startswith((b"FHS", b"BHS"))
    if not is_batch and not body.startswith(b"MSH"):
        return Batch(messages=(raw,), is_batch=False)
    messages: list[list[bytes]] = []
    counted = ""
    for line in re.split(rb"\r\n|\r|\n|\x1c", body):
        if line.startswith(b"MSH"):
            messages.append([line])
        elif line.startswith(_ENVELOPE) and is_batch:
            counted = _batch_count(line) or counted
        elif messages and line:
            messages[-1].append(line)
    if not messages:
        raise Hl7Unreadable(
            field="MSH",
            sentence="The batch holds no message.",
            error_code=ErrorCode.SEGMENT_MISSING,
        )
    if len(messages) == 1 and not is_batch:
        return Batch(messages=(raw,), is_batch=False)
    notes: tuple[str, ...] = ()
    if counted and int(counted) != len(messages):
        notes = (f"BTS-1 counts {int(counted)} messages, the batch holds {len(messages)}.",)
    return Batch(tuple(b"\r".join(lines) + b"\r" for lines in messages), is_batch, notes)


def _batch_count(line: bytes) -> str:
    found = re.match(rb"BTS[^\w\s](\d{1,6})(?!\d)", line)
    return found[1].decode("ascii") if found else ""


def _trimmed(raw: bytes) -> bytes:
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raw = raw.decode("utf-16", errors="replace").encode()
    return raw.lstrip(_BLANK).removeprefix(_BOM).strip(_BLANK)


def _kind(components: tuple[str, ...]) -> tuple[str, str]:
    """MSH-9: code and event; also where both stand in one component (SIU_S12, SIU-S12)."""
    code, trigger, *_ = (*(part.upper() for part in components), "", "")
    joined = _JOINED_KIND.fullmatch(code)
    if joined and not trigger:
        return joined[1], joined[2]
    return code, trigger


def _with_marks(line: str, delimiters: Delimiters, notes: list[str]) -> str:
    """The MSH line with MSH-2 as it should be."""
    before, found, *rest = line.split(delimiters.field, 2)
    if found[:4] == delimiters.encoding:
        return line
    notes.append("MSH-2 lacks delimiters or repeats them; the usual ones were used.")
    return delimiters.field.join([before, delimiters.encoding, *rest])


def _delimiters(body: bytes) -> Delimiters:
    if not body.startswith(b"MSH"):
        raise Hl7Unreadable(
            field="MSH",
            sentence="The message does not begin with an MSH segment.",
            error_code=ErrorCode.SEGMENT_MISSING,
        )
    line = re.split(rb"[\r\n]", body, maxsplit=1)[0].decode("latin-1")
    field = line[3:4]
    encoding = line[4:].split(field, 1)[0].strip() if field else ""
    try:
        return Delimiters.read(field, encoding)
    except ValueError as error:
        raise Hl7Unreadable(
            field="MSH-2" if field else "MSH-1",
            sentence="MSH-1 and MSH-2 are no delimiters such as |^~\\&.",
            error_code=ErrorCode.WRONG_TYPE,
        ) from error


def _field(line: str, number: int, delimiters: Delimiters) -> tuple[str, ...]:
    """Components of the first repetition of a field of MSH, where MSH-1 is the separator."""
    fields = line.split(delimiters.field)
    if number - 1 >= len(fields):
        return ()
    first = fields[number - 1].split(delimiters.repetition, 1)[0]
    values = (delimiters.unescape(p).strip() for p in first.split(delimiters.component))
    parts = tuple("" if value == DELETE else value for value in values)
    return parts if any(parts) else ()


def _check_header(header: Header) -> None:
    if not header.message_code:
        raise Hl7Unreadable(field="MSH-9", sentence="MSH-9, the message type, is missing.")
    if not header.control_id:
        raise Hl7Unreadable(field="MSH-10", sentence="MSH-10, the control id, is missing.")
    if len(header.control_id) > MAX_CONTROL_ID:
        raise Hl7Unreadable(
            field="MSH-10",
            sentence=f"MSH-10 is longer than {MAX_CONTROL_ID} characters.",
            error_code=ErrorCode.WRONG_TYPE,
        )


def _segment_lines(text: str, field: str) -> tuple[list[str], int]:
    is_segment = re.compile(rf"[A-Z][A-Z0-9]{{2}}(?:{re.escape(field)}|$)")
    lines: list[str] = []
    dropped = 0
    ended_by = "\r"
    parts = _LINE_END.split(text)
    for part, end in zip(parts[::2], [*parts[1::2], "\r"], strict=True):
        line = part.lstrip(" \t")
        if is_segment.match(line):
            lines.append(line.rstrip())
        elif line.strip() and ended_by == "\n":
            lines[-1] = f"{lines[-1]} {line.strip()}"
        elif line.strip():
            dropped += 1
        ended_by = end
    return lines, dropped


def _split(lines: Iterable[str], delimiters: Delimiters) -> tuple[Segment, ...]:
    try:
        parsed = hl7.parse("\r".join(lines))
        return tuple(_segment(part, delimiters) for part in parsed)
    except Exception as error:
        raise Hl7Unreadable(
            field="MSH",
            sentence="The message cannot be split into segments and fields.",
            error_code=ErrorCode.WRONG_TYPE,
        ) from error


def _segment(parsed: list[object], delimiters: Delimiters) -> Segment:
    fields = tuple(_elements(part, delimiters) for part in parsed)
    return Segment(name=str(parsed[0]), fields=fields)


def _elements(field: object, delimiters: Delimiters) -> tuple[Element, ...]:
    """python-hl7 leaves out the levels that a field does not use; put them back."""
    return tuple(
        Element(
            tuple(
                tuple(delimiters.unescape(str(value)) for value in _level(component))
                for component in _level(repetition)
            )
        )
        for repetition in _level(field)
    )


def _level(value: object) -> list[object]:
    return value if isinstance(value, list) else [value]
