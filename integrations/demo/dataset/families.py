"""Who lives with whom, as outlines: ages and roles, before anybody has a name."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

ADULT = 18
TEEN = 13


class Part(StrEnum):
    """A member's place in the household."""

    HEAD = "head"
    PARTNER = "partner"
    CHILD = "child"
    ELDER = "elder"  # an adult's parent, whose affairs that adult minds


@dataclass(frozen=True, slots=True)
class Outline:
    """One member to be: place in the household, and age in years."""

    part: Part
    age: int


def _single(rng: random.Random) -> list[Outline]:
    return [Outline(Part.HEAD, int(rng.triangular(19, 89, 48)))]


def _couple(rng: random.Random) -> list[Outline]:
    age = int(rng.triangular(23, 86, 58))
    return [Outline(Part.HEAD, age), Outline(Part.PARTNER, _near(age, rng))]


def _family(rng: random.Random) -> list[Outline]:
    age = rng.randrange(27, 52)
    adults = [Outline(Part.HEAD, age), Outline(Part.PARTNER, _near(age, rng))]
    return adults + _children(age, rng.choice((1, 1, 2, 2, 2, 3)), rng)


def _one_parent(rng: random.Random) -> list[Outline]:
    age = rng.randrange(24, 50)
    return [Outline(Part.HEAD, age), *_children(age, rng.choice((1, 1, 2)), rng)]


def _three_generations(rng: random.Random) -> list[Outline]:
    age = rng.randrange(36, 60)
    found = [Outline(Part.HEAD, age), Outline(Part.ELDER, min(93, age + rng.randrange(22, 34)))]
    return found + _children(age, rng.choice((0, 1, 2)), rng)


def _near(age: int, rng: random.Random) -> int:
    return max(ADULT + 1, age + rng.randrange(-5, 6))


def _children(parent_age: int, how_many: int, rng: random.Random) -> list[Outline]:
    """Under 18, born when the parent was 19 at least and 43 at most."""
    youngest, oldest = max(0, parent_age - 43), min(ADULT - 1, parent_age - 19)
    ages = sorted(rng.randint(min(youngest, oldest), oldest) for _ in range(how_many))
    return [Outline(Part.CHILD, age) for age in reversed(ages)]


_SHAPES: tuple[tuple[float, Callable[[random.Random], list[Outline]]], ...] = (
    (0.34, _single),
    (0.32, _couple),
    (0.20, _family),
    (0.07, _one_parent),
    (0.07, _three_generations),
)


def outline_household(rng: random.Random, *, most: int) -> list[Outline]:
    """A household of at most `most` people."""
    weights = [share for share, _ in _SHAPES]
    _, shape = rng.choices(_SHAPES, weights=weights)[0]
    return shape(rng)[:most]
