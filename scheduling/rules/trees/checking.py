"""What stands against publishing a tree."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from scheduling.rules.trees.conditions import what_is_wrong
from scheduling.rules.trees.shape import HandOver, Node, Question, Tree, Visit
from scheduling.states import HandOverTo


@dataclass(frozen=True, slots=True)
class KnownVisitType:
    """What the check must know of a visit type."""

    name: str
    is_active: bool


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to mend: at which node, and a sentence that says what to do."""

    node: str
    sentence: str


def find_problems(tree: Tree, visit_types: Mapping[str, KnownVisitType]) -> tuple[Problem, ...]:
    """Every reason why the tree cannot be published, in the order of its nodes.

    :param visit_types: by code.
    """
    reached = reachable(tree)
    found: list[Problem] = []
    for node in tree.nodes.values():
        if node.id not in reached:
            told = "No answer leads here. Lead one here, or take it out."
            found.append(Problem(node.id, told))
        found.extend(Problem(node.id, told) for told in _of_node(node, visit_types))
    if back := find_way_back(tree):
        question, answer = back
        told = f"“{answer}” leads back to an earlier question. Lead it on to something else."
        found.append(Problem(question, told))
    return tuple(found)


def reachable(tree: Tree) -> frozenset[str]:
    """Ids of all nodes that some path comes by."""
    seen: set[str] = set()
    waiting = [tree.start]
    while waiting:
        id_ = waiting.pop()
        if id_ in seen:
            continue
        seen.add(id_)
        waiting.extend(_next_of(tree, id_))
    return frozenset(seen)


def find_way_back(tree: Tree) -> tuple[str, str] | None:
    """The question id and the answer's text that close a circle; None where there is none."""
    done: set[str] = set()

    def follow(id_: str, path: frozenset[str]) -> tuple[str, str] | None:
        node = tree.nodes[id_]
        if id_ in done or not isinstance(node, Question):
            return None
        for answer in node.answers:
            if answer.to in path:
                return id_, answer.text
            if answer.to and (found := follow(answer.to, path | {answer.to})):
                return found
        done.add(id_)
        return None

    starts = [tree.start, *tree.nodes]
    return next((found for id_ in starts if (found := follow(id_, frozenset({id_})))), None)


def _next_of(tree: Tree, id_: str) -> list[str]:
    node = tree.nodes[id_]
    return [answer.to for answer in node.answers if answer.to] if isinstance(node, Question) else []


def _of_node(node: Node, visit_types: Mapping[str, KnownVisitType]) -> Iterator[str]:
    match node:
        case Question():
            yield from _of_question(node)
        case Visit():
            yield from _of_visit(node, visit_types)
        case HandOver(to=HandOverTo.QUEUE, queue=""):
            yield "Name the queue that goes on."
        case HandOver():
            pass


def _of_question(question: Question) -> Iterator[str]:
    if not question.text.strip():
        yield "Write the question in the words that are read out."
    if len(question.answers) < 2:
        yield "A question needs at least two answers. Add one, or take the question out."
    texts = [answer.text.strip().casefold() for answer in question.answers]
    if "" in texts:
        yield "Write each answer out."
    elif len(set(texts)) < len(texts):
        yield "Two answers read the same. Make them different."
    for answer in question.answers:
        if not answer.to:
            yield f"“{answer.text}” leads nowhere yet. Choose what follows it."
    if question.fact and (wrong := what_is_wrong(question.fact, question.answers)):
        yield wrong


def _of_visit(visit: Visit, visit_types: Mapping[str, KnownVisitType]) -> Iterator[str]:
    if not visit.visit_type:
        yield "Choose the visit type."
        return
    known = visit_types.get(visit.visit_type)
    if known is None:
        yield f"There is no visit type “{visit.visit_type}”. Choose another."
    elif not known.is_active:
        yield f"“{known.name}” is no longer booked. Choose another visit type."
