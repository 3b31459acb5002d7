"""Reading what was typed into the one box: names, a birth date, phones, record numbers. Pure."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from dataclasses import dataclass, replace
from typing import Final

#: From so many digits on a number may be a phone; a record number has at least three.
PHONE_DIGITS, RECORD_LEAST = 7, 3
#: So many words of names are looked at.
MOST_WORDS = 6

_SPELLED: Final = str.maketrans(
    {
        "ß": "ss",
        "æ": "ae",
        "Æ": "AE",
        "œ": "oe",
        "Œ": "OE",
        "ø": "o",
        "Ø": "O",
        "ł": "l",
        "Ł": "L",
        "đ": "d",
        "Đ": "D",
        "\u0131": "i",
        **dict.fromkeys("'`\u2019\u00b4", ""),
    }
)
_MARKS: Final = re.compile("[\u0300-\u036f]")
_NO_LETTERS: Final = re.compile("[^a-z\u00c0-\u1fff\u2c00-\uffff]+")
_MONTHS: Final = {
    **dict.fromkeys(("jan", "january", "ene", "enero"), 1),
    **dict.fromkeys(("feb", "february", "febrero"), 2),
    **dict.fromkeys(("mar", "march", "marzo"), 3),
    **dict.fromkeys(("apr", "april", "abr", "abril"), 4),
    **dict.fromkeys(("may", "mayo"), 5),
    **dict.fromkeys(("jun", "june", "junio"), 6),
    **dict.fromkeys(("jul", "july", "julio"), 7),
    **dict.fromkeys(("aug", "august", "ago", "agosto"), 8),
    **dict.fromkeys(("sep", "sept", "september", "septiembre"), 9),
    **dict.fromkeys(("oct", "october", "octubre"), 10),
    **dict.fromkeys(("nov", "november", "noviembre"), 11),
    **dict.fromkeys(("dec", "december", "dic", "diciembre"), 12),
}
#: Said around a fact, and no part of it.
_NOISE: Final = frozenset(
    {"born", "dob", "birthday", "mrn", "record", "phone", "tel", "number", "nacido", "nacida"}
)
#: They stand in many names, or are left out: nobody is found by them.
_PARTICLES: Final = frozenset(
    {"de", "del", "la", "las", "los", "y", "da", "dos", "di", "van", "von", "der", "den", "the"}
)
#: Written as one word with what follows, or as two.
_JOINED: Final = frozenset({"mc", "mac", "o"})

_MONTH: Final = "(?P<month>" + "|".join(sorted(_MONTHS, key=len, reverse=True)) + r")\b\.?"
_DAY, _YEAR = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?\b", r"(?P<year>(?:19|20)\d\d)\b"
_OF: Final = r"(?:\s+(?:de|del|of))?[\s,]+"
#: In this order: the whole before its parts.
_DATES: Final = tuple(
    re.compile(rf"(?<![\w/.-]){pattern}(?![\w/-])", re.IGNORECASE)
    for pattern in (
        r"(?P<year>(?:19|20)\d\d)[-/](?P<month>\d{1,2})[-/](?P<day>\d{1,2})",
        r"(?P<month>\d{1,2})(?P<sign>[-/.])(?P<day>\d{1,2})(?P=sign)(?P<year>\d{4}|\d\d)",
        rf"{_MONTH}\s+{_DAY}{_OF}{_YEAR}",
        rf"{_DAY}{_OF}{_MONTH}{_OF}{_YEAR}",
        rf"{_MONTH}{_OF}{_YEAR}",
        rf"{_MONTH}\s+{_DAY}",
        rf"{_DAY}{_OF}{_MONTH}",
        r"(?P<month>\d{1,2})/(?P<year>(?:19|20)\d\d)",
        r"(?P<month>\d{1,2})/(?P<day>\d{1,2})",
    )
)
_PHONE: Final = re.compile(
    r"(?<![\w/-])(?:\+\d[\d\s().-]{8,18}\d|(?:1[\s.-]*)?\(?\d{3}\)?[\s.-]*\d{3}[\s.-]*\d{4}"
    r"|\d{3}[\s.-]\d{4})(?![\w/-])"
)
_RUN_OF_EIGHT: Final = re.compile(r"(?<!\w)\d{8}(?!\w)")


@dataclass(frozen=True, slots=True)
class Number:
    """One number as typed; `phone` is its digits where it may be a phone (E.164 with the plus)."""

    token: str
    phone: str = ""


@dataclass(frozen=True, slots=True)
class Said:
    """What was said. `words` are folded; `birth_on` is a whole date, the others parts of one.

    `otherwise` is a second reading, for when nobody fits the first: "1980" may be a record.
    """

    words: tuple[str, ...] = ()
    birth_on: dt.date | None = None
    year: int | None = None
    month: int | None = None
    day: int | None = None
    numbers: tuple[Number, ...] = ()
    otherwise: Said | None = None

    @property
    def tells_birth(self) -> bool:
        return self.birth_on is not None or self.tells_part_of_birth

    @property
    def tells_part_of_birth(self) -> bool:
        return (self.year, self.month, self.day) != (None, None, None)

    @property
    def is_enough(self) -> bool:
        """Whether anybody can be looked for: a letter alone or a month alone is everybody's."""
        return bool(self.numbers or self.birth_on or sum(map(len, self.words)) >= 2)


def fold(name: str) -> str:
    """Small letters without accents, apostrophes or hyphens, as `crm_plain` in PostgreSQL has
    them: "O'Brien-Núñez" is "obrien nunez"."""
    if name.isascii():  # as most are, and thousands are compared
        return _NO_LETTERS.sub(" ", name.lower().replace("'", "").replace("`", "")).strip()
    bare = unicodedata.normalize("NFKD", name.translate(_SPELLED)).lower()
    return _NO_LETTERS.sub(" ", _MARKS.sub("", bare)).strip()


def read_search(text: str) -> Said:
    """What somebody typed, in any order."""
    text = " ".join(text.replace("\x00", " ").split())[:200]
    eight = _RUN_OF_EIGHT.search(text)
    if eight and (day := _run_of_digits(eight.group())):
        said = _read(text.replace(eight.group(), " "))
        number = Number(eight.group(), eight.group())
        other = replace(said, numbers=(*said.numbers, number))
        return replace(said, birth_on=day, otherwise=other)
    return _read(text)


def _read(text: str) -> Said:
    text, birth = _take_birth(text)
    text, phones = _take_phones(text)
    words, numbers, years = _take_words(text)
    if birth == Said() and len(years) == 1:
        alone = not words and not phones and not numbers
        number = Number(years[0])
        if alone:
            return Said(numbers=(number,))
        rest = Said(words=words, numbers=(*phones, *numbers))
        other = replace(rest, numbers=(*rest.numbers, number))
        return replace(rest, year=int(years[0]), otherwise=other)
    numbers += tuple(Number(year) for year in years)
    return replace(birth, words=words, numbers=(*phones, *numbers))


def _take_birth(text: str) -> tuple[str, Said]:
    """The text without the date, and the date or the parts of one."""
    for pattern in _DATES:
        for found in pattern.finditer(text):
            said = _birth(found.groupdict())
            if said is not None:
                return f"{text[: found.start()]} {text[found.end() :]}", said
    return text, Said()


def _birth(parts: dict[str, str | None]) -> Said | None:
    told = parts["month"] or ""
    month = int(told) if told.isdecimal() else _MONTHS[told.lower()]
    told_day, told_year = parts.get("day"), parts.get("year")
    day = int(told_day) if told_day else None
    year = _whole_year(int(told_year)) if told_year else None
    try:
        whole = dt.date(year or 2000, month, day or 1)  # 2000 has a February 29
    except ValueError:
        return None
    if year is not None and day is not None:
        return Said(birth_on=whole)
    return Said(year=year, month=month, day=day)


def _whole_year(year: int) -> int:
    """Two digits from 30 on are of the last century."""
    return year if year > 99 else year + (2000 if year < 30 else 1900)


def _run_of_digits(eight: str) -> dt.date | None:
    """03141980 or 19800314."""
    for form in (f"{eight[4:]}{eight[:4]}", eight):
        year, month, day = int(form[:4]), int(form[4:6]), int(form[6:])
        try:
            found = dt.date(year, month, day)
        except ValueError:
            continue
        if 1900 <= found.year < 2030:
            return found
    return None


def _take_phones(text: str) -> tuple[str, tuple[Number, ...]]:
    found: list[Number] = []

    def keep(match: re.Match[str]) -> str:
        typed = match.group().strip()
        found.append(Number(re.sub(r"[^\dA-Za-z]", "", typed), _phone(typed)))
        return " "

    return _PHONE.sub(keep, text), tuple(found)


def _phone(typed: str) -> str:
    """E.164 for a whole number (US, or with its plus), else the digits at its end."""
    digits = re.sub(r"\D", "", typed)
    if typed.startswith("+"):
        return f"+{digits}"
    if len(digits) == 11 and digits.startswith("1"):
        return f"+{digits}"
    return f"+1{digits}" if len(digits) == 10 else digits


def _take_words(text: str) -> tuple[tuple[str, ...], tuple[Number, ...], tuple[str, ...]]:
    """Words of names, numbers of records, and what may be a year."""
    words: list[str] = []
    numbers: list[Number] = []
    years: list[str] = []
    for token in re.split(r"[\s,;]+", text):
        bare = token.strip("#:()/.")
        if re.fullmatch(r"(19|20)\d\d", bare):
            years.append(bare)
        elif any(char.isdigit() for char in bare):
            numbers += _record(bare)
        elif fold(bare) not in _NOISE:
            words += fold(bare).split()
    return _names(words), tuple(numbers), tuple(years)


def _record(token: str) -> list[Number]:
    """:returns: none for a digit or two, by which nobody can be found."""
    bare = re.sub(r"[^\dA-Za-z]", "", token)
    if len(bare) < RECORD_LEAST:
        return []
    return [Number(bare.upper(), _phone(bare) if bare.isdigit() and len(bare) > 6 else "")]


def _names(words: list[str]) -> tuple[str, ...]:
    joined: list[str] = []
    for word in words:
        if joined and joined[-1] in _JOINED:
            joined[-1] += word
        else:
            joined.append(word)
    telling = [word for word in joined if word not in _PARTICLES]
    return tuple(dict.fromkeys(telling or joined))[:MOST_WORDS]
