"""People who come to us by themselves, before any EHR has told of them."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from crm.engine import Actor, record
from crm.models import Patient, PatientPhone, Phone
from crm.rules.names import Named


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
