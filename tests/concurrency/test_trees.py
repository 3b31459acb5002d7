"""Two editors of one draft. The guard has a twin that shows the race without it."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from scheduling import locks
from scheduling.actions.trees import DraftChanged, Edit, add_tree, edit_draft
from scheduling.models import DecisionTree, TreeVersion
from scheduling.rules.trees import AnswerDraft, Tree, put_question
from tests.concurrency.crowd import all_at_once, of_type
from tests.factories import NOW, TEST

pytestmark = [pytest.mark.concurrency, pytest.mark.django_db(transaction=True)]


def asks(text: str) -> Edit:
    """An edit that writes the first question anew."""

    def edit(tree: Tree) -> Tree:
        answers = [AnswerDraft(text="Yes", to="")]
        return put_question(tree, "q1", text=text, help_text="", fact=None, answers=answers)

    return edit


def save(draft: TreeVersion, edit: Edit) -> Callable[[], TreeVersion]:
    return lambda: edit_draft(version_id=draft.pk, revision=0, edit=edit, by=TEST, at=NOW)


@pytest.fixture
def draft() -> TreeVersion:
    add_tree(name="Knee", specialty="", words=[], by=TEST, at=NOW)
    return TreeVersion.objects.get()


def test_of_six_editors_one_saves_and_the_others_are_told(draft: TreeVersion) -> None:
    results = all_at_once(*(save(draft, asks(f"Question {n}?")) for n in range(6)))
    assert len(of_type(results, TreeVersion)) == 1
    assert len(of_type(results, DraftChanged)) == 5
    draft.refresh_from_db()
    assert draft.revision == 1
    assert draft.body == of_type(results, TreeVersion)[0].body


def test_without_the_lock_one_of_two_overwrites_the_other(
    draft: TreeVersion, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = threading.Barrier(2, timeout=10)
    monkeypatch.setattr(locks, "lock_tree", lambda pk: DecisionTree.objects.get(pk=pk))

    def together(text: str) -> Edit:
        edit = asks(text)

        def wait(tree: Tree) -> Tree:
            gate.wait()
            return edit(tree)

        return wait

    results = all_at_once(save(draft, together("One?")), save(draft, together("Two?")))
    assert len(of_type(results, TreeVersion)) == 2  # both were told that it is saved
    draft.refresh_from_db()
    assert draft.revision == 1
