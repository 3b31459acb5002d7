"""What hangs on a call, brought into line with it: its steps, its wait, its agent, a call back.

Each looks at how things stand and does what is missing, so that it may be done again.
"""

from __future__ import annotations

import datetime as dt
from typing import Any, Final

from crm import locks
from crm.actions.agents import follow_contacts
from crm.actions.contacts import note_step, take_contact
from crm.actions.queues import enter_queue
from crm.actions.tasks import hasten_task, open_task, settle_task
from crm.engine import Actor, move, publish, record
from crm.models import (
    Call,
    Callback,
    Handoff,
    Interaction,
    InteractionStep,
    Queue,
    QueueEntry,
    Task,
    User,
)
from crm.queries.queues import queue_without_line
from crm.rules.calls import CallNews, CallStory, CallTold, Meant, lasted, meant_by
from crm.states import (
    Acuity,
    CallStatus,
    EntryStatus,
    HandoffStatus,
    StepKind,
    TaskKind,
    TaskStatus,
    WaitsFor,
)

#: Somebody who hung up still waits for us: they are called back within this time.
CALL_BACK_WITHIN: Final = dt.timedelta(minutes=15)
#: The step of a contact by telephone that lasts until somebody answers; its other steps.
RING: Final = "call"
_TOLD: Final = "telephone"
#: News from which a caller's queue follows, while they wait.
_SAYS_WHERE: Final = frozenset({CallNews.RANG, CallNews.PRESSED})
_TO_DO: Final = (TaskStatus.OPEN, TaskStatus.CLAIMED)
_OVER: Final = (CallStatus.ENDED, CallStatus.ABANDONED)


def follow_call(
    call: Call,
    contact: Interaction,
    story: CallStory,
    *,
    told: CallTold,
    was: CallStatus,
    by: Actor,
    at: dt.datetime,
) -> None:
    """Everything that follows from the call as it is now. The contact is locked."""
    had = contact.agent_id
    agent = _who_answered(story)
    _keep_contact(call, contact, story)
    _keep_steps(contact, story, told, by=Actor.user(agent) if agent else by)
    entry = _keep_wait(call, contact, story, told, by=by, at=at)
    if agent is not None and _gets_it(agent, contact, entry, story, told):
        take_contact(contact_id=contact.pk, agent=agent, by=Actor.user(agent), at=at)
        contact.agent = agent
    if entry is not None:
        _move_wait(entry, contact, story, agent, by=by, at=at)
    follow_contacts(user_ids=[had, contact.agent_id], by=by, at=at)
    if call.status == CallStatus.ABANDONED:
        _ask_to_call_back(call, contact, by=by, at=at)
    if was is CallStatus.ABANDONED and call.status == CallStatus.ENDED:
        said = "The call was answered: the news of it came late."
        settle_task(cause_key=_cause(call), by=by, at=at, reason=said, done=False)


def _who_answered(story: CallStory) -> User | None:
    if not story.extension:
        return None
    rows = User.objects.filter(agent__extension=story.extension, is_active=True)
    return rows.first()


# --- the contact and its steps -------------------------------------------------------


def _keep_contact(call: Call, contact: Interaction, story: CallStory) -> None:
    """Its times, and its kind as the menu has it, until somebody who has it says another."""
    meant = meaning_of(call)
    if meant.call_type and (contact.agent_id is None or not contact.call_type):
        contact.call_type = meant.call_type
    contact.started_at = story.rang_at
    if not hasattr(contact, "wrap_up"):
        contact.ended_at = story.ended_at
    if call.status == CallStatus.ABANDONED:
        contact.summary = f"Hung up after {lasted(story.waited)}"
    elif call.status == CallStatus.ENDED and contact.summary.startswith("Hung up after"):
        contact.summary = ""
    fields = ["call_type", "started_at", "ended_at", "summary", "specialty", "language"]
    contact.save(update_fields=fields)


def meaning_of(call: Call) -> Meant:
    """What the keys that were pressed say, by the menu of the line as it is now."""
    return meant_by(call.line.menu, call.pressed) if call.line else Meant()


def _keep_steps(contact: Interaction, story: CallStory, told: CallTold, *, by: Actor) -> None:
    """The ring until the answer, each answer and key, and each time on hold, for the ribbon."""
    mine = InteractionStep.objects.filter(interaction=contact)
    ring = mine.filter(kind=StepKind.RING, code=RING)
    ring.update(at=story.rang_at, ended_at=story.answered_at or story.ended_at)
    if told.news is CallNews.ANSWERED:
        note_step(contact=contact, kind=StepKind.ANSWER, code=_TOLD, by=by, at=told.at)
    if told.news is CallNews.PRESSED:
        waits, code = WaitsFor.CALLER, f"key:{told.key}"
        note_step(
            contact=contact, kind=StepKind.RING, code=code, waits_for=waits, by=by, at=told.at
        )
    _keep_holds(contact, story, by=by)


def _keep_holds(contact: Interaction, story: CallStory, *, by: Actor) -> None:
    """A step for each time on hold; one that later news makes part of another goes."""
    mine = InteractionStep.objects.filter(interaction=contact, kind=StepKind.CALL_HOLD, code=_TOLD)
    known = {step.at: step for step in mine}
    gone = known.keys() - {hold.at for hold in story.holds}
    if gone:
        mine.filter(at__in=gone).delete()
    for hold in story.holds:
        step = known.get(hold.at)
        if step is None:
            kind, until = StepKind.CALL_HOLD, hold.ended_at
            note_step(contact=contact, kind=kind, code=_TOLD, by=by, at=hold.at, ended_at=until)
        elif step.ended_at != hold.ended_at:
            InteractionStep.objects.filter(pk=step.pk).update(ended_at=hold.ended_at)


# --- its wait --------------------------------------------------------------------------


def _keep_wait(
    call: Call,
    contact: Interaction,
    story: CallStory,
    told: CallTold,
    *,
    by: Actor,
    at: dt.datetime,
) -> QueueEntry | None:
    """Its newest wait, begun once we know which number was called."""
    entry = contact.queue_entries.select_related("queue").order_by("-pk").first()
    if call.is_outbound or hasattr(contact, "wrap_up"):
        return entry
    queue = queue_for(call) if story.names_line else None
    if queue is None:
        return entry
    if entry is None:
        acuity, since = meaning_of(call).acuity, story.rang_at
        return enter_queue(
            contact_id=contact.pk, queue=queue, acuity=acuity, entered_at=since, by=by, at=at
        )
    at_somebodys = told.news is CallNews.RANG and told.extension and told.at > story.rang_at
    if entry.status == EntryStatus.WAITING and told.news in _SAYS_WHERE and not at_somebodys:
        _redirect(entry, queue, meaning_of(call), story.rang_at, by=by, at=at)
    return entry


def queue_for(call: Call) -> Queue | None:
    """Where it waits: where its keys lead, else at its line, else in the first queue for all.

    None where a number was called that is no line's, and no queue is for all.
    """
    chosen = meaning_of(call).queue
    by_key = Queue.objects.filter(code=chosen, is_active=True).first() if chosen else None
    if by_key is not None:
        return by_key
    if call.line is not None:
        return call.line.queue
    return queue_without_line()


def _redirect(
    entry: QueueEntry,
    queue: Queue,
    meant: Meant,
    since: dt.datetime,
    *,
    by: Actor,
    at: dt.datetime,
) -> None:
    """A key led elsewhere, or an earlier ring was told later: it is the same wait all the same."""
    urgent = min(meant.acuity, Acuity(entry.acuity), key=lambda each: each.rank)
    answer_by = since + dt.timedelta(seconds=queue.answer_seconds)
    wanted = (queue.pk, str(urgent), since, answer_by)
    if wanted == (entry.queue_id, entry.acuity, entry.entered_at, entry.answer_by):
        return
    entry.queue, entry.acuity = queue, urgent
    entry.entered_at, entry.answer_by = since, answer_by
    entry.save(update_fields=["queue", "acuity", "entered_at", "answer_by"])
    record("crm.queueentry.redirected", entry, by=by, at=at, queue=queue.pk)
    publish("crm.queue-entered", entry, at=at, queue=queue.pk, contact=entry.interaction_id)


def _move_wait(
    entry: QueueEntry,
    contact: Interaction,
    story: CallStory,
    agent: User | None,
    *,
    by: Actor,
    at: dt.datetime,
) -> None:
    """Claimed by the answer that came in it; ended with the call."""
    answered_at = story.put_through_at
    answered = answered_at is not None and answered_at >= entry.entered_at
    told = {"queue": entry.queue_id, "contact": entry.interaction_id}
    claim: dict[str, Any] = {"claimed_by": agent, "claimed_at": answered_at}
    if entry.status == EntryStatus.WAITING and answered:
        move(entry, to=EntryStatus.CLAIMED, by=by, at=at, **claim)
        publish("crm.queue-claimed", entry, at=at, **told)
    if entry.status == EntryStatus.LEFT and answered:  # the answer was told after the end
        move(entry, to=EntryStatus.DONE, by=by, at=at, **claim)
    if entry.claimed_by is None and answered and entry.claimed_at != answered_at:
        # Only now are we told who answered, and when: a hold was told before.
        QueueEntry.objects.filter(pk=entry.pk).update(**claim)
    if story.status not in _OVER or entry.status not in {EntryStatus.WAITING, EntryStatus.CLAIMED}:
        return
    taken = entry.status == EntryStatus.CLAIMED
    to = EntryStatus.DONE if taken else EntryStatus.LEFT
    move(entry, to=to, by=by, at=at, reason="the call is over", ended_at=story.ended_at)
    publish("crm.queue-left", entry, at=at, **told)


def _gets_it(
    agent: User,
    contact: Interaction,
    entry: QueueEntry | None,
    story: CallStory,
    told: CallTold,
) -> bool:
    """Whether the telephone's word for who has the contact is the newest that there is.

    Somebody may have taken it at the desk since: then an answer that comes late changes nothing.
    """
    if contact.agent_id == agent.pk or hasattr(contact, "wrap_up"):
        return False
    if contact.agent_id is None:
        return True
    if told.news is not CallNews.ANSWERED or told.at != story.put_through_at:
        return False
    accepted = Handoff.objects.filter(interaction=contact, status=HandoffStatus.ACCEPTED)
    taken_at = list(accepted.values_list("answered_at", flat=True))
    taken_at.append(entry.claimed_at if entry else None)
    return all(told.at > each for each in taken_at if each)


# --- a call back ------------------------------------------------------------------------


def _ask_to_call_back(call: Call, contact: Interaction, *, by: Actor, at: dt.datetime) -> None:
    """Once for a phone and a line, while nobody has done it. A number withheld cannot be called."""
    if call.phone is None:
        return
    locks.lock_phone(call.phone.pk)
    open_ones = Task.objects.filter(kind=TaskKind.CALL_BACK, status__in=_TO_DO)
    theirs = open_ones.filter(
        callback__phone=call.phone, callback__interaction__call__line=call.line
    )
    if theirs.exclude(cause_key=_cause(call)).exists():
        return
    title, why = f"{contact.summary}, call back", _why(call)
    due_at, cause = at + CALL_BACK_WITHIN, _cause(call)
    task = open_task(
        kind=TaskKind.CALL_BACK, title=title, why=why, cause_key=cause, due_at=due_at, by=by, at=at
    )
    if (task.title, task.why) != (title, why) and task.status in _TO_DO:
        hasten_task(task=task, title=title, why=why, due_at=due_at, by=by, at=at)
    Callback.objects.get_or_create(
        task=task,
        defaults={
            "phone": call.phone,
            "interaction": contact,
            "language": contact.language or "en",
        },
    )


def _why(call: Call) -> str:
    """Which line, and what they pressed; the number stands beside it."""
    says = meaning_of(call).says
    line = call.line.name if call.line else "A line that we do not know"
    return f"{line}, chose “{says}”" if says else line


def _cause(call: Call) -> str:
    return f"hung-up:{call.pk}"
