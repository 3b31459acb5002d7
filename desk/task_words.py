"""Words for staff on the page of tasks: kinds with what to do about them, states, readings."""

from __future__ import annotations

from typing import Final, NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_noop, pgettext_lazy

from crm.states import TaskKind, TaskStatus
from desk.queries.task_list import Shown


class Kind(NamedTuple):
    """What a kind of task is called, its icon, and what whoever takes it should do."""

    word: str
    icon: str
    advice: str


KINDS: Final[dict[str, Kind]] = {
    TaskKind.ANSWER_TEXT: Kind(
        gettext_noop("Text to answer"),
        "message-2-question",
        gettext_noop("Read the text and call. Nothing was changed and nothing was booked."),
    ),
    TaskKind.CANCEL_VISIT: Kind(
        gettext_noop("May give up a visit"),
        "calendar-cancel",
        gettext_noop(
            "Call and ask which visit, and whether they want another time. Their visits "
            "stand until you cancel one in the EHR; we hear of it from there."
        ),
    ),
    TaskKind.MEANT_CANCEL: Kind(
        gettext_noop("Texted CANCEL"),
        "message-off",
        gettext_noop(
            "The carrier took the word for an opt-out. Call: was a visit meant? Then "
            "cancel it in the EHR. Only they can bring our texts back, by texting START."
        ),
    ),
    TaskKind.EHR_WRITE: Kind(
        gettext_noop("EHR by hand"),
        "database",
        gettext_noop(
            "See what the EHR says, and do it there by hand. What it reports then holds. If the "
            "patient waits for an answer, call."
        ),
    ),
    TaskKind.OVERLAP: Kind(
        gettext_noop("Two visits at one time"),
        "calendar-x",
        gettext_noop("Ask the clinic whether it is meant. If not, move one of them in the EHR."),
    ),
    TaskKind.SAFETY_ALERT: Kind(
        gettext_noop("Safety alert"),
        "nurse",
        gettext_noop(
            "A nurse reads the text and calls. Whoever speaks to them before that gives "
            "no advice: in an emergency they call 911."
        ),
    ),
    TaskKind.WRONG_NUMBER: Kind(
        gettext_noop("Wrong number"),
        "user-x",
        gettext_noop(
            "Find the right number, in the EHR or by another phone, and correct it there. No more "
            "texts go to this one."
        ),
    ),
    TaskKind.CONFIRM_REQUEST: Kind(
        gettext_noop("Request to confirm"),
        "hourglass",
        gettext_noop(
            "Book it in the EHR, and say so here. Until then the patient has heard "
            "“requested”. If it cannot be booked, say why: they are told, and the next is asked."
        ),
    ),
    TaskKind.MATCH_PERSON: Kind(
        gettext_noop("Who is this?"),
        "id-badge-2",
        gettext_noop(
            "Somebody came online whom we, or the EHR, may know already. Compare, and say "
            "who it is. A time that waits for it is kept for them for four hours."
        ),
    ),
    TaskKind.RULES_SET_ASIDE: Kind(
        gettext_noop("Rules set aside"),
        "adjustments-horizontal",
        gettext_noop(
            "Open Rules, then Set aside: see who went past which rule, and why. Change "
            "the rule if it no longer says what the clinic means, or speak with them."
        ),
    ),
    TaskKind.MASS_MOVE: Kind(
        gettext_noop("Visit to move"),
        "switch-horizontal",
        gettext_noop(
            "Their visit cannot stay, or was moved and they could not be told by text. Open Mass "
            "rescheduling, then its work list: call, and agree on a time."
        ),
    ),
    TaskKind.PLAN_BROKEN: Kind(
        gettext_noop("Plan to mend"),
        "route",
        gettext_noop(
            "One of several visits that belong together is off. Open Plans: find another "
            "time for it that suits the others, give the others up, or leave them as they are."
        ),
    ),
    TaskKind.VIDEO_VISIT: Kind(
        gettext_noop("Visit by video"),
        "video",
        gettext_noop(
            "It lacks its link, the connection failed, or the clinician may not treat where the "
            "patient will be. Open the visit, and call the patient."
        ),
    ),
    TaskKind.SCHEDULE: Kind(
        gettext_noop("Schedule to apply"),
        "calendar-repeat",
        gettext_noop(
            "Open Inventory, Schedules, and look at what applying it would change. It names each "
            "booked visit that would lose its time: keep them there, or have them moved."
        ),
    ),
    TaskKind.SEND_WAVE: Kind(
        gettext_noop("Wave to send"),
        "send",
        gettext_noop(
            "Open it, look at whom it would ask and what they would read, and send it, "
            "skip somebody, or say not now. It is never sent by itself."
        ),
    ),
    TaskKind.DUPLICATE: Kind(
        gettext_noop("One person or two?"),
        "users",
        gettext_noop(
            "Open Records, and look at both side by side. Same person: merge them. Not "
            "the same: say so. A merge can be undone."
        ),
    ),
    TaskKind.EHR_DETAILS: Kind(
        gettext_noop("Details for the EHR"),
        "id-badge-2",
        gettext_noop(
            "They told us of a change in how to reach them, or who they are. Write it "
            "into the EHR, whose word holds, then say so here."
        ),
    ),
    TaskKind.CALL_BACK: Kind(
        gettext_noop("Call back"),
        "phone-call",
        gettext_noop(
            "Call, and write each try down. How often, and what a machine may hear, stands there. "
            "Whoever is not reached gets a letter."
        ),
    ),
    TaskKind.EHR_NOTE: Kind(
        gettext_noop("Note for the EHR"),
        "note",
        gettext_noop(
            "The EHR did not take the note of a contact. Mend what it names, then open the "
            "contact and send it again; or write it there by hand."
        ),
    ),
    TaskKind.FOLLOW_UP: Kind(
        gettext_noop("Promised"),
        "arrow-right",
        gettext_noop("Somebody on the phone was promised this. Do it, and say what you did."),
    ),
    TaskKind.ASK_NURSE: Kind(
        gettext_noop("Question for a nurse"),
        "stethoscope",
        gettext_noop(
            "A nurse answers: open the contact for what was asked and said, then call. Nobody else "
            "gives advice."
        ),
    ),
    TaskKind.REFILL: Kind(
        gettext_noop("Refill"),
        "pill",
        gettext_noop(
            "Send it to the prescriber as it says, or to a nurse where the medicine cannot wait."
        ),
    ),
    TaskKind.REFERRAL: Kind(
        gettext_noop("Help to find"),
        "heart-handshake",
        gettext_noop(
            "They asked for help with food, a home, a ride or the like. Find a place that "
            "has it, and tell them."
        ),
    ),
}


class Chip(NamedTuple):
    """A state in a word, with the class that colors it and its icon."""

    word: str
    look: str
    icon: str


STATES: Final[dict[str, Chip]] = {
    TaskStatus.OPEN: Chip(gettext_noop("Nobody has it"), "accent", "hand-stop"),
    TaskStatus.CLAIMED: Chip(gettext_noop("Taken"), "a-2h", "user-check"),
    TaskStatus.DONE: Chip(gettext_noop("Done"), "good", "circle-check"),
    TaskStatus.CANCELLED: Chip(gettext_noop("Nothing to do"), "", "circle-x"),
}

LISTS: Final[dict[Shown, Promise]] = {
    Shown.OPEN: pgettext_lazy("list of tasks", "Open"),
    Shown.MINE: pgettext_lazy("list of tasks", "Mine"),
    Shown.CLOSED: pgettext_lazy("list of tasks", "Closed"),
}
LISTS_LONG: Final[dict[Shown, str]] = {
    Shown.OPEN: gettext_noop("wait for a person"),
    Shown.MINE: gettext_noop("are yours"),
    Shown.CLOSED: gettext_noop("closed in the last 7 days"),
}

#: What an inbound text was taken for (`outreach.rules.replies`).
READINGS: Final[dict[str, str]] = {
    "yes": gettext_noop("read as yes"),
    "no": gettext_noop("read as no"),
    "stop": gettext_noop("read as an opt-out"),
    "start": gettext_noop("read as texts again, please"),
    "help": gettext_noop("read as help"),
    "cancel_visit": gettext_noop("read as giving up a visit"),
    "wrong_number": gettext_noop("read as a wrong number"),
    "who": gettext_noop("asks who we are"),
    "choice": gettext_noop("read as a choice"),
    "thanks": gettext_noop("read as thanks"),
    "question": gettext_noop("read as a question"),
    "unclear": gettext_noop("not understood"),
    "opted-out-yes": gettext_noop("a yes after an opt-out"),
    "emergency": gettext_noop("held: may be an emergency"),
    "urgent": gettext_noop("held: a nurse is needed"),
    "unsure": gettext_noop("held: a nurse reads it"),
    "follows-alert": gettext_noop("held: after a safety alert"),
}
LANGUAGES: Final[dict[str, str]] = {"en": gettext_noop("English"), "es": gettext_noop("Spanish")}
