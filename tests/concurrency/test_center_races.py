"""Agents after one caller, and news of calls that come at once; each also without its guard."""

from __future__ import annotations

from typing import Any
from unittest.mock import patch

import pytest

from crm import locks
from crm.actions.queues import claim_entry
from crm.models import Call, Interaction, PhoneLine, Queue, QueueEntry, Task, User
from crm.rules.calls import CallNews
from tests.concurrency.meeting import (
    Act,
    Race,
    Scene,
    broken,
    compare_and_set,
    kept,
    lock,
    with_guards,
    without_guards,
)
from tests.crm.center import THEIRS, agent, hear, line, queue
from tests.factories import NOW, TEST, PhoneFactory

pytestmark = [pytest.mark.concurrency, pytest.mark.django_db(transaction=True)]


def empty() -> None:
    """Each race is run twice, and finds its scene as the other did."""
    for model in (Task, Interaction, PhoneLine, Queue, User):
        model._default_manager.all().delete()


def two_after_one_caller() -> Scene:
    empty()
    line(queue())
    hear(CallNews.RANG)
    entry = QueueEntry.objects.get()
    dana, sam = agent(first_name="Dana"), agent(first_name="Sam")

    def claim(user: User) -> Act:
        return lambda: claim_entry(entry_id=entry.pk, agent=user, by=TEST, at=NOW)

    def who_has_it() -> str:
        return QueueEntry.objects.get().interaction.agent.first_name  # type: ignore[union-attr]

    return Scene(claim(dana), claim(sam), who_has_it)


def news_of_one_call() -> Scene:
    empty()
    line(queue())
    PhoneFactory.create(number=THEIRS)
    return Scene(
        lambda: hear(CallNews.RANG),
        lambda: hear(CallNews.PRESSED, 3, key="2"),
        lambda: [len(call.heard) for call in Call.objects.all()],
    )


def one_phone_hangs_up_twice() -> Scene:
    empty()
    line(queue())
    for key in ("c1", "c2"):
        hear(CallNews.RANG, source_id=key)
    return Scene(
        lambda: hear(CallNews.ABANDONED, 9, source_id="c1"),
        lambda: hear(CallNews.ABANDONED, 9, source_id="c2"),
        Task.objects.count,
    )


def no_name() -> Any:
    return patch.object(locks, "lock_name", lambda _: None)


RACES = [
    Race(
        two_after_one_caller,
        stops="<crm.actions.queues.move",
        guards=[lock("lock_interaction", of=locks), compare_and_set("crm.actions.queues")],
        kept=("done", "TakenAlready", "Dana"),
        broken=("done", "done", "Dana"),  # and Sam talks to nobody
    ),
    Race(
        news_of_one_call,
        stops="crm.actions.calls.open_contact",
        guards=[no_name],
        kept=("done", "done", [2]),
        broken=("IntegrityError", "done", [1]),
    ),
    Race(
        one_phone_hangs_up_twice,
        stops="<crm.actions.call_effects.open_task",
        guards=[lock("lock_phone", of=locks)],
        kept=("done", "done", 1),
        broken=("done", "done", 2),
    ),
]


def test_each_race_ends_well() -> None:
    assert with_guards(RACES) == kept(RACES)


def test_and_ends_badly_without_its_guard() -> None:
    assert without_guards(RACES) == broken(RACES)
