"""What the staff's pages say, as the tests of its two languages see it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import NamedTuple

from django.template.base import Lexer, Token, TokenType
from django.utils.translation.template import templatize

from tests.conventions.repo import APPS, committed, text_of

#: Said in one language by their nature: names of products, units, abbreviations, codes.
NAMES = {"Firstcall", "CSV", "TTY", "EHR", "EN", "ES", "min", "UTC"}
#: Made-up examples of what may be typed.
EXAMPLES = {"maria alvarez 3/14/1972"}
#: Attributes that are read aloud or shown.
SPOKEN = {"aria-label", "aria-description", "aria-roledescription", "title", "placeholder", "alt"}
#: Elements whose text is for machines, or is a key.
UNSAID = {"script", "style", "code", "kbd"}
VOID = {"input", "img", "br", "hr", "meta", "link", "use", "rect", "source", "wbr", "col"}
#: Tags whose content is no text of the page's: translated as one, or nothing at all.
WHOLE = {"blocktranslate", "comment"}
#: Blocks of the bases that take a class or a topic.
CODES = re.compile(r"block (main_class|live_topics)")
#: Stands for whatever a tag or a variable says.
GAP = "\ue000"

_LITERAL = r"""("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')"""
_GIVEN = re.compile(rf"\b(?:\w+)={_LITERAL}|\|(?:default|default_if_none|yesno):{_LITERAL}")
_CALL = re.compile(rf"\b(n?p?gettext|_)\(\s*((?:u?{_LITERAL}\s*,?\s*)+)")
_STRING = re.compile(_LITERAL)
_WORD = re.compile(r"[^\W\d_]{2,}")


class Message(NamedTuple):
    """What a translation is asked for by: `plural` and `context` are empty where there is none."""

    text: str
    plural: str = ""
    context: str = ""


def said_bare(template: str) -> list[str]:
    """English that stands in a template without asking for a translation."""
    tokens = list(_without_translated(Lexer(template).tokenize()))
    page = _Page()
    page.feed("".join(t.contents if t.token_type is TokenType.TEXT else GAP for t in tokens))
    page.close()
    return [*page.bare, *(said for token in tokens for said in _bare_in_tag(token))]


def _without_translated(tokens: list[Token]) -> Iterator[Token]:
    """The tokens outside comments, what is translated as a block, and blocks that hold codes."""
    until = ""
    for token in tokens:
        word = token.contents.split(maxsplit=1)[0] if token.contents.strip() else ""
        is_tag = token.token_type is TokenType.BLOCK
        if until:
            until = "" if is_tag and word == until else until
        elif is_tag and (word in WHOLE or CODES.fullmatch(token.contents)):
            until = f"end{word}"
        elif token.token_type is not TokenType.COMMENT:
            yield token


def _bare_in_tag(token: Token) -> Iterator[str]:
    """`title="Nothing yet"` for an include, `|default:"nobody"`, and English plurals."""
    if token.token_type is TokenType.TEXT:
        return
    if "|pluralize" in token.contents:
        yield token.contents
    for named, fallback in _GIVEN.findall(token.contents):
        if _is_said(named[1:-1]) or (_is_words(fallback[1:-1]) and not _is_icon(token)):
            yield (named or fallback)[1:-1]


def _is_icon(token: Token) -> bool:
    """A fallback there is the name of one."""
    return token.contents.startswith("icon ")


def _is_words(text: str) -> bool:
    """Whether something is left of it without the names."""
    return text not in EXAMPLES and not NAMES.issuperset(_WORD.findall(text))


def _is_said(text: str) -> bool:
    """A sentence or a word, and no code ("circle-check")."""
    return _is_words(text) and (" " in text or text[:1].isupper())


class _Page(HTMLParser):
    """Collects words; whatever says its own language (`lang=`) may say it."""

    def __init__(self) -> None:
        super().__init__()
        self.bare: list[str] = []
        self._unsaid: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        exempt = tag in UNSAID or ("lang" in given and tag != "html")
        if tag not in VOID and (self._unsaid or exempt):
            self._unsaid.append(tag)
        self.bare += [
            said for name in SPOKEN if (said := given.get(name) or "") and _is_words(said)
        ]

    def handle_endtag(self, tag: str) -> None:
        if self._unsaid and self._unsaid[-1] == tag:
            self._unsaid.pop()

    def handle_data(self, data: str) -> None:
        if not self._unsaid and _is_words(data):
            self.bare.append(data.strip())


def templates() -> Iterator[Path]:
    """Our templates, relative to the root."""
    return (path for path in committed() if path.suffix == ".html" and "templates" in path.parts)


def asked_in_template(template: str) -> set[Message]:
    """What a template asks for, as `make messages` sees it."""
    return {_message(name, said) for name, said, _ in _CALL.findall(templatize(template))}


def _message(name: str, said: str) -> Message:
    strings = [ast.literal_eval(one) for one in _STRING.findall(said)]
    context = strings.pop(0) if "p" in name.removesuffix("gettext") else ""
    plural = strings[1] if name.startswith("n") else ""
    return Message(strings[0], plural, context)


def asked_in_python() -> Iterator[tuple[Path, Message]]:
    """What our modules ask for, by `gettext` and its kin; by a variable they ask unseen."""
    for path in committed():
        if path.suffix != ".py" or path.parts[0] not in APPS or "gettext" not in text_of(path):
            continue
        tree = ast.parse(text_of(path), filename=str(path))
        names = _imported(tree)
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                message = _of_call(names.get(node.func.id, ""), node)
                if message:
                    yield path, message


def written() -> str:
    """All our modules as one text, with strings of several lines put together."""
    modules = (text_of(p) for p in committed() if p.suffix == ".py" and p.parts[0] in APPS)
    return re.sub(r'"\s*\n\s*f?"', "", "\n".join(modules))


def _imported(tree: ast.Module) -> dict[str, str]:
    """Local names of Django's functions: `_` is `gettext`."""
    return {
        alias.asname or alias.name: alias.name.removesuffix("_lazy").removesuffix("_noop")
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module == "django.utils.translation"
        for alias in node.names
        if "gettext" in alias.name
    }


def _of_call(name: str, call: ast.Call) -> Message | None:
    """None for another function, and where a variable asks. What is put together at run time is
    found in no catalog, and so comes as it stands."""
    kind = name.removesuffix("gettext")
    said = call.args[: 1 + len(kind)] if name else []
    if not said or not all(isinstance(one, ast.Constant | ast.JoinedStr) for one in said):
        return None
    texts = [str(one.value) if isinstance(one, ast.Constant) else ast.unparse(one) for one in said]
    context = texts.pop(0) if "p" in kind else ""
    return Message(texts[0], texts[1] if "n" in kind else "", context)
