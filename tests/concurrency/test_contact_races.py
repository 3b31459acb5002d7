"""A contact at the desk: two who take it, end it, or try to reach its caller at once.

With the guard and without.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest

from crm import locks
from crm.actions import contacts, open_task
from crm.actions.callbacks import log_attempt, open_callback
from crm.actions.contact_tasks import take_from_list, tie_task
from crm.actions.contacts import open_contact, take_free_contact
from crm.actions.handoffs import accept_handoff, offer_handoff, withdraw_handoff
from crm.actions.wrapping import amend_note, wrap_up
from crm.engine import Actor
from crm.engine.models import AuditEntry
from crm.models import CallAttempt, Handoff, Interaction, Task, User, WrapUp
from crm.states import AttemptOutcome, Channel, HandoffTo, TaskKind
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
from tests.factories import NOW, TEST, PatientFactory, UserFactory

pytestmark = [pytest.mark.concurrency, pytest.mark.django_db(transaction=True)]

ENDS: dict[str, Any] = {"disposition": "other", "was_edited": False, "by": TEST, "at": NOW}


def call() -> Interaction:
    dana = UserFactory.create(first_name="Dana")
    patient = PatientFactory.create()
    by = Actor.user(dana)
    return open_contact(channel=Channel.VOICE, agent=dana, patient=patient, by=by, at=NOW)


def offered() -> Handoff:
    contact = call()
    assert contact.agent is not None
    by, to = Actor.user(contact.agent), HandoffTo.NURSE
    return offer_handoff(contact_id=contact.pk, to=to, question="Now?", by=by, at=NOW)


def nurse_takes(handoff: Handoff) -> Act:
    nurse: User = UserFactory.create(roles=["nurse"])
    by = Actor.user(nurse)
    return partial(accept_handoff, handoff_id=handoff.pk, user=nurse, by=by, at=NOW)


def takes(handoff: Handoff) -> int:
    """How often its contact went into other hands."""
    taken = AuditEntry.objects.filter(verb="crm.interaction.taken")
    return taken.filter(subject_id=handoff.interaction_id).count()


def two_nurses_accept() -> Scene:
    """Without the guards the call goes through two hands, and each believes to have it."""
    handoff = offered()
    return Scene(nurse_takes(handoff), nurse_takes(handoff), partial(takes, handoff))


def accepted_while_it_is_taken_back() -> Scene:
    handoff = offered()
    back = partial(withdraw_handoff, handoff_id=handoff.pk, by=TEST, at=NOW)
    look = lambda: (Handoff.objects.get(pk=handoff.pk).status, takes(handoff))  # noqa: E731
    return Scene(nurse_takes(handoff), back, look)


def offered_while_it_is_wrapped_up() -> Scene:
    """Without the lock a nurse is asked to take a contact that is over."""
    contact = call()
    assert contact.agent is not None
    over = partial(wrap_up, contact_id=contact.pk, note="", **ENDS)
    by, to = Actor.user(contact.agent), HandoffTo.NURSE
    asks = partial(offer_handoff, contact_id=contact.pk, to=to, question="Now?", by=by, at=NOW)
    return Scene(over, asks, lambda: Handoff.objects.filter(interaction=contact).count())


def answered_at_two_desks() -> Scene:
    """Without the lock a call that rings at two telephones goes through two hands."""
    contact = open_contact(channel=Channel.VOICE, by=TEST, at=NOW)

    def answers() -> Act:
        user = UserFactory.create()
        by = Actor.user(user)
        return partial(take_free_contact, contact_id=contact.pk, agent=user, by=by, at=NOW)

    taken = AuditEntry.objects.filter(verb="crm.interaction.taken", subject_id=contact.pk)
    return Scene(answers(), answers(), taken.count)


def two_texts_of_one_thread() -> Scene:
    """Without the lock two people answer the same thread."""
    contact = open_contact(channel=Channel.SMS, patient=PatientFactory.create(), by=TEST, at=NOW)

    def takes_one(n: int) -> Act:
        about: dict[str, Any] = {"kind": TaskKind.ANSWER_TEXT, "title": "Answer a text"}
        task = open_task(**about, cause_key=f"race:{contact.pk}:{n}", due_at=NOW, by=TEST, at=NOW)
        tie_task(task=task, contact=contact)
        user = UserFactory.create()
        return partial(take_from_list, task=task, owner=user, by=Actor.user(user), at=NOW)

    first, second = takes_one(1), takes_one(2)
    owners = Task.objects.filter(contact=contact, owner__isnull=False).values("owner").distinct()
    return Scene(first, second, owners.count)


def a_thread_from_the_list_and_at_the_desk() -> Scene:
    """Without the locks one has the contact and the other its task, and both answer."""
    contact = open_contact(channel=Channel.SMS, patient=PatientFactory.create(), by=TEST, at=NOW)
    about: dict[str, Any] = {"kind": TaskKind.ANSWER_TEXT, "title": "Answer a text"}
    task = open_task(**about, cause_key=f"race:{contact.pk}:1", due_at=NOW, by=TEST, at=NOW)
    tie_task(task=task, contact=contact)
    dana, sam = UserFactory.create(), UserFactory.create()
    by, at_desk = Actor.user(dana), Actor.user(sam)

    def hands() -> int:
        owner = Task.objects.get(pk=task.pk).owner_id
        return len({owner, Interaction.objects.get(pk=contact.pk).agent_id} - {None})

    return Scene(
        partial(take_from_list, task=task, owner=dana, by=by, at=NOW),
        partial(take_free_contact, contact_id=contact.pk, agent=sam, by=at_desk, at=NOW),
        hands,
    )


def changed_twice() -> Scene:
    """Without the lock what the first wrote is lost, and kept nowhere."""
    contact = call()
    facts: dict[str, Any] = {
        "disposition": "other",
        "note": "First.",
        "was_edited": False,
        "by": TEST,
        "at": NOW,
    }
    wrap_up(contact_id=contact.pk, **facts)
    change = partial(amend_note, contact_id=contact.pk, disposition="other", by=TEST, at=NOW)
    look = lambda: len(WrapUp.objects.get(interaction=contact).earlier)  # noqa: E731
    return Scene(partial(change, note="Second."), partial(change, note="Third."), look)


def the_last_try_twice() -> Scene:
    """Without the lock two write down the last try, and the limit is passed."""
    task = open_callback(
        why="", due_at=NOW, cause_key=f"race:{call().pk}", attempt_limit=1, by=TEST, at=NOW
    )
    outcome = AttemptOutcome.NO_ANSWER
    tried = partial(log_attempt, task_id=task.pk, outcome=outcome, by=TEST, at=NOW)
    look = lambda: CallAttempt.objects.filter(task=task).count()  # noqa: E731
    return Scene(tried, tried, look)


_MOVES = (lock("lock_interaction", of=locks), compare_and_set("crm.actions.handoffs"))
RACES = (
    Race(
        two_nurses_accept,
        stops="crm.actions.handoffs._check_asked",
        guards=_MOVES,
        kept=("done", "HandoffOver", 1),
        broken=("done", "done", 2),
    ),
    Race(
        accepted_while_it_is_taken_back,
        stops="crm.actions.handoffs._check_asked",
        guards=_MOVES,
        kept=("done", "HandoffOver", ("accepted", 1)),
        broken=("done", "done", ("accepted", 1)),
    ),
    Race(
        offered_while_it_is_wrapped_up,
        stops="crm.actions.wrapping.insert_or_none",
        guards=(lock("lock_interaction", of=locks),),
        kept=("done", "ContactOver", 0),
        broken=("done", "done", 1),
    ),
    Race(
        answered_at_two_desks,
        stops="crm.actions.contacts.hold_open",
        guards=(lock("lock_interaction", of=contacts),),
        kept=("done", "MovedMeanwhile", 1),
        broken=("done", "done", 2),
    ),
    Race(
        two_texts_of_one_thread,
        stops="crm.actions.contact_tasks._check_nobody_elses",
        guards=(lock("lock_interaction", of=locks), compare_and_set("crm.actions.tasks")),
        kept=("done", "ThreadHeld", 1),
        broken=("done", "done", 2),
    ),
    Race(
        a_thread_from_the_list_and_at_the_desk,
        stops="crm.actions.contact_tasks._check_nobody_elses",
        guards=(
            lock("lock_interaction", of=locks),
            lock("lock_interaction", of=contacts),
            compare_and_set("crm.actions.tasks"),
        ),
        kept=("done", "MovedMeanwhile", 1),
        broken=("done", "done", 2),
    ),
    Race(
        changed_twice,
        stops="crm.locks.lock_wrap_up",
        guards=(lock("lock_wrap_up", of=locks),),
        kept=("done", "done", 2),
        broken=("done", "done", 1),
    ),
    Race(
        the_last_try_twice,
        stops="crm.locks.lock_task",
        guards=(lock("lock_task", of=locks), compare_and_set("crm.actions.tasks")),
        kept=("done", "TaskClosed", 1),
        broken=("done", "done", 2),
    ),
)


def test_with_their_guards() -> None:
    assert with_guards(RACES) == kept(RACES)


def test_without_their_guards() -> None:
    assert without_guards(RACES) == broken(RACES)
