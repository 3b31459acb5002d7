"""Somebody who came by themselves, and of whom an EHR tells later: one person, one record.

Only those are looked at whom no system knows yet: they registered online, with a phone that a code
has proven to be theirs. Who is surely meant is linked; who may be is for a person to compare.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from typing import Final, NamedTuple, TypeAlias

from django.db.models import Q

from crm.actions import open_task
from crm.engine import Actor, insert_or_none, record
from crm.models import Patient, PatientIdentifier, PatientPhone, Task
from crm.rules.names import Likeness, Named, like_given, may_be_same, plain
from crm.states import TaskKind
from scheduling.locks import lock_names
from scheduling.ports import PatientReport

COMPARE_WITHIN: Final = dt.timedelta(hours=4)
_CAUSE: Final = "same-person"
#: Identifiers as they are stored: system and value.
Keys: TypeAlias = Collection[tuple[str, str]]


class Alike(NamedTuple):
    """Somebody who came by themselves and may be meant; `is_sure`: they are."""

    patient: Patient
    is_sure: bool


def link_person(told: PatientReport, *, source: str, by: Actor, at: dt.datetime) -> Patient | None:
    """Give the sender's identifiers to the one person whom it surely means; None without one.

    Sure is: the phone that they have proven, the birth date, the family name and the first name,
    all the same, and nobody else like that. (Twins share the first three.) Nothing happens where
    one of the identifiers is known already.
    """
    keys = keys_of(told, source=source)
    if not keys or _is_known(keys):
        return None
    return link_among(find_alike(told), keys, source=source, by=by, at=at)


def link_among(
    alike: Collection[Alike], keys: Keys, *, source: str, by: Actor, at: dt.datetime
) -> Patient | None:
    """The same, where nobody has these identifiers, and who is like it has been read."""
    sure = [one.patient for one in alike if one.is_sure]
    if len(sure) != 1:
        return None
    patient = sure[0]
    lock_names(*(f"identifier {system} {value}" for system, value in keys))
    lock_names(f"person {patient.pk}")
    if _is_known(keys) or PatientIdentifier.objects.filter(patient=patient).exists():
        return None  # somebody else was first
    for system, value in keys:
        insert_or_none(PatientIdentifier(system=system, value=value, patient=patient))
    why = "phone, birth date and name"
    record("crm.patient.linked", patient, by=by, at=at, source=source, why=why)
    return patient


def ask_who(patient: Patient, alike: Collection[Alike], *, by: Actor, at: dt.datetime) -> None:
    """`patient` is new by the EHR's word, and may be one of those who came online: ask staff."""
    for one in alike:
        open_task(
            kind=TaskKind.MATCH_PERSON,
            title="Came online, and is in the EHR now: the same person?",
            why="Their names and birth dates are alike, and not plainly the same with that phone. "
            "Look at both side by side, and say whether it is one person.",
            patient=one.patient,
            due_at=at + COMPARE_WITHIN,
            cause_key=f"{_CAUSE}:{one.patient.pk}:{patient.pk}",
            by=by,
            at=at,
        )


def find_pair(task: Task) -> tuple[Patient, Patient] | None:
    """Who came by themselves, and whom the EHR told of; None once they are one, or for a task
    about something else."""
    cause, _, keys = task.cause_key.partition(":")
    if cause != _CAUSE:
        return None
    found = Patient.objects.in_bulk([int(key) for key in keys.split(":")])
    online, theirs = (found.get(int(key)) for key in keys.split(":"))
    return (online, theirs) if online is not None and theirs is not None else None


def keys_of(told: PatientReport, *, source: str) -> list[tuple[str, str]]:
    """Its identifiers as they are stored, each once."""
    named = ((each.system or source, each.value) for each in told.identifiers if each.value)
    return list(dict.fromkeys(named))


def find_alike(told: PatientReport) -> list[Alike]:
    """People whom no system knows yet and who may be meant. Two statements, by indexes."""
    if told.birth_on is None or not told.family_name:
        return []
    typed = Named(told.given_name, told.family_name, told.birth_on)
    held = _holders([phone.number for phone in told.phones if phone.number])
    born_or_held = Q(birth_on=told.birth_on) | Q(pk__in=held)
    near = Patient.objects.filter(
        born_or_held, identifiers=None, deceased_at=None, merged_into=None
    )
    return [
        Alike(patient, is_sure=patient.pk in held and _is_surely(typed, patient))
        for patient in near.order_by("pk")
        if may_be_same(typed, _named(patient), shares_phone=patient.pk in held)
    ]


def _holders(numbers: list[str]) -> set[int]:
    """Of these phones, by key, as far as no system knows them."""
    if not numbers:
        return set()
    held = PatientPhone.objects.filter(
        phone__number__in=numbers, ended_on=None, patient__identifiers=None
    )
    return set(held.values_list("patient_id", flat=True))


def _is_known(keys: Keys) -> bool:
    values = PatientIdentifier.objects.filter(value__in=[value for _, value in keys])
    return bool(set(values.values_list("system", "value")) & set(keys))


def _is_surely(typed: Named, patient: Patient) -> bool:
    return (
        typed.birth_on == patient.birth_on
        and plain(typed.family) == plain(patient.family_name)
        and like_given(typed.given, patient.given_name) is Likeness.SAME
    )


def _named(patient: Patient) -> Named:
    return Named(patient.given_name, patient.family_name, patient.birth_on)
