"""The offer page's words: complete in both languages, and used as they are there."""

from __future__ import annotations

import re
import string
from pathlib import Path

import pytest

from waitlist.offer_words import _WORDS, LANGUAGES, NoSuchWords, Words

TEMPLATES = sorted((Path(__file__).parents[2] / "templates/waitlist").glob("offer*.html"))
SOURCES = [
    *TEMPLATES,
    *(Path(__file__).parents[2] / "waitlist").glob("offer_*.py"),
]
FACTS = dict.fromkeys(
    (
        *("organization", "phone", "name", "site", "clinician", "minutes", "day", "clock"),
        *("zone", "old_time", "left"),
    ),
    "x",
)
#: Said only where the page is in Spanish.
SPANISH_ONLY = {"before_english"}


def fields(said: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(said) if name}


@pytest.mark.parametrize("key", _WORDS)
def test_says_the_same_in_both_languages(key: str) -> None:
    said = _WORDS[key]
    if key not in SPANISH_ONLY:
        assert said.en
        assert fields(said.en) == fields(said.es)
    assert said.es
    assert said.es != said.en


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_word_can_be_filled(language: str) -> None:
    words = Words(language, **FACTS)
    assert len(words) == len(_WORDS)
    assert not any("{" in words[key] or "!" in words[key] for key in words)


def test_templates_use_words_that_exist() -> None:
    used = {
        key for file in TEMPLATES for key in re.findall(r"\bwords\.(\w+)", file.read_text("utf-8"))
    }
    assert len(used) > 20
    assert used <= set(_WORDS)


def test_no_word_is_left_over() -> None:
    text = "\n".join(file.read_text("utf-8") for file in SOURCES)
    made = {f"{part}_error" for part in ("month", "day", "year")} | {"month", "day", "year"}
    unused = {
        key
        for key in _WORDS
        if key not in made and not re.search(rf'words\.{key}\b|(?<!    )"{key}"(?!: Said)', text)
    }
    assert not unused


def test_a_missing_word_or_fact_is_not_swallowed_by_a_template() -> None:
    words = Words("en", phone="1")
    with pytest.raises(NoSuchWords, match="nonsense"):
        words["nonsense"]
    with pytest.raises(NoSuchWords, match="old_time"):
        words["old_stays"]


def test_texts_and_spanish_pages_use_the_formal_you() -> None:
    informal = re.compile(r"\b(tu|tus|tú|te|contigo|quieres|puedes|llama|escribe)\b", re.IGNORECASE)
    assert not {key for key in _WORDS if informal.search(_WORDS[key].es)}
