"""Whom a hand-off asks: at first, next, and what is left when nobody answers."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace

from crm.actions.tasks import open_task
from crm.engine import Actor, move, publish
from crm.models import Handoff, Interaction, InteractionStep, OnCall, Queue, User
from crm.queries.handoffs import on_call_now
from crm.rules.handoffs import due_after_lapse, goes_next_to, is_urgent
from crm.states import Acuity, HandoffStatus, HandoffTo, Role, TaskKind

#: The step that looks whether somebody has answered (`crm.tasks_center`).
LOOK_AFTER = "crm.handoff"


@dataclass(frozen=True, slots=True)
class Rung:
    """Who is asked: one user, a queue, or all of a role. `turn` is whose turn on call it is."""

    to: HandoffTo
    user: User | None = None
    queue: Queue | None = None
    turn: OnCall | None = None
    #: Keys of those who are not asked again.
    passed_by: tuple[int, ...] = ()


def first_rung(
    contact: Interaction,
    *,
    to: HandoffTo,
    user: User | None,
    queue: Queue | None,
    by: Actor,
    at: dt.datetime,
) -> Rung | str:
    """Whom an agent may ask; a sentence where there is nobody like that."""
    if user is not None and (wrong := _why_not_them(user, to, by)):
        return wrong
    if to is HandoffTo.PROVIDER:
        return _first_page(contact, at=at)
    missing = {
        HandoffTo.PERSON: "" if user else "Choose the person.",
        HandoffTo.QUEUE: "" if queue else "Choose the queue.",
    }
    asked = Rung(to, user=user, queue=queue if to is HandoffTo.QUEUE else None)
    return missing.get(to) or asked


def _why_not_them(user: User, to: HandoffTo, by: Actor) -> str:
    if user.pk == by.id:
        return "You have it already. Choose somebody else."
    if not user.is_active:
        return "They no longer work here. Choose somebody else."
    if to is HandoffTo.NURSE and not user.has_role(Role.NURSE):
        return "They are no nurse. Choose a nurse."
    return ""


def _first_page(contact: Interaction, *, at: dt.datetime) -> Rung | str:
    if contact.is_training:
        return "This is training: nobody is paged."
    found = _next_turn(contact, present=None, passed_by=(), at=at)
    return found or "Nobody is on call for this line now. Ask a nurse."


def next_rung(handoff: Handoff, *, at: dt.datetime) -> Rung | None:
    """Whom to ask after a silence or a no; None when there is nobody further."""
    contact, now = handoff.interaction, HandoffTo(handoff.to)
    page = _next_page(handoff, at=at) if now is HandoffTo.PROVIDER else None
    named = handoff.to_user_id is not None
    to = goes_next_to(now, is_named=named, more_on_call=page is not None)
    if to is HandoffTo.PROVIDER:
        return page
    if to is HandoffTo.NURSE:
        return Rung(to, passed_by=tuple(handoff.passed_by))
    if to is HandoffTo.QUEUE:
        queue = _queue_of(contact)
        return Rung(to, queue=queue) if queue else Rung(HandoffTo.MANAGER)
    return Rung(to) if to else None


def _next_page(handoff: Handoff, *, at: dt.datetime) -> Rung | None:
    """The same clinician once more, then whoever has the next turn."""
    passed = tuple(handoff.passed_by)
    return _next_turn(handoff.interaction, present=handoff.to_user_id, passed_by=passed, at=at)


def _next_turn(
    contact: Interaction, *, present: int | None, passed_by: tuple[int, ...], at: dt.datetime
) -> Rung | None:
    turns = on_call_now(specialty=contact.specialty, at=at)
    turn = next((each for each in turns if each.user_id not in passed_by), None)
    if turn is None:
        return None
    found = Rung(HandoffTo.PROVIDER, user=turn.user, turn=turn, passed_by=passed_by)
    again = turn.user_id == present  # paged twice at most
    return replace(found, passed_by=(*passed_by, turn.user_id)) if again else found


def _queue_of(contact: Interaction) -> Queue | None:
    """The queue of the line that was called; else the first that asks for no skill."""
    call = getattr(contact, "call", None)
    if call is not None and call.line is not None and call.line.queue.is_active:
        found: Queue = call.line.queue
        return found
    return Queue.objects.filter(is_active=True, skills=[]).first()


def ask(handoff: Handoff, rung: Rung, *, at: dt.datetime) -> None:
    """Put the hand-off before `rung`; a clinician on call is paged (`crm.provider-paged`)."""
    handoff.to, handoff.to_user, handoff.queue = rung.to, rung.user, rung.queue
    handoff.passed_by = list(rung.passed_by)
    handoff.save(update_fields=["to", "to_user", "queue", "passed_by", "level"])
    if rung.turn is not None:
        turn = {"on_call": rung.turn.pk, "level": handoff.level}
        publish("crm.provider-paged", handoff, at=at, **turn)


def lapse(handoff: Handoff, *, by: Actor, at: dt.datetime) -> None:
    """Nobody is left to ask: a task, and whoever offered it is told by `crm.handoff-lapsed`."""
    contact = handoff.interaction
    move(handoff, to=HandoffStatus.LAPSED, by=by, at=at, due_at=None)
    if not contact.is_training:
        _leave_task(handoff, contact, by=by, at=at)
    publish("crm.handoff-lapsed", handoff, at=at, contact=contact.pk)


def _leave_task(handoff: Handoff, contact: Interaction, *, by: Actor, at: dt.datetime) -> None:
    acuity = Acuity(handoff.acuity)
    asked = InteractionStep.objects.filter(subject_type="crm.handoff", subject_id=handoff.pk)
    first = asked.values_list("code", flat=True).first()
    clinical = is_urgent(acuity) or first in {HandoffTo.NURSE, HandoffTo.PROVIDER}
    giver = handoff.offered_by.get_full_name() or handoff.offered_by.get_username()
    open_task(
        kind=TaskKind.ASK_NURSE if clinical else TaskKind.FOLLOW_UP,
        title="Nobody took this call over: answer the question",
        why=f"{giver} asked: “{handoff.question}”",
        patient=contact.patient,
        journey=contact.journey,
        due_at=at + due_after_lapse(acuity),
        cause_key=f"crm.handoff:{handoff.pk}:lapsed",
        by=by,
        at=at,
    )
