"""Who waits, as the left column says it: how urgent, how long still, and what is due today."""

from __future__ import annotations

import datetime as dt

import pytest

from crm.actions.contacts import open_contact
from crm.actions.tasks import open_task
from crm.models import Agent, Queue, QueueEntry, Task, User
from crm.states import Acuity, AgentState, Channel, TaskKind
from desk.queries.waiting import MOST, waiting_for
from desk.templatetags import screen
from tests.cast import Cast
from tests.desk.screen.conftest import Desk
from tests.factories import NOW, TEST, LocationFactory, PatientFactory

pytestmark = pytest.mark.django_db
#: NOW is 10 in the morning in Phoenix, on a Wednesday.
PHOENIX = dt.timedelta(hours=-7)


def a_task(desk: Desk, *, due_at: dt.datetime) -> Task:
    made = open_task(
        kind=TaskKind.CALL_BACK, title="Call", cause_key=str(due_at), due_at=due_at, by=TEST, at=NOW
    )
    Task.objects.filter(pk=made.pk).update(owner=desk.agent)
    return made


def words(desk: Desk) -> list[str]:
    return [screen.due_word(task, NOW) for task in waiting_for(desk.agent, at=NOW).tasks]


def test_what_is_due_goes_by_the_days_of_the_house(desk: Desk) -> None:
    LocationFactory.create()
    midnight = dt.datetime(2026, 11, 19, tzinfo=dt.UTC) - PHOENIX
    minute = dt.timedelta(minutes=1)
    for due_at in (NOW - minute, midnight - minute, midnight, midnight + dt.timedelta(days=2)):
        a_task(desk, due_at=due_at)
    assert words(desk) == ["late", "today", "tomorrow", "in 3 days"]
    assert waiting_for(desk.agent, at=NOW).due_today == 2


def test_all_that_is_due_today_is_counted_though_few_are_shown(desk: Desk) -> None:
    for minutes in range(MOST + 3):
        a_task(desk, due_at=NOW + dt.timedelta(minutes=minutes))
    waiting = waiting_for(desk.agent, at=NOW)
    assert (len(waiting.tasks), waiting.due_today) == (MOST, MOST + 3)
    page = desk.client.get("/desk/left/").content.decode()
    assert f"{MOST + 3} due today" in page


def test_whoever_waits_shows_how_urgent_it_is_and_how_long_is_left(desk: Desk) -> None:
    queue = Queue.objects.get(code="main")
    for acuity, seconds in ((Acuity.NURSE_NOW, 80), (Acuity.ROUTINE, -40)):
        patient = PatientFactory.create()
        waits = open_contact(channel=Channel.SMS, patient=patient, by=TEST, at=NOW)
        QueueEntry.objects.create(
            queue=queue,
            interaction=waits,
            acuity=acuity,
            entered_at=NOW - dt.timedelta(minutes=1),
            answer_by=NOW + dt.timedelta(seconds=seconds),
        )
    page = desk.client.get("/desk/left/").content.decode()
    urgent, routine = page.split('id="entry-')[1:]
    assert "1:20 left" in urgent
    assert "Nurse now" in urgent
    assert "0:40 late" in routine


class TestHears:
    """After which events it looks again: its own at once, those of a queue at its own moment."""

    def test_of_its_own_and_of_the_queues_that_it_may_take_from(self, desk: Desk) -> None:
        nurses = Queue.objects.create(code="nurse", name="Nurse line", skills=["nurse"])
        task, main = a_task(desk, due_at=NOW), Queue.objects.get(code="main")
        hears = waiting_for(desk.agent, at=NOW).hears
        mine = f"agent:{desk.agent.pk}", f"contact:{desk.contact.pk}", f"crm.task:{task.pk}"
        assert hears == (*mine, f"queue:{main.pk}")
        Agent.objects.update_or_create(
            user=desk.agent, defaults={"skills": ["nurse"], "since": NOW}
        )
        assert f"queue:{nurses.pk}" in waiting_for(desk.agent, at=NOW).hears
        page = desk.client.get("/desk/left/").content.decode()
        assert f'data-hears="agent:{desk.agent.pk} contact:{desk.contact.pk} ' in page

    def test_nurses_hear_of_hand_offs_that_name_nobody(self, desk: Desk, cast: Cast) -> None:
        assert "crm.handoff" in waiting_for(cast.nurse, at=NOW).hears
        assert "crm.handoff" not in waiting_for(desk.agent, at=NOW).hears

    @pytest.mark.parametrize(
        ("state", "colleagues", "within"),
        [
            (AgentState.ON_CONTACT, 0, 400),
            (AgentState.ON_CONTACT, 49, 10_000),
            (AgentState.AVAILABLE, 49, 1_000),
            (AgentState.OFFLINE, 49, 9_800),
        ],
    )
    def test_of_a_queue_the_later_the_more_are_at_work(
        self, desk: Desk, state: AgentState, colleagues: int, within: int
    ) -> None:
        Agent.objects.all().delete()
        Agent.objects.create(user=desk.agent, status=state, since=NOW)
        for n in range(colleagues):
            user = User.objects.create(username=f"colleague-{n}")
            Agent.objects.create(user=user, status=AgentState.ON_CONTACT, since=NOW)
        assert waiting_for(desk.agent, at=NOW).looks_within_ms == within
