"""The probes: rows that keep failing are counted, and fail nothing."""

from __future__ import annotations

import datetime as dt
import json

import pytest
from django.utils import timezone

from config import health
from crm import clock
from crm.engine import steps
from crm.engine.models import Heartbeat
from integrations.inbox.actions import STEP, store
from integrations.models import InboxMessage
from integrations.states import InboxKind

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def late_row() -> InboxMessage:
    """A message that should have been applied long ago, while the sweep is well."""
    at = timezone.now()
    Heartbeat.objects.update_or_create(part="sweep", defaults={"seen_at": at})
    message, _ = store(
        kind=InboxKind.REST,
        source="ehr",
        key="k",
        body=b"{}",
        peer="",
        at=at,
        due_at=at - dt.timedelta(hours=1),
    )
    return message


def test_a_row_that_nobody_works_on_is_a_failure() -> None:
    answer = health.ready()
    body = json.loads(answer.content)
    assert answer.status_code == 503
    assert body["checks"]["oldest_due_row"].startswith(f"fails: {STEP} has waited 36")
    assert body["poison_rows"] == {}


def test_a_row_that_keeps_failing_is_counted_and_fails_nothing(late_row: InboxMessage) -> None:
    InboxMessage.objects.filter(pk=late_row.pk).update(attempts=steps.PATIENCE)
    answer = health.ready()
    body = json.loads(answer.content)
    assert (answer.status_code, body["ok"]) == (200, True)
    assert body["poison_rows"] == {STEP: 1}


def test_without_a_database_nothing_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "_database", lambda: "fails: OperationalError")
    answer = health.ready()
    assert answer.status_code == 503
    assert "poison_rows" not in json.loads(answer.content)


def test_it_says_how_far_this_machines_clock_is_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "offset", lambda: dt.timedelta(minutes=-5))
    assert json.loads(health.ready().content)["clock_is_off_by_seconds"] == 300.0
