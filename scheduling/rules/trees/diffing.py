"""What differs between two versions of a tree, in sentences."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from scheduling.rules.trees.cases import outcome_of, say_expected
from scheduling.rules.trees.conditions import say_condition
from scheduling.rules.trees.shape import Answer, Node, Question, Tree, Visit


@dataclass(frozen=True, slots=True)
class Change:
    """`kind` is added, removed or changed; `node` its id in the version that has it."""

    kind: str
    node: str
    sentence: str


def compare(old: Tree, new: Tree, names: Mapping[str, str] | None = None) -> tuple[Change, ...]:
    """From `old` to `new`, in the order of the newer one; what went comes last.

    :param names: of visit types by code; without it sentences have the codes.
    """
    if names:
        old, new = _named(old, names), _named(new, names)
    found: list[Change] = []
    if old.start != new.start:
        found.append(Change("changed", new.start, f"It starts at {title(new.nodes[new.start])}."))
    for id_, node in new.nodes.items():
        was = old.nodes.get(id_)
        if was is None:
            found.append(Change("added", id_, f"{title(node)}."))
        elif was != node:
            told = _of_node(was, node, old, new)
            found.extend(Change("changed", id_, sentence) for sentence in told)
    gone = [node for id_, node in old.nodes.items() if id_ not in new.nodes]
    found.extend(Change("removed", node.id, f"{title(node)}.") for node in gone)
    return tuple(found)


def title(node: Node | None) -> str:
    """A node in a few words."""
    if node is None:
        return "nothing yet"
    if isinstance(node, Question):
        return f"“{node.text}”" if node.text else "a question without words"
    said = say_expected(outcome_of(node))
    return said[:1].upper() + said[1:]


def _named(tree: Tree, names: Mapping[str, str]) -> Tree:
    nodes = {
        id_: replace(node, visit_type=names.get(node.visit_type, node.visit_type))
        if isinstance(node, Visit)
        else node
        for id_, node in tree.nodes.items()
    }
    return Tree(tree.start, nodes)


def _of_node(was: Node, node: Node, old: Tree, new: Tree) -> Iterator[str]:
    if not (isinstance(was, Question) and isinstance(node, Question)):
        if _sense(was) != _sense(node):
            yield f"{title(was)} is now: {title(node)}."
        if isinstance(was, Visit) and isinstance(node, Visit) and was.note != node.note:
            yield f"{title(node)}: the note is now “{node.note}”."
        return
    if was.text != node.text:
        yield f"{title(was)} now reads {title(node)}."
    if was.help != node.help:
        yield f"{title(node)}: the hint is now “{node.help}”."
    if was.fact != node.fact:
        by_itself = f"answers itself by {node.fact.value}" if node.fact else "is always asked"
        yield f"{title(node)} {by_itself}."
    yield from _of_answers(was, node, old, new)


def _sense(node: Node) -> object:
    return title(node) if isinstance(node, Question) else outcome_of(node)


def _of_answers(was: Question, node: Question, old: Tree, new: Tree) -> Iterator[str]:
    before = {answer.key: answer for answer in was.answers}
    for answer in node.answers:
        if answer.key not in before:
            target = title(new.nodes.get(answer.to))
            yield f"{title(node)}: new answer “{answer.text}”, to {target}."
        else:
            yield from _of_answer(node, before[answer.key], answer, old, new)
    kept = {answer.key for answer in node.answers}
    for answer in was.answers:
        if answer.key not in kept:
            yield f"{title(node)}: “{answer.text}” is no longer an answer."
    order = [a.key for a in node.answers if a.key in before]
    if order != [a.key for a in was.answers if a.key in kept]:
        yield f"{title(node)}: its answers stand in another order."


def _of_answer(node: Question, was: Answer, answer: Answer, old: Tree, new: Tree) -> Iterator[str]:
    if was.text != answer.text:
        yield f"{title(node)}: “{was.text}” now reads “{answer.text}”."
    if was.to != answer.to:
        yield (
            f"{title(node)}: “{answer.text}” leads to {title(new.nodes.get(answer.to))}, "
            f"no longer to {title(old.nodes.get(was.to))}."
        )
    if was.when != answer.when and node.fact:
        yield f"{title(node)}: “{answer.text}” holds for {say_condition(node.fact, answer.when)}."
