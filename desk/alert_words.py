"""Words for staff about safety alerts."""

from __future__ import annotations

from typing import Final, NamedTuple

from triage.states import Doubt, HelpLine, Level, Outcome


class LevelWords(NamedTuple):
    """What a level is called, its color and icon, and what a nurse does about it."""

    word: str
    look: str
    icon: str
    advice: str


LEVELS: Final[dict[str, LevelWords]] = {
    Level.EMERGENCY: LevelWords(
        "May be an emergency",
        "a-911",
        "ambulance",
        "Call now. If they can't reach 911 themselves, call the emergency center where they are. "
        "Nobody answers: ask it for a welfare check.",
    ),
    Level.URGENT: LevelWords(
        "Nurse now",
        "a-now",
        "stethoscope",
        "Call now. They were told of 911, should it get worse.",
    ),
    Level.UNSURE: LevelWords(
        "Not sure",
        "a-2h",
        "help-circle",
        "Read the text. If you can't rule danger out, call.",
    ),
}
LINES: Final[dict[str, str]] = {
    HelpLine.CALL_911: "911",
    HelpLine.CRISIS_988: "988, the Suicide & Crisis Lifeline",
    HelpLine.POISON: "Poison Help, 1-800-222-1222",
}
DOUBTS: Final[dict[str, str]] = {
    Doubt.NONE: "",
    Doubt.DENIED: "they seem to deny it",
    Doubt.PAST: "it seems to be past",
}
OUTCOMES: Final[dict[str, str]] = {
    Outcome.EMERGENCY_SERVICES: "With 911, 988 or Poison Help, or on the way there",
    Outcome.SEEN_SOON: "Advised by a nurse, and care is arranged",
    Outcome.NO_DANGER: "Spoke with them: nothing urgent",
    Outcome.WELFARE_CHECK: "No answer: the emergency center was asked to check",
    Outcome.NOT_REACHED: "No answer, and nothing more could be done",
    Outcome.NOT_A_PATIENT: "Nobody in danger: a machine, a test, a wrong number",
}
#: What a held text also asked for, and the button that has it done.
INTENTS: Final[dict[str, tuple[str, str]]] = {
    "yes": ("They also said yes to a time.", "Take the time for them"),
    "no": ("They also said no to a time.", "Decline it for them"),
    "cancel_visit": ("They also may not come to a visit.", "Open a task to cancel it"),
}
