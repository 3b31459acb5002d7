"""Changes to a draft. Each returns a new tree; ids of nodes and keys of answers stay the same,
so that kept cases go on speaking of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Final

from scheduling.rules.trees.checking import reachable
from scheduling.rules.trees.reading import MOST_ANSWERS, MOST_NODES
from scheduling.rules.trees.shape import (
    Answer,
    Condition,
    Fact,
    HandOver,
    Leaf,
    Node,
    Question,
    Tree,
    Visit,
)
from scheduling.states import HandOverTo, Modality, VisitUrgency

#: What an answer may lead to that is not there yet.
NEW: Final = MappingProxyType(
    {"new-question": "A new question", "new-visit": "A new visit", "new-nurse": "The nurse"}
)


class EditRefused(ValueError):
    """The tree would no longer be one; the sentence says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerDraft:
    """One answer as a form sends it: `key` empty for a new one, `to` a node id, one of `NEW`, or
    empty."""

    text: str
    to: str
    key: str = ""
    when: Condition | None = None


def new_tree() -> Tree:
    """One question without answers."""
    return Tree("q1", {"q1": Question(id="q1", text="", answers=())})


def put_question(
    tree: Tree,
    id_: str,
    *,
    text: str,
    help_text: str,
    fact: Fact | None,
    answers: Sequence[AnswerDraft],
) -> Tree:
    """Write a question anew, and add what its answers lead to and is not there yet.

    :raises EditRefused:
    """
    old = tree.nodes.get(id_)
    if not isinstance(old, Question):
        raise EditRefused("This question is no longer in the tree. Look at it again.")
    if len(answers) > MOST_ANSWERS:
        raise EditRefused(f"A question has at most {MOST_ANSWERS} answers. Split it in two.")
    nodes = dict(tree.nodes)
    taken = {answer.key for answer in old.answers} | {draft.key for draft in answers}
    written: list[Answer] = []
    for draft in answers:
        key = draft.key or _free("a", taken)
        taken.add(key)
        to = _add_new(nodes, draft.to)
        when = draft.when if fact else None
        written.append(Answer(key=key, text=draft.text, to=to, when=when))
    nodes[id_] = Question(id=id_, text=text, help=help_text, fact=fact, answers=tuple(written))
    return Tree(tree.start, nodes)


def put_leaf(tree: Tree, id_: str, leaf: Leaf) -> Tree:
    """Write an outcome anew; a visit may become a hand-over.

    :raises EditRefused:
    """
    if id_ not in tree.nodes or isinstance(tree.nodes[id_], Question):
        raise EditRefused("This outcome is no longer in the tree. Look at it again.")
    return Tree(tree.start, {**tree.nodes, id_: replace(leaf, id=id_)})


def remove_node(tree: Tree, id_: str) -> Tree:
    """Take out a node and what only it led to. Answers that led to it lead nowhere then.

    :raises EditRefused:
    """
    if id_ == tree.start:
        raise EditRefused("A tree needs its first question. Change it instead.")
    if id_ not in tree.nodes:
        raise EditRefused("It is no longer in the tree. Look at it again.")
    nodes = {key: _without(node, id_) for key, node in tree.nodes.items() if key != id_}
    left = Tree(tree.start, nodes)
    lost = reachable(tree) - reachable(left)
    return Tree(tree.start, {key: node for key, node in nodes.items() if key not in lost})


def _without(node: Node, id_: str) -> Node:
    if not isinstance(node, Question):
        return node
    answers = tuple(replace(a, to="") if a.to == id_ else a for a in node.answers)
    return replace(node, answers=answers)


def _add_new(nodes: dict[str, Node], to: str) -> str:
    """Where an answer leads to: the node that is there, or one made for it."""
    if not to or to in nodes:
        return to
    if to not in NEW:
        raise EditRefused("An answer leads to something that is no longer in the tree.")
    if len(nodes) >= MOST_NODES:
        raise EditRefused(f"A tree has at most {MOST_NODES} questions and outcomes.")
    id_ = _free("q" if to == "new-question" else "o", nodes.keys())
    nodes[id_] = _made(id_, to)
    return id_


def _made(id_: str, to: str) -> Node:
    if to == "new-question":
        return Question(id=id_, text="", answers=())
    if to == "new-nurse":
        return HandOver(id=id_, to=HandOverTo.NURSE)
    modality, urgency = Modality.IN_PERSON, VisitUrgency.ROUTINE
    return Visit(id=id_, visit_type="", modality=modality, urgency=urgency)


def _free(letter: str, taken: Iterable[str]) -> str:
    used = [int(key[1:]) for key in taken if key[:1] == letter and key[1:].isdigit()]
    return f"{letter}{max(used, default=0) + 1}"
