"""The most promising people for a slot, out of any number, in one statement (decision 0009).

PostgreSQL reads a bounded number of index entries from several ends at once (the *arms*), scores
what it finds as `waitlist.rules` would, leaves out whom the plain rules leave out, and hands over
the best. The rules themselves judge those. What is written here twice, the conditions and the
arithmetic, takes its figures from the rules; `tests/waitlist/test_shortlist.py` holds both to
the same answers.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.db import connection

from scheduling.models import Slot
from scheduling.queries import ESTABLISHED_FOR
from scheduling.states import AppointmentStatus, Modality, PatientLimit, RestrictionStatus
from waitlist.queries.claims import BY_URGENCY, CAME, RECENT
from waitlist.queries.shortlist_sql import SHORTLIST, restricted_to
from waitlist.rules import chance
from waitlist.rules.eligibility.wishes import GET_READY_MINUTES, MILES_PER_HOUR
from waitlist.rules.facts import SlotFacts
from waitlist.rules.fit import notice_minutes
from waitlist.rules.ranking import DAYS_WITHOUT_VISIT
from waitlist.states import LIVE_OFFER, EntryStatus, OfferStatus


@dataclass(frozen=True, slots=True)
class Depth:
    """How far one look goes: index entries by arm, for each accepted visit type.

    `farthest`: visits, the last first. `longest`: visits, the longest wait first. `widest`:
    visits with the most days between booking and visit, which is what somebody would gain and
    has waited together. `same_clinician`: the same with the slot's clinician. `band`: waitlist
    entries of each urgency, the longest wait first. Of all these, so many `scored` are looked
    at with their patient, and at most so many `listed`.
    """

    farthest: int
    longest: int
    widest: int
    same_clinician: int
    band: int
    scored: int
    listed: int

    def times(self, factor: int) -> Depth:
        """A look so many times deeper."""
        return Depth(
            self.farthest * factor,
            self.longest * factor,
            self.widest * factor,
            self.same_clinician * factor,
            self.band * factor,
            self.scored * factor,
            self.listed * factor,
        )


#: The first look. Found by measuring: `bench/matching.py` states what it misses.
FIRST_LOOK = Depth(
    farthest=100, longest=100, widest=400, same_clinician=150, band=150, scored=250, listed=96
)


@dataclass(frozen=True, slots=True)
class Shortlist:
    """Patients by key, the most promising first.

    `is_everybody`: every arm came to its end, so nobody with a claim was left unseen whom the
    rules would accept.
    """

    patient_ids: tuple[int, ...]
    is_everybody: bool


def find_shortlist(
    slot: Slot,
    facts: SlotFacts,
    *,
    at: dt.datetime,
    depth: Depth = FIRST_LOOK,
    without: Collection[int] = (),
) -> Shortlist:
    """Who is worth judging for this slot. One statement, bounded by `depth`.

    :param without: patients who are not to be listed: they were asked, or gave the time up.
    """
    parameters = _of_slot(slot, facts, at) | _of_depth(depth) | {"without": list(without)}
    restriction = restricted_to(facts.restriction)
    with connection.cursor() as cursor:
        cursor.execute(SHORTLIST.replace("/* restriction */", restriction), parameters)
        rows = cursor.fetchall()
    found = tuple(patient_id for patient_id, _, _ in rows if patient_id is not None)
    return Shortlist(found, is_everybody=bool(rows) and rows[0][2] and len(found) < depth.listed)


def _of_depth(depth: Depth) -> dict[str, Any]:
    return {
        "farthest": depth.farthest,
        "longest": depth.longest,
        "widest": depth.widest,
        "same_clinician": depth.same_clinician,
        "band": depth.band,
        "scored": depth.scored,
        "listed": depth.listed,
    }


def _of_slot(slot: Slot, facts: SlotFacts, at: dt.datetime) -> dict[str, Any]:
    midnight = dt.datetime.combine(facts.local_date, dt.time(), facts.tz)
    first_day = facts.local_date + dt.timedelta(days=facts.least_days_gained)
    later_from = dt.datetime.combine(first_day, dt.time(), facts.tz)
    left = notice_minutes(facts, at)
    in_person = facts.modality is Modality.IN_PERSON
    return {
        "types": sorted(facts.accepted_visit_type_ids),
        "clinician": facts.provider_id,
        "site": facts.location_id,
        "is_in_person": in_person,
        "specialty": slot.role.clinic.specialty,
        "clinic": slot.role.clinic_id,
        "slot": slot.pk or 0,
        "starts_at": slot.starts_at,
        "ends_at": slot.ends_at,
        "at": at,
        "midnight": midnight,
        "later_from": max(later_from, at),
        "day": facts.local_date,
        "weekday": facts.local_weekday,
        "part_of_day": str(facts.local_part_of_day),
        "minutes_left": left,
        "latitude": facts.latitude if in_person else None,
        "longitude": facts.longitude if in_person else None,
        "most_miles": max(0.0, (left - GET_READY_MINUTES) * MILES_PER_HOUR / 60),
        "min_age": facts.min_age,
        "max_age": facts.max_age,
        "days_without_visit": DAYS_WITHOUT_VISIT,
        "notice_odds": notice_log_odds(left),
        "recent": at - RECENT,
        "established_since": at - ESTABLISHED_FOR,
        "bands": [str(urgency) for urgency in BY_URGENCY],
        "today": facts.date_of(at),
        "approved": str(RestrictionStatus.APPROVED),
        "same_day": str(PatientLimit.SAME_DAY),
        "booked": str(AppointmentStatus.BOOKED),
        "requested": str(AppointmentStatus.REQUESTED),
        "came": [str(status) for status in CAME],
        "fulfilled": str(AppointmentStatus.FULFILLED),
        "waiting": str(EntryStatus.WAITING),
        "said_no": str(OfferStatus.DECLINED),
        "has_won": str(OfferStatus.WON),
        "live_offer": [str(status) for status in LIVE_OFFER],
    }


def notice_log_odds(minutes: float) -> float:
    """What the notice that is left adds to the chance of a yes: the same for everybody."""
    return next(odds for at_least, odds in chance.NOTICE if minutes >= at_least)
