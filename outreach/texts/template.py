"""The shape of a message template and of the fields that it may name."""

from __future__ import annotations

import string
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from crm.states import Purpose

LANGUAGES: Final = ("en", "es")
"""Languages in which every text exists."""


class UnknownText(LookupError):
    """No template has that key, or it lacks that language."""


@dataclass(frozen=True, kw_only=True)
class Field:
    """A fact that a template may name; `longest` is the longest value to reckon with."""

    meaning: str
    longest: str


FIELDS: Final[Mapping[str, Field]] = MappingProxyType(
    {
        "site": Field(
            meaning="neutral short name of the site, without a department (at most 24)",
            longest="Northlake Riverbank East",
        ),
        "time": Field(
            meaning="the time in question, from say_time in the zone of the site",
            longest="Wed Sep 23, 12:40 PM",
        ),
        "old_time": Field(
            meaning="the later visit that is given up, from say_time",
            longest="Wed Sep 30, 12:40 PM",
        ),
        "other_time": Field(
            meaning="another opening, from say_time",
            longest="Wed Sep 23, 12:50 PM",
        ),
        "link": Field(
            meaning="address of a patient's page, or of one to book on (at most 48)",
            longest="https://visits.northlake.org/o/7Kq2mXw9TzR4b_-v/",
        ),
        "first": Field(
            meaning="what reply 1 stands for: a time, and whose where that must be said",
            longest="Wed Sep 23, 12:40 PM (Alexandria)",
        ),
        "second": Field(
            meaning="what reply 2 stands for",
            longest="Wed Sep 30, 12:40 PM (Alexandros)",
        ),
        "organization": Field(
            meaning="the organization as patients know it (at most 24)",
            longest="Northlake Health Network",
        ),
        "code": Field(meaning="a one-time code of six digits", longest="408215"),
        "words": Field(
            meaning="what somebody at the desk has typed (one segment at most)",
            longest="Yes, that time is still free, and there is room for two. Parking is behind "
            "the building, on Elm Street. Please come ten minutes early. See you.",
        ),
        "phone": Field(
            meaning="a number that a person answers",
            longest="(312) 555-0142",
        ),
    }
)
"""Every field that a template may name."""


@dataclass(frozen=True, kw_only=True)
class Template:
    """One message in every language.

    `version` goes up with every change of a body, and each message sent keeps it. Bodies are
    written with their accents; `render` takes off those that SMS lacks.

    :raises ValueError: when a body is missing or names other fields than declared.
    """

    key: str
    version: int
    purpose: Purpose
    fields: frozenset[str]
    en: str
    es: str

    def __post_init__(self) -> None:
        if unknown := self.fields - FIELDS.keys():
            raise ValueError(f"Text {self.key!r} declares unknown fields {sorted(unknown)}.")
        for language in LANGUAGES:
            named = _fields_named(self.body(language))
            if named != self.fields:
                raise ValueError(
                    f"Text {self.key!r} in {language!r} names {sorted(named)}, "
                    f"but declares {sorted(self.fields)}."
                )

    def body(self, language: str) -> str:
        """The text with its {fields}.

        :raises UnknownText: for a language not in `LANGUAGES`.
        """
        bodies = {"en": self.en, "es": self.es}
        if language not in bodies:
            raise UnknownText(f"Text {self.key!r} does not exist in {language!r}.")
        return bodies[language]


def _fields_named(body: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(body) if name is not None}
