"""A list of red flags: its shape, and how its file is read."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from triage.states import HelpLine, Level

LANGUAGES: Final = ("en", "es")
_GROUP: Final = re.compile(r"<(\w+)>")


class BadList(ValueError):
    """The file is not a list of red flags; the message says where and why."""


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words that stand near each other. Each slot is a set of words, any of which fits it.

    `in_order`: one after the other, with at most one other word between two. `is_wide`: many
    words may stand between them.
    """

    text: str  # as the list has it
    language: str
    slots: tuple[frozenset[str], ...]
    in_order: bool
    is_wide: bool = False


@dataclass(frozen=True, slots=True)
class RedFlag:
    """One danger, its phrases, and where it is said that it is one.

    `max_age_months`: counts only for a patient known to be at most so old.
    """

    key: str
    name: str
    level: Level
    line: HelpLine
    source: str
    phrases: tuple[Phrase, ...]
    max_age_months: int | None = None


@dataclass(frozen=True, slots=True)
class RedFlagList:
    """`version` is the file's own; `digest` (SHA-256 of its bytes) is what a clinician signs."""

    version: str
    digest: str
    flags: tuple[RedFlag, ...]
    shorthand: Mapping[str, str]
    real_words: frozenset[str]


def read_list(data: Mapping[str, Any], *, digest: str) -> RedFlagList:
    """The list in a parsed TOML file.

    :raises BadList: for anything missing, unknown or empty.
    """
    try:
        groups = {name: frozenset(words.split()) for name, words in data["words"].items()}
        flags = tuple(_read_flag(flag, groups) for flag in data["flag"])
        return RedFlagList(
            version=str(data["version"]),
            digest=digest,
            flags=flags,
            shorthand=dict(data["shorthand"]),
            real_words=frozenset(data["real_words"].split()),
        )
    except (KeyError, AttributeError, TypeError) as error:
        raise BadList(f"The list of red flags lacks {error}.") from error


def _read_flag(flag: Mapping[str, Any], groups: Mapping[str, frozenset[str]]) -> RedFlag:
    key = str(flag["id"])
    try:
        phrases = tuple(
            _read_phrase(text, language, groups)
            for language in LANGUAGES
            for text in flag[language]
        )
        level, line = Level(flag["level"]), HelpLine(flag["line"])
    except (KeyError, ValueError) as error:
        raise BadList(f"Red flag {key!r}: {error}.") from error
    if {phrase.language for phrase in phrases} != set(LANGUAGES) or not flag["source"]:
        raise BadList(f"Red flag {key!r} needs phrases in every language, and a source.")
    age = flag.get("max_age_months")
    return RedFlag(key, flag["name"], level, line, flag["source"], phrases, age)


def _read_phrase(text: str, language: str, groups: Mapping[str, frozenset[str]]) -> Phrase:
    in_order, is_wide = text.startswith("> "), text.startswith("~ ")
    slots = tuple(frozenset(_words_of(slot, groups)) for slot in text.lstrip(">~ ").split())
    if not slots or not all(slots):
        raise BadList(f"{text!r} has no words.")
    return Phrase(text, language, slots, in_order, is_wide)


def _words_of(slot: str, groups: Mapping[str, frozenset[str]]) -> Iterator[str]:
    for part in slot.split("|"):
        group = _GROUP.fullmatch(part)
        if group is None:
            yield part
        elif group[1] in groups:
            yield from groups[group[1]]
        else:
            raise BadList(f"there is no group {part}")
