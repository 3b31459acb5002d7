"""Interpreters in a contact, and how a caller speaks to us (relay, TTY)."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db import transaction

from crm.actions.contact_details import set_language
from crm.actions.contacts import ContactOver, NobodyKnown, note_step
from crm.engine import Actor, insert_or_none, publish, record
from crm.engine.actors import ActorKind
from crm.locks import lock_interaction
from crm.models import Call, Interaction, InteractionStep, InterpreterSession, Patient
from crm.states import Aid, StepKind, WaitsFor
from crm.states.social import InterpreterKind


class NeverAChild(Exception):
    """A child may not interpret (45 CFR 92.201(e)(3))."""


class NotTheirWish(Exception):
    """A companion interprets only where the patient insists (45 CFR 92.201(e)(2)(ii))."""


class InterpreterUnnamed(Exception):
    """Who interprets is not told: the language, the service, or the interpreter's ID."""


class InterpretsAlready(Exception):
    """One interpreter is on the line already."""


class NotByTelephone(Exception):
    """Relay and TTY are ways of a telephone call, and this contact is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Companion:
    """Somebody with the patient who would interpret, and what was made sure of.

    45 CFR 92.201(e)(2)(ii): the patient asks for it in private, with a qualified interpreter on
    the line and the companion away; the companion agrees; both is documented; and to rely on them
    is appropriate. The law's exception for an emergency with nobody else at hand ((e)(2)(i) and
    (e)(3)) is none of this desk's: danger goes to a nurse or 911 at once.
    """

    is_adult: bool
    asked_in_private: bool
    agrees: bool
    reason: str


@transaction.atomic
def start_interpreter(
    *,
    contact_id: int,
    kind: InterpreterKind,
    language: str,
    by: Actor,
    at: dt.datetime,
    service: str = "",
    interpreter_id: str = "",
    companion: Companion | None = None,
) -> InterpreterSession:
    """An interpreter joins the contact. Locks it; a step of its timeline begins.

    Publishes `crm.interpreter-started`.

    A companion takes over from the qualified interpreter through whom the patient asked for it.

    :param language: by name.
    :param interpreter_id: of the service, or of a member of staff.
    :param companion: where `kind` is a companion.
    :raises NeverAChild, NotTheirWish: nobody joins.
    :raises InterpreterUnnamed, InterpretsAlready, ContactOver:
    """
    contact = _open(contact_id)
    _check_named(kind, language, service=service, interpreter_id=interpreter_id)
    if kind is InterpreterKind.COMPANION:
        check_companion(companion, had_interpreter=_had_interpreter(contact))
        end_interpreter(contact_id=contact_id, by=by, at=at)
    step = note_step(
        contact=contact,
        kind=StepKind.INTERPRETER,
        code=kind,
        waits_for=WaitsFor.COLLEAGUE,
        by=by,
        at=at,
    )
    made = insert_or_none(
        InterpreterSession(
            interaction=contact,
            step=step,
            kind=kind,
            language=language.strip()[:40],
            service=service.strip()[:80],
            interpreter_id=interpreter_id.strip()[:60],
            reason=companion.reason.strip()[:300] if companion else "",
            started_at=at,
            by_id=by.id if by.kind is ActorKind.USER else None,
        )
    )
    if made is None:
        raise InterpretsAlready("An interpreter is on the line already. End that first.")
    record("crm.interpreter.started", contact, by=by, at=at, kind=kind, session=made.pk)
    publish("crm.interpreter-started", contact, at=at)
    return made


def check_companion(companion: Companion | None, *, had_interpreter: bool) -> None:
    """:param had_interpreter: a qualified one, in this very contact.

    :raises NeverAChild, NotTheirWish: with what to say or do instead.
    """
    if companion is None or not companion.is_adult:
        raise NeverAChild(
            "A child may not interpret, even if the family asks. Get an interpreter on the line; "
            "if somebody is in danger, hand to a nurse or have them call 911 now."
        )
    if not had_interpreter or not companion.asked_in_private or not companion.agrees:
        raise NotTheirWish(
            "Family or friends interpret only if the patient asks for it alone, with an "
            "interpreter on the line, and they agree. Get an interpreter first."
        )
    if not companion.reason.strip():
        raise NotTheirWish("Write down why the patient wants this person to interpret.")


@transaction.atomic
def end_interpreter(*, contact_id: int, by: Actor, at: dt.datetime) -> InterpreterSession | None:
    """The interpreter has left; its step ends. None where there was none.

    Locks the contact; publishes `crm.interpreter-ended`.
    """
    contact = lock_interaction(contact_id)
    session = InterpreterSession.objects.filter(interaction=contact, ended_at=None).first()
    if session is None:
        return None
    session.ended_at = max(at, session.started_at)
    session.save(update_fields=["ended_at"])
    InteractionStep.objects.filter(pk=session.step_id).update(ended_at=session.ended_at)
    record("crm.interpreter.ended", contact, by=by, at=at, session=session.pk)
    publish("crm.interpreter-ended", contact, at=at)
    return session


@transaction.atomic
def want_interpreter(*, contact_id: int, spoken: str, by: Actor, at: dt.datetime) -> Patient:
    """Remember that they need one: for the next contact and for their visits, and have the clinic
    told. It only says that they do; whoever keeps patients' needs may take it back.

    Locks the contact, then the patient.

    :param spoken: the language as the EHR codes it; empty, or one known already, changes nothing.
    :raises ContactOver, NobodyKnown:
    """
    contact = _open(contact_id)
    patient = contact.patient
    if patient is None:
        raise NobodyKnown("Choose the patient first; then ask for two identifiers.")
    is_news = set_language(
        patient=patient,
        language=patient.language,
        spoken_language=patient.spoken_language or spoken,
        needs_interpreter=True,
        by=by,
        at=at,
    )
    if is_news:
        note_step(contact=contact, kind=StepKind.UPDATE, code="interpreter", by=by, at=at)
    return patient


@transaction.atomic
def set_aid(*, contact_id: int, aid: Aid, by: Actor, at: dt.datetime) -> Call:
    """The caller speaks through a relay operator or TTY: it takes longer, and its time counts
    against no target. Locks the contact.

    :raises NotByTelephone, ContactOver:
    """
    contact = _open(contact_id)
    call = Call.objects.filter(interaction=contact).first()
    if call is None:
        raise NotByTelephone("This contact is no telephone call.")
    if call.aid != aid:
        call.aid = aid
        call.save(update_fields=["aid"])
        record("crm.call.aid-set", call, by=by, at=at, aid=aid)
    return call


def _open(contact_id: int) -> Interaction:
    contact = lock_interaction(contact_id)
    if contact.ended_at is not None and hasattr(contact, "wrap_up"):
        raise ContactOver("This contact has been wrapped up. Open a new one to go on.")
    return contact


def _had_interpreter(contact: Interaction) -> bool:
    rows = InterpreterSession.objects.filter(interaction=contact)
    return rows.exclude(kind=InterpreterKind.COMPANION).exists()


def _check_named(
    kind: InterpreterKind, language: str, *, service: str, interpreter_id: str
) -> None:
    if not language.strip():
        raise InterpreterUnnamed("Say which language.")
    if kind is InterpreterKind.SERVICE and not service.strip():
        raise InterpreterUnnamed("Say which interpreter service.")
    if kind is not InterpreterKind.COMPANION and not interpreter_id.strip():
        raise InterpreterUnnamed("Ask the interpreter for their ID, and note it.")
