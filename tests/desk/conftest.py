"""The clock that the desk's pages read, the carrier of its texts, what it comes with, a tree."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.db import transaction

from desk.actions.shipping import add_demo_articles, add_shipped
from scheduling.actions.trees import add_tree, edit_draft, publish_draft, start_draft
from scheduling.models import DecisionTree
from scheduling.queries.trees import find_draft
from scheduling.rules.trees import read_tree
from tests.factories import NOW, TEST, VisitTypeFactory
from tests.fakes.sms import carrier  # noqa: F401 a fixture
from tests.scheduling.trees import KNEE


@pytest.fixture(autouse=True)
def _at_now(carrier: object) -> Iterator[None]:  # noqa: F811
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture(scope="module")
def shipped_once(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """Kinds of call, scripts and articles, in a transaction around those of the module's tests.

    All tests of the module see them once one of them has asked for `shipped`.
    """
    with django_db_blocker.unblock(), transaction.atomic():
        add_shipped(at=NOW)
        add_demo_articles(at=NOW)
        yield
        transaction.set_rollback(True)


@pytest.fixture
def shipped(shipped_once: None, db: None) -> None:
    """The same for one test; what the test changes is undone after it."""


@pytest.fixture
def knee(db: None) -> DecisionTree:
    """The knee, published, with a draft that is the same."""
    for code, name in (("BONES-NEW", "New orthopedics"), ("BONES-FU", "Orthopedics follow-up")):
        VisitTypeFactory.create(code=code, name=name, specialty="Orthopedics")
    tree = add_tree(name="Knee pain", specialty="Orthopedics", words=["knee"], by=TEST, at=NOW)
    draft = find_draft(tree.pk)
    assert draft is not None
    edit_draft(version_id=draft.pk, revision=0, edit=lambda _: read_tree(KNEE), by=TEST, at=NOW)
    publish_draft(version_id=draft.pk, revision=1, reason="agreed", by=TEST, at=NOW)
    start_draft(tree_id=tree.pk, by=TEST, at=NOW)
    return tree
