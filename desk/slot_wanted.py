"""What was wanted, as a line: "next 2 weeks, mornings, within 10 miles of 85016, Spanish"."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any, Final

from crm.models.people import WEEKDAYS
from crm.rules.said import Said, say, say_all
from desk import slot_words as words
from scheduling.rules.search import Window
from scheduling.rules.words import say_date, say_list
from scheduling.states import Modality

_SEX: Final = {"female": say("with a woman"), "male": say("with a man")}
_WINDOWS: Final[Mapping[str, Said]] = {
    Window.THREE_DAYS: say("next 3 days"),
    Window.TWO_WEEKS: say("next 2 weeks"),
    Window.FIRST: say("first available"),
}
#: Each part that is kept, in the order in which it is said.
_SAID: Final[Mapping[str, Callable[[Any], str]]] = {
    "reason": lambda reason: f"“{reason}”",
    "window": lambda window: _WINDOWS[window],
    "first_on": lambda day: say("from %(day)s", day=say_date(dt.date.fromisoformat(day))),
    "last_on": lambda day: say("until %(day)s", day=say_date(dt.date.fromisoformat(day))),
    "weekdays": lambda days: say_list(say(dict(WEEKDAYS)[day]) for day in days),
    "parts_of_day": lambda parts: say_list(say(words.PARTS[part].lower()) for part in parts),
    "not_before": lambda time: say("not before %(time)s", time=time[:5]),
    "not_after": lambda time: say("before %(time)s", time=time[:5]),
    "max_miles": lambda near: (
        say("within %(miles)s miles of %(place)s", **near)
        if near["place"]
        else say("within %(miles)s miles", miles=near["miles"])
    ),
    "own_clinician": lambda _: say("same clinician as last time"),
    "provider_id": lambda _: say("a certain clinician"),
    "language": lambda code: say(words.LANGUAGES.get(code, code)),
    "sex": lambda sex: _SEX.get(sex, sex),
    "modality": lambda modality: say(words.MODALITY[Modality(modality)].lower()),
    "payer": str,
}


def say_wanted(wanted: Mapping[str, Any]) -> Said:
    """From what the ledger keeps (`scheduling.rules.search.as_json`)."""
    kept = {name: value for name, value in wanted.items() if value}
    place = kept.pop("place", "")  # where they start from; without a limit it says nothing
    if "max_miles" in kept:
        kept["max_miles"] = {"miles": kept["max_miles"], "place": place}
    said = say_all([say(kept[name]) for name, say in _SAID.items() if name in kept], ", ")
    return said.capitalized() if said else say("First available")
