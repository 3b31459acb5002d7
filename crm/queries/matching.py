"""Whose visit is it? From a phone that was proven, a birth date and a name that were typed."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum

from django.db.models import Q

from crm.models import Patient, Phone
from crm.queries.contact import contact_permission
from crm.rules import ContactRule, Holder
from crm.rules.names import Likeness, Named, like_given, may_be_same
from crm.states import Channel, Purpose

#: Whoever holds the phone may not act for the patient, whatever they know.
_NOT_THEIRS = frozenset(
    {
        ContactRule.DECEASED,
        ContactRule.COURT_RESTRICTION,
        ContactRule.PHONE_NOT_THEIRS,
        ContactRule.NUMBER_ENDED,
        ContactRule.CONFIDENTIAL_PHONE_ONLY,
    }
)


class Match(StrEnum):
    """What a phone, a birth date and a name amount to."""

    KNOWN = "known"
    NEW = "new"
    DOUBTFUL = "doubtful"  # could be somebody we know: a person compares


@dataclass(frozen=True, slots=True)
class Matched:
    """`patient` only where it is known; `alike` are those to compare with, for staff alone."""

    match: Match
    patient: Patient | None = None
    by_proxy: bool = False
    alike: tuple[Patient, ...] = ()


def match_person(*, phone: Phone, typed: Named, at: dt.datetime) -> Matched:
    """The one patient whom the holder of `phone` means; read only, and the same work for all.

    Known is somebody with that birth date whose own phone it is, or whose proxy's with the scope
    of scheduling, as their labels allow, and whose first name does not speak against it. Whoever
    the labels keep from this phone is never known by it; they are among those to compare with,
    so that no second record is made.
    """
    near = _near(phone, typed, at=at)
    alike = tuple(
        patient
        for patient, shares in near
        if may_be_same(typed, _named(patient), shares_phone=shares)
        or (shares and patient.birth_on == typed.birth_on)
    )
    theirs = [found for patient in alike if (found := _theirs(patient, phone, typed, at=at))]
    best = max((likeness for _, _, likeness in theirs), default=Likeness.OTHER)
    named = [(patient, by_proxy) for patient, by_proxy, likeness in theirs if likeness is best]
    if best is Likeness.SAME and len(named) == 1:
        patient, by_proxy = named[0]
        return Matched(Match.KNOWN, patient, by_proxy)
    return Matched(Match.DOUBTFUL, alike=alike) if alike else Matched(Match.NEW)


def find_alike(*, phone: Phone, typed: Named, at: dt.datetime) -> tuple[Patient, ...]:
    """Whom staff compare a doubtful person with."""
    return match_person(phone=phone, typed=typed, at=at).alike


def may_act_for(patient: Patient, phone: Phone, *, at: dt.datetime, is_sensitive: bool) -> bool:
    """Whether the holder of `phone` may see and change a visit of `patient`.

    :param is_sensitive: the visit is of a kind that no text may hint at.
    """
    return _permission_rule(patient, phone, at=at, is_sensitive=is_sensitive) is not None


def _near(phone: Phone, typed: Named, *, at: dt.datetime) -> list[tuple[Patient, bool]]:
    """Everybody born that day, and everybody whom the phone leads to; two statements."""
    held = Q(patient_phones__phone=phone) | Q(proxies__phone=phone)
    held |= Q(proxies__person__patient_phones__phone=phone)
    on_phone = {row.pk: row for row in Patient.objects.filter(held).distinct()}
    born = Patient.objects.filter(birth_on=typed.birth_on, merged_into=None).order_by("pk")
    others = [(row, False) for row in born if row.pk not in on_phone]
    return [(row, True) for _, row in sorted(on_phone.items())] + others


def _theirs(
    patient: Patient, phone: Phone, typed: Named, *, at: dt.datetime
) -> tuple[Patient, bool, Likeness] | None:
    if patient.birth_on != typed.birth_on:
        return None
    holder = _permission_rule(patient, phone, at=at, is_sensitive=False)
    if holder is None:
        return None
    return patient, holder is Holder.PROXY, like_given(typed.given, patient.given_name)


def _permission_rule(
    patient: Patient, phone: Phone, *, at: dt.datetime, is_sensitive: bool
) -> Holder | None:
    """Whose the phone is, seen from the patient; None where it may not be used for them."""
    permission = contact_permission(
        patient=patient,
        phone=phone,
        channel=Channel.SMS,
        purpose=Purpose.ANSWER,
        at=at,
        is_sensitive=is_sensitive,
    )
    return None if permission.rule in _NOT_THEIRS else Holder(permission.proof["holder"])


def _named(patient: Patient) -> Named:
    return Named(patient.given_name, patient.family_name, patient.birth_on)
