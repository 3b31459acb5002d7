"""The way through a tree."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from scheduling.rules.trees.conditions import answer_by_fact
from scheduling.rules.trees.shape import Answer, Facts, Leaf, Question, Tree


class UnknownAnswer(ValueError):
    """The question has no such answer; the tree may have changed. Ask again."""


class BrokenTree(ValueError):
    """A draft's path does not end; the sentence says where."""


@dataclass(frozen=True, slots=True)
class Step:
    """One question behind us. `by_fact`: nobody had to be asked."""

    question: str
    answer: str
    by_fact: bool


@dataclass(frozen=True, slots=True)
class Ask:
    """What to ask next, and how we got here."""

    question: Question
    path: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    """Where it ends, and how we got here."""

    leaf: Leaf
    path: tuple[Step, ...]


def walk(tree: Tree, answers: Mapping[str, str], facts: Facts) -> Ask | Outcome:
    """As far as `answers` (question id to answer key) and `facts` go.

    A given answer counts before a fact: somebody may have corrected it. Answers to questions
    that are not on the way are left alone, so that one can go back and take another branch.

    :raises UnknownAnswer: for an answer that the question does not have.
    :raises BrokenTree: where an answer leads nowhere or back.
    """
    path: list[Step] = []
    at = tree.nodes[tree.start]
    while isinstance(at, Question):
        given = at.id in answers
        answer = _given(at, answers[at.id]) if given else _by_fact(at, facts)
        if answer is None:
            return Ask(at, tuple(path))
        path.append(Step(at.id, answer.key, not given))
        at = _follow(tree, at, answer, path)
    return Outcome(at, tuple(path))


def known_answers(tree: Tree, facts: Facts) -> dict[str, str]:
    """What the facts answer, by question id: this is kept with a run, the facts are not."""
    found = {
        node.id: _by_fact(node, facts) for node in tree.nodes.values() if isinstance(node, Question)
    }
    return {id_: answer.key for id_, answer in found.items() if answer is not None}


def _given(question: Question, key: str) -> Answer:
    answer = question.find_answer(key)
    if answer is None:
        raise UnknownAnswer(f"“{question.text}” has no such answer. Choose one that is shown.")
    return answer


def _by_fact(question: Question, facts: Facts) -> Answer | None:
    if question.fact is None:
        return None
    value = facts.find(question.fact)
    return answer_by_fact(question, value) if value is not None else None


def _follow(tree: Tree, question: Question, answer: Answer, path: list[Step]) -> Question | Leaf:
    if answer.to not in tree.nodes:
        raise BrokenTree(f"“{answer.text}” to “{question.text}” leads nowhere yet.")
    if answer.to in {step.question for step in path}:
        raise BrokenTree(f"“{answer.text}” to “{question.text}” leads back to an earlier question.")
    return tree.nodes[answer.to]
