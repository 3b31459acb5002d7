"""Changing a script step by step."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection

from desk.rules.scripts.reading import MOST_STEPS
from desk.rules.scripts.shape import ScriptDoc, ScriptStep


class EditRefused(ValueError):
    """The sentence says why the script cannot be changed like that."""


def put_step(script: ScriptDoc, step: ScriptStep, *, place: int | None = None) -> ScriptDoc:
    """`step` instead of the one with its key, or as a new one.

    :param place: from 1; None leaves a step where it is, and puts a new one last.
    """
    others = [each for each in script.steps if each.key != step.key]
    if len(others) >= MOST_STEPS:
        raise EditRefused(f"A script has at most {MOST_STEPS} steps. Take one out first.")
    keys = [each.key for each in script.steps]
    standing = keys.index(step.key) if step.key in keys else len(others)
    index = standing if place is None else min(max(place - 1, 0), len(others))
    return ScriptDoc((*others[:index], step, *others[index:]))


def remove_step(script: ScriptDoc, key: str) -> ScriptDoc:
    """:raises EditRefused: when there is no such step."""
    _get(script, key)
    return ScriptDoc(tuple(each for each in script.steps if each.key != key))


def move_step(script: ScriptDoc, key: str, *, by: int) -> ScriptDoc:
    """Further up (-1) or down (1); at an end it stays. :raises EditRefused:"""
    step = _get(script, key)
    place = script.steps.index(step) + 1 + by
    return put_step(script, step, place=place)


def new_key(words: str, taken: Collection[str]) -> str:
    """A key from the first words: "How late will you be?" is "how-late-will"."""
    parted = unicodedata.normalize("NFD", words.casefold())
    bare = re.findall(r"[a-z0-9]+", "".join(c for c in parted if not unicodedata.combining(c)))
    stem = re.sub(r"^[^a-z]+", "", "-".join(bare[:3]))[:30].strip("-") or "step"
    numbered = (stem if n == 1 else f"{stem}-{n}" for n in range(1, len(taken) + 2))
    return next(key for key in numbered if key not in taken)


def _get(script: ScriptDoc, key: str) -> ScriptStep:
    step = script.find(key)
    if step is None:
        raise EditRefused("This step is gone. Look at the script again.")
    return step
