"""What may be booked by whom and when. Pure: no Django, no clock, no reads."""

from scheduling.rules.ages import age_on
from scheduling.rules.availability import (
    PatientFacts,
    SlotFacts,
    opens_by_the_clock,
    restriction_at,
    what_hides,
)
from scheduling.rules.freeing import opens_when_free, siu_rule_frees
from scheduling.rules.names import Hidden, HiddenBy
from scheduling.rules.requests import LONGEST_REQUEST, SHORTEST_REQUEST, request_lapses_at

__all__ = [
    "LONGEST_REQUEST",
    "SHORTEST_REQUEST",
    "Hidden",
    "HiddenBy",
    "PatientFacts",
    "SlotFacts",
    "age_on",
    "opens_by_the_clock",
    "opens_when_free",
    "request_lapses_at",
    "restriction_at",
    "siu_rule_frees",
    "what_hides",
]
