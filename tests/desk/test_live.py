"""The live board: what it says, who may see and change what, and that a look is written down."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from crm.models import Agent, AuditEntry, Interaction, QueueEntry, User
from crm.states import Acuity, AgentState, Channel, EntryStatus, StepKind
from desk.queries.live import read_board
from tests.cast import Cast
from tests.crm.center import agent, queue
from tests.desk.oversight import as_, later, past_call, wait_in
from tests.factories import NOW, InteractionFactory

pytestmark = pytest.mark.django_db


def in_hand(user: User, **fields: Any) -> Interaction:
    contact: Interaction = Interaction.objects.create(
        channel=Channel.VOICE, started_at=later(-90), agent=user, **fields
    )
    return contact


class TestBoard:
    def test_counts_who_waits_how_long_and_who_is_late(self) -> None:
        general, nurses = queue("general"), queue("nurse", "nurse")
        wait_in(general, since=later(-200))
        wait_in(general, since=later(-50))
        agent("nurse")
        agent()
        now = {one.queue.code: one for one in read_board(at=NOW).queues}
        assert (now["general"].waiting, now["general"].late, now["general"].since) == (
            2,
            1,
            later(-200),
        )
        assert (now["general"].ready, now["nurse"].ready, now["nurse"].waiting) == (2, 1, 0)
        assert nurses.answer_seconds == 120

    def test_says_how_many_were_answered_in_time_today(self) -> None:
        general, alma = queue("general"), agent()
        past_call(alma, general, began=later(-3000), wait=100)
        past_call(alma, general, began=later(-2000), wait=121)
        past_call(alma, general, began=NOW - dt.timedelta(days=1), wait=500)  # yesterday
        past_call(alma, general, began=later(-900), wait=300, is_training=True)
        wait_in(general, since=later(-300))  # waits, and is late
        wait_in(general, since=later(-10))  # waits: not known yet
        gave_up = wait_in(general, since=later(-600))
        QueueEntry.objects.filter(pk=gave_up.pk).update(
            status=EntryStatus.LEFT, ended_at=later(-590)
        )  # hung up before the level ended: counts neither way
        [found] = read_board(at=NOW).queues
        assert (found.in_time, found.decided, found.share) == (1, 3, 33)

    def test_a_call_that_was_given_to_somebody_else_stays_answered_in_time(self) -> None:
        general = queue("general")
        contact = past_call(agent(), general, began=later(-3000), wait=60)
        contact.queue_entries.update(claimed_at=later(-1000))
        assert read_board(at=NOW).queues[0].share == 100

    def test_puts_the_most_urgent_first_and_then_whose_time_ends_first(self) -> None:
        general = queue("general")
        late = wait_in(general, since=later(-500))
        early = wait_in(general, since=later(-700))
        urgent = wait_in(general, since=later(-5), acuity=Acuity.NURSE_NOW)
        waiting = read_board(at=NOW).waiting
        assert [one.entry.pk for one in waiting] == [urgent.pk, early.pk, late.pk]
        assert [one.is_late for one in waiting] == [False, True, True]

    def test_shows_agents_at_work_with_what_they_have_and_counts_the_others(self) -> None:
        busy, away = agent(), agent()
        Agent.objects.filter(user=away).update(status=AgentState.OFFLINE)
        contact = in_hand(busy)
        board = read_board(at=NOW)
        assert [one.agent.user_id for one in board.agents] == [busy.pk]
        assert [hand.contact.pk for hand in board.agents[0].contacts] == [contact.pk]
        assert (board.off, board.states[AgentState.AVAILABLE]) == (1, 1)

    def test_shows_what_somebody_has_to_write_up(self) -> None:
        alma, general = agent(), queue()
        past_call(alma, general, began=later(-900))
        unwritten = past_call(alma, general, began=later(-400), wait=0, talk=380)
        unwritten.wrap_up.delete()
        assert [one.contacts for one in read_board(at=NOW).agents] == [()]
        Agent.objects.filter(user=alma).update(status=AgentState.WRAP_UP)
        [found] = read_board(at=NOW).agents
        assert [(one.contact.pk, one.since, one.is_over) for one in found.contacts] == [
            (unwritten.pk, later(-20), True)
        ]

    @pytest.mark.parametrize("many", [1, 12])
    def test_takes_six_statements_however_many_wait_and_answer(
        self, many: int, django_assert_num_queries: DjangoAssertNumQueries
    ) -> None:
        general = queue("general")
        for n in range(many):
            wait_in(general, since=later(-n))
            in_hand(agent())
        with django_assert_num_queries(6):
            read_board(at=NOW)

    def test_names_no_patient(self, cast: Cast) -> None:
        general = queue("general")
        entry = wait_in(general, since=later(-60))
        Interaction.objects.filter(pk=entry.interaction_id).update(patient=cast.patient)
        in_hand(agent(first_name="Alma"), patient=cast.patient, call_type="move")
        page = as_(cast.manager).get(reverse("desk:live")).content.decode()
        assert "General" in page
        assert "Alma" in page
        assert "Delgado" not in page
        assert not AuditEntry.objects.filter(patient_id=cast.patient.pk).exists()

    def test_answers_htmx_with_the_board_alone(self, cast: Cast) -> None:
        page = as_(cast.manager).get(
            reverse("desk:live"), headers={"HX-Request": "true", "HX-Target": "live-board"}
        )
        assert "<html" not in page.content.decode()
        assert "No queues yet" in page.content.decode()


@pytest.mark.parametrize("name", ["live", "live-forecast", "live-forecast-export", "anatomy",
                                  "anatomy-export"])  # fmt: skip
def test_is_for_those_who_oversee_the_desk(cast: Cast, name: str) -> None:
    address = reverse(f"desk:{name}")
    for user in (cast.agent, cast.nurse, cast.front_desk, cast.marketing, cast.outsider):
        assert as_(user).get(address).status_code == 403
    for user in (cast.manager, cast.admin):
        assert as_(user).get(address).status_code == 200
    assert Client().get(address).status_code == 302
    assert as_(cast.manager).put(address).status_code == 405


class TestListening:
    def test_shows_the_steps_and_writes_down_who_looked_once(self, cast: Cast) -> None:
        contact = in_hand(cast.agent, patient=cast.patient)
        contact.steps.create(kind=StepKind.LOOK, code="labs", at=later(-20), user=cast.agent)
        client = as_(cast.manager)
        page = client.get(reverse("desk:live-contact", args=[contact.pk]))
        assert "Looked at labs" in page.content.decode()
        assert "Rosa Delgado" in page.content.decode()
        contact.steps.create(kind=StepKind.BOOK, at=NOW, user=cast.agent)
        again = client.get(
            reverse("desk:live-contact", args=[contact.pk]),
            {"seen_by": page.context["seen_by"]},
            headers={"HX-Request": "true", "HX-Target": "live-steps"},
        )
        assert "Booked a visit" in again.content.decode()
        looks = AuditEntry.objects.filter(verb="crm.interaction.watched", subject_id=contact.pk)
        assert [(one.actor_id, one.patient_id) for one in looks] == [
            (cast.manager.pk, cast.patient.pk)
        ]

    def test_of_a_look_that_somebody_else_had_writes_its_own(self, cast: Cast) -> None:
        contact = in_hand(cast.agent)
        address = reverse("desk:live-contact", args=[contact.pk])
        seen_by = as_(cast.manager).get(address).context["seen_by"]
        as_(cast.admin).get(address, {"seen_by": seen_by})
        looks = AuditEntry.objects.filter(verb="crm.interaction.watched")
        assert {one.actor_id for one in looks} == {cast.manager.pk, cast.admin.pk}

    def test_a_name_with_a_privacy_label_is_initials(self, cast: Cast) -> None:
        cast.patient.sensitivity = ["behavioral-health"]
        cast.patient.save()
        contact = in_hand(cast.agent, patient=cast.patient)
        page = as_(cast.manager).get(reverse("desk:live-contact", args=[contact.pk]))
        assert "Delgado" not in page.content.decode()

    def test_is_denied_to_agents_and_missing_where_there_is_nothing(self, cast: Cast) -> None:
        contact = in_hand(cast.agent)
        for address in (
            reverse("desk:live-contact", args=[contact.pk]),
            reverse("desk:anatomy-contact", args=[contact.pk]),
        ):
            assert as_(cast.nurse).get(address).status_code == 403
        assert not AuditEntry.objects.filter(subject_id=contact.pk).exists()
        missing = reverse("desk:live-contact", args=[contact.pk + 999])
        assert as_(cast.manager).get(missing).status_code == 404


class TestReassigning:
    def test_gives_who_waits_to_an_agent(self, cast: Cast) -> None:
        entry, alma = wait_in(queue("general"), since=later(-60)), agent(first_name="Alma")
        address = reverse("desk:live-reassign", args=[entry.interaction_id])
        answer = as_(cast.manager).post(address, {"agent": alma.agent.pk})
        assert answer.status_code == 302
        entry.refresh_from_db()
        assert (entry.status, entry.claimed_by, entry.interaction.agent) == (
            EntryStatus.CLAIMED,
            alma,
            alma,
        )

    def test_gives_a_contact_in_hand_to_another(self, cast: Cast) -> None:
        had, gets = agent(), agent(first_name="Grace")
        contact = in_hand(had)
        answer = as_(cast.manager).post(
            reverse("desk:live-reassign", args=[contact.pk]),
            {"agent": gets.agent.pk},
            headers={"HX-Request": "true", "HX-Target": "live-side"},
        )
        assert answer.status_code == 200
        assert answer["HX-Trigger"] == '{"oversight:changed": {}}'
        assert "Grace Staff" in answer.content.decode()
        contact.refresh_from_db()
        assert contact.agent == gets

    def test_lends_nobody_a_skill(self, cast: Cast) -> None:
        entry, alma = wait_in(queue("nurse", "nurse"), since=later(-60)), agent()
        answer = as_(cast.manager).post(
            reverse("desk:live-reassign", args=[entry.interaction_id]), {"agent": alma.agent.pk}
        )
        assert answer.status_code == 409
        assert "needs nurse" in answer.content.decode()
        entry.refresh_from_db()
        assert entry.status == EntryStatus.WAITING

    def test_needs_somebody_and_the_right(self, cast: Cast) -> None:
        contact, alma = in_hand(cast.agent), agent()
        address = reverse("desk:live-reassign", args=[contact.pk])
        assert as_(cast.manager).post(address, {"agent": "x"}).status_code == 422
        assert as_(cast.agent).post(address, {"agent": alma.agent.pk}).status_code == 403
        assert as_(cast.manager).get(address).status_code == 405
        contact.refresh_from_db()
        assert contact.agent == cast.agent


class TestState:
    def test_somebody_who_left_without_signing_out_is_off(self, cast: Cast) -> None:
        alma = agent()
        address = reverse("desk:live-state", args=[alma.agent.pk])
        assert as_(cast.manager).post(address, {"state": "offline"}).status_code == 302
        found = Agent.objects.get(user=alma)
        assert (found.status, found.since) == (AgentState.OFFLINE, NOW)
        moved = AuditEntry.objects.get(verb="crm.agent.moved", subject_id=found.pk)
        assert (moved.actor_id, moved.to_status) == (cast.manager.pk, "offline")
        page = as_(cast.manager).get(reverse("desk:live-agent", args=[found.pk]))
        assert "by Manager Cast" in page.content.decode()

    def test_refuses_what_is_no_state_and_who_has_no_right(self, cast: Cast) -> None:
        alma = agent()
        address = reverse("desk:live-state", args=[alma.agent.pk])
        assert as_(cast.manager).post(address, {"state": "asleep"}).status_code == 422
        assert as_(cast.agent).post(address, {"state": "offline"}).status_code == 403
        assert Agent.objects.get(user=alma).status == AgentState.AVAILABLE
        assert (
            as_(cast.agent).get(reverse("desk:live-agent", args=[alma.agent.pk])).status_code == 403
        )


def test_a_text_thread_has_a_timeline_too(cast: Cast) -> None:
    contact = InteractionFactory.create()
    page = as_(cast.manager).get(reverse("desk:live-contact", args=[contact.pk]))
    assert "Nothing yet." in page.content.decode()
