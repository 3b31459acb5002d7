"""What differs between two texts, line by line. Pure."""

from __future__ import annotations

import difflib
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LineChange:
    """`kind` is added or removed."""

    kind: str
    line: str


def compare_lines(old: str, new: str) -> tuple[LineChange, ...]:
    """The lines that went and came, in their order; empty lines do not count."""
    found = []
    for line in difflib.ndiff(_lines(old), _lines(new)):
        kind = {"+ ": "added", "- ": "removed"}.get(line[:2])
        if kind:
            found.append(LineChange(kind, line[2:]))
    return tuple(found)


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]
