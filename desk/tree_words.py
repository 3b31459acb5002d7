"""Decision trees in the words of the desk."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext_noop

from crm.models.people import LANGUAGES
from crm.rules.said import say
from scheduling.rules.trees import Fact, HandOver, Visit
from scheduling.states import HandOverTo, LeftWhy, Modality, TreeStatus, VisitUrgency

FACTS: Final[dict[Fact, str]] = {
    Fact.AGE: "Age",
    Fact.SEX: "Sex",
    Fact.PATIENT: "New or established",
    Fact.COVERAGE: "Coverage",
    Fact.LOCATION: "Site",
    Fact.HOUR: "Hour of the day",
    Fact.LANGUAGE: "Language",
}
MODALITIES: Final[dict[Modality, str]] = {
    Modality.IN_PERSON: gettext_noop("In person"),
    Modality.VIDEO: gettext_noop("Video"),
    Modality.PHONE: gettext_noop("Phone"),
}
URGENCIES: Final[dict[VisitUrgency, str]] = {
    VisitUrgency.TODAY: gettext_noop("Today"),
    VisitUrgency.THREE_DAYS: gettext_noop("Within 3 days"),
    VisitUrgency.WEEK: gettext_noop("Within 7 days"),
    VisitUrgency.TWO_WEEKS: gettext_noop("Within 14 days"),
    VisitUrgency.ROUTINE: gettext_noop("Routine"),
}
#: What staff reads; for 911 and the nurse nobody can write another sentence.
HAND_OVERS: Final[dict[HandOverTo, str]] = {
    HandOverTo.NURSE: gettext_noop("Hand over to a nurse now"),
    HandOverTo.QUEUE: gettext_noop("Hand over to a queue"),
    HandOverTo.CALL_911: gettext_noop("Have them call 911"),
}
LEFT: Final[dict[LeftWhy, str]] = {
    LeftWhy.HUNG_UP: gettext_noop("The caller is gone"),
    LeftWhy.WRONG_TREE: gettext_noop("It is about something else"),
    LeftWhy.NO_FIT: gettext_noop("No answer fits"),
    LeftWhy.HANDED_ON: gettext_noop("Somebody else took over"),
}
STATUSES: Final[dict[TreeStatus, str]] = {
    TreeStatus.DRAFT: "Draft",
    TreeStatus.PUBLISHED: "Published",
    TreeStatus.RETIRED: "Retired",
}
SEXES: Final = (("female", "Female"), ("male", "Male"), ("other", "Other"), ("unknown", "Unknown"))
PATIENTS: Final = (("new", "New here"), ("established", "Seen in the last three years"))
SPOKEN: Final = tuple(LANGUAGES)


def say_leaf(leaf: Visit | HandOver, names: dict[str, str]) -> str:
    """An outcome in a line. :param names: of visit types, by code."""
    if isinstance(leaf, Visit):
        name = names.get(leaf.visit_type, leaf.visit_type) or "No visit type yet"
        return f"{name} · {MODALITIES[leaf.modality]} · {URGENCIES[leaf.urgency]}"
    if leaf.to is HandOverTo.QUEUE:
        if not leaf.queue:
            return HAND_OVERS[leaf.to]
        return say("Hand over to the queue “%(queue)s”", queue=leaf.queue)
    return HAND_OVERS[leaf.to]


def say_expected(expected: dict[str, str], names: dict[str, str]) -> str:
    """The outcome that a kept case must come to, as it was kept."""
    if expected.get("kind") == "visit":
        leaf: Visit | HandOver = Visit(
            id="",
            visit_type=expected.get("visit_type", ""),
            modality=Modality(expected.get("modality", Modality.IN_PERSON)),
            urgency=VisitUrgency(expected.get("urgency", VisitUrgency.ROUTINE)),
        )
    else:
        to = HandOverTo(expected.get("to", HandOverTo.NURSE))
        leaf = HandOver(id="", to=to, queue=expected.get("queue", ""))
    return say_leaf(leaf, names)
