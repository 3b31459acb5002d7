"""Short ways to write a step down, so that a script reads as what is said and done."""

from __future__ import annotations

from typing import Any

Step = dict[str, Any]
Choice = tuple[str, str, str]  # key, English, Spanish

YES_NO: tuple[Choice, ...] = (("yes", "Yes", "Sí"), ("no", "No", "No"))


def say(key: str, words: str, words_es: str, **more: Any) -> Step:
    """Read out."""
    return {"key": key, "kind": "say", "words": words, "words_es": words_es, **more}


def ask(
    key: str, words: str, words_es: str, *, options: tuple[Choice, ...] = (), **more: Any
) -> Step:
    """Read out, and keep the answer."""
    listed = [{"key": k, "words": en, "words_es": es} for k, en, es in options]
    step = {"key": key, "kind": "ask", "words": words, "words_es": words_es, **more}
    return step | ({"options": listed} if listed else {})


def note(key: str, words: str, *, options: tuple[Choice, ...] = (), **more: Any) -> Step:
    """Write down, without asking."""
    listed = [{"key": k, "words": en, "words_es": es} for k, en, es in options]
    step = {"key": key, "kind": "note", "words": words, **more}
    return step | ({"options": listed} if listed else {})


def check(key: str, words: str, **more: Any) -> Step:
    """Make sure of it, and tick it."""
    return {"key": key, "kind": "check", "words": words, "required": True, **more}


def act(key: str, words: str, does: str, **more: Any) -> Step:
    """Do it on the screen; `does` is what ticks it (`StepKind`, or kind and code)."""
    return {"key": key, "kind": "act", "words": words, "act": does, **more}


def warn(key: str, words: str, **more: Any) -> Step:
    """What the agent must not forget."""
    return {"key": key, "kind": "warn", "words": words, **more}


def given(answer: str, *values: str) -> Step:
    """Comes up when an earlier question got one of these answers."""
    return {"about": f"answer:{answer}", "is": list(values)}


def only(fact: str, *values: str) -> Step:
    """Comes up when a fact is one of these."""
    return {"about": fact, "is": list(values)}


def under(age: int) -> Step:
    """Comes up for patients younger than that."""
    return {"about": "age", "from": None, "below": age}
