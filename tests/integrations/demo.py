"""The loaded demo for tests: loaded once for a module, and gone with its transaction."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import transaction
from pytest_django import DjangoDbBlocker

from crm.states import Purpose
from integrations.demo.load import Loaded, load
from integrations.demo.pick import Story
from outreach.queries import may_send_many

SEED = 7


def say_nothing(_line: str) -> None:
    """For those who do not wait."""


@contextmanager
def demo_loaded(blocker: DjangoDbBlocker, at: dt.datetime) -> Iterator[Loaded]:
    """Our half of the demo, in a transaction that each test's own is nested in."""
    with blocker.unblock(), transaction.atomic():
        yield load(seed=SEED, at=at, with_ehr=False, say=say_nothing)
        transaction.set_rollback(True)


def check_may_be_texted(story: Story) -> None:
    """Every candidate, now, by the rule that is asked when a text leaves."""
    answers = may_send_many(
        story.candidates, purpose=Purpose.OFFER, zone=story.zone, at=story.begins_at
    )
    assert all(answers[pk].allowed for pk in story.candidates)
