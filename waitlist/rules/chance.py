"""How likely somebody is to say yes to an offer, from published figures and a few assumptions.

The base is measured; the adjustments are ours, small, and kept in log-odds so that they add up.
They are to be replaced by each site's own answers once there are enough of them. What studies
found to matter and we do not look at, on purpose, is listed in `docs/ranking.md`.
"""

from __future__ import annotations

import math
from typing import Final

from waitlist.rules.facts import PersonFacts, SlotFacts
from waitlist.rules.fit import Fit
from waitlist.states import CandidateKind

BASE: Final = (6_603 + 14_717) / (60_660 + 177_311)
"""Two systems' yeses over their offers, 9.0 %: JMIR 2024;1:e52071 and PMC7315363."""

LEAST, MOST = 0.02, 0.40
"""No history makes a yes impossible or likely; the table below is too coarse for more."""

_BASE_LOG_ODDS: Final = math.log(BASE / (1 - BASE))
_HOURS: Final = 60

#: Notice, at least so many minutes.
NOTICE: Final = ((72 * _HOURS, 0.0), (24 * _HOURS, -0.2), (6 * _HOURS, -0.5), (-math.inf, -0.9))
#: Days gained, at least so many: quartiles of the accepted offers (4, 14, 33) in JMIR 2024.
GAIN: Final = ((33, 0.3), (14, 0.15), (4, 0.0), (-math.inf, -0.4))
NO_VISIT_BOOKED: Final = 0.3
ASKED_FOR_IT: Final = 0.4  # is on the waitlist, rather than found by us
PART_OF_DAY_SUITS, PART_OF_DAY_DOES_NOT = 0.4, -0.6
SAME_PROVIDER, SAME_LOCATION = 0.3, 0.1
#: A mile counts little and stops counting at 25, so that a rural home costs next to nothing.
MILE, MOST_MILES = -0.008, 25
ACCEPTED_EVER: Final = 0.3
DECLINED, MOST_DECLINES = -0.25, 3


def chance_to_accept(slot: SlotFacts, person: PersonFacts, fit: Fit) -> float:
    """Probability, `LEAST` to `MOST`, that this person says yes before it is too late."""
    log_odds = (
        _BASE_LOG_ODDS
        + _step(NOTICE, fit.notice_minutes)
        + (NO_VISIT_BOOKED if fit.days_gained is None else _step(GAIN, fit.days_gained))
        + (ASKED_FOR_IT if person.kind is CandidateKind.WAITLIST else 0.0)
        + _part_of_day(slot, person)
        + _continuity(slot, person)
        + (MILE * min(fit.miles, MOST_MILES) if fit.miles is not None else 0.0)
        + (ACCEPTED_EVER if person.accepted_ever else 0.0)
        + DECLINED * min(person.declined_recent, MOST_DECLINES)
    )
    return min(MOST, max(LEAST, 1 / (1 + math.exp(-log_odds))))


def _step(table: tuple[tuple[float, float], ...], value: float) -> float:
    for at_least, log_odds in table:
        if value >= at_least:
            return log_odds
    return table[-1][1]


def _part_of_day(slot: SlotFacts, person: PersonFacts) -> float:
    if not person.prefers_parts_of_day:
        return 0.0
    suits = slot.local_part_of_day in person.prefers_parts_of_day
    return PART_OF_DAY_SUITS if suits else PART_OF_DAY_DOES_NOT


def _continuity(slot: SlotFacts, person: PersonFacts) -> float:
    log_odds = 0.0
    if slot.provider_id is not None and person.later_provider_id == slot.provider_id:
        log_odds += SAME_PROVIDER
    if slot.location_id is not None and person.later_location_id == slot.location_id:
        log_odds += SAME_LOCATION
    return log_odds
