"""What one slot and one person make together: the trip, the notice, the days gained."""

from __future__ import annotations

import datetime as dt
import math
from typing import NamedTuple

from scheduling.states import Modality
from waitlist.rules.facts import PersonFacts, SlotFacts

EARTH_RADIUS_MILES = 3958.8
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


def miles_between(
    latitude: float | None,
    longitude: float | None,
    other_latitude: float | None,
    other_longitude: float | None,
) -> float | None:
    """Great-circle miles (haversine), or None when a coordinate is missing or impossible."""
    if latitude is None or longitude is None or other_latitude is None or other_longitude is None:
        return None
    if not (abs(latitude) <= 90 and abs(other_latitude) <= 90):  # NaN fails this too
        return None
    if not (abs(longitude) <= 180 and abs(other_longitude) <= 180):
        return None
    phi, other_phi = math.radians(latitude), math.radians(other_latitude)
    half_height = math.sin((other_phi - phi) / 2) ** 2
    half_width = math.sin(math.radians(other_longitude - longitude) / 2) ** 2
    chord = half_height + math.cos(phi) * math.cos(other_phi) * half_width
    return 2 * EARTH_RADIUS_MILES * math.asin(math.sqrt(min(1.0, chord)))
