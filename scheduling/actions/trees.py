"""Writing decision trees: drafts, publishing, and the cases kept for them.

Everything of one tree is changed under its lock. What was published is never changed again.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from typing import TypeVar

from django.db import IntegrityError, transaction

from crm.engine import Actor, move, publish, record
from crm.engine.actors import ActorKind
from scheduling import locks
from scheduling.models import DecisionTree, TreeCase, TreeVersion
from scheduling.queries.trees import cases_of, find_draft, find_published, known_visit_types
from scheduling.rules.trees import (
    CaseResult,
    Facts,
    Problem,
    Tree,
    find_problems,
    new_tree,
    read_tree,
    run_case,
    write_tree,
)
from scheduling.states import TreeStatus

#: Takes a draft and returns it changed; may raise what `rules.trees` raises.
Edit = Callable[[Tree], Tree]
Row = TypeVar("Row")
MOST_WORDS = 100
LONGEST_WORD = 60


class TreeNameTaken(Exception):
    """Another tree, or another case of the tree, has this name."""


class DraftChanged(Exception):
    """The draft is not as the editor saw it; the text says what to do."""


class TreeHasProblems(Exception):
    """It cannot be published as it is. `problems` say what to mend."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__("Mend what is marked first, then publish.")
        self.problems = problems


class CasesFail(Exception):
    """Kept cases end elsewhere. `results` are those that do."""

    def __init__(self, results: tuple[CaseResult, ...]) -> None:
        names = ", ".join(f"“{each.case.name}”" for each in results)
        super().__init__(
            f"Kept cases fail: {names}. Mend the tree or the cases, or say why they may fail."
        )
        self.results = results


def add_tree(
    *, name: str, specialty: str, words: Iterable[str], by: Actor, at: dt.datetime
) -> DecisionTree:
    """A tree with an empty draft. :raises TreeNameTaken:"""
    with transaction.atomic():
        tree = _with_free_name(
            lambda: DecisionTree.objects.create(
                name=name, specialty=specialty, words=_clean(words), created_at=at
            )
        )
        _add_draft(tree, number=1, body=write_tree(new_tree()), by=by, at=at)
        record("scheduling.tree.added", tree, by=by, at=at)
    return tree


def describe_tree(
    *, tree_id: int, name: str, specialty: str, words: Iterable[str], by: Actor, at: dt.datetime
) -> DecisionTree:
    """Its name, its specialty, and the words that find it: these hold at once, for every version.

    :raises TreeNameTaken, DecisionTree.DoesNotExist:
    """
    with transaction.atomic():
        tree = locks.lock_tree(tree_id)
        tree.name, tree.specialty, tree.words = name, specialty, _clean(words)
        _with_free_name(lambda: tree.save(update_fields=["name", "specialty", "words"]))
        record("scheduling.tree.described", tree, by=by, at=at, words=tree.words)
    return tree


def start_draft(*, tree_id: int, by: Actor, at: dt.datetime) -> TreeVersion:
    """The draft of a tree: the one there is, or a copy of what is published.

    :raises DecisionTree.DoesNotExist:
    """
    with transaction.atomic():
        tree = locks.lock_tree(tree_id)
        draft = find_draft(tree_id)
        if draft is not None:
            return draft
        newest = tree.versions.order_by("-number").first()
        source = find_published(tree_id) or newest
        body = source.body if source else write_tree(new_tree())
        number = newest.number + 1 if newest else 1
        return _add_draft(tree, number=number, body=body, by=by, at=at)


def edit_draft(
    *, version_id: int, revision: int, edit: Edit, by: Actor, at: dt.datetime
) -> TreeVersion:
    """Change a draft by one pure function of `rules.trees`.

    :param revision: of the draft that the editor saw.
    :raises DraftChanged: when somebody else changed or published it meanwhile.
    :raises scheduling.rules.trees.EditRefused:
    """
    with transaction.atomic():
        draft = _lock_draft(version_id, revision)
        draft.body = write_tree(edit(read_tree(draft.body)))
        draft.revision += 1
        draft.save(update_fields=["body", "revision"])
        record("scheduling.treeversion.edited", draft, by=by, at=at, revision=draft.revision)
    return draft


def discard_draft(*, version_id: int, revision: int, by: Actor, at: dt.datetime) -> TreeVersion:
    """Throw a draft away; it stays in the list of versions. :raises DraftChanged:"""
    with transaction.atomic():
        draft = _lock_draft(version_id, revision)
        return move(draft, to=TreeStatus.RETIRED, by=by, at=at, reason="thrown away", retired_at=at)


def publish_draft(
    *,
    version_id: int,
    revision: int,
    reason: str,
    override: str = "",
    by: Actor,
    at: dt.datetime,
) -> TreeVersion:
    """Make a draft the tree that is walked; the one before it retires.

    Runs that are under way end in the version they began in. Publishes
    `scheduling.tree-published`.

    :param reason: why, for whoever asks later.
    :param override: why it is published although kept cases fail; empty refuses it.
    :raises DraftChanged, TreeHasProblems, CasesFail:
    """
    with transaction.atomic():
        draft = _lock_draft(version_id, revision)
        tree = read_tree(draft.body)
        if problems := find_problems(tree, known_visit_types()):
            raise TreeHasProblems(problems)
        failed = tuple(
            each
            for each in (run_case(tree, case) for _, case in cases_of(draft.tree_id))
            if not each.passed
        )
        if failed and not override:
            raise CasesFail(failed)
        before = find_published(draft.tree_id)
        if before is not None:
            move(before, to=TreeStatus.RETIRED, by=by, at=at, retired_at=at)
        move(
            draft,
            to=TreeStatus.PUBLISHED,
            by=by,
            at=at,
            reason=reason,
            detail={"cases_failed": len(failed)},
            published_at=at,
            published_by_id=_user_id(by),
            cases_override=override if failed else "",
        )
        TreeVersion.objects.filter(pk=draft.pk).update(reason=reason)
        publish("scheduling.tree-published", draft, at=at, tree=draft.tree_id)
    draft.reason = reason
    return draft


def keep_case(
    *,
    tree_id: int,
    name: str,
    answers: Mapping[str, str],
    facts: Mapping[str, object],
    expected: Mapping[str, str],
    by: Actor,
    at: dt.datetime,
) -> TreeCase:
    """Keep a case on the test bench. :raises TreeNameTaken, DecisionTree.DoesNotExist:"""
    with transaction.atomic():
        tree = locks.lock_tree(tree_id)
        case = _with_free_name(
            lambda: TreeCase.objects.create(
                tree=tree,
                name=name,
                answers=dict(answers),
                facts=_known(Facts.read(facts)),
                expected=dict(expected),
                created_at=at,
            )
        )
        record("scheduling.treecase.kept", case, by=by, at=at, tree=tree_id)
    return case


def drop_case(*, case_id: int, by: Actor, at: dt.datetime) -> None:
    """Take a case off the bench; one that is gone is left alone."""
    with transaction.atomic():
        case = TreeCase.objects.filter(pk=case_id).first()
        if case is not None:
            record("scheduling.treecase.dropped", case, by=by, at=at, name=case.name)
            case.delete()


def _lock_draft(version_id: int, revision: int) -> TreeVersion:
    tree_id = TreeVersion.objects.values_list("tree_id", flat=True).get(pk=version_id)
    locks.lock_tree(tree_id)
    draft = TreeVersion.objects.get(pk=version_id)
    if draft.status != TreeStatus.DRAFT:
        raise DraftChanged(f"This draft is {draft.status} by now. Start a new one.")
    if draft.revision != revision:
        raise DraftChanged("Somebody changed this draft meanwhile. Look at it, then try again.")
    return draft


def _add_draft(
    tree: DecisionTree, *, number: int, body: object, by: Actor, at: dt.datetime
) -> TreeVersion:
    draft = TreeVersion.objects.create(
        tree=tree, number=number, body=body, created_at=at, created_by_id=_user_id(by)
    )
    record("scheduling.treeversion.started", draft, by=by, at=at, tree=tree.pk)
    return draft


def _with_free_name(make: Callable[[], Row]) -> Row:
    try:
        with transaction.atomic():
            return make()
    except IntegrityError as taken:
        raise TreeNameTaken("Another one has this name. Choose a different one.") from taken


def _user_id(by: Actor) -> int | None:
    return by.id if by.kind is ActorKind.USER else None


def _clean(words: Iterable[str]) -> list[str]:
    said = (" ".join(word.split()).lower()[:LONGEST_WORD] for word in words)
    return list(dict.fromkeys(word for word in said if word))[:MOST_WORDS]


def _known(facts: Facts) -> dict[str, object]:
    named = {name: getattr(facts, name) for name in Facts.__slots__}
    return {name: value for name, value in named.items() if value not in (None, "")}
