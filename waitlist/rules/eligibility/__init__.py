"""Who is left out of an offer, by which rule, in a sentence that staff can read out.

Each rule is a small function that returns its sentence, or None when it has no objection. They
run in the order of `RULES`, the cheap and final ones first, and the first objection stands.
`claims` asks about the claim, `wishes` about what the person asked for, and `scheduling.rules`
about what an earlier date would break.
"""

from __future__ import annotations

import datetime as dt

from scheduling.rules.day import what_the_day_hides
from scheduling.rules.needs import NEEDS, Need
from waitlist.rules.eligibility import claims, wishes
from waitlist.rules.eligibility.claims import age_on
from waitlist.rules.eligibility.names import Refusal, Rule, RuleName
from waitlist.rules.facts import PersonFacts, SlotFacts

__all__ = [
    "NEEDS",
    "RULES",
    "Refusal",
    "Rule",
    "RuleName",
    "age_on",
    "contact_refusal",
    "refusal",
]


def refusal(slot: SlotFacts, person: PersonFacts, *, at: dt.datetime) -> Refusal | None:
    """The first rule that leaves this person out, or None: they may be offered the slot.

    :param at: aware; the notice that is left and "today" are counted from it.
    """
    for name, rule in RULES:
        sentence = rule(slot, person, at)
        if sentence is not None:
            return Refusal(name.value, sentence)
    return contact_refusal(person)


def contact_refusal(person: PersonFacts) -> Refusal | None:
    """The last rule: they may not be texted now. In the words of the contact rule itself."""
    contact = person.contact
    if contact is None or contact.allowed:
        return None
    return Refusal(f"{RuleName.CONTACT}:{contact.rule}", contact.sentence, contact.retry_at)


def _of_needs(rule: Need) -> Rule:
    """The rule asked of what was gathered for a person; of nothing, it has nothing to say."""

    def asked(_slot: SlotFacts, person: PersonFacts, at: dt.datetime) -> str | None:
        return None if person.requirements is None else rule(person.requirements, at)

    return asked


def _clinicians_day(_slot: SlotFacts, person: PersonFacts, _at: dt.datetime) -> str | None:
    day = person.requirements.day if person.requirements else None
    found = what_the_day_hides(day) if day else []
    return found[0].sentence.removesuffix(".") if found else None


RULES: tuple[tuple[RuleName, Rule], ...] = (
    (RuleName.DECEASED, claims.deceased),
    (RuleName.WANTS_NO_OFFERS, wishes.wants_no_offers),
    (RuleName.WRONG_VISIT_TYPE, claims.wrong_visit_type),
    (RuleName.NOT_SWITCHED_ON, claims.not_switched_on),
    (RuleName.GAVE_IT_UP, claims.gave_it_up),
    (RuleName.NOT_EARLIER, claims.not_earlier),
    (RuleName.ASKED_FOR_ONE, claims.asked_for_one),
    (RuleName.HAD_IT_SINCE, claims.had_it_since),
    (RuleName.BUSY_THEN, claims.busy_then),
    (RuleName.HAS_LIVE_OFFER, claims.has_live_offer),
    (RuleName.OUTSIDE_DATES, wishes.outside_dates),
    (RuleName.OTHER_WEEKDAY, wishes.other_weekday),
    (RuleName.OTHER_PROVIDER, wishes.other_provider),
    (RuleName.OTHER_LOCATION, wishes.other_location),
    (RuleName.RESTRICTED, claims.restricted),
    (RuleName.LIMITED, claims.limited),
    (RuleName.AGE, claims.age),
    (RuleName.TOO_LITTLE_NOTICE, wishes.too_little_notice),
    (RuleName.TOO_FAR, wishes.too_far),
    *((RuleName(name.value), _of_needs(rule)) for name, rule in NEEDS),
    (RuleName.CLINICIANS_DAY, _clinicians_day),
)
"""In the order they are tried. The contact rule comes after them all."""
