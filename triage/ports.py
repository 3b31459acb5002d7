"""What Firstcall asks of a safety check.

The setting `SAFETY_CHECK` names the class by dotted path; a health system may put its own behind
it. Whatever it raises makes the text unsure: a nurse reads it.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import Any, Protocol, cast

from django.conf import settings
from django.utils.module_loading import import_string

from triage.states import Doubt, HelpLine, Level


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """One red flag that was found. `phrase` is the list's, never the patient's own words."""

    flag: str
    name: str
    level: Level
    line: HelpLine
    doubt: Doubt
    phrase: str
    language: str
    source: str

    def as_dict(self) -> dict[str, Any]:
        """As it is kept with an alert."""
        return {key: str(value) for key, value in asdict(self).items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """The answer to "may this text speak of danger?", with the list that it was asked of.

    `line` is whom the answer names; None where nothing was found, or nothing could be.
    """

    level: Level
    line: HelpLine | None = None
    matches: tuple[Match, ...] = ()
    list_version: str = ""
    list_digest: str = ""
    failed: bool = False  # the check raised: nobody knows what the text says

    @property
    def is_none(self) -> bool:
        return self.level is Level.NONE

    @property
    def languages(self) -> frozenset[str]:
        """In which languages the phrases stood."""
        return frozenset(match.language for match in self.matches)


class SafetyCheck(Protocol):
    """Reads one text for signs of danger."""

    def check(self, text: str, *, language: str = "", age_months: int | None = None) -> Finding:
        """Quickly: a carrier's webhook waits for it (15 s at most, and others stand in line).

        :param text: as it arrived, in any language, possibly empty.
        :param language: what the patient prefers ("es-MX"); a hint, people write in others.
        :param age_months: the patient's age where one patient is known to write or be meant.
        :raises Exception: anything; the text is then taken for unsure.
        """


def get_safety_check() -> SafetyCheck:
    """The check that `SAFETY_CHECK` names, one for each process."""
    return _check(settings.SAFETY_CHECK)


@lru_cache(maxsize=8)
def _check(path: str) -> SafetyCheck:
    return cast("SafetyCheck", import_string(path)())
