"""Warm transfers: asked, taken, declined, taken back, and taken further when nobody answers."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from crm.actions.contacts import ContactOver, keep_answer, open_contact, take_contact
from crm.actions.handoff_rungs import LOOK_AFTER
from crm.actions.handoffs import (
    CannotHandOff,
    HandoffOver,
    NotAsked,
    ReasonMissing,
    accept_handoff,
    escalate_or_rest,
    offer_handoff,
    withdraw_handoff,
)
from crm.actions.verifying import verify_contact
from crm.actions.wrapping import HandoffWaits, HasMoved, wrap_up
from crm.engine import Actor, run_step
from crm.models import (
    Event,
    Handoff,
    Interaction,
    InteractionStep,
    Queue,
    Task,
    User,
    WrapUp,
)
from crm.queries.handoffs import offered_to, open_queues, who_can_take
from crm.rules.handoffs import goes_next_to, time_to_answer
from crm.states import (
    Acuity,
    AgentState,
    Channel,
    HandoffStatus,
    HandoffTo,
    IdentifierKind,
    StepKind,
    TaskKind,
)
from tests.cast import Cast
from tests.crm.handing import QUESTION, accept, at_desk, contact, decline, offer
from tests.factories import NOW, TEST, OnCallFactory, UserFactory

__all__ = ["contact"]  # a fixture

pytestmark = pytest.mark.django_db


@pytest.fixture
def kim(cast: Cast) -> User:
    user: User = UserFactory.create(first_name="Kim", last_name="Lee")
    return user


def close(contact: Interaction, agent: User) -> None:
    facts: dict[str, Any] = {"disposition": "other", "note": "", "was_edited": False}
    wrap_up(contact_id=contact.pk, by=Actor.user(agent), at=NOW, **facts)


def events(*names: str) -> list[str]:
    wanted = [f"crm.{name}" for name in names]
    return list(Event.objects.filter(name__in=wanted).order_by("pk").values_list("name", flat=True))


class TestAskingSomebody:
    def test_the_receiver_has_the_contact_with_all_that_was_asked_and_verified(
        self, contact: Interaction, cast: Cast, kim: User
    ) -> None:
        giver = Actor.user(cast.agent)
        said = {
            IdentifierKind.FULL_NAME: str(cast.patient),
            IdentifierKind.BIRTH_DATE: "March 14, 1980",
        }
        verify_contact(contact_id=contact.pk, said=said, by=giver, at=NOW)
        keep_answer(contact=contact, key="late:minutes", value="15", by=giver, at=NOW)
        handoff = offer(contact, HandoffTo.PERSON, user=kim)
        assert [one.pk for one in offered_to(kim)] == [handoff.pk]
        accept(handoff, kim)
        taken = Interaction.objects.get()  # no second contact, so nothing is asked twice
        assert taken.agent == kim
        assert taken.verifications.get().passed
        assert {a.key: a.value for a in taken.answers.all()} == {"late:minutes": "15"}
        assert not offered_to(kim).exists()
        handoff.refresh_from_db()
        assert (handoff.status, handoff.answered_by, handoff.due_at) == ("accepted", kim, None)

    def test_the_wait_for_a_colleague_stands_in_the_time_ribbon(
        self, contact: Interaction, kim: User
    ) -> None:
        handoff = offer(contact, HandoffTo.PERSON, user=kim)
        step = InteractionStep.objects.get(kind=StepKind.HAND_OFF)
        assert (step.waits_for, step.ended_at, step.subject_id) == ("colleague", None, handoff.pk)
        later = NOW + dt.timedelta(seconds=20)
        accept_handoff(handoff_id=handoff.pk, user=kim, by=Actor.user(kim), at=later)
        step.refresh_from_db()
        assert step.ended_at == later

    def test_the_giver_keeps_it_until_then_and_when_they_take_it_back(
        self, contact: Interaction, cast: Cast, kim: User
    ) -> None:
        handoff = offer(contact, HandoffTo.PERSON, user=kim)
        withdraw_handoff(handoff_id=handoff.pk, by=Actor.user(cast.agent), at=NOW)
        with pytest.raises(HandoffOver, match="Agent Cast has taken it back"):
            accept(handoff, kim)
        contact.refresh_from_db()
        assert contact.agent == cast.agent

    def test_one_persons_no_ends_it_with_their_reason(
        self, contact: Interaction, kim: User
    ) -> None:
        handoff = offer(contact, HandoffTo.PERSON, user=kim)
        with pytest.raises(ReasonMissing):
            decline(handoff, kim, "  ")
        decline(handoff, kim, "On another line.")
        handoff.refresh_from_db()
        assert (handoff.status, handoff.reason, handoff.answered_by) == (
            HandoffStatus.DECLINED, "On another line.", kim,
        )  # fmt: skip
        with pytest.raises(HandoffOver, match="Kim Lee has declined"):
            accept(handoff, kim)

    def test_of_two_who_accept_the_second_reads_who_was_faster(
        self, contact: Interaction, cast: Cast, kim: User
    ) -> None:
        queue = Queue.objects.create(code="ortho", name="Orthopedics", skills=["ortho"])
        for user in (kim, cast.front_desk):
            at_desk(user, "ortho")
        handoff = offer(contact, HandoffTo.QUEUE, queue=queue)
        accept(handoff, kim)
        with pytest.raises(HandoffOver, match="Kim Lee was faster"):
            accept(handoff, cast.front_desk)

    def test_only_who_is_asked_may_answer(
        self, contact: Interaction, cast: Cast, kim: User
    ) -> None:
        handoff = offer(contact, HandoffTo.PERSON, user=kim)
        for somebody in (cast.nurse, cast.manager, cast.agent):
            with pytest.raises(NotAsked):
                accept(handoff, somebody)
            with pytest.raises(NotAsked):
                decline(handoff, somebody)
        contact.refresh_from_db()
        assert contact.agent == cast.agent
        assert Handoff.objects.get().status == HandoffStatus.OFFERED

    @pytest.mark.parametrize(
        ("facts", "says"),
        [
            ({"to": HandoffTo.PERSON}, "Choose the person"),
            ({"to": HandoffTo.QUEUE}, "Choose the queue"),
            ({"to": HandoffTo.PROVIDER}, "Nobody is on call"),
            ({"to": HandoffTo.NURSE, "question": " "}, "in a sentence"),
            ({"to": HandoffTo.NURSE, "by": TEST}, "Only a person"),
        ],
    )
    def test_says_why_it_cannot_be_offered(
        self, contact: Interaction, cast: Cast, facts: dict[str, Any], says: str
    ) -> None:
        do: dict[str, Any] = {"question": QUESTION, "by": Actor.user(cast.agent), "at": NOW} | facts
        with pytest.raises(CannotHandOff, match=says):
            offer_handoff(contact_id=contact.pk, **do)
        assert not Handoff.objects.exists()

    def test_one_that_a_supervisor_gave_away_is_not_taken_from_them(
        self, contact: Interaction, cast: Cast, kim: User
    ) -> None:
        handoff = offer(contact, HandoffTo.PERSON, user=kim)
        take_contact(contact_id=contact.pk, agent=cast.nurse, by=TEST, at=NOW)
        with pytest.raises(HandoffOver, match="Nurse Cast has this contact"):
            accept(handoff, kim)
        assert escalate_or_rest(handoff.pk, NOW) is None
        assert Handoff.objects.get().status == HandoffStatus.WITHDRAWN
        contact.refresh_from_db()
        assert contact.agent == cast.nurse

    def test_it_is_offered_to_one_at_a_time(self, contact: Interaction, kim: User) -> None:
        offer(contact, HandoffTo.PERSON, user=kim)
        with pytest.raises(CannotHandOff, match="already"):
            offer(contact, HandoffTo.NURSE)

    def test_a_contact_that_is_over_is_not_handed_over(
        self, contact: Interaction, cast: Cast
    ) -> None:
        by = Actor.user(cast.agent)
        wrap_up(
            contact_id=contact.pk, disposition="other", note="", was_edited=False, by=by, at=NOW
        )
        with pytest.raises(ContactOver):
            offer(contact, HandoffTo.NURSE)


class TestAskingSeveral:
    def test_each_is_asked_by_role_or_by_the_skills_of_the_queue(
        self, contact: Interaction, cast: Cast, kim: User
    ) -> None:
        queue = Queue.objects.create(code="es", name="Spanish", skills=["es", "ortho"])
        at_desk(kim, "ortho", "es", "late")
        at_desk(cast.front_desk, "es")
        handoff = offer(contact, HandoffTo.QUEUE, queue=queue)
        asked = {u.username for u in (kim, cast.front_desk, cast.nurse) if offered_to(u).exists()}
        assert asked == {kim.username}
        withdraw_handoff(handoff_id=handoff.pk, by=TEST, at=NOW)
        offer(contact, HandoffTo.NURSE)
        asked = {u.username for u in (kim, cast.nurse, cast.manager) if offered_to(u).exists()}
        assert asked == {"nurse"}

    def test_one_no_leaves_it_with_the_others(self, contact: Interaction, cast: Cast) -> None:
        other: User = UserFactory.create(roles=["nurse"])
        at_desk(cast.nurse)
        at_desk(other)
        handoff = offer(contact, HandoffTo.NURSE)
        decline(handoff, cast.nurse)
        assert not offered_to(cast.nurse).exists()
        assert offered_to(other).get() == handoff
        handoff.refresh_from_db()
        assert handoff.due_at == NOW + time_to_answer(HandoffTo.NURSE, Acuity.ROUTINE)
        decline(handoff, other)  # the last who was free: nobody is waited for any more
        handoff.refresh_from_db()
        assert handoff.due_at == NOW

    def test_the_most_urgent_comes_first(self, contact: Interaction, cast: Cast) -> None:
        offer(contact, HandoffTo.NURSE)
        red = open_contact(channel=Channel.VOICE, agent=cast.agent, by=TEST, at=NOW)
        urgent = offer(red, HandoffTo.NURSE, acuity=Acuity.NURSE_NOW)
        assert offered_to(cast.nurse)[0] == urgent
        assert urgent.due_at == NOW + dt.timedelta(seconds=30)

    def test_who_is_free_and_what_waits_in_each_queue(self, cast: Cast, kim: User) -> None:
        at_desk(kim, "es")
        at_desk(cast.nurse, "nurse")
        at_desk(cast.front_desk, "es", status=AgentState.BREAK)
        Queue.objects.create(code="es", name="Spanish", skills=["es"])
        assert [one.name for one in who_can_take(skills=["es"])] == ["Kim Lee"]
        assert [one.name for one in who_can_take(nurses_only=True)] == ["Nurse Cast"]
        assert [(q.name, q.waiting, q.free) for q in open_queues()] == [("Spanish", 0, 1)]


class TestGoingFurther:
    def look(self, handoff: Handoff, seconds: float) -> Handoff:
        """What the sweep does when the time comes."""
        assert run_step(LOOK_AFTER, handoff.pk, at=NOW + dt.timedelta(seconds=seconds))
        handoff.refresh_from_db()
        return handoff

    def test_from_a_person_to_the_queue_to_the_managers_to_a_task(
        self, contact: Interaction, cast: Cast, kim: User
    ) -> None:
        Queue.objects.create(code="all", name="Everybody")
        handoff = offer(contact, HandoffTo.PERSON, user=kim)
        early = NOW + dt.timedelta(seconds=44)
        assert not run_step(LOOK_AFTER, handoff.pk, at=early)
        assert (self.look(handoff, 45).to, handoff.level) == (HandoffTo.QUEUE, 1)
        assert offered_to(kim).exists()  # as one of the queue now
        assert (self.look(handoff, 165).to, handoff.level) == (HandoffTo.MANAGER, 2)
        assert offered_to(cast.manager).get() == handoff
        assert self.look(handoff, 345).status == HandoffStatus.LAPSED
        task = Task.objects.get()
        assert (task.kind, task.patient) == (TaskKind.FOLLOW_UP, cast.patient)
        assert QUESTION in task.why
        contact.refresh_from_db()
        assert contact.agent == cast.agent  # who is still on the line
        with pytest.raises(HandoffOver, match="Nobody answered"):
            accept(handoff, cast.manager)
        assert events("handoff-escalated", "handoff-lapsed") == [
            "crm.handoff-escalated", "crm.handoff-escalated", "crm.handoff-lapsed",
        ]  # fmt: skip
        assert not run_step(LOOK_AFTER, handoff.pk, at=NOW + dt.timedelta(days=1))

    def test_from_one_nurse_to_all_of_them_and_a_nurse_answers_the_task(
        self, contact: Interaction, cast: Cast
    ) -> None:
        other: User = UserFactory.create(roles=["nurse"])
        at_desk(other)
        handoff = offer(contact, HandoffTo.NURSE, user=cast.nurse)
        assert not offered_to(other).exists()
        decline(handoff, cast.nurse)
        assert self.look(handoff, 0).to_user is None
        assert offered_to(other).exists()
        assert not offered_to(cast.nurse).exists()
        self.look(handoff, 90)
        self.look(handoff, 270)
        assert Task.objects.get().kind == TaskKind.ASK_NURSE

    def test_whoever_accepts_stops_it(self, contact: Interaction, kim: User) -> None:
        handoff = offer(contact, HandoffTo.PERSON, user=kim)
        accept(handoff, kim)
        assert escalate_or_rest(handoff.pk, NOW + dt.timedelta(minutes=5)) is None
        assert Handoff.objects.get().to == HandoffTo.PERSON

    def test_training_leaves_no_task_and_pages_nobody(self, cast: Cast) -> None:
        OnCallFactory.create()
        made = open_contact(
            channel=Channel.VOICE, agent=cast.agent, is_training=True, by=TEST, at=NOW
        )
        with pytest.raises(CannotHandOff, match="training"):
            offer(made, HandoffTo.PROVIDER)
        handoff = offer(made, HandoffTo.MANAGER)
        assert self.look(handoff, 180).status == HandoffStatus.LAPSED
        assert not Task.objects.exists()

    def test_nobody_wraps_up_while_somebody_is_asked(
        self, contact: Interaction, cast: Cast, kim: User
    ) -> None:
        handoff = offer(contact, HandoffTo.PERSON, user=kim)
        by = Actor.user(cast.agent)
        facts: dict[str, Any] = {"disposition": "other", "note": "", "was_edited": False}
        with pytest.raises(HandoffWaits, match=r"Kim Lee has not answered yet\. Wait, or"):
            wrap_up(contact_id=contact.pk, by=by, at=NOW, **facts)
        handoff.refresh_from_db()
        assert handoff.status == HandoffStatus.OFFERED
        assert not WrapUp.objects.exists()
        withdraw_handoff(handoff_id=handoff.pk, by=by, at=NOW)
        assert wrap_up(contact_id=contact.pk, by=by, at=NOW, **facts).disposition == "other"

    def test_whoever_gave_it_away_ends_it_no_more(
        self, contact: Interaction, cast: Cast, kim: User
    ) -> None:
        accept(offer(contact, HandoffTo.PERSON, user=kim), kim)
        with pytest.raises(HasMoved, match="Kim Lee has this contact"):
            close(contact, cast.agent)
        assert not WrapUp.objects.exists()
        close(contact, kim)
        assert WrapUp.objects.get().by == kim

    @pytest.mark.parametrize("ends", ["accepted", "declined", "withdrawn", "lapsed"])
    def test_its_step_says_how_it_ended(
        self, contact: Interaction, cast: Cast, kim: User, ends: str
    ) -> None:
        handoff = offer(contact, HandoffTo.PERSON, user=kim)
        if ends == "accepted":
            accept(handoff, kim)
        elif ends == "declined":
            decline(handoff, kim)
        elif ends == "withdrawn":
            withdraw_handoff(handoff_id=handoff.pk, by=Actor.user(cast.agent), at=NOW)
        else:
            self.look(handoff, 120)  # to the managers: there is no queue
            self.look(handoff, 600)
        step = InteractionStep.objects.get(kind=StepKind.HAND_OFF)
        assert step.ended_at is not None
        assert step.detail["ended"] == ends
        assert step.detail.get("task") is (True if ends == "lapsed" else None)

    @pytest.mark.parametrize(
        ("to", "named", "more", "then"),
        [
            (HandoffTo.PERSON, True, False, HandoffTo.QUEUE),
            (HandoffTo.QUEUE, False, False, HandoffTo.MANAGER),
            (HandoffTo.NURSE, True, False, HandoffTo.NURSE),
            (HandoffTo.NURSE, False, False, HandoffTo.MANAGER),
            (HandoffTo.PROVIDER, True, True, HandoffTo.PROVIDER),
            (HandoffTo.PROVIDER, True, False, HandoffTo.MANAGER),
            (HandoffTo.MANAGER, False, False, None),
        ],
    )
    def test_the_order(
        self, to: HandoffTo, named: bool, more: bool, then: HandoffTo | None
    ) -> None:
        assert goes_next_to(to, is_named=named, more_on_call=more) is then

    @pytest.mark.parametrize("to", HandoffTo)
    def test_what_is_urgent_waits_less(self, to: HandoffTo) -> None:
        assert time_to_answer(to, Acuity.NURSE_NOW) < time_to_answer(to, Acuity.HOURS_2)
