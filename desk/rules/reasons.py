"""Which kind of call a typed reason means: English or Spanish, misspelt or not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from typing import Final

from scheduling.rules.trees import match_words
from scheduling.rules.trees.words import read

#: The best is plainly meant where it has so many times the points of the second.
PLAINLY: Final = 1.5


def rank_reasons(said: str, words: Mapping[str, Collection[str]]) -> tuple[str, ...]:
    """Names of the kinds that `said` may mean, best first; one alone where it is plainly meant.

    A word counts a point a letter, shared among all the kinds that have it: "appointment" says
    little, "reschedule" nearly all.

    :param words: of each kind, by its name: single words, and phrases that must all be there.
    """
    spread = Counter(
        word for phrases in words.values() for word in {w for p in phrases for w in read(p)}
    )
    points = {name: _points(said, phrases, spread) for name, phrases in words.items()}
    found = sorted((name for name in points if points[name]), key=lambda name: -points[name])
    if len(found) > 1 and points[found[0]] >= PLAINLY * points[found[1]]:
        return (found[0],)
    return tuple(found)


def _points(said: str, phrases: Collection[str], spread: Mapping[str, int]) -> float:
    """Each word of the reason once, by the word of the found phrases that it fits best."""
    match = match_words(said, phrases)
    found = {word for phrase in match.words for word in read(phrase)} if match else set()
    return sum(
        max((_fit(each, word) / spread[word] for word in found), default=0.0)
        for each in set(read(said))
    )


def _fit(said: str, word: str) -> float:
    match = match_words(said, (word,))
    return match.score if match else 0.0
