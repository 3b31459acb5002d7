"""Which tasks are listed, in which order, and what a line may say."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from crm.models import Task
from crm.states import TaskKind, TaskStatus
from desk.queries import Shown, list_tasks
from desk.queries.task_list import LOOK_BACK, MOST_LINES, TaskList
from tests.cast import Cast
from tests.factories import NOW, TaskFactory

pytestmark = pytest.mark.django_db
MINUTE = dt.timedelta(minutes=1)


def listed(shown: Shown = Shown.OPEN, kind: TaskKind | None = None, user_id: int = 0) -> TaskList:
    return list_tasks(shown=shown, kind=kind, user_id=user_id, at=NOW)


def keys(found: TaskList) -> list[int]:
    return [line.pk for line in found.lines]


def closed(ago: dt.timedelta, **more: Any) -> Task:
    return TaskFactory.create(status=TaskStatus.DONE, closed_at=NOW - ago, **more)


def test_the_first_due_stands_first_and_late_ones_are_said_to_be() -> None:
    soon = TaskFactory.create(due_at=NOW + MINUTE)
    due = TaskFactory.create(due_at=NOW)
    late = TaskFactory.create(due_at=NOW - MINUTE)
    found = listed()
    assert keys(found) == [late.pk, due.pk, soon.pk]
    assert [line.is_late for line in found.lines] == [True, True, False]
    assert found.late == 2


def test_closed_ones_stay_seven_days_the_latest_first_and_are_never_late() -> None:
    old, new = closed(LOOK_BACK - MINUTE, due_at=NOW - MINUTE), closed(MINUTE)
    closed(LOOK_BACK)
    found = listed(Shown.CLOSED)
    assert keys(found) == [new.pk, old.pk]
    assert not any(line.is_late for line in found.lines)


def test_mine_are_those_i_have_not_those_i_closed(cast: Cast) -> None:
    mine = TaskFactory.create(status=TaskStatus.CLAIMED, owner=cast.agent)
    TaskFactory.create(status=TaskStatus.CLAIMED, owner=cast.nurse)
    closed(MINUTE, owner=cast.agent)
    found = listed(Shown.MINE, user_id=cast.agent.pk)
    assert keys(found) == [mine.pk]
    assert [line.is_mine for line in found.lines] == [True]


def test_counts_every_list_of_the_chosen_kind(cast: Cast) -> None:
    TaskFactory.create(status=TaskStatus.CLAIMED, owner=cast.agent)
    TaskFactory.create(kind=TaskKind.OVERLAP, due_at=NOW)
    closed(MINUTE)
    found = listed(user_id=cast.agent.pk)
    assert found.counts == {"open": 2, "mine": 1, "closed": 1}
    overlap = listed(kind=TaskKind.OVERLAP, user_id=cast.agent.pk)
    assert overlap.counts == {"open": 1, "mine": 0, "closed": 0}
    assert (overlap.late, overlap.total, len(overlap.lines)) == (1, 1, 1)


def test_names_nobody_in_full(cast: Cast) -> None:
    TaskFactory.create(patient=cast.patient)
    TaskFactory.create(due_at=NOW + 9 * MINUTE)
    assert sorted(line.initials for line in listed().lines) == ["", "R. D."]
    assert "Delgado" not in repr(listed())


def test_says_how_many_it_leaves_off() -> None:
    TaskFactory.create_batch(MOST_LINES + 2)
    found = listed()
    assert (len(found.lines), found.total, found.left_off) == (MOST_LINES, MOST_LINES + 2, 2)


def test_takes_two_queries_however_many_there_are(
    cast: Cast, django_assert_num_queries: Any
) -> None:
    for n in range(5):
        TaskFactory.create(
            patient=cast.patient,
            owner=cast.agent,
            status=TaskStatus.CLAIMED,
            due_at=NOW + n * MINUTE,
        )
    with django_assert_num_queries(2):
        assert len(listed().lines) == 5
