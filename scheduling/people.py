"""The patient an EHR means: matched by identifier, or registered."""

from __future__ import annotations

import datetime as dt
from functools import reduce
from operator import or_

from django.db.models import Q

from crm.engine import Actor, insert_or_none, record
from crm.models import Patient, PatientIdentifier, PatientPhone, Phone
from crm.states import PhoneUse, Sex
from scheduling.actions.outcomes import ReportRefused
from scheduling.actions.reported_needs import keep_coverages
from scheduling.linking import ask_who, find_alike, link_among
from scheduling.locks import lock_names
from scheduling.ports import PatientReport, PhoneReport

#: Widths of the columns. Names longer than these are cut; they name nobody by themselves.
_NAME = 100
#: ISO 639-2 and plain words, as HL7 senders write them. The rest are ISO 639-1 already.
_SPOKEN = {"eng": "en", "english": "en", "spa": "es", "spanish": "es", "español": "es"}
#: What is left of a part of a patient that the sender takes back.
_DELETED: dict[str, dict[str, object]] = {
    "birth_on": {"birth_on": None},
    "sex": {"sex": Sex.UNKNOWN},
    "address": {"address_line": "", "city": "", "state": "", "postal_code": ""},
}
_DELETED_PHONES = {"phones": (PhoneUse.HOME, PhoneUse.MOBILE), "work_phones": (PhoneUse.WORK,)}


def get_or_add_patient(
    told: PatientReport, *, source: str, sent_at: dt.datetime, by: Actor, at: dt.datetime
) -> Patient:
    """The patient with any of the identifiers, as we know them; or a new one.

    Nobody whom a system knows is matched by name or birth date: a wrong match is worse than a
    duplicate. Who came online by themselves, and is surely meant, is linked; who may be meant is
    for a person to compare (`scheduling.linking`).

    :raises ReportRefused: without an identifier, or when they belong to several patients.
    """
    keys = [(i.system or source, i.value) for i in told.identifiers if i.value]
    if not keys:
        raise ReportRefused("patient", "It names no patient identifier.")
    lock_names(*(f"identifier {system} {value}" for system, value in keys))
    known = _find(keys)
    patient = next(iter(known.values()), None)
    alike = find_alike(told) if patient is None else []
    if patient is None:
        patient = link_among(alike, keys, source=source, by=by, at=at)
    if patient is None:
        patient = Patient.objects.create(
            family_name=told.family_name[:_NAME] or "Unknown",
            given_name=told.given_name[:_NAME],
            birth_on=told.birth_on,
            sex=told.sex,
            deceased_at=at if told.is_deceased else None,
            source_sent_at=sent_at,
            **_told_details(told),
        )
        record("crm.patient.registered", patient, by=by, at=at, source=source)
        ask_who(patient, alike, by=by, at=at)
    for system, value in dict.fromkeys(keys):
        if (system, value) not in known:
            insert_or_none(PatientIdentifier(system=system, value=value, patient=patient))
    return patient


def update_patient(
    patient: Patient,
    told: PatientReport,
    *,
    sent_at: dt.datetime,
    by: Actor,
    at: dt.datetime,
) -> bool:
    """The EHR's word on who somebody is holds; what it leaves out is left alone.

    A statement older than the newest one about this person only fills what is empty, whatever
    visit it came with. That somebody has died is never taken back by silence: a person does
    that. Returns whether anything changed.
    """
    is_older = patient.source_sent_at is not None and sent_at < patient.source_sent_at
    changed = _changes(patient, told, is_older=is_older)
    if told.is_deceased and patient.deceased_at is None:
        changed["deceased_at"] = at
    news = dict(changed)
    if not is_older and patient.source_sent_at != sent_at:
        news["source_sent_at"] = sent_at
    if news:
        for name, value in news.items():
            setattr(patient, name, value)
        patient.save(update_fields=list(news))
    if changed:
        record("crm.patient.updated", patient, by=by, at=at, fields=sorted(changed))
    if is_older:
        return bool(changed)
    ended = _end_phones(patient, told.deletes, by=by, at=at)
    insured = keep_coverages(patient, told.coverages, sent_at=sent_at, by=by, at=at)
    return _add_phones(patient, told.phones) or ended or insured or bool(changed)


def _changes(patient: Patient, told: PatientReport, *, is_older: bool) -> dict[str, object]:
    """The fields that the statement changes."""
    said: dict[str, object] = {
        "family_name": told.family_name[:_NAME],
        "given_name": told.given_name[:_NAME],
        "birth_on": told.birth_on,
        "sex": told.sex if told.sex != Sex.UNKNOWN else "",
        **_told_details(told),
    }
    changed = {n: v for n, v in said.items() if v and getattr(patient, n) != v}
    if is_older:
        empty = (None, "", Sex.UNKNOWN)
        return {n: v for n, v in changed.items() if getattr(patient, n) in empty}
    if told.needs_interpreter not in (None, patient.needs_interpreter):
        changed["needs_interpreter"] = told.needs_interpreter
    for part in sorted(told.deletes & _DELETED.keys()):
        changed |= {n: v for n, v in _DELETED[part].items() if getattr(patient, n) != v}
    return changed


def _end_phones(patient: Patient, deletes: frozenset[str], *, by: Actor, at: dt.datetime) -> bool:
    """The sender takes numbers back: nobody is called or texted there for this patient."""
    uses = {use for part, taken in _DELETED_PHONES.items() if part in deletes for use in taken}
    if not uses:
        return False
    held = PatientPhone.objects.filter(patient=patient, use__in=uses, ended_on=None)
    ended = held.update(ended_on=at.date())
    if ended:
        record("crm.patient.phones-ended", patient, by=by, at=at, count=ended)
    return bool(ended)


def _find(keys: list[tuple[str, str]]) -> dict[tuple[str, str], Patient]:
    """Those of the identifiers that we know, with the one patient that they belong to."""
    which = reduce(or_, (Q(system=system, value=value) for system, value in keys))
    rows = PatientIdentifier.objects.filter(which).select_related("patient")
    known = {(row.system, row.value): row.patient for row in rows}
    if len({patient.pk for patient in known.values()}) > 1:
        raise ReportRefused("patient", "Its identifiers belong to different patients here.")
    return known


def _told_details(told: PatientReport) -> dict[str, str]:
    """The parts that are only written where the sender said something."""
    details = {
        "address_line": ", ".join(told.address_lines)[:200],
        "city": told.city[:80],
        "state": told.state[:32],
        "postal_code": told.postal_code[:16],
    }
    if told.language:
        spoken = _SPOKEN.get(told.language, told.language)
        is_ours = spoken[:2] in {"en", "es"} and spoken[2:3] in {"", "-", "_"}
        details["language"] = spoken[:2] if is_ours else "en"
        details["spoken_language"] = "" if is_ours else told.language[:16]
    return {name: value for name, value in details.items() if value}


def _add_phones(patient: Patient, phones: tuple[PhoneReport, ...]) -> bool:
    """Whether any of them was new."""
    told = [phone for phone in phones if phone.number]
    if not told:
        return False
    numbers = [phone.number for phone in told]
    held = PatientPhone.objects.filter(patient=patient, phone__number__in=numbers)
    known = {str(number) for number in held.values_list("phone__number", flat=True)}
    added = False
    for rank, each in enumerate(told, start=1):
        if each.number not in known:
            phone, _ = Phone.objects.get_or_create(number=each.number)
            _, is_new = PatientPhone.objects.get_or_create(
                patient=patient, phone=phone, defaults={"use": each.use, "rank": rank}
            )
            added = added or is_new
    return added
