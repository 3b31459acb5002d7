"""What the inbox keeps in English, said in the language of whoever reads the page.

An outcome is kept, and sent to whoever sent the message, as one text of several sentences; which
figures stand in it is known by their places in the sentences below. What nobody has translated,
such as a fault that the API names or what a person typed, is shown as it is kept.
"""

from __future__ import annotations

import re
from typing import Final

from django.utils.translation import gettext, gettext_noop, pgettext

from crm.saying import reads_in, translated

#: As `integrations` and `scheduling` write them, with what differs from message to message.
#: A test makes some of them where they come from.
WITH_FIGURES: Final = (
    gettext_noop("%(field)s is longer than %(number)s characters."),
    gettext_noop("%(field)s is missing: a new visit needs a patient with an identifier."),
    gettext_noop("%(field)s is not an HL7 time stamp."),
    gettext_noop("%(field)s names a day without a time."),
    gettext_noop("%(field)s is not a time that exists."),
    gettext_noop("MSH-1 and MSH-2 are no delimiters such as %(kind)s."),
    gettext_noop("A resource of type %(kind)s was expected."),
    gettext_noop("There are more than %(number)s entries."),
    gettext_noop("The body is longer than %(number)s bytes."),
    gettext_noop("The body must be %(kind)s."),
    gettext_noop("The message is longer than %(number)s bytes; only its beginning was kept."),
    gettext_noop(
        "In quarantine: we stumbled over it %(number)s times (%(kind)s). Report it, then replay."
    ),
    gettext_noop("Registered a visit, %(state)s."),
    gettext_noop("The visit is %(state)s now; it was %(was)s."),
    gettext_noop("The visit is %(state)s, as we knew; details were brought up to date."),
    gettext_noop("New slot, %(state)s."),
    gettext_noop("Slot is %(state)s now; it was %(was)s."),
    gettext_noop("Slot is %(state)s, as we knew."),
    gettext_noop("Call %(number)s: %(state)s."),
    gettext_noop("No agent has the extension %(number)s."),
    gettext_noop("Mended as message %(number)s"),
)
#: Which messages a replay was started for, part by part.
CHOSEN: Final = (gettext_noop("%(number)s ticked"), gettext_noop("of %(source)s"))

#: What stands in a place; any text where nothing is said here.
_HOLDS: Final = {"field": r"\S+", "number": r"[\d,]+", "state": r"[\w-]+", "was": r"[\w-]+"}
_BETWEEN: Final = re.compile(r"(?<=\.) ")
_PLACE: Final = re.compile(r"%\((\w+)\)s")


def _pattern(sentence: str) -> re.Pattern[str]:
    """What the sentence looks like with its figures in it."""
    fixed_and_named = _PLACE.split(sentence)  # every other one is the name of a place
    parts = (
        f"(?P<{part}>{_HOLDS.get(part, '.+')})" if number % 2 else re.escape(part)
        for number, part in enumerate(fixed_and_named)
    )
    return re.compile("".join(parts))


_PATTERNS: Final = {sentence: _pattern(sentence) for sentence in (*WITH_FIGURES, *CHOSEN)}


def say_outcome(text: str) -> str:
    """An outcome, a refusal or a reason, sentence by sentence."""
    whole = translated(text)
    if reads_in() == "en" or whole != text:
        return whole
    rest, said = _BETWEEN.split(text), list[str]()
    while rest:
        taken, words = _longest(rest)
        said.append(words)
        rest = rest[taken:]
    return " ".join(said)


def say_chosen(text: str) -> str:
    """ "all refused, HL7 v2, of APP|FAC"."""
    return text if reads_in() == "en" else ", ".join(map(_say, text.split(", ")))


def _longest(sentences: list[str]) -> tuple[int, str]:
    """How many of the first make one message of the catalog, and its translation."""
    for taken in range(len(sentences), 0, -1):
        told = " ".join(sentences[:taken])
        if (words := _say(told)) != told:
            return taken, words
    return 1, sentences[0]


def _say(told: str) -> str:
    """As it is where nobody has translated it."""
    words = translated(told)
    if words != told:
        return words
    for sentence, pattern in _PATTERNS.items():
        if found := pattern.fullmatch(told):
            values = {name: _value(name, value) for name, value in found.groupdict().items()}
            return gettext(sentence) % values
    return told


def _value(name: str, value: str) -> str:
    """States are words of ours; the rest are figures and names."""
    return pgettext("what became of it", value) if name in {"state", "was"} else value
