"""Words in the language of whoever looks at a page: English, or Spanish.

What is stored stays English (notes, audit, tasks); it is translated where it is shown, and only
while a page in Spanish is being made.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypeVar

from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import get_language, gettext, gettext_lazy, ngettext, pgettext_lazy

from crm.rules.said import CAPITALIZED, Said

Key = TypeVar("Key")


def reads_in() -> str:
    """ "en" or "es": the language of the page that is being made."""
    return "es" if (get_language() or "").startswith("es") else "en"


def translated(words: str) -> str:
    """The words in that language; as they are where nobody has translated them."""
    if not words or reads_in() == "en":
        return words
    if not isinstance(words, Said):
        return gettext(words)
    pattern = (
        ngettext(words.one, words.pattern, words.values["n"])
        if words.one
        else gettext(words.pattern)
    )
    if not words.values:
        return pattern
    if words.pattern == CAPITALIZED:
        return capfirst(translated(words.values["capitalized"]))
    return pattern % {name: _value(value) for name, value in words.values.items()}


def _value(value: object) -> object:
    """Names and what somebody typed are no words of ours."""
    return translated(value) if isinstance(value, Said) else value


def each_translated(table: Mapping[Key, str]) -> dict[Key, str]:
    """A table of words in that language."""
    return {key: translated(words) for key, words in table.items()}


def choices_translated(
    among: Iterable[tuple[Key, str]], *, context: str = ""
) -> list[tuple[Key, Promise]]:
    """The choices of a field, said when the form is drawn.

    :param context: of what they are words, where the same word is said otherwise elsewhere.
    """
    if context:
        return [(key, pgettext_lazy(context, words)) for key, words in among]
    return [(key, gettext_lazy(words)) for key, words in among]
