"""What a slot is open for at an instant: the one answer for display, booking and filling."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from scheduling.rules.ages import age_on
from scheduling.rules.names import Hidden, HiddenBy
from scheduling.states import Restriction, SlotStatus


@dataclass(frozen=True, slots=True)
class SlotFacts:
    """A slot as the rules see it. `provider_busy` counts visits outside this slot's seats.

    `held` counts the seats that are kept for somebody else just now: all of them while the
    clinician's time is kept through another slot. `held_by` and `held_until` tell of the hold
    that ends first.
    """

    status: SlotStatus
    starts_at: dt.datetime
    zone: str
    capacity: int
    taken: int
    restriction: Restriction
    lead: dt.timedelta
    restriction_days: int = 0
    release_at: dt.datetime | None = None
    provider_busy: bool = False
    min_age: int | None = None
    max_age: int | None = None
    held: int = 0
    held_by: str = ""
    held_until: dt.datetime | None = None


@dataclass(frozen=True, slots=True)
class PatientFacts:
    """What of a patient decides whether a slot is open to them."""

    birth_on: dt.date | None
    is_established: bool
    is_busy_then: bool


def restriction_at(slot: SlotFacts, at: dt.datetime) -> Restriction:
    """The restriction in force at `at`: a release rule that has come due lifts it."""
    if slot.release_at is not None and slot.release_at <= at:
        return Restriction.NONE
    return slot.restriction


def what_hides(
    slot: SlotFacts, *, at: dt.datetime, patient: PatientFacts | None = None
) -> Hidden | None:
    """The first rule that hides `slot` at `at`, or None when it can be booked.

    Without a patient only the slot's own rules are asked, as counts and openings do.
    """
    return (
        _what_hides_from_all(slot, at)
        or _what_the_clock_hides(slot, at)
        or (_what_hides_from(slot, patient, at) if patient else None)
    )


def _what_hides_from_all(slot: SlotFacts, at: dt.datetime) -> Hidden | None:
    if slot.status is not SlotStatus.FREE:
        said = {
            SlotStatus.BUSY: "It is booked.",
            SlotStatus.VACATED: "Its visit was cancelled; the EHR has not yet freed it.",
            SlotStatus.BLOCKED: "The clinic has blocked it.",
            SlotStatus.WITHDRAWN: "It is no longer on the schedule.",
        }
        return Hidden(HiddenBy.NOT_FREE, said[slot.status])
    if slot.taken >= slot.capacity:
        return Hidden(HiddenBy.NO_SEAT, "Every seat is taken.")
    if slot.taken + slot.held >= slot.capacity:
        return Hidden(HiddenBy.HELD, _held(slot))
    if slot.provider_busy:
        return Hidden(HiddenBy.PROVIDER_BUSY, "The clinician has another visit at that time.")
    if slot.starts_at - at < slot.lead:
        return Hidden(HiddenBy.TOO_SOON, f"It needs {_words(slot.lead)} of notice.")
    return None


def _what_the_clock_hides(slot: SlotFacts, at: dt.datetime) -> Hidden | None:
    """Same-day and same-week are days of the site, whatever the clock does that night."""
    zone = ZoneInfo(slot.zone)
    today, day = at.astimezone(zone).date(), slot.starts_at.astimezone(zone).date()
    in_force = restriction_at(slot, at)
    if in_force is Restriction.SAME_DAY and today != day:
        return Hidden(HiddenBy.SAME_DAY, "It is kept for its own day.")
    if in_force is Restriction.SAME_WEEK and today.isocalendar()[:2] != day.isocalendar()[:2]:
        return Hidden(HiddenBy.SAME_WEEK, "It is kept for its own week.")
    if in_force is Restriction.DAYS_BEFORE and (day - today).days > slot.restriction_days:
        opens = (
            f"{slot.restriction_days} days before" if slot.restriction_days else "on its own day"
        )
        return Hidden(HiddenBy.DAYS_BEFORE, f"It opens {opens}.")
    if in_force is Restriction.HELD_FOR_REVIEW:
        return Hidden(HiddenBy.HELD_FOR_REVIEW, "The clinic reviews who gets it.")
    return None


def opens_by_the_clock(slot: SlotFacts) -> dt.datetime:
    """When the clock alone opens a slot that is kept for its own day or week, or some days before.

    At the first minute of that day or Monday, by the site's clock; or when its release rule
    lifts the restriction, if that is sooner.
    """
    day = slot.starts_at.astimezone(ZoneInfo(slot.zone)).date()
    if slot.restriction is Restriction.SAME_WEEK:
        day -= dt.timedelta(days=day.weekday())
    elif slot.restriction is Restriction.DAYS_BEFORE:
        day -= dt.timedelta(days=slot.restriction_days)
    opens_at = dt.datetime.combine(day, dt.time.min, tzinfo=ZoneInfo(slot.zone))
    opens_at = opens_at.astimezone(dt.UTC)
    return min(opens_at, slot.release_at) if slot.release_at is not None else opens_at


def _what_hides_from(slot: SlotFacts, patient: PatientFacts, at: dt.datetime) -> Hidden | None:
    in_force = restriction_at(slot, at)
    if in_force is Restriction.NEW_PATIENTS and patient.is_established:
        return Hidden(HiddenBy.NEW_PATIENTS, "It is kept for new patients.")
    if in_force is Restriction.ESTABLISHED and not patient.is_established:
        return Hidden(HiddenBy.ESTABLISHED, "It is kept for established patients.")
    if patient.is_busy_then:
        return Hidden(HiddenBy.PATIENT_BUSY, "The patient has another visit at that time.")
    if patient.birth_on is not None:
        age = age_on(patient.birth_on, slot.starts_at.astimezone(ZoneInfo(slot.zone)).date())
        too_young = slot.min_age is not None and age < slot.min_age
        too_old = slot.max_age is not None and age > slot.max_age
        if too_young or too_old:
            return Hidden(HiddenBy.AGE, f"It is not for patients aged {age}.")
    return None


def _held(slot: SlotFacts) -> str:
    who = f"Held by {slot.held_by}" if slot.held_by else "Held for somebody else"
    if slot.held_until is None:
        return f"{who}."
    return f"{who} until {slot.held_until.astimezone(ZoneInfo(slot.zone)):%-I:%M %p}."


def _words(span: dt.timedelta) -> str:
    hours = span.total_seconds() / 3600
    return f"{hours:g} hours" if hours >= 2 else f"{int(hours * 60)} minutes"
