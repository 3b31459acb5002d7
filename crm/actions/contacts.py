"""A contact at the desk: who it is, what it is about, and each piece of it written down."""

from __future__ import annotations

import datetime as dt
from typing import Final

from django.db import models, transaction

from crm.actions.contact_tasks import claim_its_tasks, find_worker
from crm.actions.journeys import find_or_open_journey
from crm.engine import Actor, MovedMeanwhile, insert_or_none, publish, record
from crm.engine.actors import ActorKind
from crm.engine.audit import subject_type
from crm.locks import lock_interaction
from crm.models import Answer, Interaction, InteractionStep, Patient, User
from crm.states import Acuity, Channel, Speaker, StepKind, WaitsFor

#: So long may the filters of a contact be.
MOST_KEPT: Final = 600


class ContactOver(Exception):
    """The contact has been wrapped up meanwhile; nothing more can be added to it."""


class NobodyKnown(Exception):
    """Nobody has said yet who the contact is about."""


@transaction.atomic
def open_contact(
    *,
    channel: Channel,
    by: Actor,
    at: dt.datetime,
    agent: User | None = None,
    patient: Patient | None = None,
    specialty: str = "",
    language: str = "",
    is_training: bool = False,
) -> Interaction:
    """A contact of which nothing is known yet but its channel. Publishes `crm.contact-opened`."""
    contact = Interaction.objects.create(
        channel=channel,
        agent=agent,
        patient=patient,
        started_at=at,
        specialty=specialty[:80],
        language=language[:8],
        is_training=is_training,
    )
    record("crm.interaction.opened", contact, by=by, at=at, channel=channel)
    publish("crm.contact-opened", contact, at=at)
    return contact


@transaction.atomic
def take_contact(*, contact_id: int, agent: User, by: Actor, at: dt.datetime) -> Interaction:
    """`agent` has it now, with its tasks: answered, claimed from a queue, or taken over.

    Locks the contact; publishes `crm.contact-taken`.

    :raises ContactOver:
    :raises MovedMeanwhile: somebody took one of its tasks in this instant.
    """
    contact = hold_open(contact_id)
    if contact.agent_id != agent.pk:
        had, contact.agent = contact.agent_id, agent
        claim_its_tasks(contact=contact, agent=agent, had=had, by=by, at=at)
        contact.save(update_fields=["agent"])
        record("crm.interaction.taken", contact, by=by, at=at)
        publish("crm.contact-taken", contact, at=at)
    return contact


@transaction.atomic
def take_free_contact(*, contact_id: int, agent: User, by: Actor, at: dt.datetime) -> Interaction:
    """`take_contact` of one that nobody else has: of several at whose telephones it rings, one; and
    no thread of texts of which somebody has taken a task from the list.

    :raises ContactOver:
    :raises MovedMeanwhile: somebody else has it, or a task of it, by now.
    """
    contact = hold_open(contact_id)
    holder = contact.agent or find_worker(contact)
    if holder is not None and holder.pk != agent.pk:
        raise MovedMeanwhile(f"interaction {contact_id} is {holder.pk}'s")
    return take_contact(contact_id=contact_id, agent=agent, by=by, at=at)


@transaction.atomic
def identify_contact(
    *,
    contact_id: int,
    patient: Patient,
    by: Actor,
    at: dt.datetime,
    speaker: Speaker = Speaker.PATIENT,
) -> Interaction:
    """Say whom the contact is about. What was verified for somebody else does not count for them.

    A journey of somebody else is left to them. Locks the contact; publishes
    `crm.contact-identified`.

    :raises ContactOver:
    """
    contact = hold_open(contact_id)
    if contact.patient_id == patient.pk and contact.speaker == speaker:
        return contact
    if contact.patient_id != patient.pk:
        contact.journey = None
    contact.patient, contact.speaker = patient, speaker
    contact.save(update_fields=["patient", "journey", "speaker"])
    record("crm.interaction.identified", contact, by=by, at=at, speaker=speaker)
    note_step(contact=contact, kind=StepKind.IDENTIFY, code=speaker, by=by, at=at)
    publish("crm.contact-identified", contact, at=at)
    return contact


@transaction.atomic
def give_reason(
    *,
    contact_id: int,
    reason: str,
    call_type: str,
    need: str,
    acuity: Acuity | None,
    by: Actor,
    at: dt.datetime,
    speaker: Speaker | None = None,
) -> Interaction:
    """Why they contact us, with the kind of call that it is; once both are known, a journey.

    :param reason: in the caller's words; kept with the contact alone.
    :param call_type: empty while nobody has said what kind of call it is.
    :param need: what a journey of this kind is called: "Move a visit".
    :param acuity: from the safety check; never made less urgent by a later reason. None where
        nothing was said that could be checked: then it stays open.
    :param speaker: who speaks in this kind of call; None keeps whoever does. What was verified of
        somebody else does not count for them.
    :raises ContactOver:
    """
    contact = hold_open(contact_id)
    contact.reason, contact.call_type = reason[:300], call_type
    contact.speaker = speaker or contact.speaker
    if acuity and (not contact.acuity or acuity.rank < Acuity(contact.acuity).rank):
        contact.acuity = acuity
    if contact.patient is not None and need:
        contact.journey = find_or_open_journey(patient=contact.patient, need=need, by=by, at=at)
    contact.save(update_fields=["reason", "call_type", "acuity", "journey", "speaker"])
    record(
        "crm.interaction.reasoned",
        contact,
        by=by,
        at=at,
        call_type=call_type,
        acuity=acuity,
        speaker=contact.speaker,
    )
    note_step(contact=contact, kind=StepKind.REASON, code=call_type, by=by, at=at)
    publish("crm.contact-reasoned", contact, at=at)
    return contact


#: Of a step: somebody pressed in which language the contact goes on ("language:es").
LANGUAGE_STEP = "language:"


@transaction.atomic
def set_contact_language(
    *, contact_id: int, language: str, by: Actor, at: dt.datetime
) -> Interaction:
    """The contact goes on in this language, whatever its line or the patient's record says.

    Locks the contact; publishes `crm.contact-changed`.

    :param language: ISO 639-1: "en", "es".
    :raises ContactOver:
    """
    contact = hold_open(contact_id)
    contact.language = language[:8]
    contact.save(update_fields=["language"])
    record("crm.interaction.language-set", contact, by=by, at=at, language=contact.language)
    code = f"{LANGUAGE_STEP}{contact.language}"
    note_step(contact=contact, kind=StepKind.QUESTION, code=code, by=by, at=at)
    publish("crm.contact-changed", contact, at=at)
    return contact


@transaction.atomic
def hasten_contact(*, contact_id: int, acuity: Acuity, by: Actor, at: dt.datetime) -> bool:
    """Make a contact more urgent, never less; returns whether it was less urgent before.

    Locks the contact; publishes `crm.contact-reasoned`.
    """
    contact = lock_interaction(contact_id)
    if contact.acuity and Acuity(contact.acuity).rank <= acuity.rank:
        return False
    contact.acuity = acuity
    contact.save(update_fields=["acuity"])
    record("crm.interaction.hastened", contact, by=by, at=at, acuity=acuity)
    publish("crm.contact-reasoned", contact, at=at)
    return True


@transaction.atomic
def open_its_journey(*, contact_id: int, need: str, by: Actor, at: dt.datetime) -> Interaction:
    """Hang the contact on the patient's journey for `need`, once there is a patient.

    For whoever said why they call before they said who they are. Locks the contact.
    """
    contact = hold_open(contact_id)
    if contact.patient is not None and contact.journey is None and need:
        contact.journey = find_or_open_journey(patient=contact.patient, need=need, by=by, at=at)
        contact.save(update_fields=["journey"])
    return contact


def keep_looked_for(*, contact: Interaction, query: str) -> None:
    """What its agent looks for now; one that is too long to be kept whole is not kept."""
    kept = query if len(query) <= MOST_KEPT else ""
    if contact.looked_for != kept:
        contact.looked_for = kept
        Interaction.objects.filter(pk=contact.pk).update(looked_for=kept)


def note_step(
    *,
    contact: Interaction,
    kind: StepKind,
    by: Actor,
    at: dt.datetime,
    code: str = "",
    waits_for: WaitsFor = WaitsFor.AGENT,
    ended_at: dt.datetime | None = None,
    subject: models.Model | None = None,
    **detail: float | str | bool | None,
) -> InteractionStep:
    """One piece of the contact, for its timeline and time ribbon.

    :param code: what exactly: "labs", "script:late:2".
    :param detail: ids, codes and figures; no words of the caller.
    """
    return InteractionStep.objects.create(
        interaction=contact,
        kind=kind,
        code=code[:80],
        waits_for=waits_for,
        at=at,
        ended_at=ended_at,
        user_id=by.id if by.kind is ActorKind.USER else None,
        detail=detail,
        subject_type=subject_type(subject) if subject else "",
        subject_id=subject.pk if subject else None,
    )


@transaction.atomic
def keep_answer(
    *,
    contact: Interaction,
    key: str,
    value: str,
    by: Actor,
    at: dt.datetime,
    was_asked: bool = True,
) -> Answer:
    """What was answered; a second answer to the same question replaces the first.

    :param was_asked: False for what was known without asking.
    """
    made = Answer(
        interaction=contact,
        key=key[:60],
        value=value[:300],
        was_asked=was_asked,
        at=at,
        user_id=by.id if by.kind is ActorKind.USER else None,
    )
    kept = insert_or_none(made)
    if kept is None:
        kept = Answer.objects.get(interaction=contact, key=made.key)
        kept.value, kept.at, kept.user_id = made.value, at, made.user_id
        kept.save(update_fields=["value", "at", "user"])
    if was_asked:
        note_step(contact=contact, kind=StepKind.QUESTION, code=made.key, by=by, at=at)
    return kept


def hold_open(contact_id: int) -> Interaction:
    """The contact as it is now, locked until the transaction ends: nobody wraps it up meanwhile.

    :raises ContactOver:
    """
    contact = lock_interaction(contact_id)
    if contact.ended_at is not None and hasattr(contact, "wrap_up"):
        raise ContactOver("This contact has been wrapped up. Open a new one to go on.")
    return contact
