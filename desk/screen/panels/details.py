"""Where they live, how they are reached, what they speak and what suits them, changed in place."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from crm.engine.compiled import compiled
from crm.models import Patient, PatientPhone
from crm.models.people import PARTS_OF_DAY, WEEKDAYS
from crm.rules.chart import may_hear_how_to_reach
from crm.saying import translated
from crm.states import Speaker
from desk.queries.task_people import say_number
from desk.screen.contact import DeskContact
from desk.screen.panels.details_forms import FORMS, ChangeForm
from desk.screen.panels.interpreter import language_of, languages_for

_PARTS = dict(PARTS_OF_DAY)
_DAYS = dict(WEEKDAYS)


@dataclass(frozen=True, slots=True)
class PhoneLine:
    """One number of theirs."""

    pk: int
    said: str
    use: str
    is_first: bool
    is_confidential: bool
    why_no_text: str


def panel(contact: DeskContact, *, at: dt.datetime) -> dict[str, Any]:
    """One statement. A proxy hears of no confidential phone, not even that there is one."""
    if not may_see(contact):
        return {"is_open": False}
    patient = contact.patient
    assert patient is not None  # noqa: S101 panels are asked for once verified
    return {
        "is_open": True,
        "patient": patient,
        "town": " ".join(filter(None, (patient.city, patient.state, patient.postal_code))),
        "language": translated(language_of(contact)),
        "languages": languages_for(contact),
        "suits": what_suits(patient),
        "phones": _lines(phones_of(contact, at=at)),
        "forms": forms_for(contact),
        "open_form": "",
    }


def may_see(contact: DeskContact) -> bool:
    """The patient; or a proxy who acts in scheduling, unless a label keeps matters from proxies."""
    patient = contact.patient
    assert patient is not None  # noqa: S101
    return may_hear_how_to_reach(contact.speaker, scope=contact.scope, labels=patient.sensitivity)


def speaks_for_themselves(contact: DeskContact) -> bool:
    return contact.is_verified and contact.speaker is Speaker.PATIENT


def phones_of(contact: DeskContact, *, at: dt.datetime) -> list[PatientPhone]:
    """Those they have now, the first to be tried first; to a proxy none that is confidential."""
    assert contact.patient is not None  # noqa: S101
    rows = _phones(patient=contact.patient.pk)
    return [row for row in rows if speaks_for_themselves(contact) or not row.is_confidential]


@compiled
def _phones(*, patient: int) -> QuerySet[PatientPhone]:
    rows = PatientPhone.objects.filter(patient=patient, ended_on=None)
    return rows.select_related("phone").order_by("rank", "pk")


def forms_for(contact: DeskContact) -> Mapping[str, ChangeForm]:
    """An unbound form for each part, filled in with what stands."""
    patient = contact.patient
    assert patient is not None  # noqa: S101
    own = speaks_for_themselves(contact)
    return {name: form(patient=patient, is_patient=own) for name, form in FORMS.items()}


def what_suits(patient: Patient) -> str:
    """ "mornings, Mon or Wed, up to 10 miles, 24 hours ahead"; empty: anything."""
    plural = {part: f"{word.lower()}s" for part, word in _PARTS.items()}
    parts = [_(plural[part]) for part in patient.prefers_parts_of_day if part in plural]
    days = [_(_DAYS[day][:3]) for day in patient.prefers_weekdays if day in _DAYS]
    words = [
        _(" or ").join(parts),
        _(" or ").join(days),
        _("up to %(miles)s miles") % {"miles": patient.max_miles}
        if patient.max_miles is not None
        else "",
        _("%(hours)s hours ahead") % {"hours": patient.notice_hours}
        if patient.notice_hours is not None
        else "",
        "" if patient.wants_earlier_offers else _("no earlier times, please"),
    ]
    return ", ".join(word for word in words if word)


def _lines(phones: Sequence[PatientPhone]) -> list[PhoneLine]:
    return [
        PhoneLine(
            pk=held.pk,
            said=say_number(held.phone),
            use=pgettext("phone", held.get_use_display()).lower(),
            is_first=held is phones[0],
            is_confidential=held.is_confidential,
            why_no_text="" if held.phone.can_text else _("takes no texts"),
        )
        for held in phones
    ]
