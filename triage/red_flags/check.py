"""The safety check that Firstcall ships: a small list of red flags in English and Spanish."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property

from triage.ports import Finding, Match
from triage.red_flags.files import load_list
from triage.rules.matching import Hit, Matcher
from triage.states import Doubt, HelpLine, Level


class RedFlagCheck:
    """Fulfills `triage.ports.SafetyCheck`. Reads both languages, whatever the hint."""

    @cached_property
    def _matcher(self) -> Matcher:
        return Matcher(load_list())

    def check(self, text: str, *, language: str = "", age_months: int | None = None) -> Finding:
        """What the list finds in `text`; a flag in doubt makes it unsure, not fine."""
        hits = self._matcher.find(text, age_months=age_months)
        matches = tuple(_match(hit) for hit in hits)
        level = max((match.level for match in matches), key=lambda it: it.rank, default=Level.NONE)
        worst = [match.line for match in matches if match.level is level]
        return Finding(
            level=level,
            line=_choose_line(worst),
            matches=matches,
            list_version=self._matcher.list.version,
            list_digest=self._matcher.list.digest,
        )


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
