"""Whom each clinic sees, and who is free for one more visit."""

from __future__ import annotations

import datetime as dt
import random
from collections import Counter, defaultdict

from crm.states import Sensitivity
from integrations.demo.dataset.rows import Kind, Person
from integrations.demo.dataset.system import BONES, FAMILY, HEART, SKIN, SPECIALTIES

MOST_VISITS_AHEAD = 3
NEWCOMERS = 0.12
#: One specialist abroad has a smaller town to care for, and more of it.
ABROAD_FACTOR = 1.5


def age_on(birth_on: dt.date, day: dt.date) -> int:
    """Completed years."""
    return day.year - birth_on.year - ((day.month, day.day) < (birth_on.month, birth_on.day))


def _share(specialty: str, age: int) -> float:
    """Chance that somebody of that age is a patient of the specialty."""
    if specialty == FAMILY:
        return 0.72
    if specialty == HEART:
        return 0.36 if age >= 65 else 0.2 if age >= 45 else 0.06 if age >= 18 else 0
    if specialty == BONES:
        return 0.17 if age >= 18 else 0.05
    return 0.15 if age >= 18 else 0.07


class Panel:
    """The patients of each site and specialty, dealt out visit by visit."""

    def __init__(self, people: tuple[Person, ...], rng: random.Random, today: dt.date) -> None:
        self._rng, self._today = rng, today
        self._known: dict[tuple[str, str], list[Person]] = defaultdict(list)
        self._new: dict[tuple[str, str], list[Person]] = defaultdict(list)
        for person in people:
            self._enroll(person)
        self._queues: dict[tuple[str, str], list[Person]] = defaultdict(list)
        self._days: dict[str, set[dt.date]] = defaultdict(set)
        self._ahead: Counter[str] = Counter()
        self._no_show = {person.mrn: rng.betavariate(1.1, 10) for person in people}

    def _enroll(self, person: Person) -> None:
        age = age_on(person.birth_on, self._today)
        factor = ABROAD_FACTOR if person.site == "AUH" else 1
        for specialty in SPECIALTIES:
            share = _share(specialty, age)
            if self._rng.random() < share * (factor if specialty in {HEART, BONES, SKIN} else 1):
                self._known[person.site, specialty].append(person)
            elif share and self._rng.random() < NEWCOMERS:
                self._new[person.site, specialty].append(person)

    def no_show_chance(self, person: Person) -> float:
        """How often they miss a visit: most hardly ever, a few often."""
        return self._no_show[person.mrn]

    def members(self, site: str, kind: Kind) -> list[Person]:
        """Everybody who may have such a visit there."""
        source = self._new if kind.is_for_new_patients else self._known
        return [p for p in source[site, kind.specialty] if self._fits(p, kind)]

    def _fits(self, person: Person, kind: Kind) -> bool:
        if kind.is_sensitive:
            return Sensitivity.SUBSTANCE_USE in person.sensitivity
        age = age_on(person.birth_on, self._today)
        return kind.min_age is None or age >= kind.min_age

    def book(self, site: str, kind: Kind, day: dt.date, *, ahead: bool) -> Person | None:
        """The next patient for a visit on `day`; in turn, so that most have one before any two."""
        queue = self._queues[site, f"{kind.code}{ahead}"]
        for _ in range(2):
            for index, person in enumerate(queue[:12]):
                if self._is_free(person, day, ahead=ahead):
                    del queue[index]
                    self._days[person.mrn].add(day)
                    self._ahead[person.mrn] += ahead
                    return person
            fresh = self.members(site, kind)
            self._rng.shuffle(fresh)
            queue[:] = fresh
        return None

    def _is_free(self, person: Person, day: dt.date, *, ahead: bool) -> bool:
        if ahead and self._ahead[person.mrn] >= MOST_VISITS_AHEAD:
            return False
        return day not in self._days[person.mrn]
