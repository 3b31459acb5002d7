"""A kept message as text that a person can edit, and back to the bytes it would have been."""

from __future__ import annotations

import datetime as dt
import difflib
from dataclasses import dataclass

from crm.rules.said import say
from integrations.hl7v2.charset import codec_for, decode
from integrations.hl7v2.errors import Hl7Error
from integrations.hl7v2.parse import read_header, read_message
from integrations.hl7v2.senders import find_sender, profile_of
from integrations.hl7v2.understanding import understand
from integrations.models import InboxMessage
from integrations.states import InboxKind


@dataclass(frozen=True, slots=True)
class Difference:
    """One line: `sign` is "-", "+" or a blank."""

    sign: str
    text: str


@dataclass(frozen=True, slots=True)
class Meaning:
    """What the text would come to; `field` where it would be refused."""

    said: str
    field: str = ""


def as_text(message: InboxMessage) -> str:
    """The body, a segment a line."""
    raw = bytes(message.body)
    if message.kind != InboxKind.HL7:
        return raw.decode("utf-8-sig", errors="replace")
    text, _, _ = decode(raw, declared=read_header(raw).charset, default=_charset(message))
    return text.replace("\r\n", "\n").replace("\r", "\n").strip("\n") + "\n"


def as_bytes(message: InboxMessage, text: str) -> bytes:
    """The edited text as it would have come: in its character set, with its line ends.

    A character that the set lacks makes it UTF-8, as it would be read.
    """
    plain = text.replace("\r\n", "\n")
    if message.kind != InboxKind.HL7:
        return plain.encode()
    body = "".join(f"{line.rstrip()}\r" for line in plain.split("\n") if line.strip())
    declared = read_header(body.encode()).charset
    codec = (codec_for(declared) if declared else None) or codec_for(_charset(message)) or "utf-8"
    try:
        return body.encode(codec)
    except UnicodeEncodeError:
        return body.encode()


def difference(before: str, after: str) -> list[Difference]:
    """Line by line, without what is the same around it."""
    old, new = before.splitlines(), after.replace("\r\n", "\n").splitlines()
    lines = difflib.unified_diff(old, new, lineterm="", n=0)
    return [Difference(line[0], line[1:]) for line in lines if line[:2] not in {"--", "++", "@@"}]


def meaning(message: InboxMessage, body: bytes, *, at: dt.datetime) -> Meaning | None:
    """What an HL7 message would be read as; None for other kinds. Nothing is applied."""
    if message.kind != InboxKind.HL7:
        return None
    try:
        sender = find_sender(read_header(body).source)
        parsed = read_message(body, default_charset=sender.charset if sender else "utf-8")
        seen = understand(parsed, profile_of(sender), received_at=at)
    except Hl7Error as error:
        return Meaning(error.sentence, error.field)
    if seen.error is not None:
        return Meaning(seen.error.sentence, seen.error.field)
    return Meaning(say("It would be read as: %(read_as)s.", read_as=say(seen.applied_as)))


def _charset(message: InboxMessage) -> str:
    sender = find_sender(message.source)
    return sender.charset if sender else "utf-8"
