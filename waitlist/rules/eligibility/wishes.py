"""Rules that hold people to what they told us: which days, where, how far, how soon."""

from __future__ import annotations

import datetime as dt
import math

from scheduling.rules.words import WEEKDAYS, say_day, say_list, say_miles, say_minutes
from scheduling.states import Modality
from waitlist.rules.facts import PersonFacts, SlotFacts
from waitlist.rules.fit import notice_minutes, trip_miles

GET_READY_MINUTES = 30
MILES_PER_HOUR = 30
"""Assumed: half an hour to leave, then 30 straight-line miles an hour from door to door."""


def wants_no_offers(_slot: SlotFacts, person: PersonFacts, _at: dt.datetime) -> str | None:
    return None if person.wants_earlier_offers else "Does not want offers of earlier times"


def outside_dates(slot: SlotFacts, person: PersonFacts, _at: dt.datetime) -> str | None:
    if person.not_before_on is not None and slot.local_date < person.not_before_on:
        return f"Not before {say_day(person.not_before_on)}"
    if person.not_after_on is not None and slot.local_date > person.not_after_on:
        return f"Not after {say_day(person.not_after_on)}"
    return None


def other_weekday(slot: SlotFacts, person: PersonFacts, _at: dt.datetime) -> str | None:
    if not person.prefers_weekdays or slot.local_weekday in person.prefers_weekdays:
        return None
    days = say_list(WEEKDAYS[day] for day in sorted(person.prefers_weekdays))
    return f"Comes on {days} only; this is a {WEEKDAYS[slot.local_weekday]}"


def other_provider(slot: SlotFacts, person: PersonFacts, _at: dt.datetime) -> str | None:
    if person.wants_provider_id in (None, slot.provider_id):
        return None
    return "Waits for another provider"


def other_location(slot: SlotFacts, person: PersonFacts, _at: dt.datetime) -> str | None:
    if person.wants_location_id in (None, slot.location_id):
        return None
    return "Waits for another site" if slot.modality is Modality.IN_PERSON else None


def too_little_notice(slot: SlotFacts, person: PersonFacts, at: dt.datetime) -> str | None:
    left = notice_minutes(slot, at)
    if left <= 0:
        return "It has already started"
    starts = f"it starts in {say_minutes(left)}"
    if left < slot.lead_minutes:
        return f"The visit needs {say_minutes(slot.lead_minutes)} of notice; {starts}"
    if person.notice_hours is not None and left < person.notice_hours * 60:
        return f"Wants {say_minutes(person.notice_hours * 60)} of notice; {starts}"
    return None


def too_far(slot: SlotFacts, person: PersonFacts, at: dt.datetime) -> str | None:
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
