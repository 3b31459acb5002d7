"""Waiting in a queue, and being taken from it. The contact is locked first, then its wait moves.

So of two agents who take one wait in one instant one has it, and the other reads who.
"""

from __future__ import annotations

import datetime as dt
from typing import Any, Final

from django.db import transaction

from crm import locks
from crm.actions.agents import follow_contacts
from crm.actions.contact_tasks import find_worker, has_work, put_back_its_tasks
from crm.actions.contacts import ContactOver, take_contact
from crm.engine import Actor, MovedMeanwhile, move, publish, record
from crm.models import Agent, Interaction, Queue, QueueEntry, User
from crm.rules.queues import missing_skills
from crm.rules.said import say
from crm.states import Acuity, CallStatus, EntryStatus

_OPEN: Final = (EntryStatus.WAITING, EntryStatus.CLAIMED)
_ON_THE_LINE: Final = (CallStatus.TALKING, CallStatus.ON_HOLD)


class TakenAlready(Exception):
    """Somebody else was faster; the sentence says who."""


class NoLongerWaits(Exception):
    """It has left the queue meanwhile, or its contact is over."""


class LacksSkills(Exception):
    """The queue needs skills that this member of staff has not; the sentence names them."""


class OnTheLine(Exception):
    """A caller who is being talked to does not go back to a queue; a hand-off takes them there."""


@transaction.atomic
def enter_queue(
    *,
    contact_id: int,
    queue: Queue,
    by: Actor,
    at: dt.datetime,
    acuity: Acuity = Acuity.ROUTINE,
    entered_at: dt.datetime | None = None,
) -> QueueEntry:
    """Have a contact (a call, a text that needs a person) wait for somebody with the skills.

    In one queue at a time: where it waits in another, it leaves that one; where somebody has it in
    hand, it stays with them until another takes it. Waiting there already, it keeps its place.
    Locks the contact; publishes `crm.queue-entered`.

    :param acuity: the contact's own counts where it is more urgent.
    :param entered_at: when the wait began, if not `at`; the service level counts from it.
    :raises ContactOver: it has been wrapped up.
    """
    contact = locks.lock_interaction(contact_id)
    if hasattr(contact, "wrap_up"):
        raise ContactOver("This contact has been wrapped up. Open a new one to go on.")
    standing = find_wait(contact)
    if standing is not None:
        if standing.status == EntryStatus.WAITING and standing.queue_id == queue.pk:
            return standing
        _end(standing, by=by, at=at, reason=f"to {queue.code}")
    since = entered_at or at
    acuity = min(acuity, Acuity(contact.acuity or Acuity.ROUTINE), key=lambda each: each.rank)
    entry = QueueEntry.objects.create(
        queue=queue,
        interaction=contact,
        acuity=acuity,
        entered_at=since,
        answer_by=since + dt.timedelta(seconds=queue.answer_seconds),
    )
    record("crm.queueentry.entered", entry, by=by, at=at, queue=queue.pk, acuity=acuity)
    _tell("crm.queue-entered", entry, at=at)
    return entry


@transaction.atomic
def claim_entry(*, entry_id: int, agent: User, by: Actor, at: dt.datetime) -> QueueEntry:
    """`agent` takes it, and has the contact from now on. Taking one's own again changes nothing.

    Locks the contact, then the agents; publishes `crm.queue-claimed`.

    :raises TakenAlready:
    :raises NoLongerWaits:
    :raises LacksSkills:
    """
    entry = _locked(entry_id)
    if entry.status == EntryStatus.CLAIMED and entry.claimed_by_id == agent.pk:
        return entry
    if entry.status == EntryStatus.CLAIMED:
        raise TakenAlready(say("%(name)s took this a moment ago.", name=_said(entry.claimed_by)))
    worker = find_worker(entry.interaction)
    if worker is not None and worker.pk != agent.pk:
        raise TakenAlready(say("%(name)s has taken it from the list of tasks.", name=_said(worker)))
    return _give(entry, agent, by=by, at=at)


@transaction.atomic
def reassign_entry(*, entry_id: int, to: User, by: Actor, at: dt.datetime) -> QueueEntry:
    """Somebody who oversees the desk gives it to `to`, whoever has it now. As `claim_entry`.

    :raises NoLongerWaits:
    :raises LacksSkills: an overseer cannot lend skills: nurses' contacts go to nurses.
    """
    entry = _locked(entry_id)
    if entry.status == EntryStatus.CLAIMED:
        if entry.claimed_by_id == to.pk:
            return entry
        _check_skills(entry.queue, to)
        put_back_its_tasks(contact=entry.interaction, had=entry.claimed_by_id, by=by, at=at)
        _put_back(entry, by=by, at=at)
    return _give(entry, to, by=by, at=at)


@transaction.atomic
def reassign_contact(*, contact_id: int, to: User, by: Actor, at: dt.datetime) -> Interaction:
    """Somebody who oversees the desk gives it to `to`: out of its queue, or from whoever has it.

    One that stands in no queue (a call that we made) changes hands alone. Locks the contact, then
    the agents; publishes `crm.contact-taken`, and `crm.queue-claimed` where it stood in a queue.

    :raises ContactOver: it has been wrapped up.
    :raises NoLongerWaits:
    :raises LacksSkills: as `reassign_entry`.
    """
    contact = locks.lock_interaction(contact_id)
    standing = find_wait(contact)
    if standing is not None:
        entry = reassign_entry(entry_id=standing.pk, to=to, by=by, at=at)
        return entry.interaction
    had = contact.agent_id
    taken = take_contact(contact_id=contact_id, agent=to, by=by, at=at)
    follow_contacts(user_ids=[had, to.pk], by=by, at=at)
    return taken


@transaction.atomic
def release_entry(*, entry_id: int, by: Actor, at: dt.datetime) -> QueueEntry:
    """Whoever took it gives it back: it waits again, in the place that it had.

    Locks the contact, then the agent; publishes `crm.queue-released`.

    :raises NoLongerWaits:
    :raises OnTheLine: the caller is being talked to.
    """
    entry = _locked(entry_id)
    if entry.status == EntryStatus.WAITING:
        return entry
    _check_open(entry)
    call = getattr(entry.interaction, "call", None)
    if call is not None and call.status in _ON_THE_LINE:
        raise OnTheLine("You are on the line with them. Hand the call off instead.")
    had = entry.interaction.agent_id
    _put_back(entry, by=by, at=at)
    Interaction.objects.filter(pk=entry.interaction_id).update(agent=None)
    put_back_its_tasks(contact=entry.interaction, had=had, by=by, at=at)
    follow_contacts(user_ids=[had], by=by, at=at)
    _tell("crm.queue-released", entry, at=at)
    return entry


@transaction.atomic
def leave_queue(*, entry_id: int, by: Actor, at: dt.datetime, reason: str = "") -> QueueEntry:
    """Nobody waits there any more: they hung up, or were taken out. A second time changes nothing.

    Locks the contact; publishes `crm.queue-left`.

    :param reason: for the trail, without names.
    """
    entry = _locked(entry_id)
    if entry.status in _OPEN:
        move(entry, to=EntryStatus.LEFT, by=by, at=at, reason=reason, ended_at=at)
        _tell("crm.queue-left", entry, at=at)
    return entry


@transaction.atomic
def end_wait(*, contact_id: int, by: Actor, at: dt.datetime) -> None:
    """The contact is over: what was taken from a queue is done, what still waited has left it.

    Locks the contact; publishes `crm.queue-left`.
    """
    standing = find_wait(locks.lock_interaction(contact_id))
    if standing is not None:
        _end(standing, by=by, at=at, reason="the contact is over")


@transaction.atomic
def claim_taken(
    *, contact_id: int, taken_at: dt.datetime, by: Actor, at: dt.datetime
) -> QueueEntry | None:
    """Somebody took the contact past its queue (a hand-off, a take-over): it waits no more.

    A wait that began after that is another one. Locks the contact; publishes `crm.queue-claimed`.
    """
    contact = locks.lock_interaction(contact_id)
    entry = find_wait(contact)
    if entry is None or entry.status != EntryStatus.WAITING:
        return entry
    if contact.agent_id is not None and entry.entered_at <= taken_at:
        claim: dict[str, Any] = {"claimed_by_id": contact.agent_id, "claimed_at": taken_at}
        move(entry, to=EntryStatus.CLAIMED, by=by, at=at, **claim)
        _tell("crm.queue-claimed", entry, at=at)
    return entry


@transaction.atomic
def follow_its_tasks(*, contact_id: int, by: Actor, at: dt.datetime) -> None:
    """Let the wait of a contact that nobody has follow its tasks, which are in a list as well.

    Somebody took one on there: it waits for nobody else. They put it back: it waits again. All
    are closed: it is over. Locks the contact; publishes what became of the wait.
    """
    contact = locks.lock_interaction(contact_id)
    entry, worker = find_wait(contact), find_worker(contact)
    if entry is None or contact.agent_id is not None:
        return
    if not has_work(contact):
        _end(entry, by=by, at=at, reason="its task is closed")
    elif worker is not None and entry.status == EntryStatus.WAITING:
        move(entry, to=EntryStatus.CLAIMED, by=by, at=at, claimed_by=worker, claimed_at=at)
        _tell("crm.queue-claimed", entry, at=at)
    elif worker is None and entry.status == EntryStatus.CLAIMED:
        _put_back(entry, by=by, at=at)
        _tell("crm.queue-released", entry, at=at)


def find_wait(contact: Interaction) -> QueueEntry | None:
    """Where it waits, or what it was taken from; never two. One statement."""
    rows = contact.queue_entries.filter(status__in=_OPEN)
    return rows.select_related("queue").first()


def _locked(entry_id: int) -> QueueEntry:
    """The entry as it is once its contact is ours: nobody else moves it meanwhile."""
    contact_id = QueueEntry.objects.values_list("interaction_id", flat=True).get(pk=entry_id)
    locks.lock_interaction(contact_id)
    rows = QueueEntry.objects.select_related(
        "queue", "claimed_by", "interaction__call", "interaction__wrap_up"
    )
    return rows.get(pk=entry_id)


def _give(entry: QueueEntry, agent: User, *, by: Actor, at: dt.datetime) -> QueueEntry:
    _check_open(entry)
    _check_skills(entry.queue, agent)
    had = entry.interaction.agent_id
    try:
        move(entry, to=EntryStatus.CLAIMED, by=by, at=at, claimed_by=agent, claimed_at=at)
        take_contact(contact_id=entry.interaction_id, agent=agent, by=by, at=at)
    except MovedMeanwhile:
        raise TakenAlready("Somebody took this a moment ago.") from None
    follow_contacts(user_ids=[had, agent.pk], by=by, at=at)
    _tell("crm.queue-claimed", entry, at=at)
    return entry


def _put_back(entry: QueueEntry, *, by: Actor, at: dt.datetime) -> None:
    move(entry, to=EntryStatus.WAITING, by=by, at=at, claimed_by=None, claimed_at=None)


def _end(entry: QueueEntry, *, by: Actor, at: dt.datetime, reason: str) -> None:
    taken = entry.status == EntryStatus.CLAIMED
    to = EntryStatus.DONE if taken else EntryStatus.LEFT
    move(entry, to=to, by=by, at=at, reason=reason, ended_at=at)
    _tell("crm.queue-left", entry, at=at)


def _check_open(entry: QueueEntry) -> None:
    if entry.status not in _OPEN or hasattr(entry.interaction, "wrap_up"):
        raise NoLongerWaits("They no longer wait: somebody saw to them, or they hung up.")


def _check_skills(queue: Queue, user: User) -> None:
    agent = Agent.objects.filter(user=user).first()
    missing = missing_skills(queue.skills, agent.skills if agent else ())
    if missing:
        needs = ", ".join(missing)
        said = "%(queue)s needs %(skills)s. Leave it to somebody who has that."
        raise LacksSkills(say(said, queue=queue.name, skills=needs))


def _said(user: User | None) -> str:
    return str(user.get_full_name() or user.get_username()) if user else "Somebody"


def _tell(name: str, entry: QueueEntry, *, at: dt.datetime) -> None:
    publish(name, entry, at=at, queue=entry.queue_id, contact=entry.interaction_id)
