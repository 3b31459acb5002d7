"""What a caller's words say about the time and the clinician that they wish. Pure.

Only what is plain is read: "the same doctor as in January" sets a filter that the agent sees and
can take off again.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from crm.rules.names import plain

_MONTHS: Final = (
    ("january", "enero"), ("february", "febrero"), ("march", "marzo"), ("april", "abril"),
    ("may", "mayo"), ("june", "junio"), ("july", "julio"), ("august", "agosto"),
    ("september", "septiembre"), ("october", "octubre"), ("november", "noviembre"),
    ("december", "diciembre"),
)  # fmt: skip
_SAME: Final = re.compile(
    r"\b(?:same (?:doctor|provider|one|person|nurse|therapist|as)|my (?:usual|regular) doctor"
    r"|mism[oa] (?:doctora?|medic[oa]|persona))\b"
)
_IN_MONTH: Final = re.compile(
    r"\b(?:in|last|from|since|en|de)\s+("
    + "|".join(sorted((name for pair in _MONTHS for name in pair), key=len, reverse=True))
    + r")\b"
)
_PARTS: Final = {
    "morning": re.compile(r"\bmornings?\b|\bpor la manana\b"),
    "afternoon": re.compile(r"\bafternoons?\b|\bpor la tarde\b"),
    "evening": re.compile(r"\bevenings?\b|\bafter work\b|\bpor la noche\b"),
}
_VIDEO: Final = re.compile(r"\b(?:video|virtual|telehealth|televisit|online visit)\b")


@dataclass(frozen=True, slots=True)
class Wish:
    """`month` (1 to 12) is when they saw whom they mean; None where none was named."""

    same_clinician: bool = False
    month: int | None = None
    parts_of_day: tuple[str, ...] = ()
    by_video: bool = False


def read_wish(words: str) -> Wish:
    """What is wished, in English or Spanish; nothing where nothing is plain."""
    text = plain(words)
    same = bool(_SAME.search(text))
    month = _IN_MONTH.search(text)
    return Wish(
        same_clinician=same,
        month=_number(month.group(1)) if month and same else None,
        parts_of_day=tuple(part for part, said in _PARTS.items() if said.search(text)),
        by_video=bool(_VIDEO.search(text)),
    )


def _number(name: str) -> int:
    return next(n for n, names in enumerate(_MONTHS, start=1) if name in names)
