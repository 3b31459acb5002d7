"""Is this the same person? Names and birth dates as people type them. Pure.

Nobody is taken for somebody else here: what is near, and not sure, is for a person to compare.
Figures are Jaro-Winkler similarities (0 to 1); 0.92 lets one slip in a short name pass
("Gonzales", "Gonzalez"), and keeps "Maria" and "Marta" (0.91) apart, since twins have such names.
"""

from __future__ import annotations

import datetime as dt
import unicodedata
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from rapidfuzz.distance import JaroWinkler

SAME_NAME: Final = 0.92
NEAR_NAME: Final = 0.84

#: What people are called and what stands in the record, English and Spanish.
_CALLED: Final = (
    *({"william", "bill", "will", "billy"}, {"robert", "bob", "rob", "bobby"}),
    *({"richard", "rick", "dick", "rich"}, {"james", "jim", "jimmy"}, {"john", "jack", "johnny"}),
    *({"michael", "mike"}, {"thomas", "tom"}, {"joseph", "joe"}, {"charles", "chuck", "charlie"}),
    *({"edward", "ed", "ted"}, {"anthony", "tony"}, {"daniel", "dan", "danny"}),
    *({"margaret", "peggy", "maggie", "meg"}, {"elizabeth", "liz", "beth", "betty", "eliza"}),
    *({"katherine", "catherine", "kate", "kathy", "cathy"}, {"patricia", "pat", "patty", "trish"}),
    *({"susan", "sue", "susie"}, {"rebecca", "becky"}, {"jennifer", "jen", "jenny"}),
    *({"jose", "pepe"}, {"francisco", "paco", "pancho"}, {"guadalupe", "lupe"}),
    *({"jesus", "chuy"}, {"ignacio", "nacho"}, {"dolores", "lola"}, {"guillermo", "memo"}),
    *({"rosario", "charo"}, {"concepcion", "concha"}, {"enrique", "quique"}, {"rafael", "rafa"}),
)


class Likeness(IntEnum):
    """How much two names or people are alike."""

    OTHER = 0
    NEAR = 1  # a person must compare
    SAME = 2


@dataclass(frozen=True, slots=True)
class Named:
    """Somebody as typed or on record; `birth_on` may be unknown on record."""

    given: str
    family: str
    birth_on: dt.date | None


def plain(name: str) -> str:
    """Letters alone, small, without accents: "María-José" is "maria jose"."""
    bare = unicodedata.normalize("NFKD", name)
    kept = (char if char.isalpha() else " " for char in bare if not unicodedata.combining(char))
    return " ".join("".join(kept).casefold().split())


def like_given(typed: str, known: str) -> Likeness:
    """Of first names: a second one is left aside, a pet name counts, an initial is near."""
    ours, theirs = plain(typed).split(), plain(known).split()
    if not ours or not theirs:
        return Likeness.NEAR
    if ours == theirs or any({ours[0], theirs[0]} <= called for called in _CALLED):
        return Likeness.SAME
    if len(ours[0]) == 1 or len(theirs[0]) == 1:
        return Likeness.NEAR if ours[0][0] == theirs[0][0] else Likeness.OTHER
    return _graded(JaroWinkler.similarity(ours[0], theirs[0]))


_TOO: Final = {
    name: frozenset().union(*(called for called in _CALLED if name in called)) - {name}
    for name in frozenset().union(*_CALLED)
}


def called_too(given: str) -> frozenset[str]:
    """What somebody of that first name may be called, or is called for: "bob" is "robert"."""
    return _TOO.get(given, frozenset())


def like_family(typed: str, known: str) -> Likeness:
    """Of family names: one of two is enough, as Spanish names are shortened ("García López")."""
    ours, theirs = plain(typed), plain(known)
    if not ours or not theirs:
        return Likeness.NEAR
    whole = _graded(JaroWinkler.similarity(ours, theirs))
    shares = {part for part in ours.split() if len(part) > 2} & set(theirs.split())
    return Likeness.SAME if shares else whole


def _graded(similarity: float) -> Likeness:
    if similarity >= SAME_NAME:
        return Likeness.SAME
    return Likeness.NEAR if similarity >= NEAR_NAME else Likeness.OTHER


def like_birth(typed: dt.date, known: dt.date | None) -> Likeness:
    """One slip of the finger, or day and month the other way round, is near."""
    if known is None:
        return Likeness.NEAR
    if typed == known:
        return Likeness.SAME
    ours, theirs = typed.isoformat(), known.isoformat()
    slips = sum(a != b for a, b in zip(ours, theirs, strict=True))
    swapped = (typed.year, typed.month, typed.day) == (known.year, known.day, known.month)
    return Likeness.NEAR if slips == 1 or swapped else Likeness.OTHER


def may_be_same(typed: Named, known: Named, *, shares_phone: bool) -> bool:
    """Whether registering `typed` beside `known` could make one person two.

    With the same birth date a family name that is near is enough, or a given name where the
    family name may have changed by marriage and the phone is the same; with a birth date that is
    near, both names and the phone must speak for it.
    """
    born = like_birth(typed.birth_on, known.birth_on) if typed.birth_on else Likeness.NEAR
    given, family = like_given(typed.given, known.given), like_family(typed.family, known.family)
    if born is Likeness.SAME:
        alike = family >= Likeness.NEAR and given >= Likeness.NEAR
        return alike or (shares_phone and (given is Likeness.SAME or family is Likeness.SAME))
    if born is Likeness.NEAR:
        return shares_phone and given is Likeness.SAME and family >= Likeness.NEAR
    return False
