"""The clock that the desk's pages read, the carrier of its texts, and what it comes with."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.db import transaction

from desk.actions.shipping import add_demo_articles, add_shipped
from tests.factories import NOW
from tests.fakes.sms import carrier  # noqa: F401 a fixture


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
