"""A script from its JSON document, and back."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from desk.rules.scripts.shape import (
    Fact,
    Holds,
    OneOf,
    Option,
    ScriptDoc,
    ScriptStep,
    Span,
    When,
)
from desk.states import StepDo

MOST_STEPS = 60
MOST_OPTIONS = 12
MOST_CONDITIONS = 4
LONGEST_WORDS = 600
#: `Answer.key` has 60 characters, and a skip adds five.
_KEY = re.compile(r"^[a-z][a-z0-9-]{0,39}$")
_OPTION = re.compile(r"^[a-z0-9][a-z0-9-]{0,39}$")
_ACT = re.compile(r"^[a-z][a-z-]*(:[a-z0-9-]+)?$")


class ScriptUnreadable(ValueError):
    """The document is not a script; the sentence says where and what."""


def read_script(document: object) -> ScriptDoc:
    """A script, whole or still being written. Reads form only; `find_problems` says the rest.

    :raises ScriptUnreadable:
    """
    listed = _mapping(document, "The script").get("steps")
    if not isinstance(listed, list) or len(listed) > MOST_STEPS:
        raise ScriptUnreadable(f"A script is a list of at most {MOST_STEPS} steps.")
    steps = tuple(_read_step(n, _mapping(raw, f"Step {n}")) for n, raw in enumerate(listed, 1))
    keys = [step.key for step in steps]
    if len(set(keys)) < len(keys):
        raise ScriptUnreadable("Two steps have the same key.")
    return ScriptDoc(steps)


def write_script(script: ScriptDoc) -> dict[str, Any]:
    """The document that `read_script` reads back to the same script; what is empty is left out."""
    return {"steps": [_write_step(step) for step in script.steps]}


def is_key(text: str) -> bool:
    """Whether it can name a step, an answer or an option."""
    return bool(_KEY.match(text))


def _read_step(n: int, raw: Mapping[str, Any]) -> ScriptStep:
    where = f"Step {n}"
    key, kind = _key(raw, "key", where), raw.get("kind")
    if kind not in {each.value for each in StepDo}:
        raise ScriptUnreadable(f"{where}: its kind must be say, ask, note, check, act or warn.")
    act = _text(raw, "act", where)
    if act and not _ACT.match(act):
        raise ScriptUnreadable(f"{where}: “{act}” is nothing that can be done.")
    return ScriptStep(
        key=key,
        kind=StepDo(kind),
        words=_text(raw, "words", where),
        words_es=_text(raw, "words_es", where),
        note=_text(raw, "note", where),
        fills=_key(raw, "fills", where) if raw.get("fills") else "",
        source=_text(raw, "source", where),
        required=raw.get("required") is True,
        options=tuple(
            _read_option(where, _mapping(each, where))
            for each in _list(raw, "options", where, MOST_OPTIONS)
        ),
        act=act,
        when=tuple(
            _read_when(where, _mapping(each, where))
            for each in _list(raw, "when", where, MOST_CONDITIONS)
        ),
    )


def _read_option(where: str, raw: Mapping[str, Any]) -> Option:
    words, words_es = _text(raw, "words", where), _text(raw, "words_es", where)
    key = _text(raw, "key", where)
    if not _OPTION.match(key):
        raise ScriptUnreadable(f"{where}: “{key}” cannot be the key of an answer.")
    return Option(key, words, words_es)


def _read_when(where: str, raw: Mapping[str, Any]) -> When:
    about = _text(raw, "about", where)
    answer = about.removeprefix("answer:") if about.startswith("answer:") else ""
    if not (is_key(answer) if answer else about in {fact.value for fact in Fact}):
        raise ScriptUnreadable(f"{where}: a condition cannot be about “{about}”.")
    return When(about, _read_holds(where, raw, is_number=not answer and Fact(about).is_number))


def _read_holds(where: str, raw: Mapping[str, Any], *, is_number: bool) -> Holds:
    if is_number:
        start, below = raw.get("from"), raw.get("below")
        if all(n is None or (type(n) is int and n >= 0) for n in (start, below)):
            return Span(start, below)
        raise ScriptUnreadable(f"{where}: “from” and “below” must be whole numbers.")
    is_not = "is_not" in raw
    values = raw.get("is_not" if is_not else "is")
    if isinstance(values, list) and values and all(isinstance(each, str) for each in values):
        return OneOf(tuple(values), is_not)
    raise ScriptUnreadable(f"{where}: “is” or “is_not” must be a list of words.")


def _write_step(step: ScriptStep) -> dict[str, Any]:
    written: dict[str, Any] = {"key": step.key, "kind": step.kind.value, "words": step.words}
    for name in ("words_es", "note", "fills", "source", "required", "act"):
        if getattr(step, name):
            written[name] = getattr(step, name)
    if step.options:
        written["options"] = [
            {"key": o.key, "words": o.words, **({"words_es": o.words_es} if o.words_es else {})}
            for o in step.options
        ]
    if step.when:
        written["when"] = [{"about": w.about, **_write_holds(w.holds)} for w in step.when]
    return written


def _write_holds(holds: Holds) -> dict[str, Any]:
    match holds:
        case Span(start, below):
            return {"from": start, "below": below}
        case OneOf(values, is_not):
            return {"is_not" if is_not else "is": list(values)}


def _mapping(raw: object, where: str) -> Mapping[str, Any]:
    if isinstance(raw, dict) and all(isinstance(key, str) for key in raw):
        return raw
    raise ScriptUnreadable(f"{where} must be an object.")


def _list(raw: Mapping[str, Any], name: str, where: str, most: int) -> list[Any]:
    listed = raw.get(name, [])
    if not isinstance(listed, list) or len(listed) > most:
        raise ScriptUnreadable(f"{where}: “{name}” must be a list of at most {most}.")
    return listed


def _text(raw: Mapping[str, Any], name: str, where: str) -> str:
    value = raw.get(name, "")
    if not isinstance(value, str) or len(value) > LONGEST_WORDS:
        raise ScriptUnreadable(
            f"{where}: “{name}” must be text of at most {LONGEST_WORDS} characters."
        )
    return value


def _key(raw: Mapping[str, Any], name: str, where: str) -> str:
    value = _text(raw, name, where)
    if not is_key(value):
        raise ScriptUnreadable(f"{where}: “{value}” cannot be a key: small letters, figures and -.")
    return value
