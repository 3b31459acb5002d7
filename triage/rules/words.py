"""What a text message says once case, accents and typing habits are gone.

Nothing is thrown away that could carry a flag: unlike the reading of replies, which must not
book by mistake, this must not overlook.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

LONGEST_READ: Final = 1_600
"""Characters read of one text: the most that Twilio delivers in one message."""

_APOSTROPHES: Final = re.compile("['\u2018\u2019`\u00b4\u02bc]")
_CLAUSE_END: Final = re.compile(
    r"[.,;:!?()\n\u00a1\u00bf\u2013\u2014]+|\b(?:but|however|although|pero|aunque|sin embargo)\b"
)
_WORD: Final = re.compile(r"[^\W_]+")
_HELD_DOWN: Final = re.compile(r"(.)\1{2,}")
#: Letters in place of which people and filters put signs.
_SIGNS: Final = str.maketrans({"@": "a", "$": "s", "\u0131": "i"})
#: A phone's "Liked …" sends our own words back to us; they say nothing about the patient.
_REACTION: Final = re.compile(
    "^(?:liked|loved|emphasized|questioned|disliked|laughed at|le gusto|le encanto|"
    "[^\\w\\s]+ (?:to|a)|reacted .{1,12} to) "
    '["\u201c\u00ab][^"\u201c\u201d\u00ab\u00bb]{20,}["\u201d\u00bb]?$'
)


@dataclass(frozen=True, slots=True)
class Word:
    """One word of a text. `clause` counts up where a sentence or a thought ends."""

    text: str
    clause: int


def read_words(text: str, *, shorthand: Mapping[str, str]) -> tuple[Word, ...]:
    """The words of `text` in order; never raises, whatever the characters.

    :param shorthand: words, or runs of words, and what they stand for ("can not": "cant").
    """
    plain = _plain(text[:LONGEST_READ])
    if _REACTION.match(plain.strip()):
        return ()
    words: list[Word] = []
    for clause, part in enumerate(_CLAUSE_END.split(plain)):
        said = _spell_out(" ".join(_WORD.findall(part)), shorthand)
        words.extend(Word(squeeze(word), clause) for word in said.split())
    return tuple(words)


def words_in(text: str) -> frozenset[str]:
    """The words of a table that is written as text."""
    return frozenset(text.split())


def squeeze(word: str) -> str:
    """ "heeeelp" and "helppp": letters held down are let go."""
    return _HELD_DOWN.sub(r"\1", word)


def _plain(text: str) -> str:
    """Lower case, without accents, apostrophes, and what cannot be seen."""
    shown = unicodedata.normalize("NFKC", _APOSTROPHES.sub("", text)).translate(_SIGNS)
    marked = unicodedata.normalize("NFD", shown.casefold())
    return "".join(c for c in marked if unicodedata.category(c) not in {"Mn", "Me", "Cf", "Sk"})


def _spell_out(said: str, shorthand: Mapping[str, str]) -> str:
    padded = f" {said} "
    for short, meant in shorthand.items():
        while f" {short} " in padded:
            padded = padded.replace(f" {short} ", f" {meant} ")
    return padded
