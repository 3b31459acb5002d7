"""Words for staff: states of openings, offers and texts, causes, and rules that leave people out.

Each state comes with the class of its chip. Red is for lateness alone. The words are English here,
as exports give them; the filters of the pages say them in the language of whoever reads.
"""

from __future__ import annotations

import datetime as dt
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from django.utils.translation import gettext_noop as _
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
    Shown.LIVE: ListName(_("Live"), _("open now")),
    Shown.TO_SEND: ListName(_("To send"), _("with a wave that waits for a person")),
    Shown.CONFIRMING: ListName(_("Confirming"), _("with a yes, the EHR is being asked")),
    Shown.PAUSED: ListName(_("Paused"), _("paused by somebody")),
    Shown.FILLED: ListName(_("Filled"), _("filled in the last 7 days")),
    Shown.ENDED: ListName(_("Ended"), _("ended otherwise in the last 7 days")),
}


class Chip(NamedTuple):
    """A state in a word, with the class that colors it and its icon."""

    word: str
    look: str = ""
    icon: str = ""


OPENING: Final[dict[str, Chip]] = {
    OpeningStatus.LATER: Chip(_("Opens later"), "", "calendar-clock"),
    OpeningStatus.WATCHING: Chip(_("Shadow"), "", "eye-off"),
    OpeningStatus.MATCHING: Chip(_("Finding people"), "accent", "search"),
    OpeningStatus.OFFERING: Chip(_("Offering"), "accent", "send"),
    OpeningStatus.CLAIMED: Chip(_("Confirming"), "a-2h", "hourglass"),
    OpeningStatus.PAUSED: Chip(_("Paused"), "", "player-pause"),
    OpeningStatus.FILLED: Chip(_("Filled"), "good", "calendar-check"),
    OpeningStatus.TAKEN: Chip(_("Taken"), "", "calendar-off"),
    OpeningStatus.WITHDRAWN: Chip(_("Withdrawn"), "", "ban"),
    OpeningStatus.EXPIRED: Chip(_("Passed"), "", "clock-pause"),
}
OFFER: Final[dict[str, Chip]] = {
    OfferStatus.SENT: Chip(_("Offered"), "accent", "send"),
    OfferStatus.ACCEPTED: Chip(_("Said yes, confirming"), "a-2h", "hourglass"),
    OfferStatus.NEXT_IN_LINE: Chip(_("Next in line"), "a-2h", "users"),
    OfferStatus.WON: Chip(_("Has it"), "good", "calendar-check"),
    OfferStatus.DECLINED: Chip(_("Said no"), "", "x"),
    OfferStatus.UNREACHED: Chip(_("Not reached"), "", "message-off"),
    OfferStatus.REFUSED: Chip(_("EHR refused"), "", "ban"),
    OfferStatus.CLOSED: Chip(_("Closed"), "", "x"),
    OfferStatus.EXPIRED: Chip(_("No answer in time"), "", "clock-pause"),
}
TEXT: Final[dict[str, Chip]] = {
    MessageStatus.QUEUED: Chip(_("waits"), "", "clock"),
    MessageStatus.SENDING: Chip(_("being sent"), "", "send"),
    MessageStatus.UNKNOWN: Chip(_("not known whether it went"), "", "help-circle"),
    MessageStatus.SENT: Chip(_("sent"), "", "check"),
    MessageStatus.DELIVERED: Chip(_("delivered"), "", "checks"),
    MessageStatus.FAILED: Chip(_("failed"), "", "message-x"),
    MessageStatus.NOT_PERMITTED: Chip(_("not permitted"), "", "message-off"),
    MessageStatus.TOO_LATE: Chip(_("too late to send"), "", "clock-pause"),
    MessageStatus.RECEIVED: Chip(_("received"), "", "message"),
    MessageStatus.HELD: Chip(_("held for a nurse"), "a-2h", "nurse"),
    MessageStatus.READ: Chip(_("received"), "", "message"),
}
WRITE: Final[dict[str, Chip]] = {
    EhrWriteStatus.PENDING: Chip(_("Waits to be sent"), "", "clock"),
    EhrWriteStatus.SENT: Chip(_("Asked, no answer yet"), "a-2h", "hourglass"),
    EhrWriteStatus.UNKNOWN: Chip(_("Answer lost, looking"), "a-2h", "help-circle"),
    EhrWriteStatus.DONE: Chip(_("Done"), "good", "checks"),
    EhrWriteStatus.REFUSED: Chip(_("Refused"), "", "ban"),
    EhrWriteStatus.ABANDONED: Chip(_("No longer wanted"), "", "x"),
}
VISIT: Final[dict[str, str]] = {
    AppointmentStatus.REQUESTED: _("requested, not confirmed"),
    AppointmentStatus.BOOKED: _("booked"),
    AppointmentStatus.ARRIVED: _("arrived"),
    AppointmentStatus.FULFILLED: _("took place"),
    AppointmentStatus.NO_SHOW: _("did not come"),
    AppointmentStatus.CANCELLED: _("cancelled"),
    AppointmentStatus.REFUSED: _("refused by the EHR"),
    AppointmentStatus.ENTERED_IN_ERROR: _("entered in error"),
}
MODE: Final[dict[str, Chip]] = {
    FillMode.OFF: Chip(_("Off"), "", "circle-x"),
    FillMode.SHADOW: Chip(_("Shadow"), "", "eye-off"),
    FillMode.CLERK_CONFIRMED: Chip(_("Clerk confirms"), "a-2h", "user-check"),
    FillMode.AUTOMATIC: Chip(_("Automatic"), "accent", "run"),
}
#: What each mode does, for whoever chooses one.
MODE_MEANS: Final[dict[str, str]] = {
    FillMode.OFF: _("Freed slots are not looked at."),
    FillMode.SHADOW: _(
        "Who would have been asked, when, and in which order: that is written down. "
        "Nobody is told anything, and no slot is held."
    ),
    FillMode.CLERK_CONFIRMED: _(
        "Each wave waits until a person of the clinic sends it, skips somebody, or says not now. "
        "Nothing is ever sent by itself."
    ),
    FillMode.AUTOMATIC: _("Waves go out by themselves, as the deadline calls for."),
}
#: What became of a time that was watched and not offered.
OUTCOME: Final[dict[str, Chip]] = {
    Outcome.FILLED: Chip(_("Filled by staff"), "good", "calendar-check"),
    Outcome.UNUSED: Chip(_("Passed unused"), "", "calendar-off"),
    Outcome.CLOSED: Chip(_("Blocked or moved"), "", "ban"),
    Outcome.TO_COME: Chip(_("Still to come"), "accent", "calendar-time"),
}
CAUSE: Final[dict[str, str]] = {
    FreedBy.CANCELLATION: _("Cancelled"),
    FreedBy.RESCHEDULE: _("Moved to another time"),
    FreedBy.BLOCK_RELEASED: _("Block released by the clinic"),
    FreedBy.RELEASE_RULE: _("Restriction lifted by its release rule"),
    FreedBy.NEW_TIME: _("New time on the schedule"),
    FreedBy.GIVEN_UP: _("Given up for an earlier visit"),
}
CANCELLED_BY: Final[dict[str, str]] = {
    CancelledBy.PATIENT: _("by the patient"),
    CancelledBy.PROVIDER: _("by the clinician"),
    CancelledBy.ORGANIZATION: _("by the clinic"),
    CancelledBy.UNKNOWN: _("the EHR did not say by whom"),
}
MODALITY: Final[dict[str, str]] = {
    Modality.IN_PERSON: _("in person"),
    Modality.VIDEO: _("by video"),
    Modality.PHONE: _("by phone"),
}

#: Rules by the name that openings count them under.
RULES: Final[dict[str, str]] = {
    RuleName.DECEASED: _("Has died"),
    RuleName.WANTS_NO_OFFERS: _("Wants no offers of earlier times"),
    RuleName.WRONG_VISIT_TYPE: _("Needs another kind of visit"),
    RuleName.NOT_SWITCHED_ON: _("Clinic has not switched it on"),
    RuleName.GAVE_IT_UP: _("Gave up this very time"),
    RuleName.NOT_EARLIER: _("Own visit is no later"),
    RuleName.ASKED_FOR_ONE: _("Has asked for one, being confirmed"),
    RuleName.HAD_IT_SINCE: _("Has had such a visit since"),
    RuleName.BUSY_THEN: _("Has another visit at that time"),
    RuleName.HAS_LIVE_OFFER: _("Has an open offer already"),
    RuleName.OUTSIDE_DATES: _("Outside the dates they asked for"),
    RuleName.OTHER_WEEKDAY: _("Comes on other weekdays"),
    RuleName.OTHER_PROVIDER: _("Waits for another clinician"),
    RuleName.OTHER_LOCATION: _("Waits for another site"),
    RuleName.RESTRICTED: _("Slot is kept for others"),
    RuleName.LIMITED: _("Limited after missed visits"),
    RuleName.AGE: _("Not for their age"),
    RuleName.TOO_LITTLE_NOTICE: _("Too little notice"),
    RuleName.TOO_FAR: _("Lives too far away"),
    RuleName.KEPT_FOR: _("Slot is kept for some patients"),
    RuleName.PROVIDER_RULE: _("Clinician does not see them"),
    RuleName.NEEDED_FIRST: _("A referral, a test or records must come first"),
    RuleName.NEW_OR_ESTABLISHED: _("For new or for established patients only"),
    RuleName.COVERAGE: _("Coverage is not valid or not taken"),
    RuleName.ORDER_DATE: _("Their order says later"),
    RuleName.AUTHORIZATION: _("Referral or authorization does not cover it"),
    RuleName.FREQUENCY: _("Too soon after the last one"),
    RuleName.LINKED_VISIT: _("Another visit must come first"),
    RuleName.PREPARATION: _("Too little time to prepare"),
    RuleName.INTERPRETER: _("Too little time for an interpreter"),
    RuleName.TRANSPORT: _("Too little time for a ride"),
    RuleName.CLINICIANS_DAY: _("Clinician's day has no room for it"),
    RuleName.CONTACT: _("May not be texted"),
}
_CONTACT: Final[dict[str, str]] = {
    ContactRule.NO_PHONE: _("No phone on record"),
    ContactRule.DECEASED: _("Has died"),
    ContactRule.COURT_RESTRICTION: _("A court order keeps the phone's holder away"),
    ContactRule.PHONE_NOT_THEIRS: _("Phone belongs to somebody else"),
    ContactRule.NUMBER_ENDED: _("Number is no longer theirs"),
    ContactRule.CONFIDENTIAL_PHONE_ONLY: _("No confidential phone to text"),
    ContactRule.CANNOT_TEXT: _("Phone cannot receive texts"),
    ContactRule.OPTED_OUT: _("Opted out of texts"),
    ContactRule.NO_CONSENT: _("No consent to such texts"),
    ContactRule.MARKETING_NEEDS_AUTHORIZATION: _("Marketing needs an authorization"),
    ContactRule.WANTS_NO_OFFERS: _("Wants no offers of earlier times"),
    ContactRule.LABEL_FORBIDS: _("A privacy label forbids such texts"),
    "per-day": _("Was texted today"),
    "per-week": _("Was texted three times this week"),
    "quiet-hours": _("Too early or late there until the deadline"),
    "zone-unknown": _("No hour is known to be permitted"),
}
#: Terms of the score (`waitlist.rules.ranking.TermName`), looked up where they are shown.
TERMS: Final = (
    _("clinical urgency"),
    _("days gained"),
    _("wait so far"),
    _("chance to accept"),
    _("fairness"),
)
#: What actions refuse with, in a fixed sentence; the same.
REFUSALS: Final = (
    _("Nobody is asked about it now, so there is nothing to pause."),
    _("Somebody has changed this wave. Look at it again before you send it."),
    _("Somebody has said yes; the EHR is being asked."),
    _("This opening takes no wave now."),
    _("This time is no longer open."),
    _("This wave no longer waits to be sent."),
)


def say_rule(name: str) -> str:
    """ "Opted out of texts" for "contact:opted-out"."""
    rule, _colon, contact = name.partition(":")
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
