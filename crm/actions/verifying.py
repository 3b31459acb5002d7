"""Making sure who speaks, before health information shows. Each try is written down."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from django.db import transaction

from crm.actions.contacts import LANGUAGE_STEP, NobodyKnown, hold_open, note_step
from crm.engine import Actor, publish, record
from crm.engine.actors import ActorKind
from crm.models import Interaction, Patient, Proxy, Verification
from crm.rules import age_on
from crm.rules.days import day_in
from crm.rules.verifying import OnRecord, compare
from crm.states import IdentifierKind, Speaker, StepKind


class NotTheirProxy(Exception):
    """This person may not speak for the patient; nothing may be said to them."""


@transaction.atomic
def verify_contact(
    *,
    contact_id: int,
    said: Mapping[IdentifierKind, str],
    by: Actor,
    at: dt.datetime,
    speaker: Speaker = Speaker.PATIENT,
    proxy: Proxy | None = None,
    on: dt.date | None = None,
) -> Verification:
    """Compare what the caller said with the record, and write down what fitted, not what was said.

    From then on a patient who speaks for themselves is spoken to in their own language, unless
    somebody has pressed another. Locks the contact; publishes `crm.contact-verified` when two fit.

    :param proxy: who speaks for the patient; their right is checked by `check_may_speak_for`.
    :param on: the day by which a proxy's right counts; by the patient's clock, where none is given.
    :raises NobodyKnown: while nobody has said whom the contact is about.
    :raises NotTheirProxy:
    :raises ContactOver:
    """
    contact = hold_open(contact_id)
    if contact.patient is None:
        raise NobodyKnown("Choose the patient first; then ask for two identifiers.")
    if speaker is Speaker.PROXY:
        on = on or day_in(contact.patient.zone, at=at)
        check_may_speak_for(contact.patient, proxy, on=on)
    found = compare(said, on_record(contact.patient))
    contact.speaker = speaker
    if found.passes and speaker is Speaker.PATIENT and not _language_was_pressed(contact):
        contact.language = contact.patient.language
    contact.save(update_fields=["speaker", "language"])
    made = Verification.objects.create(
        interaction=contact,
        patient=contact.patient,
        speaker=speaker,
        proxy=proxy,
        matched=list(found.matched),
        missed=list(found.missed),
        passed=found.passes,
        at=at,
        by_id=by.id if by.kind is ActorKind.USER else None,
    )
    record(
        "crm.interaction.verified" if made.passed else "crm.interaction.not-verified",
        contact,
        by=by,
        at=at,
        matched=list(found.matched),
        missed=list(found.missed),
        speaker=speaker,
        proxy=proxy.pk if proxy else None,
    )
    code = "passed" if made.passed else "failed"
    note_step(contact=contact, kind=StepKind.VERIFY, code=code, by=by, at=at)
    if made.passed:
        publish("crm.contact-verified", contact, at=at)
    return made


@transaction.atomic
def take_back_patient(
    *, contact_id: int, by: Actor, at: dt.datetime, speaker: Speaker = Speaker.PATIENT
) -> Interaction:
    """It was not about them: nobody is known any more, and what was verified counts no longer,
    also if they are chosen again: the newest try by whoever speaks decides, and has not passed.

    The journey is left to the patient. Locks the contact; publishes `crm.contact-changed`.

    :param speaker: who speaks from now on.
    :raises ContactOver:
    """
    contact = hold_open(contact_id)
    if contact.patient is None:
        return contact
    tried = Verification.objects.filter(interaction=contact, patient=contact.patient)
    Verification.objects.bulk_create(
        Verification(
            interaction=contact,
            patient=contact.patient,
            speaker=who,
            passed=False,
            at=at,
            by_id=by.id if by.kind is ActorKind.USER else None,
        )
        for who in sorted(set(tried.filter(passed=True).values_list("speaker", flat=True)))
    )
    record("crm.interaction.taken-back", contact, by=by, at=at, patient=contact.patient.pk)
    contact.patient = contact.journey = None
    contact.speaker = speaker
    contact.save(update_fields=["patient", "journey", "speaker"])
    note_step(contact=contact, kind=StepKind.IDENTIFY, code=NOT_THEM, by=by, at=at)
    publish("crm.contact-changed", contact, at=at)
    return contact


#: Of a step: whoever was chosen is not whom it is about.
NOT_THEM = "not-them"


def _language_was_pressed(contact: Interaction) -> bool:
    return contact.steps.filter(kind=StepKind.QUESTION, code__startswith=LANGUAGE_STEP).exists()


def check_may_speak_for(patient: Patient, proxy: Proxy | None, *, on: dt.date) -> None:
    """:raises NotTheirProxy: with the reason, for the agent."""
    if proxy is None or proxy.patient_id != patient.pk:
        raise NotTheirProxy("Choose who speaks for the patient from those on record.")
    if proxy.court_restriction:
        raise NotTheirProxy("A court order keeps this person from the patient. Say nothing.")
    if proxy.ends_on is not None and proxy.ends_on <= on:
        raise NotTheirProxy("Their right to speak for the patient has ended.")
    age = age_on(on, birth_on=patient.birth_on) if patient.birth_on else None
    if proxy.until_age is not None and age is None:
        raise NotTheirProxy("Their right ends with an age, and no birth date is on record.")
    if proxy.until_age is not None and age is not None and age >= proxy.until_age:
        raise NotTheirProxy("The patient is of age now and speaks for themselves.")


def may_speak_for(patient: Patient, proxy: Proxy, *, on: dt.date) -> bool:
    """Whether `check_may_speak_for` lets them."""
    try:
        check_may_speak_for(patient, proxy, on=on)
    except NotTheirProxy:
        return False
    return True


def on_record(patient: Patient) -> OnRecord:
    """What may be asked about `patient`. Three statements."""
    numbers = patient.patient_phones.filter(ended_on=None).values_list("phone__number", flat=True)
    return OnRecord(
        full_name=str(patient),
        birth_on=patient.birth_on,
        address_line=patient.address_line,
        postal_code=patient.postal_code,
        phones=frozenset(str(number)[-10:] for number in numbers),
        record_numbers=tuple(patient.identifiers.values_list("value", flat=True)),
        member_ids=tuple(
            patient.coverages.exclude(member_id="").values_list("member_id", flat=True)
        ),
    )
