"""The end of a contact: what became of it, its note, and what comes next."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from crm import locks
from crm.actions.callbacks import USUAL_LIMIT, open_callback
from crm.actions.contacts import ContactOver, note_step
from crm.actions.journeys import resolve_journey
from crm.actions.tasks import claim_task, hasten_task, open_task, put_back_task, settle_task
from crm.engine import Actor, insert_or_none, move, publish, record, wake
from crm.engine.actors import ActorKind
from crm.models import Interaction, Phone, Task, User, WrapUp
from crm.queries.handoffs import handoffs_of, say_it_waits
from crm.rules.said import say
from crm.states import HandoffStatus, JourneyStatus, NoteStatus, StepKind, TaskKind, TaskStatus

#: The step that takes a note to the EHR (`crm.tasks_center`).
SEND_NOTE = "crm.note"


class HandoffWaits(Exception):
    """Somebody is asked to take the contact and has not answered; says who."""


class HasMoved(Exception):
    """Somebody else has the contact by now; says who."""


@dataclass(frozen=True, slots=True)
class FollowUp:
    """What was promised: who does it, and by when. `owner` None: whoever takes it.

    With `call`, somebody is called back there, at most `attempt_limit` times; `is_promised`: at
    that very time.
    """

    title: str
    due_at: dt.datetime
    owner: User | None = None
    why: str = ""
    call: Phone | None = None
    is_promised: bool = False
    attempt_limit: int = USUAL_LIMIT


@transaction.atomic
def wrap_up(
    *,
    contact_id: int,
    disposition: str,
    note: str,
    was_edited: bool,
    by: Actor,
    at: dt.datetime,
    follow_up: FollowUp | None = None,
    resolves_journey: bool = True,
) -> WrapUp:
    """End the contact, keep its note, and see to what comes next. Locks the contact.

    The note goes to the EHR (`crm.note`) unless it was training or nobody's chart. The journey is
    resolved, or, with a follow-up, stays open with its task. Publishes `crm.contact-wrapped`, which
    frees the agent; the caller checks first that no danger stands and that no required step of the
    script is missing.

    :param disposition: a code of the call type, or one of `rules.wrapping.Disposition`.
    :param was_edited: whether the agent changed what was written for them.
    :raises HandoffWaits: it is offered to somebody: they would find it gone.
    :raises HasMoved: it was handed to somebody else meanwhile.
    :raises ContactOver: it was wrapped up meanwhile.
    """
    contact = locks.lock_interaction(contact_id)
    _check_it_is_theirs(contact, by)
    goes_out = _goes_out(contact, note)
    made = insert_or_none(
        WrapUp(
            interaction=contact,
            status=NoteStatus.WAITING if goes_out else NoteStatus.KEPT,
            disposition=disposition[:40],
            note=note.strip(),
            was_edited=was_edited,
            at=at,
            by_id=by.id if by.kind is ActorKind.USER else None,
        )
    )
    if made is None:
        raise ContactOver("This contact has been wrapped up already.")
    _end(contact, disposition, by=by, at=at)
    if follow_up is not None:
        _follow_up(contact, follow_up, by=by, at=at)
    elif resolves_journey:
        _resolve(contact, by=by, at=at)
    record("crm.interaction.wrapped-up", contact, by=by, at=at, disposition=disposition)
    if goes_out:
        wake(made, SEND_NOTE, at=at)
    publish("crm.contact-wrapped", contact, at=at, disposition=disposition[:40])
    return made


@transaction.atomic
def amend_note(
    *, contact_id: int, disposition: str, note: str, by: Actor, at: dt.datetime
) -> WrapUp:
    """Change the note afterwards: what it said before is kept, and the EHR gets an amended one.

    Locks the note, so that a version that is on its way is not taken for this one. Publishes
    `crm.note-amended`.

    :raises WrapUp.DoesNotExist: when the contact is not wrapped up.
    """
    kept = locks.lock_wrap_up(WrapUp.objects.only("pk").get(interaction=contact_id).pk)
    if (kept.note, kept.disposition) == (note.strip(), disposition):
        return kept
    before = {"note": kept.note, "disposition": kept.disposition, "at": kept.at.isoformat()}
    kept.earlier = [*kept.earlier, {**before, "by": kept.by_id}]
    kept.note, kept.disposition, kept.was_edited = note.strip(), disposition[:40], True
    kept.at, kept.by_id = at, by.id if by.kind is ActorKind.USER else None
    kept.version += 1
    kept.save()
    record("crm.note.amended", kept.interaction, by=by, at=at, version=kept.version)
    publish("crm.note-amended", kept.interaction, at=at)
    if _goes_out(kept.interaction, kept.note) or kept.status != NoteStatus.KEPT:
        _send(kept, by=by, at=at)
    return kept


@transaction.atomic
def send_again(*, wrap_up_id: int, by: Actor, at: dt.datetime) -> WrapUp:
    """Ask the EHR again to keep a note that it refused: what stood in the way has been mended.

    Locks the note; another one changes nothing.
    """
    kept = locks.lock_wrap_up(wrap_up_id)
    if kept.status == NoteStatus.REFUSED:
        _send(kept, by=by, at=at)
    return kept


def _goes_out(contact: Interaction, note: str) -> bool:
    """Training is nobody's chart, nor is a caller who is no patient."""
    return bool(contact.patient_id and note.strip() and not contact.is_training)


def _send(kept: WrapUp, *, by: Actor, at: dt.datetime) -> None:
    if kept.status == NoteStatus.REFUSED:
        settle_task(cause_key=cause_of(kept), reason="Sent again.", by=by, at=at)
    if kept.status != NoteStatus.WAITING:
        move(kept, to=NoteStatus.WAITING, by=by, at=at, tries=0)
    wake(kept, SEND_NOTE, at=at)


def _check_it_is_theirs(contact: Interaction, by: Actor) -> None:
    """Of a hand-off and the end of the contact one comes first, and the other hears of it."""
    agent = contact.agent
    if by.kind is ActorKind.USER and agent is not None and agent.pk != by.id:
        name = agent.get_full_name() or agent.get_username()
        raise HasMoved(say("%(name)s has this contact by now.", name=name))
    offered = handoffs_of(contact.pk).filter(status=HandoffStatus.OFFERED).first()
    if offered is not None:
        raise HandoffWaits(say_it_waits(offered))


def _end(contact: Interaction, disposition: str, *, by: Actor, at: dt.datetime) -> None:
    if contact.ended_at is None:
        contact.ended_at = at
        contact.save(update_fields=["ended_at"])
    note_step(contact=contact, kind=StepKind.WRAP_UP, code=disposition, by=by, at=at)


def _resolve(contact: Interaction, *, by: Actor, at: dt.datetime) -> None:
    journey = contact.journey
    if journey is not None and journey.status == JourneyStatus.OPEN:
        resolve_journey(journey=journey, by=by, at=at)


def _follow_up(contact: Interaction, wanted: FollowUp, *, by: Actor, at: dt.datetime) -> Task:
    task = _open_follow_up(contact, wanted, by=by, at=at)
    note_step(contact=contact, kind=StepKind.TASK, code=task.kind, subject=task, by=by, at=at)
    if wanted.owner is not None:
        claim_task(task=task, owner=wanted.owner, by=by, at=at)
    return task


def _open_follow_up(contact: Interaction, wanted: FollowUp, *, by: Actor, at: dt.datetime) -> Task:
    about: dict[str, Any] = {
        "title": wanted.title,
        "why": wanted.why,
        "patient": contact.patient,
        "journey": contact.journey,
        "due_at": wanted.due_at,
        "cause_key": f"crm.interaction:{contact.pk}:follow-up",
        "by": by,
        "at": at,
    }
    if wanted.call is None:
        return open_task(kind=TaskKind.FOLLOW_UP, **about)
    return open_callback(
        phone=wanted.call,
        contact=contact,
        promised_at=wanted.due_at if wanted.is_promised else None,
        attempt_limit=wanted.attempt_limit,
        language=contact.language,
        **about,
    )


# --- what the EHR said -------------------------------------------------------------------

#: After so many tries without an answer a person is told; we go on trying.
PATIENCE = 8


def cause_of(kept: WrapUp) -> str:
    """The task of a note that is not in the EHR."""
    return f"crm.note:{kept.pk}"


def note_asked(kept: WrapUp, *, at: dt.datetime) -> None:
    """Write down that the EHR is being asked, before it is: a worker may die while it asks."""
    WrapUp.objects.filter(pk=kept.pk).update(asked_at=at)


@transaction.atomic
def note_sent(
    *, wrap_up_id: int, version: int, source_id: str, by: Actor, at: dt.datetime
) -> dt.datetime | None:
    """The EHR has it. Returns when to come again: at once where it was changed meanwhile."""
    kept = locks.lock_wrap_up(wrap_up_id)
    kept.source_id, kept.asked_at, kept.answer = source_id, None, ""
    kept.save(update_fields=["source_id", "asked_at", "answer"])
    if kept.status != NoteStatus.WAITING or kept.version != version:
        return at if kept.status == NoteStatus.WAITING else None
    move(kept, to=NoteStatus.SENT, by=by, at=at, tries=0)
    settle_task(cause_key=cause_of(kept), reason="It is in the EHR.", by=by, at=at)
    publish("crm.note-sent", kept.interaction, at=at)
    return None


@transaction.atomic
def note_refused(*, wrap_up_id: int, version: int, why: str, by: Actor, at: dt.datetime) -> None:
    """The EHR would not take it: a person has to see to it, by a task with the reason."""
    kept = locks.lock_wrap_up(wrap_up_id)
    if kept.status != NoteStatus.WAITING or kept.version != version:
        return
    move(kept, to=NoteStatus.REFUSED, by=by, at=at, answer=why[:300], asked_at=None)
    _ask_a_person(kept, why, by=by, at=at)
    publish("crm.note-refused", kept.interaction, at=at)


@transaction.atomic
def note_not_answered(
    *, wrap_up_id: int, why: str, may_stand: bool, by: Actor, at: dt.datetime
) -> int:
    """Nothing was heard; after several tries a person is told. Returns how many there were.

    :param may_stand: the EHR may have kept it all the same; the next try looks first.
    """
    kept = locks.lock_wrap_up(wrap_up_id)
    kept.tries, kept.answer = kept.tries + 1, why[:300]
    kept.asked_at = kept.asked_at if may_stand else None
    kept.save(update_fields=["tries", "answer", "asked_at"])
    if kept.tries == PATIENCE:
        _ask_a_person(kept, f"{why} We go on trying.", by=by, at=at)
    return kept.tries


def _ask_a_person(kept: WrapUp, why: str, *, by: Actor, at: dt.datetime) -> None:
    task = open_task(
        kind=TaskKind.EHR_NOTE,
        title="A contact's note is not in the EHR",
        why=why,
        patient=kept.interaction.patient,
        journey=kept.interaction.journey,
        due_at=at + dt.timedelta(days=1),
        cause_key=cause_of(kept),
        by=by,
        at=at,
    )
    if task.status in {TaskStatus.DONE, TaskStatus.CANCELLED}:  # it was sent again, and refused
        put_back_task(task=task, by=by, at=at)
        due_at = at + dt.timedelta(days=1)
        hasten_task(task=task, title=task.title, why=why, due_at=due_at, by=by, at=at)
