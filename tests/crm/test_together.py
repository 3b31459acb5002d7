"""What one transaction records and publishes, written in three statements."""

from __future__ import annotations

import pytest
from django.db import transaction
from pytest_django import DjangoAssertNumQueries

from crm.engine import Actor, move, publish, record, written_together
from crm.models import AuditEntry, Event, EventDelivery, Task
from crm.states import TaskStatus
from tests.factories import NOW, TaskFactory

BY = Actor.system("test")


@pytest.mark.django_db
class TestWrittenTogether:
    def test_everything_is_there_at_the_end_in_the_order_in_which_it_happened(self) -> None:
        tasks = TaskFactory.create_batch(3)
        before = EventDelivery.objects.count()
        with transaction.atomic(), written_together():
            for task in tasks:
                record("test.seen", task, by=BY, at=NOW)
                move(task, to=TaskStatus.DONE, by=BY, at=NOW)
                publish("outreach.reply-received", task, at=NOW)
            assert not AuditEntry.objects.filter(verb="test.seen").exists()
        verbs = ["test.seen", "crm.task.moved"]
        for task in tasks:
            told = AuditEntry.objects.filter(subject_type="crm.task", subject_id=task.pk)
            assert list(told.order_by("pk").values_list("verb", flat=True)) == verbs
        events = Event.objects.filter(name="outreach.reply-received").order_by("pk")
        assert list(events.values_list("subject_id", flat=True)) == [task.pk for task in tasks]
        assert EventDelivery.objects.count() == before + 3

    def test_it_takes_three_statements_however_much_there_is(
        self, django_assert_num_queries: DjangoAssertNumQueries
    ) -> None:
        task = TaskFactory.create()
        with transaction.atomic(), django_assert_num_queries(3), written_together():
            for _ in range(20):
                record("test.seen", task, by=BY, at=NOW)
                publish("outreach.reply-received", task, at=NOW)

    def test_a_block_that_raises_writes_nothing_and_leaves_nothing_open(self) -> None:
        task = TaskFactory.create()
        with pytest.raises(ZeroDivisionError):
            self.record_and_stumble(task)
        assert not AuditEntry.objects.filter(verb="test.seen").exists()
        record("test.seen", task, by=BY, at=NOW)
        assert AuditEntry.objects.filter(verb="test.seen").count() == 1

    def record_and_stumble(self, task: Task) -> None:
        with transaction.atomic(), written_together():
            record("test.seen", task, by=BY, at=NOW)
            publish("outreach.reply-received", task, at=NOW)
            raise ZeroDivisionError

    def test_one_inside_another_waits_for_the_outer_end(self) -> None:
        task = TaskFactory.create()
        with transaction.atomic(), written_together():
            with written_together():
                record("test.seen", task, by=BY, at=NOW)
            assert not AuditEntry.objects.filter(verb="test.seen").exists()
        assert AuditEntry.objects.filter(verb="test.seen").count() == 1

    def test_an_inner_one_that_raises_takes_its_own_back_and_no_more(self) -> None:
        task = TaskFactory.create()
        with transaction.atomic(), written_together():
            record("test.before", task, by=BY, at=NOW)
            with pytest.raises(ZeroDivisionError):
                self.record_and_stumble(task)
            record("test.after", task, by=BY, at=NOW)
        told = AuditEntry.objects.filter(verb__startswith="test.").order_by("pk")
        assert list(told.values_list("verb", flat=True)) == ["test.before", "test.after"]
        assert not Event.objects.filter(name="outreach.reply-received").exists()


@pytest.mark.django_db(transaction=True)
def test_refuses_to_work_without_a_transaction() -> None:
    with pytest.raises(RuntimeError, match="transaction"), written_together():
        pass  # pragma: no cover
