"""Two languages: what pages of the staff say has its Spanish, and nothing stands there bare."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.conventions import catalog, words
from tests.conventions.repo import text_of
from tests.conventions.words import Message

#: Templates that say everything in both languages (docs/languages.md). A folder that is made
#: bilingual gets its line here.
BILINGUAL = (
    *("templates/base.html", "templates/[45]*.html", "templates/errors/*.html"),
    *("templates/components/*.html", "templates/desk/*.html"),
    *("templates/anatomy/*.html", "templates/live/*.html", "templates/knowledge/*.html"),
    *("templates/inbox/*.html", "templates/records/*.html"),
    *("templates/screen/*.html", "templates/screen/panels/*.html"),
    *("templates/slots/*.html", "templates/visits/*.html", "templates/waitlist/*.html"),
    *("templates/inventory/mislabeled.html", "templates/trees/run.html"),
)
#: Where managers write what others read: in English, so far.
ENGLISH = {
    f"templates/knowledge/{name}.html" for name in ("checks", "draft", "new", "place", "publish")
}
_PLACE = re.compile(r"%\(\w+\)[sd]|%[sd]|\{\}")


def bilingual() -> list[Path]:
    return [
        path
        for path in words.templates()
        if any(path.match(pattern) for pattern in BILINGUAL) and str(path) not in ENGLISH
    ]


def places(text: str) -> set[str]:
    """What a sentence leaves open: %(name)s."""
    return set(_PLACE.findall(text))


class TestReading:
    """The tests below see what they should."""

    @pytest.mark.parametrize(
        ("template", "bare"),
        [
            ("<p>Nothing yet</p>", ["Nothing yet"]),
            ('<p title="Not yet">{{ name }}</p>', ["Not yet"]),
            ('{% include "a.html" with title="None here" icon="circle" %}', ["None here"]),
            ('{{ owner|default:"nobody" }}', ["nobody"]),
            ("{{ count }} call{{ count|pluralize }}", ["\ue000 call\ue000", "count|pluralize"]),
            ('<p>{% translate "Nothing yet" %} <kbd>Esc</kbd> · Firstcall 911</p>', []),
            ("{% blocktranslate with a=b %}Of {{ a }}{% endblocktranslate %}", []),
            ('{% include "a.html" with title=_("None here") %}', []),
            ('<a class="btn" lang="es">Español</a>{% icon name|default:"circle-dashed" %}', []),
            ("{% block main_class %}shell full{% endblock %}", []),
        ],
    )
    def test_finds_bare_english(self, template: str, bare: list[str]) -> None:
        assert words.said_bare(template) == bare

    @pytest.mark.parametrize(
        ("template", "asked"),
        [
            ('{% translate "Open" %}', Message("Open")),
            ('{% translate "open" context "a time" %}', Message("open", context="a time")),
            ('{{ day|date:_("M j") }}', Message("M j")),
            ('{% include "a.html" with title=_("None") %}', Message("None")),
            (
                "{% blocktranslate count n=3 %}One{% plural %}{{ n }} all{% endblocktranslate %}",
                Message("One", "%(n)s all"),
            ),
        ],
    )
    def test_finds_what_templates_ask_for(self, template: str, asked: Message) -> None:
        assert words.asked_in_template(template) == {asked}

    def test_finds_what_modules_ask_for(self) -> None:
        found = {m for path, m in words.asked_in_python() if path.name == "signing_in.py"}
        assert Message("Front desk") in found

    def test_reads_a_catalog(self) -> None:
        source = (
            'msgid ""\nmsgstr ""\n"Language: es\\n"\n\n'
            '#, fuzzy\nmsgctxt "verb"\nmsgid "Open"\nmsgstr "Abrir"\n\n'
            'msgid "a"\nmsgid_plural ""\n"as"\nmsgstr[0] "x"\nmsgstr[1] "xs"\n'
        )
        assert list(catalog.read(source)) == [
            (Message("Open", context="verb"), ("Abrir",), " fuzzy"),
            (Message("a", "as"), ("x", "xs"), ""),
        ]


def test_no_english_stands_bare_where_both_languages_are_spoken() -> None:
    found = bilingual()
    assert len(found) > 150
    bare = {str(path): words.said_bare(text_of(path)) for path in found}
    assert not {path: said for path, said in bare.items() if said}


def test_whatever_is_asked_for_has_its_spanish() -> None:
    """`make messages` gathers what is new; somebody translates it."""
    asked = {
        message: path
        for path in words.templates()
        for message in words.asked_in_template(text_of(path))
    } | {message: path for path, message in words.asked_in_python()}
    known = catalog.spanish()
    assert len(asked) > 300
    missing = {m: str(path) for m, path in asked.items() if not all(known.get(m) or [""])}
    assert not missing


def test_what_is_asked_for_by_a_variable_is_still_said_somewhere() -> None:
    """A sentence that was changed where it is made would be English again, and nobody told."""
    written = words.written()
    said_nowhere = [
        message.text
        for message in catalog.by_variable()
        if message.text not in written and f'"{code_of(message.text)}"' not in written
    ]
    assert not said_nowhere
    assert not catalog.by_variable().keys() & catalog.part("django.po").keys()


def code_of(word: str) -> str:
    """The code that a word was made of: "Critical result" of "critical-result"."""
    return word.lower().replace(" ", "-")


def test_the_spanish_leaves_open_what_the_english_does() -> None:
    """One of them may say "one" where the other counts."""
    wrong = {
        message: said
        for message, said in catalog.spanish().items()
        if places(said[-1]) != places(message.plural or message.text)
        or not places(said[0]) <= places(message.plural or message.text)
    }
    assert not wrong


def test_the_compiled_catalog_says_what_its_source_does() -> None:
    """A machine without gettext has the compiled one alone: `make messages` writes both."""
    spoken, stale = catalog.compiled(), []
    for message, said in catalog.spanish().items():
        if message.plural:
            found = tuple(spoken.ngettext(message.text, message.plural, n) for n in (1, 2))
        elif message.context:
            found = (spoken.pgettext(message.context, message.text),)
        else:
            found = (spoken.gettext(message.text),)
        if found != said:
            stale.append(message)
    assert not stale
