"""Does what a caller says fit what is on record? Pure; names forgive accents and order."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from crm.rules.names import plain
from crm.states import IdentifierKind

#: Two that fit, as practice has it for the telephone (Joint Commission NPSG.01.01.01: at least
#: two patient identifiers).
NEEDED = 2
_DATES = ("%Y-%m-%d", "%m/%d/%Y", "%m-%d-%Y", "%m.%d.%Y", "%m/%d/%y", "%B %d %Y", "%b %d %Y")


@dataclass(frozen=True, slots=True)
class OnRecord:
    """What may be asked about a patient. Phones by their last ten digits."""

    full_name: str
    birth_on: dt.date | None = None
    address_line: str = ""
    postal_code: str = ""
    phones: Collection[str] = ()
    record_numbers: Collection[str] = ()
    member_ids: Collection[str] = ()


@dataclass(frozen=True, slots=True)
class Compared:
    """Which of those that were said fit, and which do not."""

    matched: tuple[IdentifierKind, ...]
    missed: tuple[IdentifierKind, ...]

    @property
    def passes(self) -> bool:
        """Two fit. One that does not is shown to the agent, and does not undo them."""
        return len(self.matched) >= NEEDED


def compare(said: Mapping[IdentifierKind, str], record: OnRecord) -> Compared:
    """Each of `said` against the record; empty ones were not said."""
    asked = [(kind, words.strip()) for kind, words in said.items() if words.strip()]
    fits = {kind: _fits(kind, words, record) for kind, words in asked}
    return Compared(
        matched=tuple(kind for kind in IdentifierKind if fits.get(kind)),
        missed=tuple(kind for kind in IdentifierKind if fits.get(kind) is False),
    )


def read_date(words: str) -> dt.date | None:
    """A birth date as it is typed in the US or ISO way; a two-digit year is of the past."""
    bare = re.sub(r"(\d)(st|nd|rd|th)\b", r"\1", words.replace(",", " ").strip())
    for form in _DATES:
        try:
            return dt.datetime.strptime(" ".join(bare.split()), form).date()  # noqa: DTZ007
        except ValueError:
            continue
    return None


def _fits(kind: IdentifierKind, words: str, record: OnRecord) -> bool:
    return _FITS[kind](words, record)


def _fits_phone(words: str, record: OnRecord) -> bool:
    digits = re.sub(r"\D", "", words)[-10:]
    return len(digits) == 10 and digits in record.phones


def _same_name(said: str, on_record: str) -> bool:
    """All that was said is part of the name, in any order, and it is at least two words."""
    words, known = set(plain(said).split()), set(plain(on_record.replace("-", " ")).split())
    return len(words) >= 2 and words <= known


def _street(line: str) -> str:
    """The number and the first word of the street: "2200 E Camelback Rd" is "2200 camelback"."""
    words = re.findall(r"[a-z]+|\d+", line.lower())
    number = next((word for word in words if word.isdigit()), "")
    names = [word for word in words if not word.isdigit() and len(word) > 1]
    return f"{number} {names[0]}" if number and names else ""


def _is_among(said: str, keys: Collection[str]) -> bool:
    return bool(_key(said)) and _key(said) in {_key(each) for each in keys}


def _key(words: str) -> str:
    return re.sub(r"[^a-z0-9]", "", words.lower()).lstrip("0")


_FITS: Mapping[IdentifierKind, Callable[[str, OnRecord], bool]] = {
    IdentifierKind.FULL_NAME: lambda said, of: _same_name(said, of.full_name),
    IdentifierKind.BIRTH_DATE: lambda said, of: (
        bool(of.birth_on) and read_date(said) == of.birth_on
    ),
    IdentifierKind.ADDRESS: lambda said, of: _street(said) == _street(of.address_line) != "",
    IdentifierKind.POSTAL_CODE: lambda said, of: said[:5] == of.postal_code[:5] != "",
    IdentifierKind.PHONE: _fits_phone,
    IdentifierKind.RECORD_NUMBER: lambda said, of: _is_among(said, of.record_numbers),
    IdentifierKind.MEMBER_ID: lambda said, of: _is_among(said, of.member_ids),
}
