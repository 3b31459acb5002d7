"""A message as a person reads it: a segment or a JSON member a line, the refused one marked."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

from integrations.hl7v2.charset import decode
from integrations.hl7v2.parse import read_header
from integrations.states import InboxKind

#: Longer messages are cut on the page (characters).
MOST = 100_000
_HL7_PLACE = re.compile(r"([A-Z][A-Z0-9]{2})(?:-(\d+))?")
_MEMBER = re.compile(r'^( *)"((?:[^"\\]|\\.)*)": ')
#: Control characters as the pictures that Unicode has for them.
_PICTURES = {code: 0x2400 + code for code in range(32) if code not in {9, 10}} | {127: 0x2421}


@dataclass(frozen=True, slots=True)
class Line:
    """`before`, `mark` and `after` make the line; `mark` is what was refused in it.

    It is empty where a field was refused for being so, None where the line is refused as a whole.
    """

    before: str
    mark: str | None = None
    after: str = ""
    is_refused: bool = False


@dataclass(frozen=True, slots=True)
class Readable:
    """`missing` names the segment that was refused because it is not there."""

    lines: tuple[Line, ...]
    size: int  # bytes
    is_cut: bool
    missing: str = ""


def show(
    kind: InboxKind, raw: bytes, *, refused_field: str = "", charset: str = "utf-8"
) -> Readable:
    """The body of a message, or an answer to one.

    :param refused_field: as the inbox keeps it: "SCH-2", "Appointment.start".
    :param charset: of HL7 senders that leave MSH-18 empty.
    """
    if kind is InboxKind.HL7:
        return _show_hl7(raw, refused_field, charset)
    return _show_json(raw, refused_field)


def _show_hl7(raw: bytes, place: str, charset: str) -> Readable:
    declared = read_header(raw, default_charset=charset).charset
    text, _, _ = decode(raw, declared=declared, default=charset)
    found = _HL7_PLACE.fullmatch(place.split(".", maxsplit=1)[0])
    name, number = (found[1], int(found[2] or 0)) if found else ("", 0)
    separator = next((line[3:4] for line in _segments(text) if line[:3] == "MSH"), "|")
    lines = tuple(_segment(line, separator, name, number) for line in _segments(text[:MOST]))
    is_there = any(line.is_refused for line in lines)
    is_cut = len(text) > MOST
    missing = name if name and not is_there and not is_cut else ""
    return Readable(lines, len(raw), is_cut, missing)


def _segments(text: str) -> Iterator[str]:
    return (_visible(line) for line in re.split(r"\r\n|\r|\n", text) if line.strip())


def _segment(line: str, separator: str, name: str, number: int) -> Line:
    """The line with field `number` apart. MSH-1 is the separator itself, so MSH counts from it."""
    if not name or line[:3] != name:
        return Line(line)
    fields = line.split(separator) if separator else [line]
    at = number - 1 if name == "MSH" else number
    if at < 1:
        return Line(line, is_refused=True)
    if at >= len(fields):
        return Line(line, mark="", is_refused=True)
    before = separator.join(fields[:at]) + separator
    after = "".join(separator + field for field in fields[at + 1 :])
    return Line(before, fields[at], after, is_refused=True)


def _show_json(raw: bytes, place: str) -> Readable:
    text, body = raw.decode("utf-8-sig", errors="replace"), None
    try:
        body = json.loads(text)
        text = json.dumps(body, indent=2, ensure_ascii=False)
    except (ValueError, RecursionError):
        place = ""  # no JSON: as it came
    wanted = _path(place, is_bundle=isinstance(body, dict) and body.get("resourceType") == "Bundle")
    lines = list[Line]()
    path = list[tuple[int, str]]()  # the members that the line stands in, by indent
    for line in text[:MOST].split("\n"):
        member = _MEMBER.match(line)
        if member:
            indent = len(member[1])
            path = [(depth, name) for depth, name in path if depth < indent]
            path.append((indent, member[2]))
        refused = member is not None and _names(path) == wanted
        lines.append(_member(line, is_refused=refused))
    return Readable(tuple(lines), len(raw), len(text) > MOST)


def _path(place: str, *, is_bundle: bool) -> tuple[str, ...]:
    """The names that lead to a place: "Appointment.start" is `start`, in a Bundle `start` of one
    of its resources; the places of a plain event ("slot.id") are as they say."""
    if not place:
        return ()
    parts = tuple(re.sub(r"\[\d+\]", "", place.rpartition(": ")[2]).split("."))
    kind = parts[0] if parts[0][:1].isupper() else ""
    inside = parts[1:] if kind else parts
    return ("resource", *inside) if is_bundle and inside and kind != "Bundle" else inside


def _names(path: list[tuple[int, str]]) -> tuple[str, ...]:
    """From the outside, or from the resource that it stands in."""
    names = [name for _, name in path]
    start = len(names) - 1 - names[::-1].index("resource") if "resource" in names else 0
    return tuple(names[start:])


def _member(line: str, *, is_refused: bool) -> Line:
    line = _visible(line)
    if not is_refused:
        return Line(line)
    indent = len(line) - len(line.lstrip())
    return Line(line[:indent], line[indent:], is_refused=True)


def _visible(line: str) -> str:
    return line.translate(_PICTURES)
