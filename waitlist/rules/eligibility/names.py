"""The rules by name, and what a rule that objects gives back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from waitlist.rules.facts import PersonFacts, SlotFacts


class RuleName(StrEnum):
    """Names that openings count by. The contact rule's is followed by the rule of contact."""

    DECEASED = "deceased"
    WANTS_NO_OFFERS = "wants-no-offers"
    WRONG_VISIT_TYPE = "wrong-visit-type"
    NOT_SWITCHED_ON = "not-switched-on"
    GAVE_IT_UP = "gave-it-up"
    NOT_EARLIER = "not-earlier"
    ASKED_FOR_ONE = "asked-for-one"
    HAD_IT_SINCE = "had-it-since"
    BUSY_THEN = "busy-then"
    HAS_LIVE_OFFER = "has-live-offer"
    OUTSIDE_DATES = "outside-dates"
    OTHER_WEEKDAY = "other-weekday"
    OTHER_PROVIDER = "other-provider"
    OTHER_LOCATION = "other-location"
    RESTRICTED = "restricted"
    LIMITED = "limited"
    AGE = "age"
    TOO_LITTLE_NOTICE = "too-little-notice"
    TOO_FAR = "too-far"
    KEPT_FOR = "kept-for"
    PROVIDER_RULE = "provider-rule"
    NEEDED_FIRST = "needed-first"
    NEW_OR_ESTABLISHED = "new-or-established"
    COVERAGE = "coverage"
    ORDER_DATE = "order-date"
    AUTHORIZATION = "authorization"
    FREQUENCY = "frequency"
    LINKED_VISIT = "linked-visit"
    PREPARATION = "preparation"
    INTERPRETER = "interpreter"
    TRANSPORT = "transport"
    CLINICIANS_DAY = "clinicians-day"
    CONTACT = "contact"


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why somebody is left out. `retry_at` is set where only the hour stands in the way."""

    rule: str
    sentence: str
    retry_at: dt.datetime | None = None


Rule = Callable[[SlotFacts, PersonFacts, dt.datetime], str | None]
