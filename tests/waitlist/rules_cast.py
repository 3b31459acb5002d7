"""A freed slot and a person who fits it, for tests of the pure rules; no database."""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from waitlist.rules.facts import PersonFacts, SlotFacts
from waitlist.states import CandidateKind, Urgency

ZONE = "America/Chicago"
TZ = ZoneInfo(ZONE)
NOW = dt.datetime(2026, 11, 30, 16, 0, tzinfo=TZ)
"""Monday, four in the afternoon."""

SITE = (41.8781, -87.6298)
FOLLOW_UP, NEW_PATIENT, OTHER_TYPE = 1, 2, 3

SLOT = SlotFacts(
    starts_at=dt.datetime(2026, 12, 8, 9, 0, tzinfo=TZ),  # a Tuesday
    zone=ZONE,
    visit_type_id=FOLLOW_UP,
    accepted_visit_type_ids=frozenset({FOLLOW_UP, NEW_PATIENT}),
    provider_id=10,
    location_id=20,
    latitude=SITE[0],
    longitude=SITE[1],
    lead_minutes=120,
)

PERSON = PersonFacts(
    patient_id=1,
    kind=CandidateKind.LATER_VISIT,
    visit_type_id=FOLLOW_UP,
    waiting_since=NOW - dt.timedelta(days=30),
    later_starts_at=dt.datetime(2027, 1, 19, 9, 0, tzinfo=TZ),
    later_provider_id=11,
    later_location_id=20,
    birth_on=dt.date(1980, 5, 1),
    latitude=SITE[0] + 3 / 69,  # about 3 miles north
    longitude=SITE[1],
)


def slot(**changes: Any) -> SlotFacts:
    """`SLOT` with changes; what is worked out from them follows."""
    return dataclasses.replace(SLOT, **changes)


def person(**changes: Any) -> PersonFacts:
    """`PERSON` with changes."""
    return dataclasses.replace(PERSON, **changes)


def waiting(days: float) -> PersonFacts:
    """Somebody on the waitlist for `days`, with nothing booked."""
    return person(
        kind=CandidateKind.WAITLIST,
        waiting_since=NOW - dt.timedelta(days=days),
        later_starts_at=None,
        later_provider_id=None,
        later_location_id=None,
    )


latitudes = st.none() | st.floats(allow_nan=True, allow_infinity=True) | st.floats(41.0, 43.0)
longitudes = st.none() | st.floats(allow_nan=True, allow_infinity=True) | st.floats(-89.0, -87.0)
parts_of_day = st.frozensets(st.sampled_from(["morning", "afternoon", "evening"]))


@st.composite
def persons(draw: st.DrawFn, *, patient_id: int = 1) -> PersonFacts:
    """Anybody who fits `SLOT` as far as their own limits go, with all that ranks them."""
    kind = draw(st.sampled_from(CandidateKind))
    booked = kind is CandidateKind.LATER_VISIT or draw(st.booleans())
    days_later = draw(st.integers(1, 400))
    return PersonFacts(
        patient_id=patient_id,
        kind=kind,
        visit_type_id=draw(st.sampled_from([FOLLOW_UP, NEW_PATIENT])),
        waiting_since=NOW - dt.timedelta(hours=draw(st.integers(-1, 20_000))),
        urgency=draw(st.sampled_from(Urgency)),
        later_starts_at=SLOT.starts_at + dt.timedelta(days=days_later) if booked else None,
        later_provider_id=draw(st.sampled_from([10, 11])) if booked else None,
        later_location_id=draw(st.sampled_from([20, 21])) if booked else None,
        latitude=draw(latitudes),
        longitude=draw(longitudes),
        prefers_parts_of_day=draw(parts_of_day),
        offers_recent=draw(st.integers(0, 40)),
        declined_recent=draw(st.integers(0, 40)),
        accepted_ever=draw(st.booleans()),
    )


@st.composite
def crowds(draw: st.DrawFn) -> list[PersonFacts]:
    """Several different people, some of whom tie."""
    ids = draw(st.lists(st.integers(1, 10_000), unique=True, min_size=1, max_size=12))
    twins = draw(st.booleans())
    first = draw(persons())
    return [
        dataclasses.replace(first if twins else draw(persons()), patient_id=number)
        for number in ids
    ]
