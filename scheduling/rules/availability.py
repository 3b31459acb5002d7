"""What a slot is open for at an instant: the one answer for display, booking and filling."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from crm.rules.said import Said, say, say_all
from scheduling.rules.ages import age_on
from scheduling.rules.day import DayFacts, what_the_day_hides
from scheduling.rules.effects import Effect, with_effect
from scheduling.rules.names import Hidden, HiddenBy
from scheduling.rules.needs import NEEDS
from scheduling.rules.releasing import first_moment
from scheduling.rules.requirements import Requirements
from scheduling.rules.states import name_state
from scheduling.rules.words import say_clock, say_date, say_when
from scheduling.states import Modality, PatientLimit, Restriction, SlotStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A visit type as a slot is asked for it. `serves`: the slot may be used for it."""

    pk: int
    name: str
    modality: Modality
    serves: bool = True


@dataclass(frozen=True, slots=True)
class Retired:
    """A kind of visit that is no longer booked; `on` is not always known."""

    name: str
    on: dt.date | None = None


@dataclass(frozen=True, slots=True)
class SlotFacts:
    """A slot as the rules see it. `provider_busy` counts visits outside this slot's seats.

    - `held` counts the seats that are kept for somebody else just now: all of them while the
      clinician's time is kept through another slot. `held_by` and `held_until` tell of the hold
      that ends first.
    - `asked`: the visit type that is asked for; None for what the slot was made for.
    - `lead` and the ages are those of the visit that would be booked.
    - `release_at`: from then on neither the restriction nor the audience holds.
    - `licensed_in`: states where its clinician may treat that day; None where nobody keeps them.
    - `retired`: the kind of visit that is asked for, or the slot's own, where it is no longer
      booked; whoever moves a visit keeps its kind.
    - `effects`: what the clinic has set for rules, by rule; the others do what they do by default.
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
    room_busy: bool = False
    restriction_reason: str = ""
    restriction_owner: str = ""
    modality: Modality = Modality.IN_PERSON
    asked: Kind | None = None
    licensed_in: frozenset[str] | None = None
    retired: Retired | None = None
    effects: Mapping[HiddenBy, Effect] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PatientFacts:
    """What of a patient decides whether a slot is open to them."""

    birth_on: dt.date | None
    is_established: bool
    is_busy_then: bool
    state: str = ""  # where they will be, "AZ"; empty: not known
    limit: PatientLimit | None = None  # in force at this clinic


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
        yield Hidden(HiddenBy.NOT_FREE, _not_free(slot))
    elif slot.taken >= slot.capacity:
        yield Hidden(HiddenBy.NO_SEAT, "Every seat is taken.")
    elif slot.taken + slot.held >= slot.capacity:
        yield Hidden(HiddenBy.HELD, _held(slot))
    if slot.starts_at <= at:
        yield Hidden(HiddenBy.BEGUN, "Its time has come already.")
    if slot.status is SlotStatus.FREE and slot.provider_busy:
        yield Hidden(HiddenBy.PROVIDER_BUSY, "The clinician has another visit at that time.")
    if slot.status is SlotStatus.FREE and slot.room_busy:
        yield Hidden(HiddenBy.ROOM_BUSY, "Its room is in use at that time.")
    if patient and patient.is_busy_then:
        yield Hidden(HiddenBy.PATIENT_BUSY, "The patient has another visit at that time.")


def _of_the_clock(slot: SlotFacts, at: dt.datetime) -> Iterator[Hidden]:
    """Same-day and same-week are days of the site, whatever the clock does that night.

    Where a release time is set, it alone says when a slot that waits for the clock opens: one
    that is for its own day from 7:00 on is still closed at 6:00 that day.
    """
    if at < slot.starts_at and slot.starts_at - at < slot.lead:
        yield Hidden(HiddenBy.TOO_SOON, say("It needs %(span)s of notice.", span=_words(slot.lead)))
    zone = ZoneInfo(slot.zone)
    today, day = at.astimezone(zone).date(), slot.starts_at.astimezone(zone).date()
    in_force, waits = restriction_at(slot, at), slot.release_at is not None
    if in_force is Restriction.SAME_DAY and (waits or today != day):
        yield Hidden(HiddenBy.SAME_DAY, _kept(say("It is kept for its own day"), slot, today))
    elif in_force is Restriction.SAME_WEEK and (
        waits or today.isocalendar()[:2] != day.isocalendar()[:2]
    ):
        yield Hidden(HiddenBy.SAME_WEEK, _kept(say("It is kept for its own week"), slot, today))
    elif in_force is Restriction.DAYS_BEFORE and (
        waits or (day - today).days > slot.restriction_days
    ):
        yield Hidden(HiddenBy.DAYS_BEFORE, _kept(_opens(slot), slot, today))
    elif in_force is Restriction.HELD_FOR_REVIEW:
        yield Hidden(
            HiddenBy.HELD_FOR_REVIEW, _kept(say("The clinic reviews who gets it"), slot, today)
        )


def _of_the_visit(slot: SlotFacts) -> Iterator[Hidden]:
    asked = slot.asked
    if slot.retired is not None:
        yield Hidden(HiddenBy.RETIRED, _retired(slot.retired))
    if asked is None:
        return
    if not asked.serves:
        yield Hidden(HiddenBy.VISIT_TYPE, say("It is not for %(visit)s.", visit=asked.name))
    if asked.modality is not slot.modality:
        how = {
            Modality.IN_PERSON: say("in person"),
            Modality.VIDEO: say("by video"),
            Modality.PHONE: say("by phone"),
        }
        sentence = say(
            "It is %(here)s; %(visit)s is usually %(usually)s.",
            here=how[slot.modality],
            visit=asked.name,
            usually=how[asked.modality],
        )
        yield Hidden(HiddenBy.MODALITY, sentence)


def _of_the_patient(slot: SlotFacts, patient: PatientFacts, at: dt.datetime) -> Iterator[Hidden]:
    in_force = restriction_at(slot, at)
    if in_force is Restriction.NEW_PATIENTS and patient.is_established:
        yield Hidden(HiddenBy.NEW_PATIENTS, "It is kept for new patients.")
    if in_force is Restriction.ESTABLISHED and not patient.is_established:
        yield Hidden(HiddenBy.ESTABLISHED, "It is kept for established patients.")
    if patient.birth_on is not None:
        age = age_on(patient.birth_on, slot.starts_at.astimezone(ZoneInfo(slot.zone)).date())
        too_young = slot.min_age is not None and age < slot.min_age
        too_old = slot.max_age is not None and age > slot.max_age
        if too_young or too_old:
            yield Hidden(HiddenBy.AGE, say("It is not for patients aged %(age)s.", age=age))
    yield from _of_the_license(slot, patient)
    yield from _of_the_limit(slot, patient, at)


def _of_the_limit(slot: SlotFacts, patient: PatientFacts, at: dt.datetime) -> Iterator[Hidden]:
    """What a person approved after missed visits. Booking by phone only is asked online."""
    zone = ZoneInfo(slot.zone)
    today, day = at.astimezone(zone).date(), slot.starts_at.astimezone(zone).date()
    if patient.limit is PatientLimit.SAME_DAY and today != day:
        yield Hidden(HiddenBy.LIMITED, "After missed visits they book on the day itself only.")
    elif patient.limit is PatientLimit.ASK_MANAGER:
        yield Hidden(HiddenBy.LIMITED, "After missed visits a manager looks at each booking.")


def _of_the_license(slot: SlotFacts, patient: PatientFacts) -> Iterator[Hidden]:
    """By video and phone, care is given where the patient is."""
    if slot.modality is Modality.IN_PERSON or slot.licensed_in is None or not patient.state:
        return
    if patient.state not in slot.licensed_in:
        where = name_state(patient.state)
        yield Hidden(
            HiddenBy.LICENSE,
            say(
                "The clinician has no license for %(state)s, where the patient will be.",
                state=where,
            ),
        )


def _of_the_needs(needs: Requirements, at: dt.datetime) -> Iterator[Hidden]:
    for name, rule in NEEDS:
        said = rule(needs, at)
        if said is not None:
            yield Hidden(name, say("%(said)s.", said=said))


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


def _not_free(slot: SlotFacts) -> str:
    match slot.status:
        case SlotStatus.BUSY:
            return "It is booked."
        case SlotStatus.VACATED:
            return "Its visit was cancelled; the EHR has not yet freed it."
        case SlotStatus.WITHDRAWN:
            return "It is no longer on the schedule."
        case _:
            return _blocked(slot)


def _retired(retired: Retired) -> Said:
    if not retired.on:
        return say("%(visit)s was retired.", visit=retired.name)
    return say("%(visit)s was retired on %(day)s.", visit=retired.name, day=say_date(retired.on))


def _blocked(slot: SlotFacts) -> Said:
    why = f": {slot.restriction_reason}" if slot.restriction_reason else ""
    said = [say("The clinic has blocked it"), why]
    if slot.restriction_owner:
        said.append(say(" (ask %(owner)s)", owner=slot.restriction_owner))
    if slot.release_at:
        said.append(say("; it opens %(when)s", when=_release(slot)))
    return say_all([*said, "."], "")


def _held(slot: SlotFacts) -> Said:
    who = say("Held for somebody else")
    if slot.held_by:
        who = say("Held by %(who)s", who=slot.held_by)
    if slot.held_until is None:
        return say("%(said)s.", said=who)
    until = say_clock(slot.held_until.astimezone(ZoneInfo(slot.zone)))
    return say("%(held)s until %(clock)s.", held=who, clock=until)


def _opens(slot: SlotFacts) -> Said:
    if slot.release_at is not None:
        return say("It is not open yet")
    days = slot.restriction_days
    if not days:
        return say("It opens on its own day")
    return say("It opens %(days)s days before", days=days)


def _kept(said: Said, slot: SlotFacts, today: dt.date) -> Said:
    """The restriction with its reason, whom to ask, and when its release rule lifts it."""
    parts = [said, f" ({slot.restriction_reason})" if slot.restriction_reason else ""]
    if slot.restriction_owner:
        parts.append(say(", ask %(owner)s", owner=slot.restriction_owner))
    if slot.release_at is None:
        return say_all([*parts, "."], "")
    opens = slot.release_at.astimezone(ZoneInfo(slot.zone))
    when = _release(slot)
    if opens.date() == today:
        when = say("at %(clock)s today", clock=say_clock(opens))
    return say_all([*parts, say("; it opens to all %(when)s", when=when), "."], "")


def _release(slot: SlotFacts) -> Said:
    """ "on Tue Dec 1 at 7:00 AM", by the site's clock."""
    if slot.release_at is None:
        return say("later")
    return say("on %(when)s", when=say_when(slot.release_at.astimezone(ZoneInfo(slot.zone))))


def _words(span: dt.timedelta) -> Said:
    hours = span.total_seconds() / 3600
    if hours >= 2:
        return say("%(hours)s hours", hours=f"{hours:g}")
    return say("%(minutes)s minutes", minutes=int(hours * 60))
