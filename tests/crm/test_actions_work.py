"""Tasks, journeys, interactions, and the record of looks."""

from __future__ import annotations

import datetime as dt

import pytest

from crm.actions import (
    TaskClosed,
    claim_task,
    close_task,
    find_or_open_journey,
    open_interaction,
    open_task,
    put_back_task,
    record_view,
    resolve_journey,
)
from crm.engine import Actor, IllegalMove, MovedMeanwhile
from crm.models import AuditEntry, Event, Interaction, Journey, Task
from crm.states import Channel, JourneyStatus, TaskKind, TaskStatus
from tests.cast import Cast
from tests.factories import NOW, TEST, JourneyFactory, TaskFactory

pytestmark = pytest.mark.django_db


def open_one(cause_key: str = "message:1") -> Task:
    return open_task(
        kind=TaskKind.ANSWER_TEXT,
        title="Answer a text",
        why="Texted a question.",
        due_at=NOW + dt.timedelta(hours=2),
        cause_key=cause_key,
        by=TEST,
        at=NOW,
    )


class TestTasks:
    def test_one_cause_makes_one_task(self) -> None:
        first, second = open_one(), open_one()
        assert first == second
        assert Task.objects.count() == 1
        assert Event.objects.filter(name="crm.task-opened").count() == 1
        assert AuditEntry.objects.filter(verb="crm.task.opened").count() == 1

    def test_another_cause_makes_another(self) -> None:
        assert open_one() != open_one("message:2")

    def test_a_claimed_task_has_an_owner_and_one_only(self, cast: Cast) -> None:
        task = open_one()
        again = Task.objects.get(pk=task.pk)
        claim_task(task=task, owner=cast.agent, by=Actor.user(cast.agent), at=NOW)
        with pytest.raises(MovedMeanwhile):
            claim_task(task=again, owner=cast.nurse, by=Actor.user(cast.nurse), at=NOW)
        task.refresh_from_db()
        assert (task.status, task.owner) == (TaskStatus.CLAIMED, cast.agent)

    @pytest.mark.parametrize(
        ("done", "status"), [(True, TaskStatus.DONE), (False, TaskStatus.CANCELLED)]
    )
    def test_closing(self, done: bool, status: TaskStatus) -> None:
        task = close_task(task=open_one(), by=TEST, at=NOW, reason="Called back.", done=done)
        task.refresh_from_db()
        assert (task.status, task.closed_at) == (status, NOW)
        assert AuditEntry.objects.filter(reason="Called back.", to_status=status).exists()

    def test_a_closed_task_stays_closed(self, cast: Cast) -> None:
        task = TaskFactory.create(status=TaskStatus.DONE)
        with pytest.raises(TaskClosed):
            close_task(task=task, by=TEST, at=NOW)
        with pytest.raises(TaskClosed):
            claim_task(task=task, owner=cast.agent, by=TEST, at=NOW)
        assert not Event.objects.exists()

    def test_put_back_it_is_anybodys_again(self, cast: Cast) -> None:
        task, by = open_one(), Actor.user(cast.agent)
        claim_task(task=task, owner=cast.agent, by=by, at=NOW)
        put_back_task(task=task, by=by, at=NOW)
        task.refresh_from_db()
        assert (task.status, task.owner) == (TaskStatus.OPEN, None)
        assert Event.objects.filter(name="crm.task-put-back", subject_id=task.pk).count() == 1

    def test_one_closed_by_mistake_can_be_put_back(self) -> None:
        task = close_task(task=open_one(), by=TEST, at=NOW)
        put_back_task(task=task, by=TEST, at=NOW)
        task.refresh_from_db()
        assert (task.status, task.closed_at) == (TaskStatus.OPEN, None)

    def test_what_nobody_has_cannot_be_put_back(self) -> None:
        with pytest.raises(IllegalMove):
            put_back_task(task=open_one(), by=TEST, at=NOW)


class TestJourneys:
    def test_one_need_is_one_open_journey(self, cast: Cast) -> None:
        first = find_or_open_journey(patient=cast.patient, need="A refill", by=TEST, at=NOW)
        again = find_or_open_journey(patient=cast.patient, need="A refill", by=TEST, at=NOW)
        other = find_or_open_journey(patient=cast.patient, need="A visit", by=TEST, at=NOW)
        assert first == again != other
        assert Journey.objects.filter(patient=cast.patient).count() == 2

    def test_a_resolved_one_is_not_taken_up_again(self, cast: Cast) -> None:
        first = find_or_open_journey(patient=cast.patient, need="A refill", by=TEST, at=NOW)
        resolve_journey(journey=first, by=TEST, at=NOW)
        again = find_or_open_journey(patient=cast.patient, need="A refill", by=TEST, at=NOW)
        assert again != first
        first.refresh_from_db()
        assert (first.status, first.resolved_at) == (JourneyStatus.RESOLVED, NOW)

    def test_an_interaction_hangs_on_the_journey_and_names_its_subject(self) -> None:
        journey = JourneyFactory.create()
        task = TaskFactory.create()
        made = open_interaction(
            journey=journey, channel=Channel.SMS, subject=task, summary="Texted", by=TEST, at=NOW
        )
        found = Interaction.objects.get(subject_type="crm.task", subject_id=task.pk)
        assert found == made
        assert found.patient == journey.patient


def test_a_look_at_a_patient_is_written_down(cast: Cast) -> None:
    record_view(cast.patient, by=Actor.user(cast.agent), at=NOW, what="opening 12")
    entry = AuditEntry.objects.get(verb="crm.patient.viewed")
    assert (entry.patient_id, entry.actor_id) == (cast.patient.pk, cast.agent.pk)
    assert entry.detail == {"what": "opening 12"}
