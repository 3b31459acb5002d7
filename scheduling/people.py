"""The patient an EHR means: matched by identifier, or registered."""

from __future__ import annotations

import datetime as dt

from crm.engine import Actor, record
from crm.models import Patient, PatientIdentifier, PatientPhone, Phone
from scheduling.actions.outcomes import ReportRefused
from scheduling.locks import lock_names
from scheduling.ports import PatientReport, PhoneReport


def get_or_add_patient(told: PatientReport, *, source: str, by: Actor, at: dt.datetime) -> Patient:
    """The patient with any of the identifiers, brought up to date; or a new one.

    Nobody is matched by name or birth date here: a wrong match is worse than a duplicate,
    which a person can merge.

    :raises ReportRefused: without an identifier, or when they belong to several patients.
    """
    keys = [(i.system or source, i.value) for i in told.identifiers if i.value]
    if not keys:
        raise ReportRefused("PID-3", "It names no patient identifier.")
    lock_names(*(f"identifier {system} {value}" for system, value in keys))
    patient = _find(keys)
    if patient is None:
        patient = Patient.objects.create(
            family_name=told.family_name or "Unknown",
            given_name=told.given_name,
            birth_on=told.birth_on,
            sex=told.sex,
            **_told_details(told),
        )
        record("crm.patient.registered", patient, by=by, at=at, source=source)
    else:
        _update(patient, told, by=by, at=at)
    for system, value in keys:
        PatientIdentifier.objects.get_or_create(
            system=system, value=value, defaults={"patient": patient}
        )
    _add_phones(patient, told.phones)
    return patient


def _find(keys: list[tuple[str, str]]) -> Patient | None:
    found: set[int] = set()
    for system, value in keys:
        found.update(
            PatientIdentifier.objects.filter(system=system, value=value).values_list(
                "patient_id", flat=True
            )
        )
    if len(found) > 1:
        raise ReportRefused("PID-3", "Its identifiers belong to different patients here.")
    return Patient.objects.get(pk=found.pop()) if found else None


def _told_details(told: PatientReport) -> dict[str, str]:
    """The parts that are only written where the sender said something."""
    language = told.language[:2]
    spoken = {"ara": "ar", "spa": "es", "eng": "en"}.get(told.language, language)
    details = {
        "language": "es" if spoken == "es" else "en",
        "spoken_language": told.language if spoken not in {"en", "es", ""} else "",
        "address_line": ", ".join(told.address_lines)[:200],
        "city": told.city[:80],
        "state": told.state[:32],
        "postal_code": told.postal_code[:16],
    }
    return {name: value for name, value in details.items() if value}


def _update(patient: Patient, told: PatientReport, *, by: Actor, at: dt.datetime) -> None:
    """The EHR's word on who somebody is holds; what it leaves out is left alone."""
    said: dict[str, object] = {
        "family_name": told.family_name,
        "given_name": told.given_name,
        "birth_on": told.birth_on,
        "sex": told.sex if told.sex != "unknown" else "",
        **_told_details(told),
    }
    if not told.language:
        said.pop("language", None)
    changed = {n: v for n, v in said.items() if v and getattr(patient, n) != v}
    if not changed:
        return
    for name, value in changed.items():
        setattr(patient, name, value)
    patient.save(update_fields=list(changed))
    record("crm.patient.updated", patient, by=by, at=at, fields=sorted(changed))


def _add_phones(patient: Patient, phones: tuple[PhoneReport, ...]) -> None:
    for rank, told in enumerate((p for p in phones if p.number), start=1):
        phone, _ = Phone.objects.get_or_create(number=told.number)
        PatientPhone.objects.get_or_create(
            patient=patient, phone=phone, defaults={"use": told.use, "rank": rank}
        )
