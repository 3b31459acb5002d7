"""Decision trees in the words of the desk."""

from __future__ import annotations

from typing import Final

from crm.models.people import LANGUAGES
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
    Modality.IN_PERSON: "In person",
    Modality.VIDEO: "Video",
    Modality.PHONE: "Phone",
}
URGENCIES: Final[dict[VisitUrgency, str]] = {
    VisitUrgency.TODAY: "Today",
    VisitUrgency.THREE_DAYS: "Within 3 days",
    VisitUrgency.WEEK: "Within 7 days",
    VisitUrgency.TWO_WEEKS: "Within 14 days",
    VisitUrgency.ROUTINE: "Routine",
}
#: What staff reads; for 911 and the nurse nobody can write another sentence.
HAND_OVERS: Final[dict[HandOverTo, str]] = {
    HandOverTo.NURSE: "Hand over to a nurse now",
    HandOverTo.QUEUE: "Hand over to a queue",
    HandOverTo.CALL_911: "Have them call 911",
}
LEFT: Final[dict[LeftWhy, str]] = {
    LeftWhy.HUNG_UP: "The caller is gone",
    LeftWhy.WRONG_TREE: "It is about something else",
    LeftWhy.NO_FIT: "No answer fits",
    LeftWhy.HANDED_ON: "Somebody else took over",
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
        return f"Hand over to the queue “{leaf.queue}”" if leaf.queue else HAND_OVERS[leaf.to]
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
