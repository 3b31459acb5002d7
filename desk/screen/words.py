"""Words of the desk's own screen."""

from __future__ import annotations

from typing import Final

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
    IdentifierKind.FULL_NAME: "full name",
    IdentifierKind.BIRTH_DATE: "birth date",
    IdentifierKind.ADDRESS: "address",
    IdentifierKind.POSTAL_CODE: "ZIP",
    IdentifierKind.PHONE: "phone",
    IdentifierKind.RECORD_NUMBER: "record number",
    IdentifierKind.MEMBER_ID: "member number",
}
SPEAKERS: Final[dict[str, str]] = {
    Speaker.PATIENT: "the patient",
    Speaker.PROXY: "somebody for the patient",
    Speaker.PHARMACY: "a pharmacy",
    Speaker.CLINICIAN: "a clinician",
    Speaker.FACILITY: "a facility",
    Speaker.TRANSPORT: "transport",
    Speaker.OFFICIAL: "police or court",
    Speaker.OTHER: "somebody else",
}
CHANNELS: Final[dict[str, tuple[str, str]]] = {
    Channel.VOICE: ("Call", "phone"),
    Channel.SMS: ("Text", "message-2"),
    Channel.WEB: ("Web", "world"),
    Channel.EMAIL: ("E-mail", "mail"),
    Channel.DESK: ("At the desk", "user"),
}
STATES: Final[dict[str, tuple[str, str]]] = {
    AgentState.OFFLINE: ("Off", "power"),
    AgentState.AVAILABLE: ("Free for a call", "circle-check"),
    AgentState.ON_CONTACT: ("On a contact", "phone-call"),
    AgentState.WRAP_UP: ("Wrapping up", "writing"),
    AgentState.BREAK: ("On a break", "coffee"),
    AgentState.TRAINING: ("In training", "school"),
}
#: One line of the timeline for each kind of step; `{}` is its code in words.
STEPS: Final[dict[str, str]] = {
    StepKind.RING: "Rang",
    StepKind.ANSWER: "Answered",
    StepKind.IDENTIFY: "Found who it is about",
    StepKind.VERIFY: "Asked for identifiers",
    StepKind.REASON: "Said why",
    StepKind.SAFETY: "Safety check",
    StepKind.QUESTION: "Asked",
    StepKind.SEARCH: "Looked for times",
    StepKind.HOLD_SLOT: "Held a time",
    StepKind.BOOK: "Booked a visit",
    StepKind.MOVE: "Moved a visit",
    StepKind.CANCEL: "Cancelled a visit",
    StepKind.LOOK: "Looked at",
    StepKind.TELL: "Told them",
    StepKind.UPDATE: "Changed their details",
    StepKind.CALL_HOLD: "On hold",
    StepKind.INTERPRETER: "Interpreter",
    StepKind.HAND_OFF: "Handed over",
    StepKind.TASK: "Left a task",
    StepKind.WRAP_UP: "Wrapped up",
}
#: Where the acts of a script are done that tick their step by themselves.
ACT_HINTS: Final[dict[str, str]] = {
    "search": "Done once times are looked for, below.",
    StepKind.HOLD_SLOT: "Done once a time is held.",
    StepKind.BOOK: "Done once a time is booked.",
    StepKind.MOVE: "Done once another time is asked for: Move, at the visit.",
    StepKind.CANCEL: "Done once the visit is given back: Cancel, at the visit.",
    StepKind.TASK: "Done once the task is left.",
    StepKind.HAND_OFF: "Done once somebody has accepted: Hand off (T).",
    "tell:portal-link": "Done once the link is texted: Text link, at the test.",
}


def say_identifiers(kinds: list[str]) -> str:
    """ "birth date, ZIP"."""
    return ", ".join(IDENTIFIERS[kind] for kind in kinds)
