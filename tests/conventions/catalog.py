"""A catalog of translations, as GNU gettext writes it: enough of the format for ours."""

from __future__ import annotations

import ast
import gettext
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from tests.conventions.repo import ROOT
from tests.conventions.words import Message

FOLDER = Path("config/locale/es/LC_MESSAGES")
_FIELD = re.compile(r'(msgctxt|msgid_plural|msgid|msgstr(?:\[\d\])?) (".*")')


def read(catalog: str) -> Iterator[tuple[Message, tuple[str, ...], str]]:
    """Each message with its translations (one, or one for each plural form), and its flags."""
    for block in re.split(r"\n{2,}", catalog.strip()):
        fields, flags = _fields(block)
        text = fields.pop("msgid", "")
        if text:
            message = Message(text, fields.pop("msgid_plural", ""), fields.pop("msgctxt", ""))
            yield message, tuple(fields.values()), flags


def _fields(block: str) -> tuple[dict[str, str], str]:
    fields: dict[str, str] = {}
    flags, field = "", ""
    for line in block.splitlines():
        if line.startswith("#"):
            flags += line[2:] if line.startswith("#,") else ""
        elif begun := _FIELD.fullmatch(line):
            field = begun[1]
            fields[field] = ast.literal_eval(begun[2])
        else:
            fields[field] += ast.literal_eval(line)
    return fields, flags


@cache
def part(name: str) -> dict[Message, tuple[str, ...]]:
    """One file of the catalog; what a tool guessed counts as missing."""
    source = (ROOT / FOLDER / name).read_text("utf-8")
    return {message: said for message, said, flags in read(source) if "fuzzy" not in flags}


def by_variable() -> dict[Message, tuple[str, ...]]:
    """What templates and modules ask for by a variable: kept by hand."""
    return part("by_variable.po")


def spanish() -> dict[Message, tuple[str, ...]]:
    """All that the pages use, from its sources."""
    return by_variable() | part("django.po")


def compiled() -> gettext.GNUTranslations:
    """The same as machines read it."""
    with (ROOT / FOLDER / "django.mo").open("rb") as file:
        return gettext.GNUTranslations(file)
