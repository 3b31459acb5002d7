"""What one slot and one person make together: the trip, the notice, the days gained."""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple

from scheduling.rules.distance import miles_between
from scheduling.states import Modality
from waitlist.rules.facts import PersonFacts, SlotFacts

_MINUTE = dt.timedelta(minutes=1)


class Fit(NamedTuple):
    """Measured once for each pair, used by the chance, the score and the reasons.

    `days_gained` is None where no visit is booked, `miles` where it is unknown or no trip.
    """

    days_gained: int | None
    waited_days: int
    notice_minutes: float
    miles: float | None


def measure(slot: SlotFacts, person: PersonFacts, *, at: dt.datetime) -> Fit:
    """How this slot fits this person, seen `at` (aware)."""
    return Fit(
        days_gained=days_gained(slot, person),
        waited_days=max(0, (at - person.waiting_since).days),
        notice_minutes=notice_minutes(slot, at),
        miles=trip_miles(slot, person),
    )


def days_gained(slot: SlotFacts, person: PersonFacts) -> int | None:
    """Calendar days at the site between the slot and the visit they have; None without one."""
    if person.later_starts_at is None:
        return None
    return (slot.date_of(person.later_starts_at) - slot.local_date).days


def notice_minutes(slot: SlotFacts, at: dt.datetime) -> float:
    """Minutes from `at` to the start; negative once it has begun."""
    return (slot.starts_at - at) / _MINUTE


def trip_miles(slot: SlotFacts, person: PersonFacts) -> float | None:
    """Straight-line miles from home to the site; None if unknown, or for video and phone."""
    if slot.modality is not Modality.IN_PERSON:
        return None
    return miles_between(slot.latitude, slot.longitude, person.latitude, person.longitude)
