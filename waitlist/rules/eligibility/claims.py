"""Rules about the claim itself: what the patient waits for, and whether the slot is for them."""

from __future__ import annotations

import datetime as dt
from typing import assert_never

from scheduling.rules.words import say_ages, say_day, say_days
from scheduling.states import PatientLimit, Restriction
from waitlist.rules.facts import PersonFacts, SlotFacts
from waitlist.rules.fit import days_gained


def deceased(_slot: SlotFacts, person: PersonFacts, _at: dt.datetime) -> str | None:
    return "Has died" if person.is_deceased else None


def wrong_visit_type(slot: SlotFacts, person: PersonFacts, _at: dt.datetime) -> str | None:
    if person.visit_type_id in slot.accepted_visit_type_ids:
        return None
    return "Needs another kind of visit"


def not_switched_on(_slot: SlotFacts, person: PersonFacts, _at: dt.datetime) -> str | None:
    if person.requirements is None or person.requirements.terms.is_switched_on:
        return None
    terms = person.requirements.terms
    return f"{terms.clinic} has not switched on {terms.visit_type}"


def gave_it_up(_slot: SlotFacts, person: PersonFacts, _at: dt.datetime) -> str | None:
    return "Gave up this very time" if person.gave_this_up else None


def not_earlier(slot: SlotFacts, person: PersonFacts, _at: dt.datetime) -> str | None:
    gained = days_gained(slot, person)
    if gained is None or gained >= slot.least_days_gained or person.later_starts_at is None:
        return None
    day = say_day(slot.date_of(person.later_starts_at))
    if gained < 0:
        return f"Their own visit is sooner: {day}"
    if gained == 0:
        return f"Their own visit is the same day: {day}"
    return f"Their own visit is only {say_days(gained)} later: {day}"


def asked_for_one(_slot: SlotFacts, person: PersonFacts, _at: dt.datetime) -> str | None:
    return "Has asked for such a visit, which is being confirmed" if person.is_asking else None


def had_it_since(_slot: SlotFacts, person: PersonFacts, _at: dt.datetime) -> str | None:
    return "Has had such a visit since they began to wait" if person.was_seen_since else None


def busy_then(_slot: SlotFacts, person: PersonFacts, _at: dt.datetime) -> str | None:
    return "Has another visit at that time" if person.is_busy_then else None


def has_live_offer(_slot: SlotFacts, person: PersonFacts, _at: dt.datetime) -> str | None:
    if person.has_live_offer_for_slot:
        return "Has an open offer for this slot"
    if person.has_live_offer_overlapping:
        return "Has an open offer for another slot at that time"
    return None


def restricted(slot: SlotFacts, person: PersonFacts, at: dt.datetime) -> str | None:
    match slot.restriction:
        case Restriction.NONE | Restriction.DAYS_BEFORE:
            return None  # days before: the same for everybody, and nobody is matched until then
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


def limited(slot: SlotFacts, person: PersonFacts, at: dt.datetime) -> str | None:
    """What a person approved after missed visits. A yes to a text is no call to the clinic."""
    match person.limit:
        case PatientLimit.SAME_DAY:
            same_day = slot.date_of(at) == slot.local_date
            return None if same_day else "After missed visits they book on the day itself only"
        case PatientLimit.BY_PHONE:
            return "After missed visits they book by phone only"
        case PatientLimit.ASK_MANAGER:
            return "After missed visits a manager looks at each booking"
        case None:
            return None
        case _:
            assert_never(person.limit)


def age(slot: SlotFacts, person: PersonFacts, _at: dt.datetime) -> str | None:
    if slot.min_age is None and slot.max_age is None:
        return None
    ages = say_ages(slot.min_age, slot.max_age)
    if person.birth_on is None:
        return f"Date of birth is not known, and the visit is for {ages}"
    years = age_on(slot.local_date, birth_on=person.birth_on)
    too_young = slot.min_age is not None and years < slot.min_age
    too_old = slot.max_age is not None and years > slot.max_age
    return f"Will be {years}; the visit is for {ages}" if too_young or too_old else None


def age_on(day: dt.date, *, birth_on: dt.date) -> int:
    """Whole years on `day`. Born on Feb 29: a year older on Mar 1 where there is none."""
    before_birthday = (day.month, day.day) < (birth_on.month, birth_on.day)
    return day.year - birth_on.year - before_birthday
