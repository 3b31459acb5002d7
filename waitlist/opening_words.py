"""Words for staff: states of openings, offers and texts, causes, and rules that leave people out.

Each state comes with the class of its chip. Red is for lateness alone.
"""

from __future__ import annotations

import datetime as dt
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from django.utils.translation import ngettext

from crm.rules import ContactRule
from outreach.states import MessageStatus
from scheduling.rules.words import say_minutes
from scheduling.states import (
    AppointmentStatus,
    CancelledBy,
    EhrWriteStatus,
    FillMode,
    FreedBy,
    Modality,
)
from waitlist.queries.openings import Shown
from waitlist.rules.eligibility import RuleName
from waitlist.rules.shadow import Outcome
from waitlist.states import OfferStatus, OpeningStatus


class ListName(NamedTuple):
    """A list of openings: on its pill, and on its figure."""

    word: str
    long: str


LISTS: Final[dict[Shown, ListName]] = {
    Shown.LIVE: ListName("Live", "open now"),
    Shown.TO_SEND: ListName("To send", "with a wave that waits for a person"),
    Shown.CONFIRMING: ListName("Confirming", "with a yes, the EHR is being asked"),
    Shown.PAUSED: ListName("Paused", "paused by somebody"),
    Shown.FILLED: ListName("Filled", "filled in the last 7 days"),
    Shown.ENDED: ListName("Ended", "ended otherwise in the last 7 days"),
}


class Chip(NamedTuple):
    """A state in a word, with the class that colors it and its icon."""

    word: str
    look: str = ""
    icon: str = ""


OPENING: Final[dict[str, Chip]] = {
    OpeningStatus.LATER: Chip("Opens later", "", "calendar-clock"),
    OpeningStatus.WATCHING: Chip("Shadow", "", "eye-off"),
    OpeningStatus.MATCHING: Chip("Finding people", "accent", "search"),
    OpeningStatus.OFFERING: Chip("Offering", "accent", "send"),
    OpeningStatus.CLAIMED: Chip("Confirming", "a-2h", "hourglass"),
    OpeningStatus.PAUSED: Chip("Paused", "", "player-pause"),
    OpeningStatus.FILLED: Chip("Filled", "good", "calendar-check"),
    OpeningStatus.TAKEN: Chip("Taken", "", "calendar-off"),
    OpeningStatus.WITHDRAWN: Chip("Withdrawn", "", "ban"),
    OpeningStatus.EXPIRED: Chip("Passed", "", "clock-pause"),
}
OFFER: Final[dict[str, Chip]] = {
    OfferStatus.SENT: Chip("Offered", "accent", "send"),
    OfferStatus.ACCEPTED: Chip("Said yes, confirming", "a-2h", "hourglass"),
    OfferStatus.NEXT_IN_LINE: Chip("Next in line", "a-2h", "users"),
    OfferStatus.WON: Chip("Has it", "good", "calendar-check"),
    OfferStatus.DECLINED: Chip("Said no", "", "x"),
    OfferStatus.UNREACHED: Chip("Not reached", "", "message-off"),
    OfferStatus.REFUSED: Chip("EHR refused", "", "ban"),
    OfferStatus.CLOSED: Chip("Closed", "", "x"),
    OfferStatus.EXPIRED: Chip("No answer in time", "", "clock-pause"),
}
TEXT: Final[dict[str, Chip]] = {
    MessageStatus.QUEUED: Chip("waits", "", "clock"),
    MessageStatus.SENDING: Chip("being sent", "", "send"),
    MessageStatus.UNKNOWN: Chip("not known whether it went", "", "help-circle"),
    MessageStatus.SENT: Chip("sent", "", "check"),
    MessageStatus.DELIVERED: Chip("delivered", "", "checks"),
    MessageStatus.FAILED: Chip("failed", "", "message-x"),
    MessageStatus.NOT_PERMITTED: Chip("not permitted", "", "message-off"),
    MessageStatus.TOO_LATE: Chip("too late to send", "", "clock-pause"),
    MessageStatus.RECEIVED: Chip("received", "", "message"),
    MessageStatus.HELD: Chip("held for a nurse", "a-2h", "nurse"),
    MessageStatus.READ: Chip("received", "", "message"),
}
WRITE: Final[dict[str, Chip]] = {
    EhrWriteStatus.PENDING: Chip("Waits to be sent", "", "clock"),
    EhrWriteStatus.SENT: Chip("Asked, no answer yet", "a-2h", "hourglass"),
    EhrWriteStatus.UNKNOWN: Chip("Answer lost, looking", "a-2h", "help-circle"),
    EhrWriteStatus.DONE: Chip("Done", "good", "checks"),
    EhrWriteStatus.REFUSED: Chip("Refused", "", "ban"),
    EhrWriteStatus.ABANDONED: Chip("No longer wanted", "", "x"),
}
VISIT: Final[dict[str, str]] = {
    AppointmentStatus.REQUESTED: "requested, not confirmed",
    AppointmentStatus.BOOKED: "booked",
    AppointmentStatus.ARRIVED: "arrived",
    AppointmentStatus.FULFILLED: "took place",
    AppointmentStatus.NO_SHOW: "did not come",
    AppointmentStatus.CANCELLED: "cancelled",
    AppointmentStatus.REFUSED: "refused by the EHR",
    AppointmentStatus.ENTERED_IN_ERROR: "entered in error",
}
MODE: Final[dict[str, Chip]] = {
    FillMode.OFF: Chip("Off", "", "circle-x"),
    FillMode.SHADOW: Chip("Shadow", "", "eye-off"),
    FillMode.CLERK_CONFIRMED: Chip("Clerk confirms", "a-2h", "user-check"),
    FillMode.AUTOMATIC: Chip("Automatic", "accent", "run"),
}
#: What each mode does, for whoever chooses one.
MODE_MEANS: Final[dict[str, str]] = {
    FillMode.OFF: "Freed slots are not looked at.",
    FillMode.SHADOW: "Who would have been asked, when, and in which order: that is written down. "
    "Nobody is told anything, and no slot is held.",
    FillMode.CLERK_CONFIRMED: "Each wave waits until a person of the clinic sends it, skips "
    "somebody, or says not now. Nothing is ever sent by itself.",
    FillMode.AUTOMATIC: "Waves go out by themselves, as the deadline calls for.",
}
#: What became of a time that was watched and not offered.
OUTCOME: Final[dict[str, Chip]] = {
    Outcome.FILLED: Chip("Filled by staff", "good", "calendar-check"),
    Outcome.UNUSED: Chip("Passed unused", "", "calendar-off"),
    Outcome.CLOSED: Chip("Blocked or moved", "", "ban"),
    Outcome.TO_COME: Chip("Still to come", "accent", "calendar-time"),
}
CAUSE: Final[dict[str, str]] = {
    FreedBy.CANCELLATION: "Cancelled",
    FreedBy.RESCHEDULE: "Moved to another time",
    FreedBy.BLOCK_RELEASED: "Block released by the clinic",
    FreedBy.RELEASE_RULE: "Restriction lifted by its release rule",
    FreedBy.NEW_TIME: "New time on the schedule",
    FreedBy.GIVEN_UP: "Given up for an earlier visit",
}
CANCELLED_BY: Final[dict[str, str]] = {
    CancelledBy.PATIENT: "by the patient",
    CancelledBy.PROVIDER: "by the clinician",
    CancelledBy.ORGANIZATION: "by the clinic",
    CancelledBy.UNKNOWN: "the EHR did not say by whom",
}
MODALITY: Final[dict[str, str]] = {
    Modality.IN_PERSON: "in person",
    Modality.VIDEO: "by video",
    Modality.PHONE: "by phone",
}

#: Rules by the name that openings count them under.
RULES: Final[dict[str, str]] = {
    RuleName.DECEASED: "Has died",
    RuleName.WANTS_NO_OFFERS: "Wants no offers of earlier times",
    RuleName.WRONG_VISIT_TYPE: "Needs another kind of visit",
    RuleName.NOT_SWITCHED_ON: "Clinic has not switched it on",
    RuleName.GAVE_IT_UP: "Gave up this very time",
    RuleName.NOT_EARLIER: "Own visit is no later",
    RuleName.ASKED_FOR_ONE: "Has asked for one, being confirmed",
    RuleName.HAD_IT_SINCE: "Has had such a visit since",
    RuleName.BUSY_THEN: "Has another visit at that time",
    RuleName.HAS_LIVE_OFFER: "Has an open offer already",
    RuleName.OUTSIDE_DATES: "Outside the dates they asked for",
    RuleName.OTHER_WEEKDAY: "Comes on other weekdays",
    RuleName.OTHER_PROVIDER: "Waits for another clinician",
    RuleName.OTHER_LOCATION: "Waits for another site",
    RuleName.RESTRICTED: "Slot is kept for others",
    RuleName.LIMITED: "Limited after missed visits",
    RuleName.AGE: "Not for their age",
    RuleName.TOO_LITTLE_NOTICE: "Too little notice",
    RuleName.TOO_FAR: "Lives too far away",
    RuleName.KEPT_FOR: "Slot is kept for some patients",
    RuleName.PROVIDER_RULE: "Clinician does not see them",
    RuleName.NEEDED_FIRST: "A referral, a test or records must come first",
    RuleName.NEW_OR_ESTABLISHED: "For new or for established patients only",
    RuleName.COVERAGE: "Coverage is not valid or not taken",
    RuleName.ORDER_DATE: "Their order says later",
    RuleName.AUTHORIZATION: "Referral or authorization does not cover it",
    RuleName.FREQUENCY: "Too soon after the last one",
    RuleName.LINKED_VISIT: "Another visit must come first",
    RuleName.PREPARATION: "Too little time to prepare",
    RuleName.INTERPRETER: "Too little time for an interpreter",
    RuleName.TRANSPORT: "Too little time for a ride",
    RuleName.CLINICIANS_DAY: "Clinician's day has no room for it",
    RuleName.CONTACT: "May not be texted",
}
_CONTACT: Final[dict[str, str]] = {
    ContactRule.NO_PHONE: "No phone on record",
    ContactRule.DECEASED: "Has died",
    ContactRule.COURT_RESTRICTION: "A court order keeps the phone's holder away",
    ContactRule.PHONE_NOT_THEIRS: "Phone belongs to somebody else",
    ContactRule.NUMBER_ENDED: "Number is no longer theirs",
    ContactRule.CONFIDENTIAL_PHONE_ONLY: "No confidential phone to text",
    ContactRule.CANNOT_TEXT: "Phone cannot receive texts",
    ContactRule.OPTED_OUT: "Opted out of texts",
    ContactRule.NO_CONSENT: "No consent to such texts",
    ContactRule.MARKETING_NEEDS_AUTHORIZATION: "Marketing needs an authorization",
    ContactRule.WANTS_NO_OFFERS: "Wants no offers of earlier times",
    ContactRule.LABEL_FORBIDS: "A privacy label forbids such texts",
    "per-day": "Was texted today",
    "per-week": "Was texted three times this week",
    "quiet-hours": "Too early or late there until the deadline",
    "zone-unknown": "No hour is known to be permitted",
}


def say_rule(name: str) -> str:
    """ "Opted out of texts" for "contact:opted-out"."""
    rule, _, contact = name.partition(":")
    return _CONTACT.get(contact, "") or RULES.get(rule, name)


def say_elapsed(span: dt.timedelta) -> str:
    """Time since the slot was freed: "0 ms", "210 ms", "41.2 s", "12 min 5 s", "3 h 12 min"."""
    seconds = max(0.0, span.total_seconds())
    if seconds < 1:
        return f"{seconds * 1000:.0f} ms"
    if seconds < 60:
        return f"{seconds:.1f} s"
    if seconds < 3600:
        minutes, rest = divmod(int(seconds), 60)
        return f"{minutes} min {rest} s" if rest else f"{minutes} min"
    return say_minutes(seconds / 60)


def say_span(seconds: float) -> str:
    """As `static/js/app.js` says it, which keeps it up: "40 s", "2 h 10 min", "3 days".

    In the language of the page.
    """
    whole = max(0, int(seconds))
    if whole < 60:
        return f"{whole} s"
    hours, minutes = divmod(whole // 60, 60)
    if not hours:
        return f"{minutes} min"
    if hours < 24:
        return f"{hours} h {minutes} min" if minutes else f"{hours} h"
    days = hours // 24
    return ngettext("%(n)s day", "%(n)s days", days) % {"n": days}


def say_zone(at: dt.datetime, zone: str) -> str:
    """The short name on the clock of the site: "MST", "CDT", "UTC+4" where there is none."""
    local = at.astimezone(ZoneInfo(zone))
    name = local.tzname() or ""
    if name.isalpha():
        return name
    offset = local.utcoffset() or dt.timedelta()
    hours, minutes = divmod(int(abs(offset).total_seconds()) // 60, 60)
    sign = "-" if offset < dt.timedelta() else "+"
    return f"UTC{sign}{hours}" + (f":{minutes:02}" if minutes else "")


def say_clock(at: dt.datetime, zone: str) -> str:
    """ "9:40 AM" at the site."""
    local = at.astimezone(ZoneInfo(zone))
    return f"{local.hour % 12 or 12}:{local.minute:02} {'AM' if local.hour < 12 else 'PM'}"
