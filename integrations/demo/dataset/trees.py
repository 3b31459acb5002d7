"""Two decision trees of the demo, with their kept cases. Nothing in them is medical advice."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from integrations.demo.dataset.system import BONES, FAMILY


@dataclass(frozen=True, slots=True)
class CaseRow:
    """One kept case: answers by question, facts, and the outcome's node."""

    name: str
    answers: dict[str, str]
    facts: dict[str, Any]
    ends: str


@dataclass(frozen=True, slots=True)
class TreeRow:
    """A tree. `first` is an earlier version of `body`, retired by now."""

    name: str
    specialty: str
    words: tuple[str, ...]
    body: dict[str, Any]
    first: dict[str, Any]
    reason: str
    cases: tuple[CaseRow, ...]
    leave_at: dict[str, float] = field(default_factory=dict)  # share of callers who leave there


def _question(
    text: str, *answers: tuple[Any, ...], about: str = "", hint: str = ""
) -> dict[str, Any]:
    """Answers as (text, to) or (text, to, when); keys count up."""
    made = []
    for number, (words, to, *when) in enumerate(answers, start=1):
        made.append(
            {"key": f"a{number}", "text": words, "to": to} | ({"when": when[0]} if when else {})
        )
    return {"kind": "question", "text": text, "help": hint, "fact": about, "answers": made}


def _visit(kind: str, urgency: str, note: str = "", modality: str = "in-person") -> dict[str, Any]:
    return {
        "kind": "visit",
        "visit_type": kind,
        "modality": modality,
        "urgency": urgency,
        "note": note,
    }


_NURSE = {"kind": "hand-over", "to": "nurse", "queue": ""}
_SEEN = {"is": ["established"]}

_KNEE: dict[str, Any] = {
    "start": "q1",
    "nodes": {
        "q1": _question(
            "Can the patient put weight on the leg?", ("Yes, walks on it", "q2"), ("No", "o1")
        ),
        "o1": _NURSE,
        "q2": _question(
            "Has the knee been operated on in the last three months?",
            ("Yes", "o2"),
            ("No", "q3"),
            hint="Also an injection that was done as an operation.",
        ),
        "o2": {"kind": "hand-over", "to": "queue", "queue": "Orthopedics, after surgery"},
        "q3": _question(
            "Did it begin with a fall, a twist or a blow in the last two weeks?",
            ("Yes", "q4"),
            ("No, it came by itself", "q5"),
        ),
        "q4": _question(
            "How old is the patient?",
            ("Under 18", "o3", {"from": None, "below": 18}),
            ("18 or older", "o4", {"from": 18, "below": None}),
            about="age",
        ),
        "o3": _visit("BONES-NEW", "3-days", "A parent or guardian must come along."),
        "o4": _visit("BONES-NEW", "7-days", "Bring X-rays, if there are any."),
        "q5": _question(
            "Seen in orthopedics here in the last three years?",
            ("Yes", "q6", _SEEN),
            ("No", "o5"),
            about="patient",
        ),
        "o5": _visit("BONES-NEW", "14-days", "Bring X-rays, if there are any."),
        "q6": _question(
            "Did their orthopedist speak of an injection?", ("Yes", "o6"), ("No", "o7")
        ),
        "o6": _visit("BONES-INJ", "14-days", "Needs the order. Instructions go out before."),
        "o7": _visit("BONES-FU", "routine"),
    },
}

_CHECK_UP: dict[str, Any] = {
    "start": "q1",
    "nodes": {
        "q1": _question(
            "Is something wrong, or is it only for a check-up?",
            ("Only a check-up", "q2"),
            ("Something is wrong, or both", "q4"),
            hint="Whoever has a problem as well needs the visit for the problem.",
        ),
        "q2": _question(
            "Seen in family medicine here in the last three years?",
            ("Yes", "q3", _SEEN),
            ("No", "o1"),
            about="patient",
        ),
        "o1": _visit("FM-NEW", "routine", "A first visit comes before the first physical."),
        "q3": _question(
            "Was the last physical less than a year ago?", ("Yes", "o2"), ("No, or never", "o3")
        ),
        "o2": {"kind": "hand-over", "to": "queue", "queue": "Coverage questions"},
        "o3": _visit("FM-PHYS", "routine", "Ask which forms they need filled in."),
        "q4": _question(
            "Since when?", ("Today or yesterday", "o4"), ("Longer", "q5"), ("It gets worse", "o4")
        ),
        "o4": _NURSE,
        "q5": _question(
            "Seen in family medicine here in the last three years?",
            ("Yes", "o5", _SEEN),
            ("No", "o6"),
            about="patient",
        ),
        "o5": _visit("FM-FU", "7-days"),
        "o6": _visit("FM-NEW", "7-days"),
    },
}


def _without(body: dict[str, Any], answer: tuple[str, int], to: str, *gone: str) -> dict[str, Any]:
    """An earlier version: one answer led elsewhere, and some nodes were not there yet."""
    nodes = {id_: dict(node) for id_, node in body["nodes"].items() if id_ not in gone}
    question, place = answer
    answers = [dict(each) for each in nodes[question]["answers"]]
    answers[place]["to"] = to
    nodes[question]["answers"] = answers
    return {"start": body["start"], "nodes": nodes}


TREES = (
    TreeRow(
        name="Knee pain",
        specialty=BONES,
        words=("knee", "kneecap", "meniscus", "leg gives way", "rodilla", "menisco"),
        body=_KNEE,
        first=_without(_KNEE, ("q5", 0), "o7", "q6", "o6"),
        reason="Injections are booked as such, agreed with the clinic of Dr. Delgado",
        cases=(
            CaseRow("Cannot put weight on it", {"q1": "a2"}, {}, "o1"),
            CaseRow("Fell, aged 12", {"q1": "a1", "q2": "a2", "q3": "a1"}, {"age": 12}, "o3"),
            CaseRow("Fell, aged 40", {"q1": "a1", "q2": "a2", "q3": "a1"}, {"age": 40}, "o4"),
            CaseRow(
                "Aches for months, known here, injection ordered",
                {"q1": "a1", "q2": "a2", "q3": "a2", "q6": "a1"},
                {"patient": "established"},
                "o6",
            ),
            CaseRow(
                "Aches for months, new",
                {"q1": "a1", "q2": "a2", "q3": "a2"},
                {"patient": "new"},
                "o5",
            ),
        ),
        leave_at={"q1": 0.02, "q2": 0.04, "q3": 0.05, "q6": 0.22},
    ),
    TreeRow(
        name="Check-up or problem?",
        specialty=FAMILY,
        words=("check up", "checkup", "physical", "wellness", "annual", "chequeo", "examen anual"),
        body=_CHECK_UP,
        first=_without(_CHECK_UP, ("q2", 0), "o3", "q3", "o2"),
        reason="Asks when the last physical was, since payers pay one a year",
        cases=(
            CaseRow("Physical is due", {"q1": "a1", "q3": "a2"}, {"patient": "established"}, "o3"),
            CaseRow("Not due yet", {"q1": "a1", "q3": "a1"}, {"patient": "established"}, "o2"),
            CaseRow("Check-up, new here", {"q1": "a1"}, {"patient": "new"}, "o1"),
            CaseRow("Sick since yesterday", {"q1": "a2", "q4": "a1"}, {}, "o4"),
            CaseRow("Cough for weeks", {"q1": "a2", "q4": "a2"}, {"patient": "established"}, "o5"),
        ),
        leave_at={"q1": 0.03, "q3": 0.11, "q4": 0.02},
    ),
)
