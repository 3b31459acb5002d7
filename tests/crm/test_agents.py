"""What an agent is doing: as they say, and as their contacts show."""

from __future__ import annotations

import pytest

from crm.actions.agents import follow_contacts, set_agent_state
from crm.actions.contacts import open_contact, take_contact
from crm.actions.handoffs import accept_handoff, offer_handoff
from crm.actions.wrapping import wrap_up
from crm.engine import Actor
from crm.models import Agent, AuditEntry, Event, Interaction, QueueEntry, User
from crm.rules.calls import CallNews
from crm.rules.queues import state_after
from crm.states import AgentState, Channel, EntryStatus, HandoffTo
from tests.crm.center import agent, hear, line, queue, second
from tests.drive import settle
from tests.factories import NOW, TEST, UserFactory

FREE, BUSY, WRITES = AgentState.AVAILABLE, AgentState.ON_CONTACT, AgentState.WRAP_UP


@pytest.mark.parametrize(
    ("state", "has_contact", "must_wrap_up", "after"),
    [
        (FREE, True, False, BUSY),
        (AgentState.OFFLINE, True, True, BUSY),
        (BUSY, False, True, WRITES),
        (FREE, False, True, WRITES),
        (WRITES, False, False, FREE),
        (AgentState.BREAK, False, True, AgentState.BREAK),
        (AgentState.TRAINING, False, False, AgentState.TRAINING),
    ],
)
def test_contacts_say_what_an_agent_does(
    state: AgentState, has_contact: bool, must_wrap_up: bool, after: AgentState
) -> None:
    assert state_after(state, has_contact=has_contact, must_wrap_up=must_wrap_up) is after


def test_an_agent_is_made_known_when_they_first_say_something(db: None) -> None:
    user: User = UserFactory.create()
    set_agent_state(user=user, to=FREE, by=Actor.user(user), at=NOW)
    made = set_agent_state(user=user, to=FREE, by=Actor.user(user), at=second(9))
    assert (made.status, made.since) == (FREE, NOW)
    assert AuditEntry.objects.filter(verb="crm.agent.moved").count() == 1
    assert Event.objects.filter(name="crm.agent-changed").count() == 1


def test_whoever_is_on_a_break_says_when_it_is_over(db: None) -> None:
    user = agent()
    set_agent_state(user=user, to=AgentState.BREAK, by=TEST, at=NOW)
    follow_contacts(user_ids=[user.pk, None], by=TEST, at=second(9))
    assert Agent.objects.get().status == AgentState.BREAK
    assert set_agent_state(user=user, to=FREE, by=TEST, at=second(9)).since == second(9)


def test_made_up_patients_keep_nobody_from_real_ones(db: None) -> None:
    user = agent()
    open_contact(channel=Channel.VOICE, agent=user, is_training=True, by=TEST, at=NOW)
    settle(NOW)
    assert Agent.objects.get().status == FREE


def test_whoever_takes_a_contact_at_the_desk_is_on_it(db: None) -> None:
    user = agent()
    contact = open_contact(channel=Channel.SMS, by=TEST, at=NOW)
    take_contact(contact_id=contact.pk, agent=user, by=TEST, at=NOW)
    settle(NOW)
    assert Agent.objects.get().status == BUSY


def test_one_who_hands_over_is_free_and_the_other_is_not(db: None) -> None:
    dana, sam = agent(), agent()
    contact = open_contact(channel=Channel.VOICE, agent=dana, by=TEST, at=NOW)
    handoff = offer_handoff(
        contact_id=contact.pk,
        to=HandoffTo.PERSON,
        user=sam,
        question="May she come today?",
        by=Actor.user(dana),
        at=NOW,
    )
    accept_handoff(handoff_id=handoff.pk, user=sam, by=Actor.user(sam), at=second(9))
    settle(second(9))
    states = dict(Agent.objects.values_list("user", "status"))
    assert states == {dana.pk: FREE, sam.pk: BUSY}


def test_an_agent_is_free_once_the_contact_is_wrapped_up(db: None) -> None:
    line(queue())
    user = agent(extension="201")
    hear(CallNews.RANG)
    hear(CallNews.ANSWERED, 9, extension="201")
    hear(CallNews.ENDED, 60)
    assert Agent.objects.get().status == WRITES
    wrap_up(
        contact_id=Interaction.objects.get().pk,
        disposition="done",
        note="",
        was_edited=False,
        by=Actor.user(user),
        at=second(70),
    )
    settle(second(70))
    assert Agent.objects.get().status == FREE
    assert QueueEntry.objects.get().status == EntryStatus.DONE
