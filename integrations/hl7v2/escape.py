r"""Delimiters and escape sequences (HL7 v2.5.1, chapter 2.7): `\F\`, `\X0D\`, `\.br\`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Self

# PostgreSQL takes no NUL, and no control code belongs into a name.
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]+")
_HEX = re.compile(r"X((?:[0-9A-Fa-f]{2})+)")


@dataclass(frozen=True, slots=True)
class Delimiters:
    """The characters that a message names in MSH-1 and MSH-2."""

    field: str = "|"
    component: str = "^"
    repetition: str = "~"
    escape_mark: str = "\\"
    sub: str = "&"

    @classmethod
    def read(cls, field: str, encoding: str) -> Self:
        r"""From MSH-1 and MSH-2 (`^~\&`, or `^~\&#` since version 2.7).

        Marks that are missing or repeated are taken to be the usual ones where those are free:
        senders write `^~\`, `^~\\&` (escaped once too often) or nothing at all.

        :raises ValueError: when the marks could be part of a word, or none is left for one.
        """
        marks = field + encoding
        is_plain = all("!" <= mark <= "~" and not mark.isalnum() for mark in marks)
        if len(field) != 1 or not is_plain:
            raise ValueError("not delimiters")
        found = dict.fromkeys(mark for mark in encoding if mark != field)
        spare = (mark for mark in "^~\\&" if mark != field and mark not in found)
        chosen = [*found, *spare][:4]
        if len(chosen) < 4:
            raise ValueError("too few delimiters")
        return cls(field, *chosen)

    @property
    def encoding(self) -> str:
        """MSH-2."""
        return f"{self.component}{self.repetition}{self.escape_mark}{self.sub}"

    def unescape(self, value: str) -> str:
        """The value as text. Sequences that mean layout become a blank, unknown ones nothing."""
        if self.escape_mark in value:
            mark = re.escape(self.escape_mark)
            value = re.sub(f"{mark}([^{mark}]*){mark}", self._replace, value)
        return _CONTROL.sub(" ", value) if _CONTROL.search(value) else value

    def escape(self, value: str) -> str:
        """Text made safe to stand in a field."""
        names = {
            self.escape_mark: "E",
            self.field: "F",
            self.component: "S",
            self.sub: "T",
            self.repetition: "R",
        }
        plain = _CONTROL.sub(" ", value)
        return "".join(
            f"{self.escape_mark}{names[c]}{self.escape_mark}" if c in names else c for c in plain
        )

    def _replace(self, found: re.Match[str]) -> str:
        sequence = found[1]
        literal = {
            "E": self.escape_mark,
            "F": self.field,
            "S": self.component,
            "T": self.sub,
            "R": self.repetition,
        }.get(sequence)
        if literal is not None:
            return literal
        if sequence.startswith("."):  # .br, .sp, .ce and the rest of the layout commands
            return " "
        code = _HEX.fullmatch(sequence)
        return _text(bytes.fromhex(code[1])) if code else ""


def _text(raw: bytes) -> str:
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode("latin-1")


STANDARD = Delimiters()
