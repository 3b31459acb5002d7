"""Messages in files, mapped without being applied: what `manage.py hl7_check` prints."""

from __future__ import annotations

import codecs
import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from integrations.hl7v2.errors import AckCode, ErrorCode, Hl7Error, Hl7Unreadable
from integrations.hl7v2.framing import DEFAULT_MAX_BYTES, FrameTooLong
from integrations.hl7v2.parse import read_header, read_message, split_batch
from integrations.hl7v2.profile import SenderProfile
from integrations.hl7v2.receive import NOT_FOR_US
from integrations.hl7v2.senders import passes_over, profile_of
from integrations.hl7v2.understanding import NOTHING, Understanding, understand
from integrations.models import Hl7Sender

#: MSH-11: production, training, debugging. A sender that is not registered is read in all three.
ALL_PROCESSING = frozenset({"P", "T", "D"})
#: In a folder, files of these names are messages even where nothing in them looks like one.
SUFFIXES = frozenset({".hl7", ".hl7v2", ".siu", ".adt", ".er7"})
#: Where the first message begins; comments and the like may stand before it.
_FIRST = re.compile(rb"(?:\A|[\r\n])[\x0b \t]*(?=(?:MSH|FHS|BHS)[^\w\s])")


@dataclass(frozen=True, slots=True)
class Checked:
    """One message: `line` is what `--json` prints of it."""

    line: dict[str, Any]

    @property
    def is_refused(self) -> bool:
        return bool(self.line["outcome"] == "refused")


def find_files(path: Path) -> Iterator[Path]:
    """The file, or the files under a folder that hold messages, by name.

    :raises OSError: when it cannot be read.
    """
    if not path.is_dir():
        yield path
        return
    for found in sorted(path.rglob("*")):
        is_hidden = any(part.startswith(".") for part in found.relative_to(path).parts)
        if found.is_file() and not is_hidden and _holds_messages(found):
            yield found


def check_file(
    path: Path, *, senders: dict[str, Hl7Sender], zone: str, at: dt.datetime
) -> Iterator[Checked]:
    """Every message of a file. Never raises for what stands in it.

    :param senders: registrations by name; others are read in `zone`.
    :raises OSError: when it cannot be read.
    """
    raw = path.read_bytes()
    try:
        batch = split_batch(from_first(raw))
    except Hl7Error as error:
        yield _of_unreadable(raw, error, path, 1)
        return
    for number, message in enumerate(batch.messages, start=1):
        checked = check_message(message, path, number, senders=senders, zone=zone, at=at)
        if number == len(batch.messages):  # what its trailer says comes last
            checked.line["notes"] = [*checked.line["notes"], *batch.notes]
        yield checked


def check_message(
    raw: bytes,
    path: Path,
    number: int,
    *,
    senders: dict[str, Hl7Sender],
    zone: str,
    at: dt.datetime,
) -> Checked:
    """One message."""
    if len(raw) > DEFAULT_MAX_BYTES:
        return _of_unreadable(raw, _too_long(raw), path, number)
    header = read_header(raw)
    sender = senders.get(header.source)
    try:
        message = read_message(raw, default_charset=sender.charset if sender else "utf-8")
        profile = profile_of(sender) if sender else _profile_of_stranger(header.source, zone)
        seen = understand(message, profile, received_at=at)
    except Hl7Error as error:
        return _of_unreadable(raw, error, path, number)
    except Exception as error:  # noqa: BLE001 a stumble of ours is this message's line, no traceback
        return _of_unreadable(raw, _stumbled(error), path, number)
    notes = [*seen.notes, *_notes_on_sender(header.source, header.processing_id, sender, zone)]
    stamp = message.find("MSH")
    line = _line(raw, path, number) | seen.parts | _outcome(seen, sender)
    line |= {"sent": stamp.text(7) if stamp else "", "charset": message.codec, "notes": notes}
    return Checked(line)


def from_first(raw: bytes) -> bytes:
    """A file from its first message on; all of it where there is none."""
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raw = raw.decode("utf-16", errors="replace").encode()
    body = raw.removeprefix(codecs.BOM_UTF8)
    found = _FIRST.search(body)
    return body[found.end() :] if found else raw


def _holds_messages(path: Path) -> bool:
    if path.suffix.lower() in SUFFIXES:
        return True
    with path.open("rb") as file:
        return from_first(file.read(65536)).startswith((b"MSH", b"FHS", b"BHS"))


def _profile_of_stranger(name: str, zone: str) -> SenderProfile:
    source = "unnamed" if name == "|" else ""
    return SenderProfile(zone=zone, source=source, processing_ids=ALL_PROCESSING)


def _notes_on_sender(
    name: str, processing_id: str, sender: Hl7Sender | None, zone: str
) -> Iterator[str]:
    if sender is not None:
        return
    yield f"The sender is not registered: read in {zone}."
    if name == "|":
        yield "MSH-3 and MSH-4 are empty: nobody could register this sender."
    if processing_id not in {"", "P"}:
        yield "MSH-11 is not P: its registration must take it."


def _outcome(seen: Understanding, sender: Hl7Sender | None) -> dict[str, Any]:
    error = seen.error
    if error is None:
        return {"outcome": "applied", "applied_as": seen.applied_as, "answer": AckCode.ACCEPT}
    if passes_over(sender) and error.error_code in NOT_FOR_US:
        said = {"outcome": "ignored", "answer": AckCode.ACCEPT}
    else:
        said = {"outcome": "refused", "answer": error.ack_code}
    return {**said, "applied_as": None, "field": error.field, "why": error.sentence}


def _of_unreadable(raw: bytes, error: Hl7Error, path: Path, number: int) -> Checked:
    seen = Understanding("", error, (), dict(NOTHING))
    line = _line(raw, path, number) | seen.parts | _outcome(seen, None)
    return Checked(line | {"notes": []})


def _too_long(raw: bytes) -> Hl7Unreadable:
    """As the listener refuses it."""
    error = FrameTooLong(raw[:4096], DEFAULT_MAX_BYTES)
    return Hl7Unreadable(field="MSH", sentence=str(error), error_code=ErrorCode.WRONG_TYPE)


def _stumbled(error: Exception) -> Hl7Unreadable:
    return Hl7Unreadable(
        field="MSH", sentence=f"We stumbled over it ({type(error).__name__}); please report it."
    )


def _line(raw: bytes, path: Path, number: int) -> dict[str, Any]:
    header = read_header(raw)
    return {
        "file": str(path),
        "message": number,
        "control_id": header.control_id,
        "event": "^".join(part for part in (header.message_code, header.trigger) if part),
        "version": header.version,
        "sender": header.source,
        "outcome": "",
        "applied_as": None,
        "answer": "",
        "field": None,
        "why": None,
    }
