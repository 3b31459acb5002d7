"""Training on made-up patients, and saying who may take a kind of call alone."""

from __future__ import annotations

import datetime as dt
from typing import Final

from django.db import transaction

from crm.actions.agents import set_agent_state
from crm.actions.contacts import give_reason, identify_contact, open_contact
from crm.engine import Actor, insert_or_none, publish, record
from crm.models import Agent, Interaction, Patient, PatientIdentifier, User
from crm.models.people import TRAINING_SYSTEM
from crm.permissions import can_sign_off
from crm.states import Acuity, AgentState, Channel, Sex, Speaker
from desk.models import CallType, SignOff
from desk.queries.sign_offs import present_version

#: Nobody has such a name; the numbers are of the block that is kept for fiction.
PRACTICE: Final = (
    ("PRACTICE-1", "Penny", "Practice", dt.date(1981, 4, 9), Sex.FEMALE, "en", "85016"),
    ("PRACTICE-2", "Pablo", "Práctica", dt.date(1957, 11, 23), Sex.MALE, "es", "85009"),
    ("PRACTICE-3", "Timmy", "Practice", dt.date(2017, 2, 2), Sex.MALE, "en", "85016"),
)
#: Nobody who has a real contact in hand counts as in training.
_WITH_SOMEBODY: Final = frozenset({AgentState.ON_CONTACT, AgentState.WRAP_UP})


class MayNotSignOff(Exception):
    """Only a supervisor says so, and nobody for themselves."""


@transaction.atomic
def start_training(
    *,
    user: User,
    call_type: CallType,
    by: Actor,
    at: dt.datetime,
    language: str = "en",
) -> Interaction:
    """Open a contact to practice on: a made-up patient, no message, nothing sent to an EHR.

    Whoever sends or writes looks at `Interaction.is_training`. The trainer plays the caller. The
    agent is in training, and gets no calls, until they say that they are free.
    """
    contact = open_contact(
        channel=Channel.VOICE, agent=user, language=language, is_training=True, by=by, at=at
    )
    give_reason(
        contact_id=contact.pk,
        reason=f"Practice: {call_type.name}",
        call_type=call_type.code,
        need=call_type.need,
        acuity=Acuity.ROUTINE,
        by=by,
        at=at,
    )
    speaker = Speaker(call_type.speakers[0])
    patient = practice_patient(language)
    contact = identify_contact(
        contact_id=contact.pk, patient=patient, speaker=speaker, by=by, at=at
    )
    now = Agent.objects.filter(user=user).values_list("status", flat=True).first()
    if now not in _WITH_SOMEBODY:
        set_agent_state(user=user, to=AgentState.TRAINING, by=by, at=at)
    record("desk.training.started", contact, by=by, at=at, call_type=call_type.code)
    return contact


def practice_patient(language: str = "en") -> Patient:
    """One of the made-up patients who speaks the language; made when first needed."""
    row = next((each for each in PRACTICE if each[5] == language), PRACTICE[0])
    number, given, family, born, sex, speaks, postal = row
    known = PatientIdentifier.objects.filter(system=TRAINING_SYSTEM, value=number)
    found = known.select_related("patient").first()
    if found is not None:
        return found.patient
    made = Patient.objects.create(
        given_name=given,
        family_name=family,
        birth_on=born,
        sex=sex,
        language=speaks,
        address_line="1 Practice Lane",
        city="Phoenix",
        state="AZ",
        postal_code=postal,
        wants_earlier_offers=False,
    )
    PatientIdentifier.objects.create(patient=made, system=TRAINING_SYSTEM, value=number)
    return made


@transaction.atomic
def sign_off(
    *,
    user: User,
    call_type: CallType,
    supervisor: User,
    by: Actor,
    at: dt.datetime,
    training: Interaction | None = None,
    note: str = "",
) -> SignOff | None:
    """`user` may take such calls alone, by the script that is in force; None if they may already.

    Publishes `desk.signed-off`.

    :param training: the training contact that showed it.
    :raises MayNotSignOff:
    """
    if user.pk == supervisor.pk or not can_sign_off(supervisor):
        raise MayNotSignOff("A supervisor signs off, and nobody for themselves.")
    made = insert_or_none(
        SignOff(
            user=user,
            call_type=call_type,
            version=present_version(call_type),
            training=training,
            note=note.strip()[:300],
            at=at,
            by=supervisor,
        )
    )
    if made is not None:
        version = made.version_id
        record("desk.signoff.given", made, by=by, at=at, user=user.pk, version=version)
        publish("desk.signed-off", made, at=at, user=user.pk, call_type=call_type.code)
    return made
