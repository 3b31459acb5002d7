"""Sensitivity labels: few, and where they would be in life (principle 11)."""

from __future__ import annotations

import random
from dataclasses import dataclass

from crm.states import Sensitivity
from integrations.demo.dataset.families import ADULT, TEEN, Outline

#: Of adults. The rest of the labels depend on age.
_OF_ADULTS = (
    (0.010, Sensitivity.BEHAVIORAL_HEALTH),
    (0.006, Sensitivity.SUBSTANCE_USE),
    (0.004, Sensitivity.DOMESTIC_VIOLENCE),
    (0.008, Sensitivity.EMPLOYEE),
    (0.002, Sensitivity.VIP),
)
TEEN_WITH_OWN_CARE = 0.3


@dataclass(frozen=True, slots=True)
class Labels:
    """A person's labels, and whether they have a phone that is theirs alone."""

    sensitivity: tuple[Sensitivity, ...] = ()
    has_confidential_phone: bool = False


def label(outline: Outline, rng: random.Random) -> Labels:
    """Labels for one member; most people have none."""
    if outline.age < TEEN:
        return Labels()
    if outline.age < ADULT:
        own = rng.random() < TEEN_WITH_OWN_CARE
        return Labels((Sensitivity.ADOLESCENT,), has_confidential_phone=True) if own else Labels()
    draw = rng.random()
    for share, sensitivity in _OF_ADULTS:
        if draw < share:
            hidden = sensitivity is Sensitivity.DOMESTIC_VIOLENCE
            return Labels((sensitivity,), has_confidential_phone=hidden)
        draw -= share
    return Labels()
