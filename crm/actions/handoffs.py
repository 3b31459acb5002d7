"""Warm transfers: the whole contact with its question, offered, taken, declined, taken further.

The contact stays one row, so what was verified, asked, answered and done comes along. Locks the
contact first, then moves the hand-off: of two who accept in one instant one wins, and the other
reads who it was.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import transaction

from crm import locks
from crm.actions.contacts import ContactOver, note_step, take_contact
from crm.actions.handoff_rungs import LOOK_AFTER, ask, first_rung, lapse, next_rung
from crm.engine import Actor, MovedMeanwhile, insert_or_none, move, publish, record, wake
from crm.engine.actors import ActorKind
from crm.models import Handoff, Interaction, InteractionStep, Queue, User
from crm.queries.handoffs import may_answer, who_is_left
from crm.rules.handoffs import time_to_answer
from crm.rules.said import say
from crm.states import Acuity, HandoffStatus, HandoffTo, Role, StepKind, WaitsFor

BY = Actor.system("hand-offs")


class CannotHandOff(Exception):
    """This contact cannot be handed there; the sentence says why, or what to do instead."""


class HandoffOver(Exception):
    """The hand-off has ended meanwhile: the sentence says how."""


class NotAsked(Exception):
    """The hand-off waits for somebody else."""


class ReasonMissing(Exception):
    """Whoever declines says why, so that the other knows whom to ask."""


@transaction.atomic
def offer_handoff(
    *,
    contact_id: int,
    to: HandoffTo,
    question: str,
    by: Actor,
    at: dt.datetime,
    acuity: Acuity = Acuity.ROUTINE,
    user: User | None = None,
    queue: Queue | None = None,
) -> Handoff:
    """Ask somebody to take the contact over. Whoever has it keeps it until they accept.

    Locks the contact; publishes `crm.handoff-offered`, and `crm.provider-paged` for whoever is on
    call.

    :param question: what is asked of them, in a sentence; it opens on their screen.
    :param acuity: from a red flag; the contact's own counts where it is more urgent.
    :param user: the person, or one nurse; nobody for all nurses.
    :raises CannotHandOff: also when it is offered to somebody already.
    :raises ContactOver:
    """
    contact = _open(contact_id)
    if by.kind is not ActorKind.USER:
        raise CannotHandOff("Only a person can hand a contact over.")
    if not question.strip():
        raise CannotHandOff("Say in a sentence what you ask of them.")
    rung = first_rung(contact, to=to, user=user, queue=queue, by=by, at=at)
    if isinstance(rung, str):
        raise CannotHandOff(rung)
    acuity = min(acuity, Acuity(contact.acuity or Acuity.ROUTINE), key=lambda each: each.rank)
    handoff = insert_or_none(
        Handoff(
            interaction=contact,
            to=rung.to,
            to_user=rung.user,
            queue=rung.queue,
            question=question.strip()[:500],
            acuity=acuity,
            offered_by_id=by.id or 0,
            offered_at=at,
            due_at=at + time_to_answer(rung.to, acuity),
        )
    )
    if handoff is None:
        raise CannotHandOff("It is offered to somebody already. Take that back first.")
    record("crm.handoff.offered", handoff, by=by, at=at, to=to, acuity=acuity)
    waits, step = WaitsFor.COLLEAGUE, StepKind.HAND_OFF
    note_step(contact=contact, kind=step, code=to, waits_for=waits, subject=handoff, by=by, at=at)
    publish("crm.handoff-offered", handoff, at=at, to=str(to), contact=contact.pk)
    ask(handoff, rung, at=at)
    return handoff


@transaction.atomic
def accept_handoff(*, handoff_id: int, user: User, by: Actor, at: dt.datetime) -> Handoff:
    """`user` takes the contact with all that is known. Publishes `crm.handoff-accepted`.

    Locks the contact.

    :raises HandoffOver: somebody was faster, or it was taken back; says who.
    :raises NotAsked:
    :raises ContactOver:
    """
    handoff = _standing(handoff_id)
    _check_asked(handoff, user)
    if _has_moved(handoff):
        name = _name(handoff.interaction.agent)
        raise HandoffOver(say("%(name)s has this contact by now.", name=name))
    _end(handoff, HandoffStatus.ACCEPTED, user=user, by=by, at=at)
    take_contact(contact_id=handoff.interaction_id, agent=user, by=by, at=at)
    publish("crm.handoff-accepted", handoff, at=at, contact=handoff.interaction_id)
    return handoff


@transaction.atomic
def decline_handoff(
    *, handoff_id: int, user: User, reason: str, by: Actor, at: dt.datetime
) -> Handoff:
    """Say no, and why. One person's no ends it; of several who are asked it asks the others still.

    Where nobody is left, or a clinician on call says no, it goes further at once. Locks the
    contact; publishes `crm.handoff-declined`.

    :raises ReasonMissing, HandoffOver, NotAsked:
    """
    reason = reason.strip()[:300]
    if not reason:
        raise ReasonMissing("Say why, in a few words: they read it while the caller waits.")
    handoff = _standing(handoff_id)
    _check_asked(handoff, user)
    if handoff.to == HandoffTo.PERSON:
        _end(handoff, HandoffStatus.DECLINED, user=user, by=by, at=at, reason=reason)
    else:
        _pass_on(handoff, user, reason, by=by, at=at)
    publish("crm.handoff-declined", handoff, at=at, contact=handoff.interaction_id)
    return handoff


@transaction.atomic
def withdraw_handoff(*, handoff_id: int, by: Actor, at: dt.datetime) -> Handoff:
    """Take it back: whoever offered it goes on themselves. Publishes `crm.handoff-withdrawn`.

    :raises HandoffOver: when somebody has taken it.
    """
    handoff = _standing(handoff_id)
    _end(handoff, HandoffStatus.WITHDRAWN, by=by, at=at)
    publish("crm.handoff-withdrawn", handoff, at=at, contact=handoff.interaction_id)
    return handoff


@transaction.atomic
def escalate_or_rest(pk: int, at: dt.datetime) -> dt.datetime | None:
    """The step of one hand-off: nobody answered, so the next are asked; returns when to look again.

    Publishes `crm.handoff-escalated`, or at the end `crm.handoff-lapsed` with a task.
    """
    try:
        handoff = _standing(pk)
    except HandoffOver:
        return None
    if _has_moved(handoff):
        withdraw_handoff(handoff_id=pk, by=BY, at=at)
        return None
    rung = next_rung(handoff, at=at)
    if rung is None:
        lapse(handoff, by=BY, at=at)
        _end_wait(handoff, HandoffStatus.LAPSED, at=at, task=not handoff.interaction.is_training)
        return None
    handoff.level += 1
    record("crm.handoff.escalated", handoff, by=BY, at=at, to=rung.to, level=handoff.level)
    publish("crm.handoff-escalated", handoff, at=at, to=str(rung.to), level=handoff.level)
    ask(handoff, rung, at=at)
    return at + time_to_answer(rung.to, Acuity(handoff.acuity))


def hasten_handoff(*, handoff_id: int, at: dt.datetime) -> None:
    """Whoever is asked cannot be reached: ask the next at once."""
    handoff = Handoff.objects.filter(pk=handoff_id, status=HandoffStatus.OFFERED).first()
    if handoff is not None:
        wake(handoff, LOOK_AFTER, at=at)


# --- parts -------------------------------------------------------------------------------


def _open(contact_id: int) -> Interaction:
    contact = locks.lock_interaction(contact_id)
    if contact.ended_at is not None and hasattr(contact, "wrap_up"):
        raise ContactOver("This contact has been wrapped up. Open a new one to go on.")
    return contact


def _standing(handoff_id: int) -> Handoff:
    """The hand-off under its contact's lock. :raises HandoffOver:"""
    known = Handoff.objects.only("interaction_id").get(pk=handoff_id)
    locks.lock_interaction(known.interaction_id)
    rows = Handoff.objects.select_related("interaction__patient", "interaction__agent", "queue")
    people = ("offered_by", "to_user", "answered_by")
    handoff = rows.select_related(*people).get(pk=handoff_id)
    if handoff.status != HandoffStatus.OFFERED:
        raise HandoffOver(how_it_ended(handoff))
    return handoff


def _has_moved(handoff: Handoff) -> bool:
    """Whether somebody else was given the contact since it was offered: a supervisor's doing."""
    return handoff.interaction.agent_id not in {None, handoff.offered_by_id}


def how_it_ended(handoff: Handoff) -> str:
    """A sentence for whoever comes late."""
    who, giver = _name(handoff.answered_by), _name(handoff.offered_by)
    return {
        HandoffStatus.ACCEPTED: say("%(who)s was faster, and has taken it.", who=who),
        HandoffStatus.DECLINED: say("%(who)s has declined it.", who=who),
        HandoffStatus.WITHDRAWN: say("%(who)s has taken it back, and goes on with it.", who=giver),
        HandoffStatus.LAPSED: say(
            "Nobody answered in time. It is with %(who)s, and a task was made.", who=giver
        ),
    }[HandoffStatus(handoff.status)]


def _name(user: User | None) -> str:
    return (user.get_full_name() or user.get_username()) if user else "Somebody"


def _check_asked(handoff: Handoff, user: User) -> None:
    if not Handoff.objects.filter(may_answer(user), pk=handoff.pk).exists():
        raise NotAsked("Somebody else is asked to take this.")


def _end(
    handoff: Handoff,
    to: HandoffStatus,
    *,
    by: Actor,
    at: dt.datetime,
    user: User | None = None,
    reason: str = "",
) -> None:
    try:
        answered_at = at if user else None
        fields: dict[str, Any] = {"answered_by": user, "answered_at": answered_at, "due_at": None}
        move(handoff, to=to, by=by, at=at, reason=reason, **fields)
    except MovedMeanwhile:
        handoff.refresh_from_db()
        raise HandoffOver(how_it_ended(handoff)) from None
    if reason:
        handoff.reason = reason
        handoff.save(update_fields=["reason"])
    taken_by = user if to is HandoffStatus.ACCEPTED else None
    clinical = taken_by is not None and _is_clinical(handoff, taken_by)
    _end_wait(handoff, to, at=at, by=taken_by.pk if taken_by else None, clinical=clinical)


def _is_clinical(handoff: Handoff, user: User) -> bool:
    """Whether a nurse or a provider has it now: then nobody else rules on a danger."""
    return handoff.to in {HandoffTo.NURSE, HandoffTo.PROVIDER} or user.has_role(Role.NURSE)


def _end_wait(
    handoff: Handoff, to: HandoffStatus, *, at: dt.datetime, **how: float | bool | None
) -> None:
    """Its step says how it ended, and when: the time ribbon shows the wait for a colleague, and
    the script what of it is done."""
    waits = InteractionStep.objects.filter(
        interaction=handoff.interaction_id, kind=StepKind.HAND_OFF, ended_at=None
    )
    detail = {"ended": str(to), **how}
    waits.filter(subject_type="crm.handoff", subject_id=handoff.pk).update(
        ended_at=at, detail=detail
    )


def _pass_on(handoff: Handoff, user: User, reason: str, *, by: Actor, at: dt.datetime) -> None:
    handoff.passed_by = [*handoff.passed_by, user.pk]
    handoff.save(update_fields=["passed_by"])
    record("crm.handoff.passed-on", handoff, by=by, at=at, reason=reason)
    is_last = handoff.to != HandoffTo.MANAGER and not who_is_left(handoff)
    if handoff.to_user_id is not None or is_last:
        wake(handoff, LOOK_AFTER, at=at)
