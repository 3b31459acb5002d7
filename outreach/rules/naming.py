"""Names as a text may say them: a site called "Behavioral Health Center" tells too much."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from outreach.rules.segments import count_segments, to_gsm7
from outreach.rules.wording import find_health_words
from outreach.texts import FIELDS

NAMES: Final = frozenset({"site", "organization"})
"""Fields that hold a name which somebody else chose."""

_NOBODY: Final = {"en": "Your clinic", "es": "Su clínica"}


def neutral(fields: Mapping[str, str], language: str, *, instead: str) -> dict[str, str]:
    """The same fields, with names that give nothing away and fit.

    :param language: "en" or "es".
    :param instead: the organization's name, for a site whose own will not do; where that will
        not do either, "your clinic" has to.
    """
    return {
        name: neutral_name(value, language, instead=instead) if name in NAMES else value
        for name, value in fields.items()
    }


def neutral_name(name: str, language: str, *, instead: str) -> str:
    """`name`, `instead`, or "Your clinic": the first that may stand in a text."""
    return next((told for told in (name, instead) if _may_be_told(told)), _NOBODY[language])


def _may_be_told(name: str) -> bool:
    """No health words, in the SMS alphabet, and no longer than the texts have room for."""
    plain = to_gsm7(" ".join(name.split()))
    most = min(len(FIELDS[field].longest) for field in NAMES)
    fits = 0 < len(plain) <= most and not count_segments(plain).outside
    return fits and not find_health_words(plain)
