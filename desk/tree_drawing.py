"""A tree as it is drawn: each node once, in the order of the answers that lead to it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from desk.tree_words import FACTS, say_leaf
from scheduling.queries.tree_runs import TreeCounts
from scheduling.rules.trees import Node, Problem, Question, Tree, say_condition
from scheduling.rules.trees.shape import HandOver
from scheduling.states import HandOverTo


@dataclass(frozen=True, slots=True)
class Branch:
    """One answer, and what it leads to: a node drawn here, or `again`, one drawn elsewhere."""

    text: str
    when: str  # what the fact must be, in words
    given: int | None
    target: Drawn | None
    again: str  # id


@dataclass(frozen=True, slots=True)
class Drawn:
    """One node. Counts are None where nothing is counted."""

    id: str
    name: str  # "Q3"
    title: str
    help: str
    kind: str  # question, visit, nurse, queue, 911
    fact: str
    branches: tuple[Branch, ...]
    problems: tuple[str, ...]
    reached: int | None
    left: int | None

    @property
    def left_percent(self) -> int:
        return round(100 * (self.left or 0) / self.reached) if self.reached else 0


@dataclass(frozen=True, slots=True)
class Drawing:
    """The tree from its start, and nodes that nothing leads to."""

    root: Drawn
    loose: tuple[Drawn, ...]


def draw(
    tree: Tree,
    names: Mapping[str, str],
    *,
    problems: Sequence[Problem] = (),
    counts: TreeCounts | None = None,
) -> Drawing:
    """:param names: of visit types, by code."""
    pen = _Pen(tree, dict(names), problems, counts)
    root = pen.draw(tree.start)
    loose = tuple(pen.draw(id_) for id_ in tree.nodes if id_ not in pen.seen)
    return Drawing(root, loose)


class _Pen:
    """Remembers what has been drawn already."""

    def __init__(
        self,
        tree: Tree,
        names: dict[str, str],
        problems: Sequence[Problem],
        counts: TreeCounts | None,
    ) -> None:
        self.tree, self.names, self.counts = tree, names, counts
        self.seen: set[str] = set()
        self.problems: dict[str, list[str]] = defaultdict(list)
        for problem in problems:
            self.problems[problem.node].append(problem.sentence)

    def draw(self, id_: str) -> Drawn:
        self.seen.add(id_)
        node = self.tree.nodes[id_]
        is_question = isinstance(node, Question)
        return Drawn(
            id=id_,
            name=id_.upper(),
            title=title_of(node, self.names),
            help=node.help if isinstance(node, Question) else getattr(node, "note", ""),
            kind=kind_of(node),
            fact=FACTS[node.fact] if isinstance(node, Question) and node.fact else "",
            branches=self._branches(node) if isinstance(node, Question) else (),
            problems=tuple(self.problems[id_]),
            reached=self.counts.reached[id_] if self.counts else None,
            left=self.counts.left[id_] if self.counts and is_question else None,
        )

    def _branches(self, question: Question) -> tuple[Branch, ...]:
        drawn = []
        for answer in question.answers:
            is_new = bool(answer.to) and answer.to not in self.seen
            drawn.append(
                Branch(
                    text=answer.text,
                    when=say_condition(question.fact, answer.when) if question.fact else "",
                    given=self.counts.given[question.id, answer.key] if self.counts else None,
                    target=self.draw(answer.to) if is_new else None,
                    again="" if is_new else answer.to,
                )
            )
        return tuple(drawn)


def title_of(node: Node, names: dict[str, str]) -> str:
    if isinstance(node, Question):
        return node.text or "A question without words yet"
    return say_leaf(node, names)


def kind_of(node: Node) -> str:
    if isinstance(node, Question):
        return "question"
    if isinstance(node, HandOver):
        return {HandOverTo.NURSE: "nurse", HandOverTo.QUEUE: "queue"}.get(node.to, "911")
    return "visit"
