"""What the rules look at: one slot, and one person who could take it.

What is not here cannot count. No payer, value, race, sex, language or address is. `requirements`
may leave somebody out of a slot; the score does not look into them.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from enum import StrEnum
from zoneinfo import ZoneInfo

from scheduling.rules.requirements import Requirements
from scheduling.states import Modality, PatientLimit, Restriction
from waitlist.states import CandidateKind, ScoreKind, Urgency

NOON = 12
EVENING = 17


class PartOfDay(StrEnum):
    """Half-open on the site's wall clock: morning to 12:00, afternoon to 17:00, then evening."""

    MORNING = "morning"
    AFTERNOON = "afternoon"
    EVENING = "evening"


def part_of_day(hour: int) -> PartOfDay:
    """The part of the day that `hour`, 0 to 23 on the site's wall clock, belongs to."""
    if hour < NOON:
        return PartOfDay.MORNING
    return PartOfDay.AFTERNOON if hour < EVENING else PartOfDay.EVENING


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotFacts:
    """The freed slot. `starts_at` is aware, and kept in UTC; `zone` is the site's IANA name.

    `accepted_visit_type_ids` are its own visit type and those it can stand in for. Ages are
    in whole years, both inclusive. The local fields are worked out once, not for each person.

    :raises ValueError: for a naive `starts_at`.
    :raises KeyError: for an unknown zone.
    """

    starts_at: dt.datetime
    zone: str
    visit_type_id: int
    accepted_visit_type_ids: frozenset[int]
    provider_id: int | None = None
    location_id: int | None = None
    modality: Modality = Modality.IN_PERSON
    latitude: float | None = None
    longitude: float | None = None
    lead_minutes: int = 0
    min_age: int | None = None
    max_age: int | None = None
    restriction: Restriction = Restriction.NONE
    least_days_gained: int = 1

    tz: ZoneInfo = field(init=False, repr=False)
    local_date: dt.date = field(init=False)
    local_weekday: int = field(init=False)  # Monday is 0
    local_part_of_day: PartOfDay = field(init=False)

    def __post_init__(self) -> None:
        if self.starts_at.tzinfo is None:
            raise ValueError("A slot starts at an aware time.")
        tz = ZoneInfo(self.zone)
        local = self.starts_at.astimezone(tz)
        set_once = object.__setattr__  # frozen
        set_once(self, "starts_at", self.starts_at.astimezone(dt.UTC))  # so that it subtracts right
        set_once(self, "tz", tz)
        set_once(self, "local_date", local.date())
        set_once(self, "local_weekday", local.weekday())
        set_once(self, "local_part_of_day", part_of_day(local.hour))

    def date_of(self, moment: dt.datetime) -> dt.date:
        """The date at the slot's site at `moment` (aware)."""
        return moment.astimezone(self.tz).date()


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """May this person be texted this offer now? If not: which rule says so, until when."""

    allowed: bool
    rule: str = ""
    sentence: str = ""
    retry_at: dt.datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OutsideScore:
    """What a model outside Firstcall gave the patient (0 to 1), and what it weighs here.

    `expires_at` is aware; from then on it does not count.
    """

    kind: ScoreKind
    value: float
    weight: float
    model: str
    version: str
    source: str
    expires_at: dt.datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonFacts:
    """One patient with the claim that makes them a candidate. One of these a patient.

    A patient with several later visits of a fitting type comes with the *soonest* of them: the
    later ones of a series keep their distance.

    - `waiting_since`: when that visit was booked, or when the wait or the request began.
    - `later_*`: the booked visit that they would give up; none for those who only wait.
    - `is_asking`: such a visit of theirs is requested, and not confirmed yet.
    - `was_seen_since`: they have had such a visit since they began to wait.
    - `limit`: how a person has limited their booking at the slot's clinic; None for whoever moves
      a visit, as in booking.
    - `is_busy_then`: another visit of theirs overlaps the slot.
    - `gave_this_up`: the slot is free because they gave it up.
    - `is_established`: seen in the slot's specialty here within three years (as CPT has it).
    - `offers_recent`, `declined_recent`: offers sent, and noes to them, in the last 30 days.
    - `contact`, `requirements`: None when not looked up yet; their rules have nothing to say.
    - `imported`: scores of outside models that have a weight here, at most one of a kind.
    - Empty preferences mean "any".
    """

    patient_id: int
    kind: CandidateKind
    visit_type_id: int | None
    waiting_since: dt.datetime
    urgency: Urgency = Urgency.ROUTINE

    later_starts_at: dt.datetime | None = None
    later_provider_id: int | None = None
    later_location_id: int | None = None

    birth_on: dt.date | None = None
    latitude: float | None = None
    longitude: float | None = None
    is_deceased: bool = False
    is_established: bool = False

    wants_earlier_offers: bool = True
    max_miles: int | None = None
    notice_hours: int | None = None
    prefers_parts_of_day: frozenset[str] = frozenset()
    prefers_weekdays: frozenset[int] = frozenset()
    wants_provider_id: int | None = None
    wants_location_id: int | None = None
    not_before_on: dt.date | None = None
    not_after_on: dt.date | None = None

    is_asking: bool = False
    was_seen_since: bool = False
    limit: PatientLimit | None = None
    is_busy_then: bool = False
    gave_this_up: bool = False
    has_live_offer_for_slot: bool = False
    has_live_offer_overlapping: bool = False
    contact: Contact | None = None
    requirements: Requirements | None = None

    offers_recent: int = 0
    declined_recent: int = 0
    accepted_ever: bool = False
    imported: tuple[OutsideScore, ...] = ()
