"""What a slot is open for at an instant: the one answer for display, booking and filling."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from zoneinfo import ZoneInfo

from scheduling.rules import hidden_words
from scheduling.rules.ages import age_on
from scheduling.rules.day import DayFacts, what_the_day_hides
from scheduling.rules.effects import with_effect
from scheduling.rules.names import Hidden, HiddenBy
from scheduling.rules.needs import NEEDS
from scheduling.rules.releasing import first_moment
from scheduling.rules.requirements import Requirements
from scheduling.rules.slot_facts import PatientFacts, SlotFacts
from scheduling.states import Modality, PatientLimit, Restriction, SlotStatus


def restriction_at(slot: SlotFacts, at: dt.datetime) -> Restriction:
    """The restriction in force at `at`: a release rule that has come due lifts it."""
    if slot.release_at is not None and slot.release_at <= at:
        return Restriction.NONE
    return slot.restriction


def everything_that_hides(
    slot: SlotFacts,
    *,
    at: dt.datetime,
    patient: PatientFacts | None = None,
    needs: Requirements | None = None,
    day: DayFacts | None = None,
) -> tuple[Hidden, ...]:
    """Every rule that objects to booking `slot` at `at`, with what it does about it.

    The slot can be booked when none of them is *block* and each *override* is set aside by name;
    *warn* stops nobody. Without a patient only the slot's own rules and the clinician's day are
    asked, as counts and openings do. Facts before policies; the order is always the same.
    """
    found = [
        *_of_the_facts(slot, patient, at),
        *_of_the_clock(slot, at),
        *_of_the_visit(slot),
        *(_of_the_patient(slot, patient, at) if patient else ()),
        *(_of_the_needs(needs, at) if needs else ()),
        *(what_the_day_hides(day) if day else ()),
    ]
    return tuple(with_effect(one, slot.effects) for one in found)


def what_hides(
    slot: SlotFacts, *, at: dt.datetime, patient: PatientFacts | None = None
) -> Hidden | None:
    """The first rule that stops a booking of `slot` at `at`, or None when it can be booked."""
    found = everything_that_hides(slot, at=at, patient=patient)
    return next((one for one in found if one.stops), None)


def _of_the_facts(
    slot: SlotFacts, patient: PatientFacts | None, at: dt.datetime
) -> Iterator[Hidden]:
    """What nobody can set aside: the seat, the people and the room."""
    if slot.status is not SlotStatus.FREE:
        yield Hidden(HiddenBy.NOT_FREE, hidden_words.say_not_free(slot))
    elif slot.taken >= slot.capacity:
        yield Hidden(HiddenBy.NO_SEAT, hidden_words.NO_SEAT)
    elif slot.taken + slot.held >= slot.capacity:
        yield Hidden(HiddenBy.HELD, hidden_words.say_held(slot))
    if slot.starts_at <= at:
        yield Hidden(HiddenBy.BEGUN, hidden_words.BEGUN)
    if slot.status is SlotStatus.FREE and slot.provider_busy:
        yield Hidden(HiddenBy.PROVIDER_BUSY, hidden_words.PROVIDER_BUSY)
    if slot.status is SlotStatus.FREE and slot.room_busy:
        yield Hidden(HiddenBy.ROOM_BUSY, hidden_words.ROOM_BUSY)
    if patient and patient.is_busy_then:
        yield Hidden(HiddenBy.PATIENT_BUSY, hidden_words.PATIENT_BUSY)


def _of_the_clock(slot: SlotFacts, at: dt.datetime) -> Iterator[Hidden]:
    """Same-day and same-week are days of the site, whatever the clock does that night.

    Where a release time is set, it alone says when a slot that waits for the clock opens: one
    that is for its own day from 7:00 on is still closed at 6:00 that day.
    """
    if at < slot.starts_at and slot.starts_at - at < slot.lead:
        yield Hidden(HiddenBy.TOO_SOON, hidden_words.say_notice(slot.lead))
    zone = ZoneInfo(slot.zone)
    today, day = at.astimezone(zone).date(), slot.starts_at.astimezone(zone).date()
    in_force, waits = restriction_at(slot, at), slot.release_at is not None
    if in_force is Restriction.SAME_DAY and (waits or today != day):
        yield Hidden(HiddenBy.SAME_DAY, hidden_words.say_kept(in_force, slot, today))
    elif in_force is Restriction.SAME_WEEK and (
        waits or today.isocalendar()[:2] != day.isocalendar()[:2]
    ):
        yield Hidden(HiddenBy.SAME_WEEK, hidden_words.say_kept(in_force, slot, today))
    elif in_force is Restriction.DAYS_BEFORE and (
        waits or (day - today).days > slot.restriction_days
    ):
        yield Hidden(HiddenBy.DAYS_BEFORE, hidden_words.say_kept(in_force, slot, today))
    elif in_force is Restriction.HELD_FOR_REVIEW:
        yield Hidden(HiddenBy.HELD_FOR_REVIEW, hidden_words.say_kept(in_force, slot, today))


def _of_the_visit(slot: SlotFacts) -> Iterator[Hidden]:
    asked = slot.asked
    if slot.retired is not None:
        yield Hidden(HiddenBy.RETIRED, hidden_words.say_retired(slot.retired))
    if asked is None:
        return
    if not asked.serves:
        yield Hidden(HiddenBy.VISIT_TYPE, hidden_words.say_not_for(asked))
    if asked.modality is not slot.modality:
        yield Hidden(HiddenBy.MODALITY, hidden_words.say_modality(slot.modality, asked))


def _of_the_patient(slot: SlotFacts, patient: PatientFacts, at: dt.datetime) -> Iterator[Hidden]:
    in_force = restriction_at(slot, at)
    if in_force is Restriction.NEW_PATIENTS and patient.is_established:
        yield Hidden(HiddenBy.NEW_PATIENTS, hidden_words.NEW_PATIENTS)
    if in_force is Restriction.ESTABLISHED and not patient.is_established:
        yield Hidden(HiddenBy.ESTABLISHED, hidden_words.ESTABLISHED)
    if patient.birth_on is not None:
        age = age_on(patient.birth_on, slot.starts_at.astimezone(ZoneInfo(slot.zone)).date())
        too_young = slot.min_age is not None and age < slot.min_age
        too_old = slot.max_age is not None and age > slot.max_age
        if too_young or too_old:
            yield Hidden(HiddenBy.AGE, hidden_words.say_age(age))
    yield from _of_the_license(slot, patient)
    yield from _of_the_limit(slot, patient, at)


def _of_the_limit(slot: SlotFacts, patient: PatientFacts, at: dt.datetime) -> Iterator[Hidden]:
    """What a person approved after missed visits. Booking by phone only is asked online."""
    zone = ZoneInfo(slot.zone)
    today, day = at.astimezone(zone).date(), slot.starts_at.astimezone(zone).date()
    if patient.limit is PatientLimit.SAME_DAY and today != day:
        yield Hidden(HiddenBy.LIMITED, hidden_words.SAME_DAY_ONLY)
    elif patient.limit is PatientLimit.ASK_MANAGER:
        yield Hidden(HiddenBy.LIMITED, hidden_words.ASK_MANAGER)


def _of_the_license(slot: SlotFacts, patient: PatientFacts) -> Iterator[Hidden]:
    """By video and phone, care is given where the patient is."""
    if slot.modality is Modality.IN_PERSON or slot.licensed_in is None or not patient.state:
        return
    if patient.state not in slot.licensed_in:
        yield Hidden(HiddenBy.LICENSE, hidden_words.say_license(patient.state))


def _of_the_needs(needs: Requirements, at: dt.datetime) -> Iterator[Hidden]:
    for name, rule in NEEDS:
        said = rule(needs, at)
        if said is not None:
            yield Hidden(name, hidden_words.say_need(said))


def opens_by_the_clock(slot: SlotFacts) -> dt.datetime:
    """When the clock alone opens a slot that is kept for its own day or week, or some days before.

    When its release rule says so, where it has one; else at the first minute of that day or
    Monday, by the site's clock.
    """
    if slot.release_at is not None:
        return slot.release_at
    day = slot.starts_at.astimezone(ZoneInfo(slot.zone)).date()
    if slot.restriction is Restriction.SAME_WEEK:
        day -= dt.timedelta(days=day.weekday())
    elif slot.restriction is Restriction.DAYS_BEFORE:
        day -= dt.timedelta(days=slot.restriction_days)
    return first_moment(day, dt.time.min, ZoneInfo(slot.zone))
