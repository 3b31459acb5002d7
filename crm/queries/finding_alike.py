"""Whom staff compare with before anybody is registered: one person, one record."""

from __future__ import annotations

from django.db.models import Q

from crm.models import Patient, Phone
from crm.rules.finding import near_births
from crm.rules.names import Named, may_be_same

#: So many are compared at most: more share a made-up birth date.
_MOST = 400


def find_look_alikes(*, named: Named, phone: Phone | None) -> tuple[Patient, ...]:
    """People who may be `named`, the likeliest birth dates first. Two statements at most.

    Born that day, or on a day that differs by a slip, or at the end of the phone.
    """
    held = _held(phone)
    days = [named.birth_on, *near_births(named.birth_on)] if named.birth_on else []
    rows = Patient.objects.filter(Q(birth_on__in=days) | Q(pk__in=held), merged_into=None)
    alike = [
        patient
        for patient in rows.order_by("pk")[:_MOST]
        if may_be_same(named, _named(patient), shares_phone=patient.pk in held)
    ]
    return tuple(sorted(alike, key=lambda one: (one.birth_on != named.birth_on, one.pk)))


def _held(phone: Phone | None) -> set[int]:
    if phone is None:
        return set()
    led = Q(patient_phones__phone=phone) | Q(proxies__phone=phone)
    led |= Q(proxies__person__patient_phones__phone=phone)
    return set(Patient.objects.filter(led).values_list("pk", flat=True))


def _named(patient: Patient) -> Named:
    return Named(patient.given_name, patient.family_name, patient.birth_on)
