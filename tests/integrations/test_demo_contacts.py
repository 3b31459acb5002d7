"""The demo's past calls: the same from the same seed, all over, and none in a queue."""

from __future__ import annotations

import pytest
from django.db.models import F

from crm.models import Call, Interaction, InteractionStep, QueueEntry, WrapUp
from crm.states import CallStatus, EntryStatus
from integrations.demo.contacts import add_contacts
from tests.crm.center import agent, line, queue
from tests.factories import NOW, PatientFactory

pytestmark = pytest.mark.django_db


def load(calls: int = 300) -> int:
    return add_contacts([PatientFactory.create()], at=NOW, seed=7, calls=calls)


def test_are_over_wrapped_up_and_in_no_queue() -> None:
    line(queue())
    queue("nurse", "nurse")
    agent()
    grace = agent("nurse")
    made = load()
    assert 200 < made == Call.objects.count() == QueueEntry.objects.count()
    assert not QueueEntry.objects.filter(
        status__in=[EntryStatus.WAITING, EntryStatus.CLAIMED]
    ).exists()
    assert not Interaction.objects.filter(ended_at=None).exists()
    assert not Interaction.objects.filter(ended_at__gt=NOW).exists()
    answered = Call.objects.filter(status=CallStatus.ENDED)
    assert answered.count() == WrapUp.objects.count()
    assert 0 < Call.objects.filter(status=CallStatus.ABANDONED).count() < made / 8
    to_nurses = Interaction.objects.filter(call_type="nurse").values_list("agent", flat=True)
    assert set(to_nurses) == {grace.pk}
    late = InteractionStep.objects.filter(ended_at__gt=F("interaction__ended_at"))
    assert not late.exists()


def test_are_the_same_from_the_same_seed() -> None:
    line(queue())
    agent()
    load(calls=30)
    first = list(Call.objects.order_by("source_id").values_list("rang_at", "ended_at", "aid"))
    Interaction.objects.all().delete()
    load(calls=30)
    assert first == list(
        Call.objects.order_by("source_id").values_list("rang_at", "ended_at", "aid")
    )


def test_there_are_none_without_lines_or_agents() -> None:
    assert load(calls=30) == 0
    line(queue())
    assert load(calls=30) == 0
    agent("nurse")
    assert load(calls=30) > 0
