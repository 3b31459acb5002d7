"""People who come to us by themselves, before any EHR has told of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

from django.db import transaction

from crm import locks
from crm.engine import Actor, publish, record
from crm.models import Patient, PatientPhone, Phone
from crm.queries.finding_alike import find_look_alikes
from crm.rules.finding_words import fold
from crm.rules.names import Named
from crm.states import Sex


class MayBeKnown(Exception):
    """There are people who may be this one; `alike` are to be compared before anybody is new."""

    def __init__(self, alike: tuple[Patient, ...]) -> None:
        super().__init__("Compare them first: they may be known already.")
        self.alike = alike


@transaction.atomic
def register_person(
    *,
    named: Named,
    phone: Phone,
    language: str,
    source: str,
    by: Actor,
    at: dt.datetime,
    zone: str = "",
) -> Patient:
    """A new patient with the phone that they have proven to be theirs.

    The caller has looked for duplicates (`crm.queries.match_person`).

    :param source: where they came from: "self-service".
    :param zone: IANA, of the site that they asked for.
    """
    patient = Patient.objects.create(
        given_name=named.given[:100],
        family_name=named.family[:100],
        birth_on=named.birth_on,
        language=language,
        zone=zone,
    )
    PatientPhone.objects.create(patient=patient, phone=phone)
    record("crm.patient.registered", patient, by=by, at=at, source=source)
    return patient


@transaction.atomic
def register_caller(
    *,
    named: Named,
    phone: Phone | None,
    language: str,
    sex: Sex,
    by: Actor,
    at: dt.datetime,
    postal_code: str = "",
    zone: str = "",
    compared: Collection[int] = (),
) -> Patient:
    """A new patient, registered in the conversation. Publishes `crm.patient-registered`.

    Two agents who register one person in the same instant come one after the other, and the
    second is shown whom the first has made.

    :param phone: their own, if they say one; none is proven by calling from it.
    :param compared: keys of those who look alike and whom the agent has said they are not.
    :raises MayBeKnown: with those whom nobody has compared yet; nothing is written then.
    """
    locks.lock_name(f"register {named.birth_on} {fold(named.family)[:1]}")
    alike = find_look_alikes(named=named, phone=phone)
    if {one.pk for one in alike} - {*compared}:
        raise MayBeKnown(alike)
    patient = Patient.objects.create(
        given_name=named.given[:100],
        family_name=named.family[:100],
        birth_on=named.birth_on,
        sex=sex,
        language=language,
        postal_code=postal_code[:16],
        zone=zone,
    )
    if phone is not None:
        PatientPhone.objects.create(patient=patient, phone=phone)
    others = sorted(one.pk for one in alike)
    record("crm.patient.registered", patient, by=by, at=at, source="desk", none_of=others)
    publish("crm.patient-registered", patient, at=at)
    return patient
