"""Waiting in queues: whose turn it is, who may take it, and what taking it does."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from crm.actions.contacts import ContactOver, open_contact, take_contact
from crm.actions.queues import (
    LacksSkills,
    NoLongerWaits,
    OnTheLine,
    TakenAlready,
    claim_entry,
    end_wait,
    enter_queue,
    leave_queue,
    reassign_entry,
    release_entry,
)
from crm.models import Agent, Event, Interaction, Queue, QueueEntry, User, WrapUp
from crm.queries.queues import my_contacts, queues_now, waiting_in
from crm.rules.calls import CallNews
from crm.rules.queues import age_words, missing_skills
from crm.states import Acuity, AgentState, Channel, EntryStatus
from tests.crm.center import agent, hear, line, queue, second
from tests.drive import settle
from tests.factories import NOW, TEST


def text() -> Interaction:
    return open_contact(channel=Channel.SMS, by=TEST, at=NOW)


def wait(of: Queue, n: float = 0, **said: Any) -> QueueEntry:
    """A text that has waited there since `n` seconds after NOW."""
    return enter_queue(contact_id=text().pk, queue=of, by=TEST, at=second(n), **said)


def state(user: User) -> str:
    return Agent.objects.get(user=user).status


# --- words and skills: pure ---------------------------------------------------------------


def test_ages_in_words() -> None:
    ages = {20: "now", 180: "3 min", 3600: "1 h", 3900: "1 h 5 min", 90_000: "1 day"}
    assert [age_words(second(-n), at=NOW) for n in ages] == list(ages.values())


def test_skills_that_are_missing_are_named() -> None:
    assert missing_skills(["es", "nurse"], {"nurse"}) == ("es",)


# --- who sees what -------------------------------------------------------------------------


def test_queues_stand_in_figures_with_whether_one_may_take_from_them(
    db: None, django_assert_num_queries: Any
) -> None:
    general, spanish = queue(answer_seconds=60), queue("spanish", "es", rank=1)
    quiet = queue("quiet", rank=99)
    queue("closed", is_active=False)
    wait(general, -50)
    wait(general, -90)
    wait(spanish)
    leave_queue(entry_id=wait(quiet).pk, by=TEST, at=NOW)
    with django_assert_num_queries(1):
        found = queues_now(["fr"], at=NOW)
    assert [(one.queue, one.waiting, one.since, one.is_late) for one in found] == [
        (spanish, 1, NOW, False),
        (general, 2, second(-90), True),
        (quiet, 0, None, False),
    ]
    assert [one.queue for one in found if one.may_take] == [general, quiet]
    assert all(one.may_take for one in queues_now(["es"], at=NOW))


def test_the_most_urgent_come_first_then_whoever_should_have_been_answered(
    db: None, django_assert_num_queries: Any
) -> None:
    general, spanish = queue(answer_seconds=60), queue("spanish", answer_seconds=5)
    found = [
        wait(spanish, -20, acuity=Acuity.HOURS_2),
        wait(spanish, -9, acuity=Acuity.NURSE_NOW),
        wait(general, -90),  # should have been answered 30 seconds ago
        wait(spanish, -35),  # of two that should have been at once, the one that waits longer
        wait(general, -50),
        wait(spanish, 5),
        wait(spanish, 5),
    ]
    found[0], found[1] = found[1], found[0]
    leave_queue(entry_id=wait(general).pk, by=TEST, at=NOW)
    with django_assert_num_queries(1):
        assert waiting_in([general, spanish], limit=9) == found
    assert waiting_in([general, spanish], limit=2) == found[:2]
    assert waiting_in([general], limit=9) == [found[2], found[4]]
    assert waiting_in([], limit=9) == []


def test_my_contacts_are_those_i_have_not_written_up(
    db: None, django_assert_num_queries: Any
) -> None:
    dana = agent()
    for entry in (wait(queue()), wait(queue("other"))):
        claim_entry(entry_id=entry.pk, agent=dana, by=TEST, at=NOW)
    done, left = Interaction.objects.order_by("pk")
    WrapUp.objects.create(interaction=done, disposition="done", at=NOW)
    with django_assert_num_queries(1):
        assert my_contacts(dana) == [left]


# --- taking and giving back ------------------------------------------------------------------


def test_taking_it_makes_it_theirs_and_twice_is_once(db: None) -> None:
    dana, entry = agent(), wait(queue())
    claim_entry(entry_id=entry.pk, agent=dana, by=TEST, at=second(9))
    claimed = claim_entry(entry_id=entry.pk, agent=dana, by=TEST, at=second(10))
    assert (claimed.status, claimed.claimed_by, claimed.claimed_at) == (
        EntryStatus.CLAIMED,
        dana,
        second(9),
    )
    assert Interaction.objects.get().agent == dana
    assert state(dana) == AgentState.ON_CONTACT
    assert Event.objects.filter(name="crm.queue-claimed").count() == 1


def test_the_second_one_reads_who_was_faster(db: None) -> None:
    entry = wait(queue())
    claim_entry(entry_id=entry.pk, agent=agent(first_name="Dana"), by=TEST, at=NOW)
    with pytest.raises(TakenAlready, match=r"^Dana .* took this a moment ago\.$"):
        claim_entry(entry_id=entry.pk, agent=agent(), by=TEST, at=NOW)


def test_nobody_takes_what_they_have_no_skills_for(db: None) -> None:
    entry = wait(queue("spanish", "es", "nurse"))
    for user in (agent("es"), User.objects.create(username="new")):
        with pytest.raises(LacksSkills, match="nurse"):
            claim_entry(entry_id=entry.pk, agent=user, by=TEST, at=NOW)
    entry.refresh_from_db()
    assert entry.status == EntryStatus.WAITING
    assert Interaction.objects.get().agent is None


def test_who_left_cannot_be_taken(db: None) -> None:
    entry = wait(queue())
    leave_queue(entry_id=entry.pk, by=TEST, at=second(3))
    left = leave_queue(entry_id=entry.pk, by=TEST, at=second(4))
    assert (left.status, left.ended_at) == (EntryStatus.LEFT, second(3))
    with pytest.raises(NoLongerWaits):
        claim_entry(entry_id=entry.pk, agent=agent(), by=TEST, at=NOW)


def test_what_is_given_back_keeps_its_place(db: None) -> None:
    dana, entry = agent(), wait(queue())
    claim_entry(entry_id=entry.pk, agent=dana, by=TEST, at=second(9))
    back = release_entry(entry_id=entry.pk, by=TEST, at=second(20))
    assert (back.status, back.claimed_by, back.entered_at) == (EntryStatus.WAITING, None, NOW)
    assert Interaction.objects.get().agent is None
    assert state(dana) == AgentState.AVAILABLE


def test_a_caller_on_the_line_is_not_given_back(db: None) -> None:
    line(queue())
    dana = agent(extension="201")
    hear(CallNews.RANG)
    hear(CallNews.ANSWERED, 9, extension="201")
    with pytest.raises(OnTheLine):
        release_entry(entry_id=QueueEntry.objects.get().pk, by=TEST, at=second(20))
    assert Interaction.objects.get().agent == dana


def test_an_overseer_gives_it_to_somebody_else(db: None) -> None:
    dana, sam, entry = agent(), agent(), wait(queue())
    claim_entry(entry_id=entry.pk, agent=dana, by=TEST, at=NOW)
    moved = reassign_entry(entry_id=entry.pk, to=sam, by=TEST, at=second(5))
    assert moved.claimed_by == sam
    assert Interaction.objects.get().agent == sam
    assert (state(dana), state(sam)) == (AgentState.AVAILABLE, AgentState.ON_CONTACT)


def test_an_overseer_lends_no_skills(db: None) -> None:
    nurse, sam, entry = agent("nurse"), agent(), wait(queue("nurse", "nurse"))
    claim_entry(entry_id=entry.pk, agent=nurse, by=TEST, at=NOW)
    with pytest.raises(LacksSkills):
        reassign_entry(entry_id=entry.pk, to=sam, by=TEST, at=NOW)
    assert Interaction.objects.get().agent == nurse


# --- one queue at a time ------------------------------------------------------------------------


def test_it_waits_in_one_queue_at_a_time(db: None) -> None:
    first, second_queue = queue(), queue("other")
    entry = wait(first)
    contact_id = entry.interaction_id
    again = enter_queue(contact_id=contact_id, queue=first, by=TEST, at=second(9))
    assert again == entry
    other = enter_queue(contact_id=contact_id, queue=second_queue, by=TEST, at=second(9))
    entry.refresh_from_db()
    assert (entry.status, other.status) == (EntryStatus.LEFT, EntryStatus.WAITING)


def test_what_somebody_has_in_hand_stays_theirs_until_it_is_taken(db: None) -> None:
    dana, sam, entry = agent(), agent(), wait(queue())
    claim_entry(entry_id=entry.pk, agent=dana, by=TEST, at=NOW)
    other = enter_queue(contact_id=entry.interaction_id, queue=queue("x"), by=TEST, at=NOW)
    entry.refresh_from_db()
    assert entry.status == EntryStatus.DONE
    assert Interaction.objects.get().agent == dana
    claim_entry(entry_id=other.pk, agent=sam, by=TEST, at=second(9))
    assert (state(dana), state(sam)) == (AgentState.AVAILABLE, AgentState.ON_CONTACT)


def test_the_contacts_own_acuity_counts_where_it_is_more_urgent(db: None) -> None:
    contact = text()
    Interaction.objects.filter(pk=contact.pk).update(acuity=Acuity.NURSE_NOW)
    entry = enter_queue(contact_id=contact.pk, queue=queue(), by=TEST, at=NOW)
    assert entry.acuity == Acuity.NURSE_NOW


def test_what_was_wrapped_up_waits_no_more(db: None) -> None:
    contact = text()
    WrapUp.objects.create(interaction=contact, disposition="done", at=NOW)
    with pytest.raises(ContactOver):
        enter_queue(contact_id=contact.pk, queue=queue(), by=TEST, at=NOW)


def test_what_was_taken_past_its_queue_waits_no_more(db: None) -> None:
    dana, entry = agent(), wait(queue())
    take_contact(contact_id=entry.interaction_id, agent=dana, by=TEST, at=second(9))
    settle(second(9))
    entry.refresh_from_db()
    assert (entry.status, entry.claimed_by, entry.claimed_at) == (
        EntryStatus.CLAIMED,
        dana,
        second(9),
    )


def test_a_wait_that_began_after_it_was_taken_goes_on(db: None) -> None:
    dana, contact = agent(), text()
    take_contact(contact_id=contact.pk, agent=dana, by=TEST, at=NOW)
    entry = enter_queue(contact_id=contact.pk, queue=queue(), by=TEST, at=second(5))
    settle(second(9))
    entry.refresh_from_db()
    assert entry.status == EntryStatus.WAITING


@pytest.mark.parametrize("is_taken", [True, False])
def test_a_contact_that_is_over_ends_its_wait(db: None, is_taken: bool) -> None:
    entry = wait(queue())
    if is_taken:
        claim_entry(entry_id=entry.pk, agent=agent(), by=TEST, at=NOW)
    end_wait(contact_id=entry.interaction_id, by=TEST, at=second(9))
    entry.refresh_from_db()
    assert entry.status == (EntryStatus.DONE if is_taken else EntryStatus.LEFT)
    assert entry.ended_at == NOW + dt.timedelta(seconds=9)
