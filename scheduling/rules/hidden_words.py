"""How it is said what hides a slot (`rules.availability` finds it). Pure, and decides nothing."""

from __future__ import annotations

import datetime as dt
from typing import Final
from zoneinfo import ZoneInfo

from crm.rules.said import Said, say, say_all
from scheduling.rules.slot_facts import Kind, Retired, SlotFacts
from scheduling.rules.states import name_state
from scheduling.rules.words import say_clock, say_date, say_when
from scheduling.states import Modality, Restriction, SlotStatus

NO_SEAT: Final = "Every seat is taken."
BEGUN: Final = "Its time has come already."
PROVIDER_BUSY: Final = "The clinician has another visit at that time."
ROOM_BUSY: Final = "Its room is in use at that time."
PATIENT_BUSY: Final = "The patient has another visit at that time."
NEW_PATIENTS: Final = "It is kept for new patients."
ESTABLISHED: Final = "It is kept for established patients."
SAME_DAY_ONLY: Final = "After missed visits they book on the day itself only."
ASK_MANAGER: Final = "After missed visits a manager looks at each booking."

_HOW: Final = {
    Modality.IN_PERSON: say("in person"),
    Modality.VIDEO: say("by video"),
    Modality.PHONE: say("by phone"),
}


def say_not_free(slot: SlotFacts) -> str:
    """Of a slot whose own state keeps it from everybody."""
    match slot.status:
        case SlotStatus.BUSY:
            return "It is booked."
        case SlotStatus.VACATED:
            return "Its visit was cancelled; the EHR has not yet freed it."
        case SlotStatus.WITHDRAWN:
            return "It is no longer on the schedule."
        case _:
            return _blocked(slot)


def say_held(slot: SlotFacts) -> Said:
    """Who keeps it, and until when by the site's clock."""
    who = say("Held for somebody else")
    if slot.held_by:
        who = say("Held by %(who)s", who=slot.held_by)
    if slot.held_until is None:
        return say("%(said)s.", said=who)
    until = say_clock(slot.held_until.astimezone(ZoneInfo(slot.zone)))
    return say("%(held)s until %(clock)s.", held=who, clock=until)


def say_kept(restriction: Restriction, slot: SlotFacts, today: dt.date) -> Said:
    """A restriction that waits, its reason, whom to ask, and when its release rule lifts it.

    :param today: the site's.
    """
    reason = f" ({slot.restriction_reason})" if slot.restriction_reason else ""
    parts = [_waits(restriction, slot), reason]
    if slot.restriction_owner:
        parts.append(say(", ask %(owner)s", owner=slot.restriction_owner))
    if slot.release_at is None:
        return say_all([*parts, "."], "")
    opens = slot.release_at.astimezone(ZoneInfo(slot.zone))
    when = _release(slot)
    if opens.date() == today:
        when = say("at %(clock)s today", clock=say_clock(opens))
    return say_all([*parts, say("; it opens to all %(when)s", when=when), "."], "")


def say_notice(lead: dt.timedelta) -> Said:
    """How long before its time a visit must be booked."""
    return say("It needs %(span)s of notice.", span=_span(lead))


def say_retired(retired: Retired) -> Said:
    """Of a kind of visit that is no longer booked."""
    if not retired.on:
        return say("%(visit)s was retired.", visit=retired.name)
    return say("%(visit)s was retired on %(day)s.", visit=retired.name, day=say_date(retired.on))


def say_not_for(asked: Kind) -> Said:
    """Of a kind of visit that the slot does not serve."""
    return say("It is not for %(visit)s.", visit=asked.name)


def say_modality(here: Modality, asked: Kind) -> Said:
    """Of a visit that is usually held otherwise than `here`."""
    return say(
        "It is %(here)s; %(visit)s is usually %(usually)s.",
        here=_HOW[here],
        visit=asked.name,
        usually=_HOW[asked.modality],
    )


def say_age(age: int) -> Said:
    """Of a patient who is too young or too old for it (years)."""
    return say("It is not for patients aged %(age)s.", age=age)


def say_license(state: str) -> Said:
    """:param state: where the patient will be, "AZ"."""
    return say(
        "The clinician has no license for %(state)s, where the patient will be.",
        state=name_state(state),
    )


def say_need(said: str) -> Said:
    """What of the needs is not met, as a sentence."""
    return say("%(said)s.", said=said)


def _blocked(slot: SlotFacts) -> Said:
    why = f": {slot.restriction_reason}" if slot.restriction_reason else ""
    said = [say("The clinic has blocked it"), why]
    if slot.restriction_owner:
        said.append(say(" (ask %(owner)s)", owner=slot.restriction_owner))
    if slot.release_at:
        said.append(say("; it opens %(when)s", when=_release(slot)))
    return say_all([*said, "."], "")


def _waits(restriction: Restriction, slot: SlotFacts) -> Said:
    match restriction:
        case Restriction.SAME_DAY:
            return say("It is kept for its own day")
        case Restriction.SAME_WEEK:
            return say("It is kept for its own week")
        case Restriction.DAYS_BEFORE:
            return _opens(slot)
        case _:
            return say("The clinic reviews who gets it")


def _opens(slot: SlotFacts) -> Said:
    if slot.release_at is not None:
        return say("It is not open yet")
    days = slot.restriction_days
    if not days:
        return say("It opens on its own day")
    return say("It opens %(days)s days before", days=days)


def _release(slot: SlotFacts) -> Said:
    """ "on Tue Dec 1 at 7:00 AM", by the site's clock."""
    if slot.release_at is None:
        return say("later")
    return say("on %(when)s", when=say_when(slot.release_at.astimezone(ZoneInfo(slot.zone))))


def _span(span: dt.timedelta) -> Said:
    hours = span.total_seconds() / 3600
    if hours >= 2:
        return say("%(hours)s hours", hours=f"{hours:g}")
    return say("%(minutes)s minutes", minutes=int(hours * 60))
