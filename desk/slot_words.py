"""Words for staff on the pages of slot search and of lost demand."""

from __future__ import annotations

from typing import Final

from scheduling.rules import HiddenBy
from scheduling.rules.search import PartOfDay, Window
from scheduling.states import Declined, Lack, Modality, RuleEffect, SearchStatus

WINDOWS: Final[dict[str, str]] = {
    Window.THREE_DAYS: "Next 3 days",
    Window.TWO_WEEKS: "Next 2 weeks",
    Window.FIRST: "First available",
}
PARTS: Final[dict[str, str]] = {
    PartOfDay.MORNING: "Mornings",
    PartOfDay.AFTERNOON: "Afternoons",
    PartOfDay.EVENING: "Evenings",
}
MODALITY: Final[dict[str, str]] = {
    Modality.IN_PERSON: "In person",
    Modality.VIDEO: "By video",
    Modality.PHONE: "By phone",
}
LANGUAGES: Final[dict[str, str]] = {
    "en": "English",
    "es": "Spanish",
    "zh": "Chinese",
    "vi": "Vietnamese",
    "ar": "Arabic",
    "nv": "Navajo",
    "so": "Somali",
    "hi": "Hindi",
    "fr": "French",
}
DECLINED: Final[dict[str, str]] = {
    Declined.TOO_LATE: "It is too long to wait",
    Declined.OTHER_HOURS: "They need other days or hours",
    Declined.TOO_FAR: "It is too far",
    Declined.OTHER_CLINICIAN: "They want another clinician",
    Declined.IN_PERSON: "They want to come in person",
    Declined.REMOTE: "They want video or phone",
    Declined.COST: "What it costs, or what their plan covers",
    Declined.THINKS: "They think it over and call again",
    Declined.OTHER: "Something else",
}
LACKS: Final[dict[str, str]] = {
    Lack.NO_TIMES: "No times at all",
    Lack.TOO_FAR: "All too far",
    Lack.WISHES: "Not with that clinician, day or hour",
    Lack.HIDDEN: "All hidden by a rule",
    Lack.DECLINED: "Declined what was shown",
}
#: What an empty page says, and what may be done about it.
LACK_MEANS: Final[dict[str, str]] = {
    Lack.NO_TIMES: "There is no such time on any schedule. Look further ahead, or put them on the "
    "waitlist: they are told when one frees.",
    Lack.TOO_FAR: "There are times, all farther than that. They stand below, greyed.",
    Lack.WISHES: "There are times, but not with that clinician, language, day or hour. They "
    "stand below, greyed.",
    Lack.HIDDEN: "There are times, and a rule stands against each of them. They stand below with "
    "the rule in plain words.",
}
STATUS: Final[dict[str, str]] = {
    SearchStatus.OPEN: "open",
    SearchStatus.BOOKED: "booked",
    SearchStatus.LOST: "lost",
    SearchStatus.ABANDONED: "abandoned",
}
EFFECTS: Final[dict[str, str]] = {
    RuleEffect.BLOCK: "Nobody may go past it",
    RuleEffect.OVERRIDE: "May be set aside with a reason",
    RuleEffect.WARN: "A warning only",
}
ROLES: Final[dict[str, str]] = {
    "agent": "agents",
    "nurse": "nurses",
    "front-desk": "the front desk",
    "manager": "managers",
    "admin": "administrators",
}
_RULES: Final[dict[str, str]] = {
    HiddenBy.NOT_FREE: "Not free",
    HiddenBy.TOO_SOON: "Too little notice",
    HiddenBy.HELD_FOR_REVIEW: "Held for review",
    HiddenBy.NEW_PATIENTS: "New patients only",
    HiddenBy.ESTABLISHED: "Established patients only",
    HiddenBy.KEPT_FOR: "Kept for an audience",
    HiddenBy.PROVIDER_RULE: "A clinician's rule",
    HiddenBy.COVERAGE: "Coverage not taken",
    HiddenBy.LIMITED: "Limited after missed visits",
    HiddenBy.LICENSE: "No license where the patient is",
    HiddenBy.NO_SEAT: "No seat left",
    HiddenBy.PATIENT_BUSY: "Has another visit then",
    HiddenBy.PROVIDER_BUSY: "Clinician is busy",
}


def say_seats(capacity: int, taken: int, kept: int = 0) -> str:
    """ "3 of 8 seats free" of a slot with several; empty for one with one.

    :param kept: seats that somebody holds for minutes.
    """
    if capacity < 2:
        return ""
    return f"{max(0, capacity - taken - kept)} of {capacity} seats free"


def say_rule(name: str) -> str:
    """ "Same day" for "same-day"."""
    return _RULES.get(name, name.replace("-", " ").capitalize())
