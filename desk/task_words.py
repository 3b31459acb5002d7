"""Words for staff on the page of tasks: kinds with what to do about them, states, readings."""

from __future__ import annotations

from typing import Final, NamedTuple

from crm.states import TaskKind, TaskStatus
from desk.queries.task_list import Shown


class Kind(NamedTuple):
    """What a kind of task is called, its icon, and what whoever takes it should do."""

    word: str
    icon: str
    advice: str


KINDS: Final[dict[str, Kind]] = {
    TaskKind.ANSWER_TEXT: Kind(
        "Text to answer",
        "message-2-question",
        "Read the text and call. Nothing was changed and nothing was booked.",
    ),
    TaskKind.CANCEL_VISIT: Kind(
        "May give up a visit",
        "calendar-cancel",
        "Call and ask which visit, and whether they want another time. Their visits stand until "
        "you cancel one in the EHR; we hear of it from there.",
    ),
    TaskKind.MEANT_CANCEL: Kind(
        "Texted CANCEL",
        "message-off",
        "The carrier took the word for an opt-out. Call: was a visit meant? Then cancel it in the "
        "EHR. Only they can bring our texts back, by texting START.",
    ),
    TaskKind.EHR_WRITE: Kind(
        "EHR by hand",
        "database",
        "See what the EHR says, and do it there by hand. What it reports then holds. If the "
        "patient waits for an answer, call.",
    ),
    TaskKind.OVERLAP: Kind(
        "Two visits at one time",
        "calendar-x",
        "Ask the clinic whether it is meant. If not, move one of them in the EHR.",
    ),
    TaskKind.SAFETY_ALERT: Kind(
        "Safety alert",
        "nurse",
        "A nurse reads the text and calls. Whoever speaks to them before that gives no advice: in "
        "an emergency they call 911.",
    ),
    TaskKind.WRONG_NUMBER: Kind(
        "Wrong number",
        "user-x",
        "Find the right number, in the EHR or by another phone, and correct it there. No more "
        "texts go to this one.",
    ),
    TaskKind.CONFIRM_REQUEST: Kind(
        "Request to confirm",
        "hourglass",
        "Book it in the EHR, and say so here. Until then the patient has heard “requested”. If it "
        "cannot be booked, say why: they are told, and the next is asked.",
    ),
    TaskKind.MATCH_PERSON: Kind(
        "Who is this?",
        "id-badge-2",
        "Somebody came online whom we, or the EHR, may know already. Compare, and say who it is. A "
        "time that waits for it is kept for them for four hours.",
    ),
    TaskKind.RULES_SET_ASIDE: Kind(
        "Rules set aside",
        "adjustments-horizontal",
        "Open Rules, then Set aside: see who went past which rule, and why. Change the rule if it "
        "no longer says what the clinic means, or speak with them.",
    ),
    TaskKind.MASS_MOVE: Kind(
        "Visit to move",
        "switch-horizontal",
        "Their visit cannot stay, or was moved and they could not be told by text. Open Mass "
        "rescheduling, then its work list: call, and agree on a time.",
    ),
    TaskKind.PLAN_BROKEN: Kind(
        "Plan to mend",
        "route",
        "One of several visits that belong together is off. Open Plans: find another time for it "
        "that suits the others, give the others up, or leave them as they are.",
    ),
    TaskKind.VIDEO_VISIT: Kind(
        "Visit by video",
        "video",
        "It lacks its link, the connection failed, or the clinician may not treat where the "
        "patient will be. Open the visit, and call the patient.",
    ),
    TaskKind.SCHEDULE: Kind(
        "Schedule to apply",
        "calendar-repeat",
        "Open Inventory, Schedules, and look at what applying it would change. It names each "
        "booked visit that would lose its time: keep them there, or have them moved.",
    ),
    TaskKind.SEND_WAVE: Kind(
        "Wave to send",
        "send",
        "Open it, look at whom it would ask and what they would read, and send it, skip somebody, "
        "or say not now. It is never sent by itself.",
    ),
    TaskKind.DUPLICATE: Kind(
        "One person or two?",
        "users",
        "Open Records, and look at both side by side. Same person: merge them. Not the same: say "
        "so. A merge can be undone.",
    ),
    TaskKind.EHR_DETAILS: Kind(
        "Details for the EHR",
        "id-badge-2",
        "They told us of a change in how to reach them, or who they are. Write it into the EHR, "
        "whose word holds, then say so here.",
    ),
    TaskKind.CALL_BACK: Kind(
        "Call back",
        "phone-call",
        "Call, and write each try down. How often, and what a machine may hear, stands there. "
        "Whoever is not reached gets a letter.",
    ),
    TaskKind.EHR_NOTE: Kind(
        "Note for the EHR",
        "note",
        "The EHR did not take the note of a contact. Mend what it names, then open the contact and "
        "send it again; or write it there by hand.",
    ),
    TaskKind.FOLLOW_UP: Kind(
        "Promised",
        "arrow-right",
        "Somebody on the phone was promised this. Do it, and say what you did.",
    ),
    TaskKind.ASK_NURSE: Kind(
        "Question for a nurse",
        "stethoscope",
        "A nurse answers: open the contact for what was asked and said, then call. Nobody else "
        "gives advice.",
    ),
    TaskKind.REFILL: Kind(
        "Refill",
        "pill",
        "Send it to the prescriber as it says, or to a nurse where the medicine cannot wait.",
    ),
    TaskKind.REFERRAL: Kind(
        "Help to find",
        "heart-handshake",
        "They asked for help with food, a home, a ride or the like. Find a place that has it, and "
        "tell them.",
    ),
}


class Chip(NamedTuple):
    """A state in a word, with the class that colors it and its icon."""

    word: str
    look: str
    icon: str


STATES: Final[dict[str, Chip]] = {
    TaskStatus.OPEN: Chip("Nobody has it", "accent", "hand-stop"),
    TaskStatus.CLAIMED: Chip("Taken", "a-2h", "user-check"),
    TaskStatus.DONE: Chip("Done", "good", "circle-check"),
    TaskStatus.CANCELLED: Chip("Nothing to do", "", "circle-x"),
}

LISTS: Final[dict[Shown, str]] = {
    Shown.OPEN: "Open",
    Shown.MINE: "Mine",
    Shown.CLOSED: "Closed",
}
LISTS_LONG: Final[dict[Shown, str]] = {
    Shown.OPEN: "wait for a person",
    Shown.MINE: "are yours",
    Shown.CLOSED: "closed in the last 7 days",
}

#: What an inbound text was taken for (`outreach.rules.replies`).
READINGS: Final[dict[str, str]] = {
    "yes": "read as yes",
    "no": "read as no",
    "stop": "read as an opt-out",
    "start": "read as texts again, please",
    "help": "read as help",
    "cancel_visit": "read as giving up a visit",
    "wrong_number": "read as a wrong number",
    "who": "asks who we are",
    "choice": "read as a choice",
    "thanks": "read as thanks",
    "question": "read as a question",
    "unclear": "not understood",
    "opted-out-yes": "a yes after an opt-out",
    "emergency": "held: may be an emergency",
    "urgent": "held: a nurse is needed",
    "unsure": "held: a nurse reads it",
    "follows-alert": "held: after a safety alert",
}
LANGUAGES: Final[dict[str, str]] = {"en": "English", "es": "Spanish"}
