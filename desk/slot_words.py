"""Words for staff on the pages of slot search and of lost demand."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from scheduling.rules import HiddenBy
from scheduling.rules.search import PartOfDay, Window
from scheduling.states import Declined, Lack, Modality, RuleEffect, SearchStatus

WINDOWS: Final[dict[str, str]] = {
    Window.THREE_DAYS: gettext_noop("Next 3 days"),
    Window.TWO_WEEKS: gettext_noop("Next 2 weeks"),
    Window.FIRST: gettext_noop("First available"),
}
PARTS: Final[dict[str, str]] = {
    PartOfDay.MORNING: gettext_noop("Mornings"),
    PartOfDay.AFTERNOON: gettext_noop("Afternoons"),
    PartOfDay.EVENING: gettext_noop("Evenings"),
}
MODALITY: Final[dict[str, str]] = {
    Modality.IN_PERSON: gettext_noop("In person"),
    Modality.VIDEO: gettext_noop("By video"),
    Modality.PHONE: gettext_noop("By phone"),
}
LANGUAGES: Final[dict[str, str]] = {
    "en": gettext_noop("English"),
    "es": gettext_noop("Spanish"),
    "zh": gettext_noop("Chinese"),
    "vi": gettext_noop("Vietnamese"),
    "ar": gettext_noop("Arabic"),
    "nv": gettext_noop("Navajo"),
    "so": gettext_noop("Somali"),
    "hi": gettext_noop("Hindi"),
    "fr": gettext_noop("French"),
}
DECLINED: Final[dict[str, str]] = {
    Declined.TOO_LATE: gettext_noop("It is too long to wait"),
    Declined.OTHER_HOURS: gettext_noop("They need other days or hours"),
    Declined.TOO_FAR: gettext_noop("It is too far"),
    Declined.OTHER_CLINICIAN: gettext_noop("They want another clinician"),
    Declined.IN_PERSON: gettext_noop("They want to come in person"),
    Declined.REMOTE: gettext_noop("They want video or phone"),
    Declined.COST: gettext_noop("What it costs, or what their plan covers"),
    Declined.THINKS: gettext_noop("They think it over and call again"),
    Declined.OTHER: gettext_noop("Something else"),
}
LACKS: Final[dict[str, str]] = {
    Lack.NO_TIMES: gettext_noop("No times at all"),
    Lack.TOO_FAR: gettext_noop("All too far"),
    Lack.WISHES: gettext_noop("Not with that clinician, day or hour"),
    Lack.HIDDEN: gettext_noop("All hidden by a rule"),
    Lack.DECLINED: gettext_noop("Declined what was shown"),
}
#: What an empty page says, and what may be done about it.
LACK_MEANS: Final[dict[str, str]] = {
    Lack.NO_TIMES: gettext_noop(
        "There is no such time on any schedule. Look further ahead, or put them on the "
        "waitlist: they are told when one frees."
    ),
    Lack.TOO_FAR: gettext_noop("There are times, all farther than that. They stand below, greyed."),
    Lack.WISHES: gettext_noop(
        "There are times, but not with that clinician, language, day or hour. They "
        "stand below, greyed."
    ),
    Lack.HIDDEN: gettext_noop(
        "There are times, and a rule stands against each of them. They stand below with "
        "the rule in plain words."
    ),
}
STATUS: Final[dict[str, str]] = {
    SearchStatus.OPEN: gettext_noop("open"),
    SearchStatus.BOOKED: gettext_noop("booked"),
    SearchStatus.LOST: gettext_noop("lost"),
    SearchStatus.ABANDONED: gettext_noop("abandoned"),
}
EFFECTS: Final[dict[str, str]] = {
    RuleEffect.BLOCK: gettext_noop("Nobody may go past it"),
    RuleEffect.OVERRIDE: gettext_noop("May be set aside with a reason"),
    RuleEffect.WARN: gettext_noop("A warning only"),
}
ROLES: Final[dict[str, str]] = {
    "agent": gettext_noop("agents"),
    "nurse": gettext_noop("nurses"),
    "front-desk": gettext_noop("the front desk"),
    "manager": gettext_noop("managers"),
    "admin": gettext_noop("administrators"),
}
_RULES: Final[dict[str, str]] = {
    HiddenBy.NOT_FREE: gettext_noop("Not free"),
    HiddenBy.TOO_SOON: gettext_noop("Too little notice"),
    HiddenBy.HELD_FOR_REVIEW: gettext_noop("Held for review"),
    HiddenBy.NEW_PATIENTS: gettext_noop("New patients only"),
    HiddenBy.ESTABLISHED: gettext_noop("Established patients only"),
    HiddenBy.KEPT_FOR: gettext_noop("Kept for an audience"),
    HiddenBy.PROVIDER_RULE: gettext_noop("A clinician's rule"),
    HiddenBy.COVERAGE: gettext_noop("Coverage not taken"),
    HiddenBy.LIMITED: gettext_noop("Limited after missed visits"),
    HiddenBy.LICENSE: gettext_noop("No license where the patient is"),
    HiddenBy.NO_SEAT: gettext_noop("No seat left"),
    HiddenBy.PATIENT_BUSY: gettext_noop("Has another visit then"),
    HiddenBy.PROVIDER_BUSY: gettext_noop("Clinician is busy"),
}


def say_seats(capacity: int, taken: int, kept: int = 0) -> str:
    """ "3 of 8 seats free" of a slot with several; empty for one with one.

    :param kept: seats that somebody holds for minutes.
    """
    if capacity < 2:
        return ""
    free = max(0, capacity - taken - kept)
    return _("%(free)s of %(capacity)s seats free") % {"free": free, "capacity": capacity}


def say_rule(name: str) -> str:
    """ "Same day" for "same-day"."""
    return _RULES.get(name, name.replace("-", " ").capitalize())
