"""The document of a version: into a tree, and back."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from scheduling.rules.trees.shape import (
    Answer,
    Condition,
    Fact,
    HandOver,
    Node,
    OneOf,
    Question,
    Span,
    Tree,
    Visit,
)
from scheduling.states import HandOverTo, Modality, VisitUrgency

MOST_NODES = 200
MOST_ANSWERS = 12
LONGEST_TEXT = 200
_ID = re.compile(r"^[a-z][a-z0-9-]{0,23}$")


class TreeUnreadable(ValueError):
    """The document is not a tree; the sentence says where and what."""


def read_tree(document: object) -> Tree:
    """A tree, whole or still being written: answers may lead nowhere yet.

    Reads form only; whether every path ends at something that can be booked, `find_problems`
    says.

    :raises TreeUnreadable:
    """
    body = _mapping(document, "The tree")
    nodes = _mapping(body.get("nodes"), "Its nodes")
    if len(nodes) > MOST_NODES:
        raise TreeUnreadable(f"A tree has at most {MOST_NODES} questions and outcomes.")
    read = {id_: _read_node(id_, _mapping(raw, f"Node {id_}")) for id_, raw in nodes.items()}
    start = _text(body, "start", "The tree")
    if start not in read:
        raise TreeUnreadable("The tree must start at one of its nodes.")
    for node in read.values():
        for answer in node.answers if isinstance(node, Question) else ():
            if answer.to and answer.to not in read:
                raise TreeUnreadable(f"{node.id}: no node is called “{answer.to}”.")
    return Tree(start, read)


def write_tree(tree: Tree) -> dict[str, Any]:
    """The document that `read_tree` reads back to the same tree."""
    nodes = {id_: _write_node(node) for id_, node in tree.nodes.items()}
    return {"start": tree.start, "nodes": nodes}


def _read_node(id_: str, raw: Mapping[str, Any]) -> Node:
    if not _ID.match(id_):
        raise TreeUnreadable(f"“{id_}” cannot name a node: use small letters, figures and -.")
    kind = raw.get("kind")
    if kind == "question":
        return _read_question(id_, raw)
    if kind == "visit":
        return Visit(
            id=id_,
            visit_type=_text(raw, "visit_type", id_),
            modality=_one_of(Modality, raw, "modality", id_),
            urgency=_one_of(VisitUrgency, raw, "urgency", id_),
            note=_text(raw, "note", id_),
        )
    if kind == "hand-over":
        to = _one_of(HandOverTo, raw, "to", id_)
        return HandOver(id=id_, to=to, queue=_text(raw, "queue", id_))
    raise TreeUnreadable(f"{id_}: its kind must be question, visit or hand-over.")


def _read_question(id_: str, raw: Mapping[str, Any]) -> Question:
    listed = raw.get("answers")
    if not isinstance(listed, list) or len(listed) > MOST_ANSWERS:
        raise TreeUnreadable(f"{id_}: its answers must be a list of at most {MOST_ANSWERS}.")
    fact = _one_of(Fact, raw, "fact", id_) if raw.get("fact") else None
    answers = tuple(_read_answer(id_, fact, _mapping(each, id_)) for each in listed)
    if len({answer.key for answer in answers}) < len(answers):
        raise TreeUnreadable(f"{id_}: two answers have the same key.")
    return Question(
        id=id_,
        text=_text(raw, "text", id_),
        help=_text(raw, "help", id_),
        fact=fact,
        answers=answers,
    )


def _read_answer(id_: str, fact: Fact | None, raw: Mapping[str, Any]) -> Answer:
    key = _text(raw, "key", id_)
    if not _ID.match(key):
        raise TreeUnreadable(f"{id_}: “{key}” cannot be the key of an answer.")
    when = raw.get("when")
    if when is not None and fact is None:
        raise TreeUnreadable(f"{id_}: an answer holds by itself only where a fact is asked.")
    return Answer(
        key=key,
        text=_text(raw, "text", id_),
        to=_text(raw, "to", id_),
        when=_read_when(id_, fact, when) if fact and when is not None else None,
    )


def _read_when(id_: str, fact: Fact, raw: object) -> Condition:
    said = _mapping(raw, f"{id_}: “when”")
    if fact.is_number:
        start, below = said.get("from"), said.get("below")
        if all(n is None or (type(n) is int and n >= 0) for n in (start, below)):
            return Span(start, below)
        raise TreeUnreadable(f"{id_}: “from” and “below” must be whole numbers.")
    values = said.get("is")
    if isinstance(values, list) and values and all(isinstance(each, str) for each in values):
        return OneOf(tuple(values))
    raise TreeUnreadable(f"{id_}: “is” must be a list of words.")


def _write_node(node: Node) -> dict[str, Any]:
    match node:
        case Question():
            return {
                "kind": "question",
                "text": node.text,
                "help": node.help,
                "fact": node.fact.value if node.fact else "",
                "answers": [_write_answer(answer) for answer in node.answers],
            }
        case Visit():
            return {
                "kind": "visit",
                "visit_type": node.visit_type,
                "modality": node.modality.value,
                "urgency": node.urgency.value,
                "note": node.note,
            }
        case HandOver():
            return {"kind": "hand-over", "to": node.to.value, "queue": node.queue}


def _write_answer(answer: Answer) -> dict[str, Any]:
    written: dict[str, Any] = {"key": answer.key, "text": answer.text, "to": answer.to}
    match answer.when:
        case Span(start, below):
            written["when"] = {"from": start, "below": below}
        case OneOf(values):
            written["when"] = {"is": list(values)}
        case None:
            pass
    return written


def _mapping(raw: object, where: str) -> Mapping[str, Any]:
    if isinstance(raw, dict) and all(isinstance(key, str) for key in raw):
        return raw
    raise TreeUnreadable(f"{where} must be an object.")


def _text(raw: Mapping[str, Any], name: str, where: str) -> str:
    value = raw.get(name, "")
    if not isinstance(value, str) or len(value) > LONGEST_TEXT:
        raise TreeUnreadable(
            f"{where}: “{name}” must be text of at most {LONGEST_TEXT} characters."
        )
    return value


def _one_of(kind: Any, raw: Mapping[str, Any], name: str, where: str) -> Any:
    value = raw.get(name)
    if value in {each.value for each in kind}:
        return kind(value)
    known = ", ".join(each.value for each in kind)
    raise TreeUnreadable(f"{where}: “{name}” must be one of {known}.")
