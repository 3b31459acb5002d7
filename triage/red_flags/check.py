"""The safety check that Firstcall ships: a small list of red flags in English and Spanish."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import Final

from triage.ports import Finding, Match
from triage.red_flags.files import load_list
from triage.rules.matching import Hit, Matcher
from triage.rules.words import LONGEST_READ
from triage.states import Doubt, HelpLine, Level

#: Characters that two windows share: wider than any phrase with what stands around it.
OVERLAP: Final = 400
#: Windows of `LONGEST_READ` that one text is read in; 6,400 characters in all.
MOST_WINDOWS: Final = 5
LONGEST_CHECKED: Final = LONGEST_READ + (MOST_WINDOWS - 1) * (LONGEST_READ - OVERLAP)


class RedFlagCheck:
    """Fulfills `triage.ports.SafetyCheck`. Reads both languages, whatever the hint."""

    @cached_property
    def _matcher(self) -> Matcher:
        return Matcher(load_list())

    def check(self, text: str, *, language: str = "", age_months: int | None = None) -> Finding:
        """What the list finds in `text`; a flag in doubt makes it unsure, not fine, and so does
        more text than is read."""
        found: dict[str, Hit] = {}
        for window in _windows(text):
            for hit in self._matcher.find(window, age_months=age_months):
                if hit.flag.key not in found or hit.doubt is Doubt.NONE:
                    found[hit.flag.key] = hit
        matches = tuple(_match(hit) for hit in found.values())
        least = Level.UNSURE if len(text) > LONGEST_CHECKED else Level.NONE
        level = max((least, *(match.level for match in matches)), key=lambda it: it.rank)
        worst = [match.line for match in matches if match.level is level]
        return Finding(
            level=level,
            line=_choose_line(worst),
            matches=matches,
            list_version=self._matcher.list.version,
            list_digest=self._matcher.list.digest,
        )


def _windows(text: str) -> Iterator[str]:
    """The text in pieces that overlap, as far as it is read; at least one."""
    step = LONGEST_READ - OVERLAP
    last = max(min(len(text), LONGEST_CHECKED) - OVERLAP, 1)
    return (text[start : start + LONGEST_READ] for start in range(0, last, step))


def _match(hit: Hit) -> Match:
    return Match(
        flag=hit.flag.key,
        name=hit.flag.name,
        level=hit.flag.level if hit.doubt is Doubt.NONE else Level.UNSURE,
        line=hit.flag.line,
        doubt=hit.doubt,
        phrase=hit.phrase.text,
        language=hit.phrase.language,
        source=hit.flag.source,
    )


def _choose_line(lines: Iterable[HelpLine]) -> HelpLine | None:
    """911 before the others: a swallowed bottle with the wish to die is an attempt under way."""
    named = set(lines)
    if not named:
        return None
    return named.pop() if len(named) == 1 else HelpLine.CALL_911
