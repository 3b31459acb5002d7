"""What was typed into the one box, and how well somebody on record fits it. Pure.

Every part that was said has to fit, at least nearly; one may miss where two others fit exactly: a
new phone, or a birth date that was misheard. Likeness of names is Jaro-Winkler's, as in
`crm.rules.names`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from rapidfuzz.distance import JaroWinkler

from crm.rules.finding_words import Said, fold
from crm.rules.names import NEAR_NAME, SAME_NAME, Likeness, called_too, like_birth
from crm.rules.said import Said as Words
from crm.rules.said import say, say_all

#: Below this two words are of different names, whatever else fits.
LOOSE_NAME: Final = 0.80
EXACT, BEGINS, PET_NAME, SLIP, NEAR, LOOSE, INITIAL = 1.0, 0.95, 0.9, 0.85, 0.72, 0.6, 0.93
#: From so many words on, one may be missing on record: a second family name, a middle name.
MAY_LACK_ONE: Final = 3


class Part(StrEnum):
    """What somebody may be found by."""

    RECORD = "record"
    BIRTH = "birth"
    PHONE = "phone"
    NUMBER = "number"  # neither a phone nor a record number that we know
    NAME = "name"


@dataclass(frozen=True, slots=True)
class Known:
    """Somebody on record. `phones`, `ended` and `records` are those said numbers that led here."""

    given: str
    family: str
    birth_on: dt.date | None = None
    phones: Collection[str] = ()
    ended: Collection[str] = ()
    records: Collection[str] = ()


@dataclass(frozen=True, slots=True)
class PartFit:
    """How well one part fits (0 to 1, of which 1 is exactly), and what staff read of it."""

    part: Part
    degree: float
    words: Words

    @property
    def is_exact(self) -> bool:
        return self.degree >= INITIAL


@dataclass(frozen=True, slots=True)
class Fit:
    """The whole: higher is better; `why` is "Birth date and a similar name"."""

    score: float
    why: str
    is_exact: bool


#: What a part that fits is worth: a record number is one person's, a name is many people's.
_WORTH: Final = {Part.RECORD: 5.0, Part.BIRTH: 3.0, Part.PHONE: 3.0, Part.NAME: 2.0}
_MISSED: Final = {
    Part.BIRTH: say("another birth date"),
    Part.NUMBER: say("another number"),
    Part.NAME: say("another name"),
}


def fit(said: Said, known: Known) -> Fit | None:
    """How well `known` fits everything that was said; None where it does not."""
    found, missed = [], []
    for part, got in _parts(said, known):
        if got is None:
            missed.append(part)
        else:
            found.append(got)
    if not found or (missed and not _may_miss(found, missed)):
        return None
    score = sum(_WORTH[one.part] * one.degree for one in found) - len(missed)
    why = _listed([one.words for one in found])
    if missed:
        why = say_all([why, _MISSED[missed[0]]], "; ")
    return Fit(score, why.capitalized(), not missed and all(x.is_exact for x in found))


def _may_miss(found: Sequence[PartFit], missed: Sequence[Part]) -> bool:
    return len(missed) == 1 and len([one for one in found if one.degree == EXACT]) >= 2


def _parts(said: Said, known: Known) -> Iterator[tuple[Part, PartFit | None]]:
    for number in said.numbers:
        yield Part.NUMBER, _number(number.token, known)
    if said.tells_birth:
        yield Part.BIRTH, _birth(said, known.birth_on)
    if said.words:
        yield Part.NAME, _name(said.words, known)


def _number(token: str, known: Known) -> PartFit | None:
    if token in known.records:
        return PartFit(Part.RECORD, EXACT, say("record number"))
    if token in known.phones:
        return PartFit(Part.PHONE, EXACT, say("phone"))
    if token in known.ended:
        return PartFit(Part.PHONE, LOOSE, say("a phone that they had"))
    return None


def _birth(said: Said, known: dt.date | None) -> PartFit | None:
    if known is None:
        return PartFit(Part.BIRTH, 0.3, say("no birth date on record")) if said.birth_on else None
    if said.birth_on is None:
        parts = ((said.year, known.year), (said.month, known.month), (said.day, known.day))
        fits = all(told in (None, ours) for told, ours in parts)
        return PartFit(Part.BIRTH, EXACT, _partly(said)) if fits else None
    likeness = like_birth(said.birth_on, known)
    if likeness is Likeness.SAME:
        return PartFit(Part.BIRTH, EXACT, say("birth date"))
    if likeness is Likeness.NEAR:
        return PartFit(Part.BIRTH, LOOSE, say("a birth date one slip away"))
    return None


def _partly(said: Said) -> Words:
    if said.day is not None:
        return say("day and month of birth")
    if said.month is not None:
        return say("month and year of birth")
    return say("year of birth")


def _name(words: Sequence[str], known: Known) -> PartFit | None:
    """Each said word against the words on record, each of which counts once."""
    given, family = fold(known.given).split(), fold(known.family).split()
    left = [(word, True) for word in given] + [(word, False) for word in family]
    degrees = []
    for word in sorted(words, key=len, reverse=True):
        likes = [like_word(word, other, is_given=is_given) for other, is_given in left]
        degree = max(likes, default=0.0)
        if degree:
            left.pop(likes.index(degree))
        degrees.append(degree)
    lacking = degrees.count(0.0)
    if lacking > (1 if len(words) >= MAY_LACK_ONE else 0):
        return None
    degree = sum(degrees) / len(degrees)
    if family and words and not {word for word, is_given in left if not is_given} & {family[0]}:
        degree = min(EXACT, degree + 0.01)  # the first family name was said: before second names
    return PartFit(Part.NAME, degree, say("name") if degree >= INITIAL else say("a similar name"))


def like_word(said: str, known: str, *, is_given: bool) -> float:
    """How alike one said word and one word of a name are, 0 to 1; 0 for different names."""
    if said == known:
        return EXACT
    if known.startswith(said):
        return BEGINS if len(said) > 1 else INITIAL
    if is_given and known in called_too(said):
        return PET_NAME
    similarity = JaroWinkler.similarity(said, known) if len(said) > 2 else 0.0
    return next((degree for least, degree in _DEGREES if similarity >= least), 0.0)


#: From this similarity on, words are so much alike.
_DEGREES: Final = ((SAME_NAME, SLIP), (NEAR_NAME, NEAR), (LOOSE_NAME, LOOSE))


def near_births(day: dt.date) -> list[dt.date]:
    """Birth dates one slip of the finger away, or with day and month the other way round."""
    bare = day.isoformat()
    typed = {
        bare[:place] + digit + bare[place + 1 :]
        for place in (2, 3, 5, 6, 8, 9)  # the century is never mistaken
        for digit in "0123456789"
    }
    typed.add(f"{day.year:04d}-{day.day:02d}-{day.month:02d}")
    return sorted(found for text in typed if (found := _day(text)) is not None)


def _day(text: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        return None


def _listed(words: Sequence[Words]) -> Words:
    """ "a", "a and b", "a, b and c"."""
    unique = list(dict.fromkeys(words))
    head = say_all(unique[:-1], ", ")
    return say("%(first)s and %(last)s", first=head, last=unique[-1]) if head else unique[-1]
