"""Who is left out of an offer, by which rule, in a sentence that staff can read out.

Each rule is a small function that returns its sentence, or None when it has no objection. They
run in the order of `RULES`, the cheap and final ones first, and the first objection stands.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import assert_never

from scheduling.states import Modality, Restriction
from waitlist.rules.facts import PersonFacts, SlotFacts
from waitlist.rules.fit import days_gained, notice_minutes, trip_miles
from waitlist.rules.words import WEEKDAYS, say_day, say_days, say_list, say_miles, say_minutes

GET_READY_MINUTES = 30
MILES_PER_HOUR = 30
"""Assumed: half an hour to leave, then 30 straight-line miles an hour from door to door."""


class RuleName(StrEnum):
    """Names that openings count by. The contact rule's is followed by the rule of contact."""

    DECEASED = "deceased"
    WANTS_NO_OFFERS = "wants-no-offers"
    WRONG_VISIT_TYPE = "wrong-visit-type"
    GAVE_IT_UP = "gave-it-up"
    NOT_EARLIER = "not-earlier"
    BUSY_THEN = "busy-then"
    HAS_LIVE_OFFER = "has-live-offer"
    OUTSIDE_DATES = "outside-dates"
    OTHER_WEEKDAY = "other-weekday"
    OTHER_PROVIDER = "other-provider"
    OTHER_LOCATION = "other-location"
    RESTRICTED = "restricted"
    AGE = "age"
    TOO_LITTLE_NOTICE = "too-little-notice"
    TOO_FAR = "too-far"
    CONTACT = "contact"


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why somebody is left out. `retry_at` is set where only the hour stands in the way."""

    rule: str
    sentence: str
    retry_at: dt.datetime | None = None


Rule = Callable[[SlotFacts, PersonFacts, dt.datetime], str | None]


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


def _deceased(_slot: SlotFacts, person: PersonFacts, _at: dt.datetime) -> str | None:
    return "Has died" if person.is_deceased else None


def _wants_no_offers(_slot: SlotFacts, person: PersonFacts, _at: dt.datetime) -> str | None:
    return None if person.wants_earlier_offers else "Does not want offers of earlier times"


def _wrong_visit_type(slot: SlotFacts, person: PersonFacts, _at: dt.datetime) -> str | None:
    if person.visit_type_id in slot.accepted_visit_type_ids:
        return None
    return "Needs another kind of visit"


def _gave_it_up(_slot: SlotFacts, person: PersonFacts, _at: dt.datetime) -> str | None:
    return "Gave up this very time" if person.gave_this_up else None


def _not_earlier(slot: SlotFacts, person: PersonFacts, _at: dt.datetime) -> str | None:
    gained = days_gained(slot, person)
    if gained is None or gained >= slot.least_days_gained or person.later_starts_at is None:
        return None
    day = say_day(slot.date_of(person.later_starts_at))
    if gained < 0:
        return f"Their own visit is sooner: {day}"
    if gained == 0:
        return f"Their own visit is the same day: {day}"
    return f"Their own visit is only {say_days(gained)} later: {day}"


def _busy_then(_slot: SlotFacts, person: PersonFacts, _at: dt.datetime) -> str | None:
    return "Has another visit at that time" if person.is_busy_then else None


def _has_live_offer(_slot: SlotFacts, person: PersonFacts, _at: dt.datetime) -> str | None:
    if person.has_live_offer_for_slot:
        return "Has an open offer for this slot"
    if person.has_live_offer_overlapping:
        return "Has an open offer for another slot at that time"
    return None


def _outside_dates(slot: SlotFacts, person: PersonFacts, _at: dt.datetime) -> str | None:
    if person.not_before_on is not None and slot.local_date < person.not_before_on:
        return f"Not before {say_day(person.not_before_on)}"
    if person.not_after_on is not None and slot.local_date > person.not_after_on:
        return f"Not after {say_day(person.not_after_on)}"
    return None


def _other_weekday(slot: SlotFacts, person: PersonFacts, _at: dt.datetime) -> str | None:
    if not person.prefers_weekdays or slot.local_weekday in person.prefers_weekdays:
        return None
    days = say_list(WEEKDAYS[day] for day in sorted(person.prefers_weekdays))
    return f"Comes on {days} only; this is a {WEEKDAYS[slot.local_weekday]}"


def _other_provider(slot: SlotFacts, person: PersonFacts, _at: dt.datetime) -> str | None:
    if person.wants_provider_id in (None, slot.provider_id):
        return None
    return "Waits for another provider"


def _other_location(slot: SlotFacts, person: PersonFacts, _at: dt.datetime) -> str | None:
    if person.wants_location_id in (None, slot.location_id):
        return None
    return "Waits for another site" if slot.modality is Modality.IN_PERSON else None


def _restricted(slot: SlotFacts, person: PersonFacts, at: dt.datetime) -> str | None:
    match slot.restriction:
        case Restriction.NONE:
            return None
        case Restriction.SAME_DAY:
            same_day = slot.date_of(at) == slot.local_date
            return None if same_day else "Kept for patients who call on the same day"
        case Restriction.SAME_WEEK:
            same_week = slot.date_of(at).isocalendar()[:2] == slot.local_date.isocalendar()[:2]
            return None if same_week else "Kept for patients who call in the same week"
        case Restriction.NEW_PATIENTS:
            return "Kept for new patients" if person.is_established else None
        case Restriction.ESTABLISHED:
            return None if person.is_established else "Kept for patients seen here before"
        case Restriction.HELD_FOR_REVIEW:
            return "Held for review: a person decides who gets it"
        case _:
            assert_never(slot.restriction)


def _age(slot: SlotFacts, person: PersonFacts, _at: dt.datetime) -> str | None:
    if slot.min_age is None and slot.max_age is None:
        return None
    ages = _say_ages(slot.min_age, slot.max_age)
    if person.birth_on is None:
        return f"Date of birth is not known, and the visit is for {ages}"
    age = age_on(slot.local_date, birth_on=person.birth_on)
    too_young = slot.min_age is not None and age < slot.min_age
    too_old = slot.max_age is not None and age > slot.max_age
    return f"Will be {age}; the visit is for {ages}" if too_young or too_old else None


def age_on(day: dt.date, *, birth_on: dt.date) -> int:
    """Whole years on `day`. Born on Feb 29: a year older on Mar 1 where there is none."""
    before_birthday = (day.month, day.day) < (birth_on.month, birth_on.day)
    return day.year - birth_on.year - before_birthday


def _say_ages(least: int | None, most: int | None) -> str:
    if least is None:
        return f"ages up to {most}"
    return f"ages {least} and over" if most is None else f"ages {least} to {most}"


def _too_little_notice(slot: SlotFacts, person: PersonFacts, at: dt.datetime) -> str | None:
    left = notice_minutes(slot, at)
    if left <= 0:
        return "It has already started"
    starts = f"it starts in {say_minutes(left)}"
    if left < slot.lead_minutes:
        return f"The visit needs {say_minutes(slot.lead_minutes)} of notice; {starts}"
    if person.notice_hours is not None and left < person.notice_hours * 60:
        return f"Wants {say_minutes(person.notice_hours * 60)} of notice; {starts}"
    return None


def _too_far(slot: SlotFacts, person: PersonFacts, at: dt.datetime) -> str | None:
    miles = trip_miles(slot, person)
    if miles is None:
        return None
    if person.max_miles is not None and miles > person.max_miles:
        return (
            f"Lives {say_miles(math.ceil(miles))} away; comes up to {say_miles(person.max_miles)}"
        )
    left = notice_minutes(slot, at)
    if GET_READY_MINUTES + miles * 60 / MILES_PER_HOUR > left:
        return f"Lives {say_miles(miles)} away, and it starts in {say_minutes(left)}"
    return None


RULES: tuple[tuple[RuleName, Rule], ...] = (
    (RuleName.DECEASED, _deceased),
    (RuleName.WANTS_NO_OFFERS, _wants_no_offers),
    (RuleName.WRONG_VISIT_TYPE, _wrong_visit_type),
    (RuleName.GAVE_IT_UP, _gave_it_up),
    (RuleName.NOT_EARLIER, _not_earlier),
    (RuleName.BUSY_THEN, _busy_then),
    (RuleName.HAS_LIVE_OFFER, _has_live_offer),
    (RuleName.OUTSIDE_DATES, _outside_dates),
    (RuleName.OTHER_WEEKDAY, _other_weekday),
    (RuleName.OTHER_PROVIDER, _other_provider),
    (RuleName.OTHER_LOCATION, _other_location),
    (RuleName.RESTRICTED, _restricted),
    (RuleName.AGE, _age),
    (RuleName.TOO_LITTLE_NOTICE, _too_little_notice),
    (RuleName.TOO_FAR, _too_far),
)
"""In the order they are tried. The contact rule comes after them all."""
