"""Does what a caller says fit what is on record? Pure; names forgive accents and order."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from rapidfuzz.distance import JaroWinkler

from crm.rules.names import SAME_NAME, plain
from crm.states import IdentifierKind

#: Two that fit, as practice has it for the telephone (Joint Commission NPSG.01.01.01: at least
#: two patient identifiers).
NEEDED = 2
_DATES = (
    "%Y-%m-%d",
    "%m/%d/%Y",
    "%m-%d-%Y",
    "%m.%d.%Y",
    "%m/%d/%y",
    "%m.%d.%y",
    "%B %d %Y",
    "%b %d %Y",
)


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


def read_said(text: str) -> dict[IdentifierKind, str]:
    """What of a line as an agent types it is which identifier, by its look.

    "maria alvarez 3/14/1972, 85016" is a name, a birth date and a ZIP code. Commas part what
    could be read together; a street begins with its number.
    """
    found: dict[IdentifierKind, str] = {}
    for part in text.split(","):
        rest = part.strip()
        if _STREET.match(rest) and not read_date(rest):
            found.setdefault(IdentifierKind.ADDRESS, rest)
            continue
        for kind, pattern in _LOOKS:
            match = pattern.search(rest)
            if match and kind not in found and (kind not in _DATED or read_date(match.group())):
                found[kind] = match.group()
                rest = rest.replace(match.group(), " ")
        if plain(rest):
            name = f"{found.get(IdentifierKind.FULL_NAME, '')} {plain(rest)}"
            found[IdentifierKind.FULL_NAME] = name.strip()
    return found


_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*"
_DATED = frozenset({IdentifierKind.BIRTH_DATE})
_STREET = re.compile(r"\d{1,6}\s+(?:[NSEW]\.?\s+)?[A-Za-z]{2,}", re.IGNORECASE)
#: In this order: a birth date is not a record number, a phone is not a ZIP code.
_LOOKS: tuple[tuple[IdentifierKind, re.Pattern[str]], ...] = (
    (
        IdentifierKind.BIRTH_DATE,
        re.compile(
            rf"\b\d{{4}}-\d{{1,2}}-\d{{1,2}}\b|\b\d{{1,2}}[/.-]\d{{1,2}}[/.-]\d{{2,4}}\b"
            rf"|\b{_MONTH}\s+\d{{1,2}}(?:st|nd|rd|th)?\s+\d{{4}}\b",
            re.IGNORECASE,
        ),
    ),
    (
        IdentifierKind.PHONE,
        re.compile(r"(?:\+?1[\s.-]*)?\(?\b\d{3}\)?[\s.-]*\d{3}[\s.-]*\d{4}\b"),
    ),
    (IdentifierKind.POSTAL_CODE, re.compile(r"\b\d{5}(?:-\d{4})?\b")),
    (
        IdentifierKind.RECORD_NUMBER,
        re.compile(r"\b(?=[A-Za-z-]*\d)[A-Za-z0-9-]{4,20}\b"),
    ),
)


def read_date(words: str) -> dt.date | None:
    """A birth date as it is typed in the US or ISO way."""
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
    """All that was said is part of the name, in any order, and it is at least two words.

    An agent types what they hear: a slip in a word passes, as it does in `crm.rules.names`.
    """
    words, known = plain(said).split(), plain(on_record.replace("-", " ")).split()
    return len(words) >= 2 and all(_is_part(word, known) for word in words)


def _is_part(word: str, known: Collection[str]) -> bool:
    return any(
        word == each or (len(each) > 3 and JaroWinkler.similarity(word, each) >= SAME_NAME)
        for each in known
    )


def _street(line: str) -> str:
    """The number and the first word of the street: "2200 E Camelback Rd" is "2200 camelback"."""
    words = re.findall(r"[a-z]+|\d+", line.lower())
    number = next((word for word in words if word.isdigit()), "")
    names = [word for word in words if len(word) > 1 and word.isalpha() and word not in _COMPASS]
    return f"{number} {names[0]}" if number and names else ""


def _is_birthday(words: str, born: dt.date | None) -> bool:
    """Of two-digit years, either century: "3/14/52" was not in 2052."""
    said = read_date(words)
    if said is None or born is None:
        return False
    return said == born or (
        (said.month, said.day) == (born.month, born.day)
        and (said.year - 100 == born.year and str(said.year) not in words)
    )


def _is_among(said: str, keys: Collection[str]) -> bool:
    return bool(_key(said)) and _key(said) in {_key(each) for each in keys}


def _key(words: str) -> str:
    return re.sub(r"[^a-z0-9]", "", words.lower()).lstrip("0")


_COMPASS = frozenset({"north", "south", "east", "west", "ne", "nw", "se", "sw"})
_FITS: Mapping[IdentifierKind, Callable[[str, OnRecord], bool]] = {
    IdentifierKind.FULL_NAME: lambda said, of: _same_name(said, of.full_name),
    IdentifierKind.BIRTH_DATE: lambda said, of: _is_birthday(said, of.birth_on),
    IdentifierKind.ADDRESS: lambda said, of: _street(said) == _street(of.address_line) != "",
    IdentifierKind.POSTAL_CODE: lambda said, of: said[:5] == of.postal_code[:5] != "",
    IdentifierKind.PHONE: _fits_phone,
    IdentifierKind.RECORD_NUMBER: lambda said, of: _is_among(said, of.record_numbers),
    IdentifierKind.MEMBER_ID: lambda said, of: _is_among(said, of.member_ids),
}
