"""What may be booked by whom and when. Pure: no Django, no clock, no reads."""

from scheduling.rules.ages import age_on
from scheduling.rules.availability import (
    everything_that_hides,
    opens_by_the_clock,
    restriction_at,
    what_hides,
)
from scheduling.rules.day import DayFacts, DayLimit, DayVisit
from scheduling.rules.effects import Effect, may_set_aside, say_stops, still_stops
from scheduling.rules.freeing import opens_when_free, siu_rule_frees
from scheduling.rules.names import Hidden, HiddenBy
from scheduling.rules.releasing import ReleaseTerms, release_at
from scheduling.rules.requests import LONGEST_REQUEST, SHORTEST_REQUEST, request_lapses_at
from scheduling.rules.slot_facts import Kind, PatientFacts, SlotFacts

__all__ = [
    "LONGEST_REQUEST",
    "SHORTEST_REQUEST",
    "DayFacts",
    "DayLimit",
    "DayVisit",
    "Effect",
    "Hidden",
    "HiddenBy",
    "Kind",
    "PatientFacts",
    "ReleaseTerms",
    "SlotFacts",
    "age_on",
    "everything_that_hides",
    "may_set_aside",
    "opens_by_the_clock",
    "opens_when_free",
    "release_at",
    "request_lapses_at",
    "restriction_at",
    "say_stops",
    "siu_rule_frees",
    "still_stops",
    "what_hides",
]
