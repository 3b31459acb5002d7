"""Which tree a typed reason means, misspellings included."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rapidfuzz.distance import OSA

_WORD = re.compile(r"[^\W_]+")
#: Characters read of one reason.
LONGEST_REASON = 500


@dataclass(frozen=True, slots=True)
class WordMatch:
    """The tree's own words that were found, and how well: one point a letter that they share
    with the reason, a third off where a word had to be guessed."""

    words: tuple[str, ...]
    score: float


def match_words(reason: str, words: Iterable[str]) -> WordMatch | None:
    """What of a tree's words stands in `reason`; None where nothing does.

    A phrase of several words is found when all of them are, in any order.
    """
    said = read(reason[:LONGEST_REASON])
    found = [(word, score) for word in words if (score := _score(read(word), said))]
    if not found:
        return None
    found.sort(key=lambda each: (-each[1], each[0]))
    return WordMatch(tuple(word for word, _ in found), round(sum(s for _, s in found), 2))


def read(text: str) -> tuple[str, ...]:
    """Small letters without accents."""
    parted = unicodedata.normalize("NFD", text.casefold())
    plain = "".join(c for c in parted if not unicodedata.combining(c))
    return tuple(_WORD.findall(plain))


def _score(phrase: Sequence[str], said: Sequence[str]) -> float:
    points = [max((_points(word, each) for each in said), default=0.0) for word in phrase]
    return sum(points) if points and all(points) else 0.0


def _points(word: str, said: str) -> float:
    """0 for another word. One slip (a letter more, less, other, or two swapped) may be in words of
    four letters on, two in words of eight; the first letter is rarely wrong."""
    if said == word or said in {f"{word}s", f"{word}es"}:
        return float(len(word))
    slips = 2 if len(word) >= 8 else 1 if len(word) >= 4 else 0
    if not slips or said[:1] != word[:1]:
        return 0.0
    apart = OSA.distance(word, said, score_cutoff=slips)
    return len(word) * 2 / 3 if apart <= slips else 0.0
