"""How somebody is reached, as they tell us: written down here, and for the clinic to write there.

The EHR holds who a patient is, and takes no such news from us; its next word on an address or a
number holds. So each change makes, or stays in, one open task for the clinic, and the audit says
which fields changed, never to what.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from typing import Any, Final

import phonenumbers
from django.db import transaction
from django.db.models import F

from crm import locks
from crm.actions.tasks import open_task
from crm.engine import Actor, publish, record
from crm.models import Patient, PatientPhone, Phone, Task
from crm.models.people import LANGUAGES
from crm.rules.days import day_in
from crm.states import PhoneUse, TaskKind, TaskStatus

TELL_WITHIN: Final = dt.timedelta(days=1)


class NotANumber(Exception):
    """No phone can be called by what was typed."""


class UnknownLanguage(Exception):
    """We write in no such language."""


@transaction.atomic
def change_address(
    *,
    patient: Patient,
    address_line: str,
    city: str,
    state: str,
    postal_code: str,
    by: Actor,
    at: dt.datetime,
) -> bool:
    """Where they live now. Where it was on the map is forgotten with it. Whether that is news.

    Locks the patient; publishes `crm.patient-changed`.
    """
    news = {
        "address_line": address_line.strip()[:200],
        "city": city.strip()[:80],
        "state": state.strip()[:32],
        "postal_code": postal_code.strip()[:16],
    }
    locks.lock_patients([patient.pk])
    patient.refresh_from_db(fields=[*news])
    if all(getattr(patient, name) == value for name, value in news.items()):
        return False
    moved = {**news, "latitude": None, "longitude": None}
    return _write(patient, moved, what="address", by=by, at=at)


@transaction.atomic
def change_email(*, patient: Patient, email: str, by: Actor, at: dt.datetime) -> bool:
    """Where e-mail reaches them; empty: nowhere. Whether that is news.

    Locks the patient; publishes `crm.patient-changed`.
    """
    locks.lock_patients([patient.pk])
    return _write(patient, {"email": email.strip()[:254]}, what="email", by=by, at=at)


@transaction.atomic
def add_phone(
    *,
    patient: Patient,
    number: str,
    by: Actor,
    at: dt.datetime,
    use: PhoneUse = PhoneUse.MOBILE,
    is_first: bool = False,
    is_confidential: bool = False,
) -> PatientPhone:
    """A number of theirs, or one that they have once more. Nothing is agreed to by saying it.

    Locks the patient; publishes `crm.patient-changed`.

    :param number: as typed, in the US way or with its plus.
    :param is_first: tried before their others.
    :param is_confidential: the only one for what is sensitive.
    :raises NotANumber:
    """
    phone, _ = Phone.objects.get_or_create(number=e164(number))
    locks.lock_patients([patient.pk])
    if is_first:
        patient.patient_phones.update(rank=F("rank") + 1)
    rank = 1 if is_first else 1 + patient.patient_phones.count()
    held, is_new = PatientPhone.objects.get_or_create(
        patient=patient, phone=phone, defaults={"rank": rank}
    )
    told: dict[str, Any] = {"use": use, "ended_on": None}
    told |= {"rank": 1} if is_first else {}
    told |= {"is_confidential": True} if is_confidential else {}
    changed = sorted(name for name, value in told.items() if getattr(held, name) != value)
    for name in changed:
        setattr(held, name, told[name])
    if changed:
        held.save(update_fields=changed)
    if is_new or changed:
        _tell(patient, what="phone-added", by=by, at=at, phone=phone.pk, fields=changed)
    return held


@transaction.atomic
def end_phone(*, held: PatientPhone, by: Actor, at: dt.datetime, on: dt.date | None = None) -> None:
    """They no longer have that number: nobody is called or texted there for them.

    Locks the patient; publishes `crm.patient-changed`.

    :param on: the last day; by the patient's clock, where none is given.
    """
    on = on or day_in(held.patient.zone, at=at)
    locks.lock_patients([held.patient_id])
    ended = PatientPhone.objects.filter(pk=held.pk, ended_on=None).update(ended_on=on)
    if ended:
        _tell(held.patient, what="phone-ended", by=by, at=at, phone=held.phone_id)


@transaction.atomic
def set_language(
    *,
    patient: Patient,
    language: str,
    by: Actor,
    at: dt.datetime,
    spoken_language: str = "",
    needs_interpreter: bool = False,
) -> bool:
    """What they read, and what they speak if it is another. Whether that is news.

    :param language: "en" or "es"; what they are written to in.
    :param spoken_language: as the EHR codes it, if it is neither.
    :raises UnknownLanguage:
    """
    if language not in dict(LANGUAGES):
        raise UnknownLanguage("Texts are written in English and Spanish.")
    news: dict[str, Any] = {
        "language": language,
        "spoken_language": spoken_language.strip()[:16],
        "needs_interpreter": needs_interpreter,
    }
    locks.lock_patients([patient.pk])
    return _write(patient, news, what="language", by=by, at=at)


@transaction.atomic
def set_preferences(
    *,
    patient: Patient,
    by: Actor,
    at: dt.datetime,
    parts_of_day: Collection[str] = (),
    weekdays: Collection[int] = (),
    max_miles: int | None = None,
    notice_hours: int | None = None,
    wants_earlier_offers: bool = True,
) -> bool:
    """What suits them, for offers and search; nothing means anything. Ours alone: no EHR is told.

    Publishes `crm.patient-changed`. Whether it is news.
    """
    news: dict[str, Any] = {
        "prefers_parts_of_day": list(parts_of_day),
        "prefers_weekdays": sorted(weekdays),
        "max_miles": max_miles,
        "notice_hours": notice_hours,
        "wants_earlier_offers": wants_earlier_offers,
    }
    locks.lock_patients([patient.pk])
    return _write(patient, news, what="preferences", by=by, at=at, is_ours=True)


def e164(typed: str) -> str:
    """:raises NotANumber:"""
    try:
        number = phonenumbers.parse(typed, "US")
    except phonenumbers.NumberParseException:
        number = None
    if number is None or not phonenumbers.is_possible_number(number):
        raise NotANumber("That is no phone number. Type it with its area code.")
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


def _write(
    patient: Patient,
    news: Mapping[str, Any],
    *,
    what: str,
    by: Actor,
    at: dt.datetime,
    is_ours: bool = False,
) -> bool:
    patient.refresh_from_db(fields=[*news])
    changed = sorted(name for name, value in news.items() if getattr(patient, name) != value)
    if not changed:
        return False
    for name in changed:
        setattr(patient, name, news[name])
    patient.save(update_fields=changed)
    _tell(patient, what=what, by=by, at=at, is_ours=is_ours, fields=changed)
    return True


def _tell(
    patient: Patient, *, what: str, by: Actor, at: dt.datetime, is_ours: bool = False, **detail: Any
) -> None:
    record("crm.patient.changed", patient, by=by, at=at, what=what, **detail)
    publish("crm.patient-changed", patient, at=at, what=what)
    if not is_ours:
        _ask_the_clinic(patient, by=by, at=at)


def _ask_the_clinic(patient: Patient, *, by: Actor, at: dt.datetime) -> None:
    """One open task for each patient; the next is another once that is done."""
    cause = f"ehr-details:{patient.pk}"
    done = Task.objects.filter(
        cause_key__startswith=f"{cause}:", status__in=[TaskStatus.DONE, TaskStatus.CANCELLED]
    )
    open_task(
        kind=TaskKind.EHR_DETAILS,
        title="Update their details in the EHR",
        why="They told us how to reach them. The EHR does not know it yet.",
        patient=patient,
        due_at=at + TELL_WITHIN,
        cause_key=f"{cause}:{done.count() + 1}",
        by=by,
        at=at,
    )
