"""Looks at health information: each is written down, those of one page in one statement."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from crm import clock
from crm.actions import looks_written_together, record_views
from crm.engine import Actor
from crm.models import AuditEntry
from tests.cast import Cast

pytestmark = pytest.mark.django_db


def look(cast: Cast, what: str) -> None:
    by = Actor.user(cast.agent)
    record_views([cast.patient.pk], by=by, at=clock.now(), what=what)


def looks() -> list[str]:
    rows = AuditEntry.objects.filter(verb="crm.patient.viewed").order_by("pk")
    return [row.detail["what"] for row in rows]


@looks_written_together()
def broken_page(cast: Cast) -> float:
    look(cast, "list")
    return 1 / 0


def test_looks_of_one_page_are_one_statement(cast: Cast) -> None:
    with CaptureQueriesContext(connection) as asked, looks_written_together():
        look(cast, "list")
        look(cast, "contact")
    assert len(asked) == 1
    assert looks() == ["list", "contact"]


def test_a_page_that_cannot_be_made_has_shown_nothing(cast: Cast) -> None:
    with pytest.raises(ZeroDivisionError):
        broken_page(cast)
    assert looks() == []
    look(cast, "the next page")
    assert looks() == ["the next page"]
