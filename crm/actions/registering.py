"""Somebody new in a contact: registered, chosen and verified at once, or not at all."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

from django.db import transaction
from phonenumber_field.phonenumber import PhoneNumber

from crm.actions.contacts import hold_open, identify_contact
from crm.actions.people import register_caller
from crm.actions.verifying import verify_contact
from crm.engine import Actor
from crm.models import Patient, Phone
from crm.rules.names import Named
from crm.states import IdentifierKind, Sex, Speaker


class OnlyPractice(Exception):
    """In training nobody is registered; the sentence says what to do instead."""


@transaction.atomic
def register_in_contact(
    *,
    contact_id: int,
    named: Named,
    born: str,
    number: PhoneNumber | None,
    language: str,
    sex: Sex,
    postal_code: str,
    compared: Collection[int],
    by: Actor,
    at: dt.datetime,
    speaker: Speaker = Speaker.PATIENT,
) -> Patient:
    """Register whoever speaks, and hang the contact on them: what they said is what they are
    verified by. Locks the contact; publishes what its three parts do.

    :param born: their birth date, as it was read.
    :param speaker: a partner who has somebody registered is verified by nothing of it.
    :param compared: keys of those who look alike and whom the agent has said they are not.
    :raises MayBeKnown: with those whom nobody has compared yet.
    :raises ContactOver, OnlyPractice: nobody is registered then.
    """
    if hold_open(contact_id).is_training:
        raise OnlyPractice("This is training: nobody is registered. Choose a made-up patient.")
    made = register_caller(
        named=named,
        phone=Phone.objects.get_or_create(number=number)[0] if number else None,
        language=language,
        sex=sex,
        postal_code=postal_code,
        compared=compared,
        by=by,
        at=at,
    )
    identify_contact(contact_id=contact_id, patient=made, speaker=speaker, by=by, at=at)
    if speaker is Speaker.PATIENT:
        who = {IdentifierKind.FULL_NAME: str(made), IdentifierKind.BIRTH_DATE: born}
        verify_contact(contact_id=contact_id, said=who, by=by, at=at)
    return made
