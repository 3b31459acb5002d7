"""The rules by name, and what one that objects gives back."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from crm.states import Role
from scheduling.states import RuleEffect


class HiddenBy(StrEnum):
    """The rule that hides a slot from everybody, or from somebody."""

    NOT_FREE = "not-free"
    BEGUN = "begun"
    NO_SEAT = "no-seat"
    HELD = "held"  # somebody else keeps it for minutes
    PROVIDER_BUSY = "provider-busy"
    ROOM_BUSY = "room-busy"
    TOO_SOON = "too-soon"
    SAME_DAY = "same-day"
    SAME_WEEK = "same-week"
    DAYS_BEFORE = "days-before"
    HELD_FOR_REVIEW = "held-for-review"
    RETIRED = "retired"  # that kind of visit is no longer booked
    VISIT_TYPE = "visit-type"  # it does not serve what is asked for
    MODALITY = "modality"
    NEW_PATIENTS = "new-patients"
    ESTABLISHED = "established"
    PATIENT_BUSY = "patient-busy"
    AGE = "age"
    LIMITED = "limited"  # a person limited how they book, after missed visits
    LICENSE = "license"  # by video or phone: the clinician may not treat where the patient is
    # What the visit needs (`rules.needs`).
    KEPT_FOR = "kept-for"  # the slot's audience
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
    # The clinician's day (`rules.day`).
    DAILY_CAP = "daily-cap"
    NEW_LIMIT = "new-patient-limit"
    GAP = "gap"
    PAIRING = "pairing"
    NEEDS = "needs"  # several of what the visit needs, told together


@dataclass(frozen=True, slots=True)
class Hidden:
    """Why a slot may not be booked: the rule, the sentence that staff reads, and who may go past.

    `roles` may set it aside with a reason where `effect` is *override*; nobody may where it is
    *block*, and *warn* stops nobody.
    """

    rule: HiddenBy
    sentence: str
    effect: RuleEffect = RuleEffect.BLOCK
    roles: frozenset[Role] = frozenset()

    @property
    def stops(self) -> bool:
        """Whether a booking needs somebody to set it aside, or cannot be made."""
        return self.effect is not RuleEffect.WARN
