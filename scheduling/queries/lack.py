"""What a search that found nothing was short of: rules, distance, wishes, or times at all."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from crm.models import Patient
from scheduling.queries.search import left_out
from scheduling.queries.search_page import Found
from scheduling.rules.search import Criteria
from scheduling.states import Lack

#: Parts of what is wanted that are wishes, rather than what the visit needs.
WISHES = (
    "weekdays",
    "parts_of_day",
    "not_before",
    "not_after",
    "location_id",
    "provider_id",
    "own_clinician",
    "language",
    "sex",
    "modality",
)


@dataclass(frozen=True, slots=True)
class Shortage:
    """What was lacking, how many times each rule hid, and what is there all the same.

    `nearest` are times that would fit but for a rule, the distance or a wish: the first few.
    """

    lack: Lack
    hidden: Counter[str] = field(default_factory=Counter)
    nearest: tuple[Found, ...] = ()


def find_shortage(criteria: Criteria, *, at: dt.datetime, patient: Patient | None) -> Shortage:
    """Why nothing can be booked: up to three more looks, each with one thing left open."""
    out = left_out(criteria, at=at, patient=patient)
    if out:
        return Shortage(Lack.HIDDEN, count_rules(out), out)
    farther = criteria.without("max_miles")
    for lack, wider in (
        (Lack.TOO_FAR, farther),
        (Lack.WISHES, farther.without(*WISHES)),
    ):
        if wider == criteria:
            continue
        there = left_out(wider, at=at, patient=patient, with_open=True)
        if there:
            return Shortage(lack, nearest=there)
    return Shortage(Lack.NO_TIMES)


def count_rules(out: Iterable[Found]) -> Counter[str]:
    """How many times each rule hides; a time that several hide counts for the first."""
    return Counter(str(found.stopping[0].rule) for found in out)
