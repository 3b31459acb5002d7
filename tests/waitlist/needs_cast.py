"""What a visit needs and a patient has, and for each rule who it leaves out and who passes."""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import Any

from crm.states import Sex
from scheduling.rules.needs import NEEDS as RULES
from scheduling.rules.requirements import (
    Coverage,
    KeptFor,
    Limit,
    LinkedVisit,
    Order,
    ProviderTerms,
    Requirements,
    Terms,
    Test,
)
from scheduling.states import Audience
from tests.waitlist.rules_cast import NOW, SLOT, ZONE
from waitlist.rules.eligibility import Refusal

DAY = dt.timedelta(days=1)
SLOT_DAY = dt.date(2026, 12, 8)

TERMS = Terms(
    starts_at=SLOT.starts_at,
    zone=ZONE,
    visit_type="Cardiology follow-up",
    clinic="Cardiology, Camelback",
    provider="Dr. Okafor",
)
NEEDS = Requirements(terms=TERMS, birth_on=dt.date(1980, 5, 1))


def needs(*, terms: dict[str, Any] | None = None, **changes: Any) -> Requirements:
    """`NEEDS` with changes, and `terms` changed in its terms."""
    return dataclasses.replace(NEEDS, terms=dataclasses.replace(TERMS, **terms or {}), **changes)


def in_hours(hours: float) -> dict[str, Any]:
    """Terms of a slot that starts so many real hours after `NOW`."""
    return {"starts_at": NOW.astimezone(dt.UTC) + dt.timedelta(hours=hours)}


def linked(days: int, **about: Any) -> LinkedVisit:
    """Another visit, so many days after the slot, at its hour, half an hour long."""
    at = SLOT.starts_at + days * DAY
    known: dict[str, Any] = {"visit_type": "Blood draw", "comes_first": True} | about
    return LinkedVisit(starts_at=at, ends_at=at + dt.timedelta(minutes=30), **known)


HMO = Coverage(payer="Desert Mutual", plan="HMO")
PPO = Coverage(payer="Desert  mutual", plan="ppo")
MEDICARE = frozenset({"medicare"})
ADULTS = (ProviderTerms(min_age=18, reason="no pediatric training"),)
TAKES_HMO = {"accepted": frozenset({("desert mutual", "hmo"), ("medicare", "")})}
YEARLY = {"limits": (Limit(months=12),)}

FOR_WOMEN = {"kept_for": KeptFor(name="women under Medicare", sex=Sex.FEMALE, payers=MEDICARE)}
RECORDS = (ProviderTerms(needs_records=True, reason="second opinions"),)
ECHO = (ProviderTerms(test_id=7, test="Echocardiogram", test_within_days=90),)


def echo(days: int) -> Test:
    """An echocardiogram so many days before the slot."""
    at = SLOT.starts_at - days * DAY
    return Test(visit_type_id=7, starts_at=at, ends_at=at + dt.timedelta(minutes=30))


#: rule, who it leaves out, sentence, who passes.
CASES = [
    (
        "kept-for",
        needs(terms=FOR_WOMEN, sex=Sex.MALE, coverages=(Coverage(payer="Medicare"),)),
        "Is kept for women under Medicare",
        needs(terms=FOR_WOMEN, sex=Sex.FEMALE, coverages=(Coverage(payer="medicare"),)),
    ),
    (
        "needed-first",
        needs(terms={"provider_rules": RECORDS}, orders=(Order(),)),
        "Dr. Okafor needs the outside records first (second opinions)",
        needs(terms={"provider_rules": RECORDS}, orders=(Order(has_records=True),)),
    ),
    (
        "needed-first",
        needs(terms={"provider_rules": ECHO}, tests=(echo(91),)),
        "Dr. Okafor needs Echocardiogram within 90 days first",
        needs(terms={"provider_rules": ECHO}, tests=(echo(91), echo(90))),
    ),
    (
        "provider-rule",
        needs(terms={"provider_rules": ADULTS}, birth_on=dt.date(2008, 12, 9)),
        "Dr. Okafor sees ages 18 and over; they will be 17 (no pediatric training)",
        needs(terms={"provider_rules": ADULTS}, birth_on=dt.date(2008, 12, 8)),
    ),
    (
        "provider-rule",
        needs(terms={"provider_rules": (ProviderTerms(max_age=17),)}, birth_on=None),
        "Dr. Okafor sees ages up to 17, and the date of birth is not known",
        needs(terms={"provider_rules": (ProviderTerms(),)}, birth_on=None),
    ),
    (
        "provider-rule",
        needs(terms={"provider_rules": (ProviderTerms(), ProviderTerms(accepts_new=False))}),
        "Dr. Okafor takes no new patients",
        needs(terms={"provider_rules": (ProviderTerms(accepts_new=False),)}, is_established=True),
    ),
    (
        "provider-rule",
        needs(terms={"provider_rules": (ProviderTerms(is_offered=False),)}),
        "Dr. Okafor does not do this kind of visit",
        NEEDS,
    ),
    (
        "new-or-established",
        needs(terms={"audience": Audience.NEW}, is_established=True),
        "Is for new patients; they have been seen here",
        needs(terms={"audience": Audience.NEW}),
    ),
    (
        "new-or-established",
        needs(terms={"audience": Audience.ESTABLISHED}),
        "Is for patients seen here before",
        needs(terms={"audience": Audience.ESTABLISHED}, is_established=True),
    ),
    (
        "coverage",
        needs(terms={"requires_coverage": True}),
        "Cardiology, Camelback requires coverage; none is on file",
        needs(terms={"requires_coverage": True}, coverages=(HMO,)),
    ),
    (
        "coverage",
        needs(terms=TAKES_HMO, coverages=(PPO,)),
        "Cardiology, Camelback does not take Desert  mutual ppo",
        needs(terms=TAKES_HMO, coverages=(PPO, HMO)),
    ),
    (
        "coverage",
        needs(terms=TAKES_HMO, coverages=(Coverage(payer="Saguaro"),)),
        "Cardiology, Camelback does not take Saguaro",
        needs(terms=TAKES_HMO, coverages=(Coverage(payer="MEDICARE", plan="Part B"),)),
    ),
    ("coverage", needs(coverages=(dataclasses.replace(HMO, ends_on=dt.date(2026, 12, 7)),
                                  dataclasses.replace(HMO, ends_on=dt.date(2026, 11, 30)))),
     "Coverage ended on Dec 7, 2026",
     needs(coverages=(dataclasses.replace(HMO, ends_on=SLOT_DAY),))),
    ("coverage", needs(coverages=(dataclasses.replace(HMO, starts_on=dt.date(2027, 1, 1)),)),
     "Coverage begins on Jan 1, 2027",
     needs(coverages=(dataclasses.replace(HMO, starts_on=SLOT_DAY),))),
    (
        "order-date",
        needs(orders=(Order(not_before_on=dt.date(2026, 12, 9)),)),
        "The order says not before Wed Dec 9",
        needs(orders=(Order(not_before_on=SLOT_DAY),)),
    ),
    (
        "order-date",
        needs(orders=(Order(not_before_on=dt.date(2027, 3, 1)),
                      Order(not_before_on=dt.date(2026, 12, 9)))),
        "The order says not before Wed Dec 9",
        needs(orders=(Order(not_before_on=dt.date(2027, 3, 1)), Order())),
    ),
    (
        "authorization",
        needs(terms={"needs_authorization": True}),
        "Needs a referral or authorization; none is on file",
        needs(terms={"needs_authorization": True}, orders=(Order(),)),
    ),
    (
        "authorization",
        needs(orders=(Order(valid_from_on=dt.date(2026, 12, 9)),)),
        "The authorization begins on Dec 9, 2026",
        needs(orders=(Order(valid_from_on=SLOT_DAY),)),
    ),
    (
        "authorization",
        needs(orders=(Order(valid_until_on=dt.date(2026, 12, 7)),)),
        "The authorization ended on Dec 7, 2026",
        needs(orders=(Order(valid_until_on=SLOT_DAY),)),
    ),
    (
        "authorization",
        needs(orders=(Order(visits_left=0),)),
        "The authorization has no visits left",
        needs(orders=(Order(visits_left=0), Order(visits_left=1))),
    ),
    (
        "frequency",
        needs(terms=YEARLY, last_visit_on=dt.date(2025, 12, 9)),
        "Had this visit on Dec 9, 2025; the next is due from Dec 9, 2026",
        needs(terms=YEARLY, last_visit_on=dt.date(2025, 12, 8)),
    ),
    (
        "frequency",
        needs(terms={"limits": (Limit(months=6), Limit(payer="DESERT MUTUAL", months=11, days=1))},
              last_visit_on=dt.date(2026, 1, 8), coverages=(HMO,)),
        "Had this visit on Jan 8, 2026; DESERT MUTUAL pays for the next from Dec 9, 2026",
        needs(terms={"limits": (Limit(payer="Saguaro", months=24),)},
              last_visit_on=dt.date(2026, 1, 8), coverages=(HMO,)),
    ),
    (
        "linked-visit",
        needs(linked=(linked(3),)),
        "Must come after Blood draw of Fri Dec 11",
        needs(linked=(linked(-3),)),
    ),
    (
        "linked-visit",
        needs(linked=(linked(-9, stands=False),)),
        "Blood draw must come first, and is not booked",
        needs(linked=(linked(-9),)),
    ),
    (
        "linked-visit",
        needs(linked=(linked(-13, least_days=14),)),
        "Must come at least 14 days after Blood draw of Wed Nov 25",
        needs(linked=(linked(-14, least_days=14),)),
    ),
    (
        "linked-visit",
        needs(linked=(linked(-31, most_days=30),)),
        "Must come at most 30 days after Blood draw of Sat Nov 7",
        needs(linked=(linked(-30, most_days=30),)),
    ),
    (
        "linked-visit",
        needs(linked=(linked(31, comes_first=False, most_days=30),)),
        "Must come at most 30 days before Blood draw of Fri Jan 8",
        needs(linked=(linked(30, comes_first=False, most_days=30),
                      linked(90, comes_first=False),
                      linked(90, comes_first=False, most_days=30, stands=False))),
    ),
    (
        "preparation",
        needs(terms={"prep_hours": 72, **in_hours(71.9)}),
        "Preparation takes 3 days; it starts in 2 days 23 h",
        needs(terms={"prep_hours": 72, **in_hours(72)}),
    ),
    (
        "preparation",
        needs(terms={"prep_hours": 24, "prep_send_hours": 48, **in_hours(71)}),
        "Preparation takes 3 days, and was not sent yet; it starts in 2 days 23 h",
        needs(terms={"prep_hours": 24, "prep_send_hours": 48, **in_hours(24)},
              orders=(Order(is_instructed=True),)),
    ),
    (
        "interpreter",
        needs(terms={"interpreter_notice_hours": 24, **in_hours(23.5)}, interpreter="ara"),
        "An interpreter (ara) takes 24 h to arrange; it starts in 23 h 30 min",
        needs(terms={"interpreter_notice_hours": 24, **in_hours(24)}, interpreter="ara"),
    ),
    (
        "transport",
        needs(terms={"transport_notice_hours": 48, **in_hours(47)}, needs_transport=True),
        "A ride takes 2 days to arrange; it starts in 47 h",
        needs(terms={"transport_notice_hours": 48, **in_hours(47)}),
    ),
]  # fmt: skip


def standing(needs: Requirements, *, at: dt.datetime) -> Refusal | None:
    """All that stands against it, as one: names joined by "+", sentences by ". "; or None."""
    said = {name.value: rule(needs, at) for name, rule in RULES}
    against = {name: sentence for name, sentence in said.items() if sentence is not None}
    return Refusal("+".join(against), ". ".join(against.values())) if against else None
