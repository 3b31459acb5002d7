"""What was wanted, as a line: "next 2 weeks, mornings, within 10 miles of 85016, Spanish"."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any, Final

from crm.models.people import WEEKDAYS
from desk import slot_words as words
from scheduling.rules.words import say_date, say_list
from scheduling.states import Modality

_SEX: Final = {"female": "with a woman", "male": "with a man"}
#: Each part that is kept, in the order in which it is said.
_SAID: Final[Mapping[str, Callable[[Any], str]]] = {
    "reason": lambda reason: f"“{reason}”",
    "window": lambda window: words.WINDOWS[window].lower(),
    "first_on": lambda day: f"from {say_date(dt.date.fromisoformat(day))}",
    "last_on": lambda day: f"until {say_date(dt.date.fromisoformat(day))}",
    "weekdays": lambda days: say_list(dict(WEEKDAYS)[day] for day in days),
    "parts_of_day": lambda parts: say_list(words.PARTS[part].lower() for part in parts),
    "not_before": lambda time: f"not before {time[:5]}",
    "not_after": lambda time: f"before {time[:5]}",
    "max_miles": lambda miles: f"within {miles} miles",
    "place": lambda place: f"of {place}",
    "own_clinician": lambda _: "same clinician as last time",
    "provider_id": lambda _: "a certain clinician",
    "language": lambda code: words.LANGUAGES.get(code, code),
    "sex": lambda sex: _SEX.get(sex, sex),
    "modality": lambda modality: words.MODALITY[Modality(modality)].lower(),
    "payer": str,
}


def say_wanted(wanted: Mapping[str, Any]) -> str:
    """From what the ledger keeps (`scheduling.rules.search.as_json`)."""
    kept = {name: value for name, value in wanted.items() if value}
    if "max_miles" not in kept:
        kept.pop("place", None)  # where they start from, and no limit to how far
    said = ", ".join(say(kept[name]) for name, say in _SAID.items() if name in kept)
    said = said.replace(" miles, of ", " miles of ")
    return said[:1].upper() + said[1:] if said else "First available"
