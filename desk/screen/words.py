"""Words of the desk's own screen."""

from __future__ import annotations

from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, pgettext_lazy

from crm.states import Acuity, AgentState, Channel, IdentifierKind, Speaker, StepKind

#: What `components/acuity.html` calls them.
ACUITY_LOOK: Final[dict[str, str]] = {
    Acuity.EMERGENCY: "911",
    Acuity.NURSE_NOW: "now",
    Acuity.HOURS_2: "2h",
    Acuity.HOURS_6: "6h",
    Acuity.ROUTINE: "routine",
}
IDENTIFIERS: Final[dict[str, str]] = {
    IdentifierKind.FULL_NAME: gettext_noop("full name"),
    IdentifierKind.BIRTH_DATE: gettext_noop("birth date"),
    IdentifierKind.ADDRESS: gettext_noop("address"),
    IdentifierKind.POSTAL_CODE: gettext_noop("ZIP"),
    IdentifierKind.PHONE: gettext_noop("phone"),
    IdentifierKind.RECORD_NUMBER: gettext_noop("record number"),
    IdentifierKind.MEMBER_ID: gettext_noop("member number"),
}
SPEAKERS: Final[dict[str, str]] = {
    Speaker.PATIENT: gettext_noop("the patient"),
    Speaker.PROXY: gettext_noop("somebody for the patient"),
    Speaker.PHARMACY: gettext_noop("a pharmacy"),
    Speaker.CLINICIAN: gettext_noop("a clinician"),
    Speaker.FACILITY: gettext_noop("a facility"),
    Speaker.TRANSPORT: gettext_noop("transport"),
    Speaker.OFFICIAL: gettext_noop("police or court"),
    Speaker.OTHER: gettext_noop("somebody else"),
}
CHANNELS: Final[dict[str, tuple[Promise, str]]] = {
    Channel.VOICE: (pgettext_lazy("channel", "Call"), "phone"),
    Channel.SMS: (pgettext_lazy("channel", "Text"), "message-2"),
    Channel.WEB: (pgettext_lazy("channel", "Web"), "world"),
    Channel.EMAIL: (pgettext_lazy("channel", "E-mail"), "mail"),
    Channel.DESK: (pgettext_lazy("channel", "At the desk"), "user"),
}
STATES: Final[dict[str, tuple[Promise, str]]] = {
    AgentState.OFFLINE: (pgettext_lazy("agent", "Off"), "power"),
    AgentState.AVAILABLE: (pgettext_lazy("agent", "Free for a call"), "circle-check"),
    AgentState.ON_CONTACT: (pgettext_lazy("agent", "On a contact"), "phone-call"),
    AgentState.WRAP_UP: (pgettext_lazy("agent", "Wrapping up"), "writing"),
    AgentState.BREAK: (pgettext_lazy("agent", "On a break"), "coffee"),
    AgentState.TRAINING: (pgettext_lazy("agent", "In training"), "school"),
}
#: One line of the timeline for each kind of step; `{}` is its code in words.
STEPS: Final[dict[str, str]] = {
    StepKind.RING: gettext_noop("Rang"),
    StepKind.ANSWER: gettext_noop("Answered"),
    StepKind.IDENTIFY: gettext_noop("Found who it is about"),
    StepKind.VERIFY: gettext_noop("Asked for identifiers"),
    StepKind.REASON: gettext_noop("Said why"),
    StepKind.SAFETY: gettext_noop("Safety check"),
    StepKind.QUESTION: gettext_noop("Asked"),
    StepKind.SEARCH: gettext_noop("Looked for times"),
    StepKind.HOLD_SLOT: gettext_noop("Held a time"),
    StepKind.BOOK: gettext_noop("Booked a visit"),
    StepKind.MOVE: gettext_noop("Moved a visit"),
    StepKind.CANCEL: gettext_noop("Cancelled a visit"),
    StepKind.LOOK: gettext_noop("Looked at"),
    StepKind.TELL: gettext_noop("Told them"),
    StepKind.UPDATE: gettext_noop("Changed their details"),
    StepKind.CALL_HOLD: gettext_noop("On hold"),
    StepKind.INTERPRETER: gettext_noop("Interpreter"),
    StepKind.HAND_OFF: gettext_noop("Handed over"),
    StepKind.TASK: gettext_noop("Left a task"),
    StepKind.WRAP_UP: gettext_noop("Wrapped up"),
}
#: Where the acts of a script are done that tick their step by themselves.
ACT_HINTS: Final[dict[str, str]] = {
    "search": gettext_noop("Done once times are looked for, below."),
    StepKind.HOLD_SLOT: gettext_noop("Done once a time is held."),
    StepKind.BOOK: gettext_noop("Done once a time is booked."),
    StepKind.MOVE: gettext_noop("Done once another time is asked for: Move, at the visit."),
    StepKind.CANCEL: gettext_noop("Done once the visit is given back: Cancel, at the visit."),
    StepKind.TASK: gettext_noop("Done once the task is left."),
    StepKind.HAND_OFF: gettext_noop("Done once somebody has accepted: Hand off (T)."),
    "tell:portal-link": gettext_noop("Done once the link is texted: Text link, at the test."),
}


def say_identifiers(kinds: list[str]) -> str:
    """ "birth date, ZIP"."""
    return ", ".join(_(IDENTIFIERS[kind]) for kind in kinds)


def say_state(state: str) -> tuple[str, str]:
    """What an agent is doing, in a word, and its icon."""
    word, icon = STATES[state]
    return str(word), icon


def say_channel(channel: str) -> tuple[str, str]:
    """How a contact came, in a word, and its icon."""
    word, icon = CHANNELS[channel]
    return str(word), icon
