"""What a text message says once case, accents, punctuation, and decoration are gone."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

LONGEST_READ = 1_600
"""Characters read of one inbound text: the most that Twilio delivers in one message."""

_APOSTROPHES = re.compile("['\u2018\u2019`\u00b4\u02bc]")
_QUESTION_MARKS = frozenset("?\u00bf\u061f\u203d\u2753\u2754")
_QUOTED_MESSAGE = re.compile('[\u201c\u201e\u00ab"][^\u201d\u00bb"]{20,}(?:[\u201d\u00bb"]|$)')
_WRY_FACE = re.compile(r"(?<!\w)[:;=]-?[/\\(|](?!/)")
_CLAUSE_END = re.compile("[.,;:!?()\\n\u00a1\u00bf\u2013\u2014]+")
_GENDER_SIGNS = frozenset("\u2640\u2642")
_DROPPED_CATEGORIES = frozenset({"Mn", "Me", "Cf", "Sk"})
_WORD = re.compile(r"[^\W_]+|[^\w\s]")


@dataclass(frozen=True, kw_only=True)
class Plain:
    """A text message made comparable.

    `clauses` are lists of words in lower case without accents; an emoji or other symbol that
    may carry meaning is a word of its own. `asks` tells whether a question mark in any script
    stood in the message, `quotes` whether it quoted another message (as the phone's "Liked ..."
    reactions do); the quoted part is left out of the words.
    """

    clauses: tuple[tuple[str, ...], ...]
    asks: bool
    quotes: bool

    @property
    def words(self) -> tuple[str, ...]:
        """All words in order; letters spelled out one by one ("s t o p") are put together."""
        words = tuple(word for clause in self.clauses for word in clause)
        if len(words) > 1 and all(len(word) == 1 and word.isalpha() for word in words):
            return ("".join(words),)
        return words


def simplify(text: str) -> Plain:
    """Reduce `text` to words; never raises, whatever the characters."""
    shown = unicodedata.normalize("NFKC", _APOSTROPHES.sub("", text[:LONGEST_READ]))
    without_quotes = _QUOTED_MESSAGE.sub(" ", shown)
    readable = _WRY_FACE.sub(" \u2639 ", without_quotes).replace("#", " number ")
    clauses = (_words(clause) for clause in _CLAUSE_END.split(readable))
    return Plain(
        clauses=tuple(clause for clause in clauses if clause),
        asks=not _QUESTION_MARKS.isdisjoint(shown),
        quotes=without_quotes != shown,
    )


def _words(clause: str) -> tuple[str, ...]:
    # Twice: folding the case of a few letters brings combining marks back.
    bare = _without_marks(_without_marks(clause).casefold())
    return tuple(word for word in _WORD.findall(bare) if not _is_punctuation(word))


def _without_marks(text: str) -> str:
    """Without accents, emoji skin tones and genders, variation selectors, invisible signs."""
    return "".join(
        char
        for char in unicodedata.normalize("NFD", text)
        if unicodedata.category(char) not in _DROPPED_CATEGORIES and char not in _GENDER_SIGNS
    )


def _is_punctuation(word: str) -> bool:
    return len(word) == 1 and unicodedata.category(word).startswith(("P", "C"))
