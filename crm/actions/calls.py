"""What a telephone system tells of a call, kept and acted on: once, and in any order.

Each piece of news is kept with the call, and the call is put together anew from all of them
(`crm.rules.calls.put_together`); then what hangs on it is brought into line (`call_effects`). So
the end is the same whatever came first, and what comes twice changes nothing.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator

from django.db import transaction

from crm import locks
from crm.actions.call_effects import RING, follow_call
from crm.actions.contacts import note_step, open_contact
from crm.engine import Actor, move, publish
from crm.models import Agent, Call, Interaction, Phone, PhoneLine
from crm.rules.calls import (
    CallStory,
    CallTold,
    Heard,
    caller_kind,
    put_together,
    read_number,
)
from crm.states import Aid, CallStatus, Channel, StepKind, WaitsFor

_SAID = {
    CallStatus.RINGING: "crm.call-rang",
    CallStatus.TALKING: "crm.call-answered",
    CallStatus.ON_HOLD: "crm.call-held",
    CallStatus.ENDED: "crm.call-ended",
    CallStatus.ABANDONED: "crm.call-abandoned",
}


@transaction.atomic
def hear_call(*, told: CallTold, at: dt.datetime, by: Actor) -> Call:
    """Take one piece of news of one call; the same again changes nothing.

    The first news opens the contact, whatever it is. A number that was called puts it into the
    queue of its line, or, where no line has that number, into the first queue that needs no skills.
    Where it rings at a known extension, whoever has that is told; whoever answers by one gets the
    contact, and their state follows. One that nobody
    answered leaves its queue, and a task to call back is made, one for a phone and a line.

    Locks the call by name, its contact, then the agents. Publishes `crm.call-rang`, `-answered`,
    `-held`, `-resumed`, `-ended` and `-abandoned` for what changed, else `crm.call-changed`;
    `crm.call-rings` for each agent at whose telephone it rings from now on; and what is published
    for contacts, queues, agents and tasks.

    :param at: now; `told.at` is when it happened.
    :param by: the telephone system.
    """
    locks.lock_name(f"call {told.source} {told.source_id}")
    call = find_call(told.source, told.source_id)
    is_new = call is None
    if call is None:
        call = _open_call(told, by=by, at=at)
    elif told.heard.as_json() in call.heard:
        return call
    call.interaction = contact = locks.lock_interaction(call.interaction_id)
    was = CallStatus.RINGING if is_new else CallStatus(call.status)
    _learn(call, contact, told)
    call.heard = [*call.heard, told.heard.as_json()]
    story = story_of(call, was_taken=contact.agent_id is not None)
    new_rings = set(story.rings_at) - set(call.rings_at)
    _write(call, story)
    names = [_SAID[CallStatus.RINGING]] if is_new else []
    names += list(_advance(call, story.status, by=by, at=at))
    follow_call(call, contact, story, told=told, was=was, by=by, at=at)
    for name in names or ["crm.call-changed"]:
        publish(name, call, at=at, contact=contact.pk)
    _tell_whom_it_rings(call, new_rings, at=at)
    return call


def _tell_whom_it_rings(call: Call, extensions: Collection[str], *, at: dt.datetime) -> None:
    """To each of them by themselves: their desk opens it, and no other."""
    if not extensions:
        return
    for agent in Agent.objects.filter(extension__in=extensions).order_by("pk"):
        publish("crm.call-rings", agent, at=at, contact=call.interaction_id)


def find_call(source: str, source_id: str) -> Call | None:
    """By the telephone system's key for it."""
    rows = Call.objects.select_related("line__queue", "phone")
    return rows.filter(source=source, source_id=source_id).first()


def story_of(call: Call, *, was_taken: bool) -> CallStory:
    """All that was told of it, put together."""
    heard = [Heard.of_json(kept) for kept in call.heard]
    return put_together(heard, is_outbound=call.is_outbound, was_taken=was_taken)


def _open_call(told: CallTold, *, by: Actor, at: dt.datetime) -> Call:
    contact = open_contact(channel=Channel.VOICE, by=by, at=told.at)
    note_step(
        contact=contact,
        kind=StepKind.RING,
        code=RING,
        waits_for=WaitsFor.CALLER if told.is_outbound else WaitsFor.QUEUE,
        by=by,
        at=told.at,
        number=caller_kind(told.called if told.is_outbound else told.caller),
    )
    return Call.objects.create(
        interaction=contact,
        source=told.source,
        source_id=told.source_id,
        is_outbound=told.is_outbound,
        rang_at=told.at,
    )


def _learn(call: Call, contact: Interaction, told: CallTold) -> None:
    """What is known of the call from its numbers, as soon as any news names them."""
    ours, theirs = (told.caller, told.called) if call.is_outbound else (told.called, told.caller)
    if call.line is None and ours:
        call.line = find_line(ours)
        if call.line is not None:
            contact.specialty = contact.specialty or call.line.specialty
            contact.language = contact.language or call.line.language
    number = read_number(theirs)
    if call.phone is None and number:
        call.phone = Phone.objects.get_or_create(number=number)[0]
    if told.aid is not Aid.NONE:
        call.aid = told.aid


def find_line(number: str) -> PhoneLine | None:
    """The line that has this number, as a telephone system writes it."""
    e164 = read_number(number)
    rows = PhoneLine.objects.select_related("queue").filter(number=e164, is_active=True)
    return rows.first() if e164 else None


def _write(call: Call, story: CallStory) -> None:
    """All but the status, which only moves."""
    call.rang_at, call.answered_at, call.ended_at = (
        story.rang_at,
        story.answered_at,
        story.ended_at,
    )
    call.held_since, call.held_seconds = story.held_since, story.held_seconds
    call.rings_at = list(story.rings_at)
    call.pressed = [key[:8] for key in story.pressed]
    call.save(
        update_fields=[
            *("heard", "line", "phone", "aid", "rang_at", "answered_at", "ended_at"),
            *("held_since", "held_seconds", "pressed", "rings_at"),
        ]
    )


def _advance(call: Call, to: CallStatus, *, by: Actor, at: dt.datetime) -> Iterator[str]:
    """Move the call there, by way of talking where it must; yields what to publish."""
    while call.status != to:
        was = CallStatus(call.status)
        ways = Call.MOVES[was]
        if not ways:
            return  # it is over, and stays as it ended
        step = to if to in ways else CallStatus.TALKING
        move(call, to=step, by=by, at=at)
        resumed = was is CallStatus.ON_HOLD and step is CallStatus.TALKING
        yield "crm.call-resumed" if resumed else _SAID[step]
