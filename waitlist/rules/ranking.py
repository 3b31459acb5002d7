"""Who is asked first, with the arithmetic and the reasons. `docs/ranking.md` tells it in words.

Clinical urgency decides first and alone: its weight is larger than all that the other terms can
add up to, so an urgent person always stands above one to be seen soon, and that one above a
routine one. Inside a band days gained, the wait so far, the chance of a yes and fairness add up,
and scores of outside models where somebody has given them a weight.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, NamedTuple

from waitlist.rules.chance import chance_to_accept
from waitlist.rules.eligibility import Refusal, refusal
from waitlist.rules.facts import OutsideScore, PersonFacts, SlotFacts
from waitlist.rules.fit import Fit, measure
from waitlist.rules.reasons import IMPORTED, reasons
from waitlist.states import Urgency


class TermName(StrEnum):
    """The terms of the score, in the order in which they are shown."""

    URGENCY = "clinical urgency"
    DAYS_GAINED = "days gained"
    WAIT = "wait so far"
    CHANCE = "chance to accept"
    FAIRNESS = "fairness"


WEIGHTS: Final = {
    TermName.URGENCY: 1000.0,
    TermName.DAYS_GAINED: 40.0,
    TermName.WAIT: 25.0,
    TermName.CHANCE: 60.0,
    TermName.FAIRNESS: 20.0,
}

#: The most that an outside model's score can weigh; the table of weights holds it, too.
MOST_IMPORTED_WEIGHT: Final = 60.0

BANDS: Final = {Urgency.ROUTINE: 0.0, Urgency.SOON: 1.0, Urgency.URGENT: 2.0}

HALF_GAIN_DAYS = 14
"""Days gained that earn half of that term: the median in JMIR 2024;1:e52071."""
HALF_WAIT_DAYS = 30
"""Days waited that earn half of that term (ours)."""
DAYS_WITHOUT_VISIT = 31
"""Days gained by somebody with no visit at all: the mean wait of a new patient in 15 US cities,
2025, as MGMA reports it."""


class Term(NamedTuple):
    """One line of the arithmetic: `points` are `value` times `weight`."""

    name: str
    value: float
    weight: float
    points: float


@dataclass(frozen=True, slots=True)
class Score:
    """`total` is the sum of the terms' points. `chance` is 0 to 1 and sizes the waves."""

    total: float
    terms: tuple[Term, ...]
    reasons: tuple[str, ...]
    chance: float


class Ranked(NamedTuple):
    """One candidate in their place."""

    person: PersonFacts
    score: Score


class LeftOut(NamedTuple):
    """One candidate who is not asked."""

    person: PersonFacts
    refusal: Refusal


class Ranking(NamedTuple):
    """`ranked`: first to last. `left_out`: by patient id."""

    ranked: list[Ranked]
    left_out: list[LeftOut]


def score(slot: SlotFacts, person: PersonFacts, *, at: dt.datetime) -> Score:
    """Points of a person who may be offered the slot; the more, the sooner they are asked.

    :param at: aware; waits and notice are counted to it.
    """
    fit = measure(slot, person, at=at)
    counted = tuple(s for s in person.imported if s.expires_at > at and s.weight > 0)
    chance = chance_to_accept(slot, person, fit)
    terms = (
        _term(TermName.URGENCY, BANDS[person.urgency]),
        _term(TermName.DAYS_GAINED, _gain(fit)),
        _term(TermName.WAIT, _saturate(fit.waited_days, half=HALF_WAIT_DAYS)),
        _term(TermName.CHANCE, chance),
        _term(TermName.FAIRNESS, 1 / (1 + person.offers_recent)),
        *(_imported(outside) for outside in counted),
    )
    total = sum(term.points for term in terms)
    return Score(total, terms, reasons(slot, person, fit, counted), chance)


def rank(slot: SlotFacts, persons: Collection[PersonFacts], *, at: dt.datetime) -> Ranking:
    """Leave out whom a rule leaves out, and order the others.

    The order is total and does not depend on the order of `persons`: equal points go to who has
    waited longer, then to the lower patient id.

    :raises ValueError: when a patient comes twice.
    """
    if len({person.patient_id for person in persons}) != len(persons):
        raise ValueError("A patient is ranked once for a slot, with one claim.")
    ranked: list[Ranked] = []
    left_out: list[LeftOut] = []
    for person in persons:
        why = refusal(slot, person, at=at)
        if why is None:
            ranked.append(Ranked(person, score(slot, person, at=at)))
        else:
            left_out.append(LeftOut(person, why))
    ranked.sort(key=_place)
    left_out.sort(key=lambda left: left.person.patient_id)
    return Ranking(ranked, left_out)


def _place(ranked: Ranked) -> tuple[float, dt.datetime, int]:
    person = ranked.person
    return -ranked.score.total, person.waiting_since, person.patient_id


def _term(name: TermName, value: float) -> Term:
    weight = WEIGHTS[name]
    return Term(name.value, value, weight, value * weight)


def _imported(outside: OutsideScore) -> Term:
    """Never less than nothing: no score of a model moves anybody below where they stand."""
    value = min(1.0, max(0.0, outside.value))
    weight = min(MOST_IMPORTED_WEIGHT, outside.weight)
    return Term(f"imported: {IMPORTED[outside.kind]}", value, weight, value * weight)


def _gain(fit: Fit) -> float:
    days = DAYS_WITHOUT_VISIT if fit.days_gained is None else fit.days_gained
    return _saturate(days, half=HALF_GAIN_DAYS)


def _saturate(days: int, *, half: int) -> float:
    """0 at 0 days, one half at `half`, towards 1: the first days count most."""
    return days / (days + half) if days > 0 else 0.0
