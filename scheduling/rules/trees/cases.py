"""The test bench: kept cases, and whether a tree still ends where they say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from scheduling.rules.trees.shape import Facts, HandOver, Leaf, Tree, Visit
from scheduling.rules.trees.walking import BrokenTree, Outcome, Step, UnknownAnswer, walk

#: What an outcome is, as a case keeps it: text by name.
Expected = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Case:
    """These answers and facts must end there."""

    name: str
    answers: Mapping[str, str]
    facts: Facts
    expected: Expected


@dataclass(frozen=True, slots=True)
class CaseResult:
    """`sentence` says what came instead; empty where it passed."""

    case: Case
    passed: bool
    sentence: str
    path: tuple[Step, ...] = ()


def outcome_of(leaf: Leaf) -> dict[str, str]:
    """What of an outcome counts in a case: not its id, nor its note."""
    match leaf:
        case Visit():
            return {
                "kind": "visit",
                "visit_type": leaf.visit_type,
                "modality": leaf.modality.value,
                "urgency": leaf.urgency.value,
            }
        case HandOver():
            return {"kind": "hand-over", "to": leaf.to.value, "queue": leaf.queue}


def say_expected(expected: Expected) -> str:
    """In a few words: "BONES-NEW, in person, within 7 days"."""
    if expected.get("kind") == "visit":
        soon = {"today": "today", "routine": "routine"}
        urgency = expected.get("urgency", "")
        when = soon.get(urgency, f"within {urgency.replace('-', ' ')}")
        modality = expected.get("modality", "").replace("-", " ")
        return f"{expected.get('visit_type')}, {modality}, {when}"
    who = {"nurse": "hand over to the nurse", "911": "call 911"}
    return who.get(expected.get("to", ""), f"hand over to {expected.get('queue')}")


def run_case(tree: Tree, case: Case, names: Mapping[str, str] | None = None) -> CaseResult:
    """Walk it, and compare where it ends.

    :param names: of visit types by code; without it the sentence has the code.
    """
    try:
        end = walk(tree, case.answers, case.facts)
    except (UnknownAnswer, BrokenTree) as broken:
        return CaseResult(case, passed=False, sentence=str(broken))
    if not isinstance(end, Outcome):
        sentence = f"It stops at “{end.question.text}”, which the case does not answer."
        return CaseResult(case, passed=False, sentence=sentence, path=end.path)
    came = outcome_of(end.leaf)
    passed = came == dict(case.expected)
    code = came.get("visit_type", "")
    said = came | {"visit_type": (names or {}).get(code, code)}
    sentence = "" if passed else f"It ends at: {say_expected(said)}."
    return CaseResult(case, passed, sentence, end.path)
