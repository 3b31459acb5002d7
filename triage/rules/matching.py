"""Finds the phrases of a list in a text, misspelt or not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from typing import Final

from rapidfuzz.distance import OSA

from triage.rules.doubts import doubt_of
from triage.rules.red_flags import Phrase, RedFlag, RedFlagList
from triage.rules.words import Word, read_words
from triage.states import Doubt

SLACK: Final = 4
"""Other words that may stand among those of a phrase ("my chest is in real pain")."""

SLACK_WIDE: Final = 8
"""The same, in a phrase of which each word says much ("threw up something like blood")."""

SLACK_IN_ORDER: Final = 1
"""Other words between two of a phrase whose order counts ("want to just die")."""

SHORTEST_MISSPELT: Final = 5
"""Letters; a shorter word means another with one letter changed."""

TWO_LETTERS_FROM: Final = 8


@dataclass(frozen=True, slots=True)
class Hit:
    """A phrase of a red flag that stands in a text, and what speaks against it."""

    flag: RedFlag
    phrase: Phrase
    doubt: Doubt


@dataclass(frozen=True)
class Matcher:
    """A list made ready to read texts with; it holds nothing of the texts."""

    list: RedFlagList

    def find(self, text: str, *, age_months: int | None = None) -> tuple[Hit, ...]:
        """Every flag in `text`, each once, the phrase that leaves least doubt.

        :param text: as it arrived; anything at all, never raises.
        :param age_months: the patient's age where known; some flags count for babies only.
        """
        words = read_words(text, shorthand=self.list.shorthand)
        meant = {word.text: self._meanings(word.text) for word in words}
        said = frozenset(chain.from_iterable(meant.values()))
        found = (
            self._hit(flag, words, meant, said)
            for flag in self.list.flags
            if _counts_at(flag, age_months)
        )
        return tuple(hit for hit in found if hit is not None)

    def _hit(
        self,
        flag: RedFlag,
        words: Sequence[Word],
        meant: Mapping[str, frozenset[str]],
        said: frozenset[str],
    ) -> Hit | None:
        doubted = None
        for phrase in flag.phrases:
            if not all(slot & said for slot in phrase.slots):
                continue
            for first, last in _places(phrase, [meant[word.text] for word in words]):
                doubt = doubt_of(words, first, last)
                if doubt is Doubt.NONE:
                    return Hit(flag, phrase, doubt)
                doubted = doubted or Hit(flag, phrase, doubt)
        return doubted

    @cached_property
    def _vocabulary(self) -> frozenset[str]:
        slots = (p.slots for flag in self.list.flags for p in flag.phrases)
        return frozenset(chain.from_iterable(chain.from_iterable(slots)))

    @cached_property
    def _stems(self) -> tuple[str, ...]:
        """ "suicid*": entries that stand for every word that begins so."""
        return tuple(entry for entry in self._vocabulary if entry.endswith("*"))

    def _meanings(self, word: str) -> frozenset[str]:
        """The entries of the list that `word` may stand for."""
        stems = (stem for stem in self._stems if _begins(word, stem[:-1]))
        exact = {word} & self._vocabulary
        if word in self.list.real_words:
            return frozenset(chain(exact, stems))
        misspelt = (entry for entry in self._vocabulary if _is_misspelt(word, entry))
        return frozenset(chain(exact, stems, misspelt))


def _counts_at(flag: RedFlag, age_months: int | None) -> bool:
    if flag.max_age_months is None:
        return True
    return age_months is not None and age_months <= flag.max_age_months


def _begins(word: str, stem: str) -> bool:
    """ "suicidal", and "sucidal" and "suiciddal" as well."""
    return word.startswith(stem) or _is_misspelt(word[: len(stem)], stem)


def _is_misspelt(word: str, entry: str) -> bool:
    """One letter off, two from eight letters on; the first two hold, or have changed places.

    Of a word of four letters only neighbors may have changed places ("pian").
    """
    if len(entry) < SHORTEST_MISSPELT:
        return _is_swapped(word, entry)
    if len(word) < SHORTEST_MISSPELT - 1:
        return False
    if word[0] != entry[0] and word[:2] != entry[1::-1]:
        return False
    reach = 2 if len(entry) >= TWO_LETTERS_FROM else 1
    return OSA.distance(word, entry, score_cutoff=reach) <= reach


def _is_swapped(word: str, entry: str) -> bool:
    if not len(word) == len(entry) == SHORTEST_MISSPELT - 1 or word[0] != entry[0]:
        return False
    return sorted(word) == sorted(entry) and OSA.distance(word, entry, score_cutoff=1) == 1


def _places(phrase: Phrase, meant: Sequence[frozenset[str]]) -> Iterator[tuple[int, int]]:
    """First and last position of each place where the phrase stands."""
    for first in range(len(meant)):
        found = _in_order(phrase, meant, first) if phrase.in_order else _near(phrase, meant, first)
        if found is not None:
            yield first, found


def _in_order(phrase: Phrase, meant: Sequence[frozenset[str]], first: int) -> int | None:
    if not phrase.slots[0] & meant[first]:
        return None
    at = first
    for slot in phrase.slots[1:]:
        reach = range(at + 1, min(at + 2 + SLACK_IN_ORDER, len(meant)))
        following = next((place for place in reach if slot & meant[place]), None)
        if following is None:
            return None
        at = following
    return at


def _near(phrase: Phrase, meant: Sequence[frozenset[str]], first: int) -> int | None:
    """The last position of all slots, each on a word of its own, the first word among them."""
    slack = SLACK_WIDE if phrase.is_wide else SLACK
    window = range(first, min(first + len(phrase.slots) + slack, len(meant)))
    places = [[at for at in window if slot & meant[at]] for slot in phrase.slots]
    if not all(places) or not any(first in found for found in places):
        return None
    taken = _assign(sorted(places, key=len), frozenset())
    return max(taken) if taken else None


def _assign(places: Sequence[Sequence[int]], taken: frozenset[int]) -> frozenset[int] | None:
    """Give each slot a word of its own; None where there are too few."""
    if not places:
        return taken
    for at in places[0]:
        if at not in taken:
            found = _assign(places[1:], taken | {at})
            if found is not None:
                return found
    return None
