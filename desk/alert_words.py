"""Words for staff about safety alerts."""

from __future__ import annotations

from typing import Final, NamedTuple

from django.utils.translation import gettext_noop

from triage.states import Doubt, HelpLine, Level, Outcome


class LevelWords(NamedTuple):
    """What a level is called, its color and icon, and what a nurse does about it."""

    word: str
    look: str
    icon: str
    advice: str


LEVELS: Final[dict[str, LevelWords]] = {
    Level.EMERGENCY: LevelWords(
        gettext_noop("May be an emergency"),
        "a-911",
        "ambulance",
        gettext_noop(
            "Call now. If they can't reach 911 themselves, call the emergency center "
            "where they are. Nobody answers: ask it for a welfare check."
        ),
    ),
    Level.URGENT: LevelWords(
        gettext_noop("Nurse now"),
        "a-now",
        "stethoscope",
        gettext_noop("Call now. They were told of 911, should it get worse."),
    ),
    Level.UNSURE: LevelWords(
        gettext_noop("Not sure"),
        "a-2h",
        "help-circle",
        gettext_noop("Read the text. If you can't rule danger out, call."),
    ),
}
LINES: Final[dict[str, str]] = {
    HelpLine.CALL_911: "911",
    HelpLine.CRISIS_988: gettext_noop("988, the Suicide & Crisis Lifeline"),
    HelpLine.POISON: gettext_noop("Poison Help, 1-800-222-1222"),
}
DOUBTS: Final[dict[str, str]] = {
    Doubt.NONE: "",
    Doubt.DENIED: gettext_noop("they seem to deny it"),
    Doubt.PAST: gettext_noop("it seems to be past"),
}
OUTCOMES: Final[dict[str, str]] = {
    Outcome.EMERGENCY_SERVICES: gettext_noop("With 911, 988 or Poison Help, or on the way there"),
    Outcome.SEEN_SOON: gettext_noop("Advised by a nurse, and care is arranged"),
    Outcome.NO_DANGER: gettext_noop("Spoke with them: nothing urgent"),
    Outcome.WELFARE_CHECK: gettext_noop("No answer: the emergency center was asked to check"),
    Outcome.NOT_REACHED: gettext_noop("No answer, and nothing more could be done"),
    Outcome.NOT_A_PATIENT: gettext_noop("Nobody in danger: a machine, a test, a wrong number"),
}
#: What a held text also asked for, and the button that has it done.
INTENTS: Final[dict[str, tuple[str, str]]] = {
    "yes": (gettext_noop("They also said yes to a time."), gettext_noop("Take the time for them")),
    "no": (gettext_noop("They also said no to a time."), gettext_noop("Decline it for them")),
    "cancel_visit": (
        gettext_noop("They also may not come to a visit."),
        gettext_noop("Open a task to cancel it"),
    ),
}
