"""Who a task is about, and by which phones they can be called."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from crm.models import Patient, Phone, Proxy
from crm.queries.contact_facts import ContactBook, Line, open_book
from crm.rules import ContactRule, Holder, age_on, may_contact
from crm.saying import translated
from crm.states import Channel, Purpose
from waitlist.queries.candidates import Person, name_people

#: A person must not call on these, either.
_NO_CALL = {
    ContactRule.COURT_RESTRICTION: gettext_noop("no contact: a court order"),
    ContactRule.NUMBER_ENDED: gettext_noop("no longer theirs"),
    ContactRule.CONFIDENTIAL_PHONE_ONLY: gettext_noop(
        "not for them: their confidential phone only"
    ),
}
_NO_TEXT = {
    ContactRule.OPTED_OUT: gettext_noop("opted out of texts"),
    ContactRule.CANNOT_TEXT: gettext_noop("cannot receive texts"),
}


@dataclass(frozen=True, slots=True)
class Contact:
    """A phone to call. `number` is E.164, `said` as people say it; `notes` is what to mind."""

    number: str
    said: str
    notes: tuple[str, ...]
    may_call: bool
    wrote: bool  # the text that the task is about came from it


@dataclass(frozen=True, slots=True)
class About:
    """The patient of a task. `person.full_name` is shown: the task is to call them."""

    person: Person
    age: int | None
    has_died: bool
    language: str
    needs_interpreter: bool
    contacts: tuple[Contact, ...]


@dataclass(frozen=True, slots=True)
class Stranger:
    """A phone that wrote to us, of whom we don't know who wrote: whose it is, on record."""

    contact: Contact
    people: tuple[Person, ...]


def about_patient(patient: Patient, *, wrote: Phone | None, at: dt.datetime) -> About:
    """The patient with their phones, the right one to call first. Seven queries at most."""
    book = open_book([patient.pk], channel=Channel.SMS, at=at, also=wrote)
    lines = book.ordered_lines(patient.pk)
    if wrote is not None and wrote.pk not in {line.phone.pk for line in lines}:
        lines.append(book.line(patient.pk, wrote))
    proxies = _proxies({line.proxy_id for line in lines if line.proxy_id is not None})
    today = at.astimezone(ZoneInfo(patient.zone or "UTC")).date()
    born = patient.birth_on
    return About(
        person=name_people([patient])[patient.pk],
        age=age_on(today, birth_on=born) if born else None,
        has_died=patient.deceased_at is not None,
        language=patient.spoken_language or patient.language,
        needs_interpreter=patient.needs_interpreter,
        contacts=tuple(_contact(book, patient.pk, line, proxies, wrote) for line in lines),
    )


def about_phone(phone: Phone) -> Stranger:
    """Whose phone it is on record, where nobody knows which of them wrote. Two queries."""
    held = Patient.objects.filter(
        patient_phones__phone=phone, patient_phones__ended_on__isnull=True
    ).order_by("birth_on", "pk")
    contact = Contact(str(phone.number), say_number(phone), (), may_call=True, wrote=True)
    return Stranger(contact, tuple(name_people(held).values()))


def say_number(phone: Phone) -> str:
    """ "(602) 555-0142", or "+44 7911 123456" from abroad."""
    number = phone.number
    return str(number.as_national if number.country_code == 1 else number.as_international)


def _proxies(keys: set[int]) -> dict[int, Proxy]:
    return Proxy.objects.in_bulk(list(keys)) if keys else {}


def _contact(
    book: ContactBook, patient_id: int, line: Line, proxies: dict[int, Proxy], wrote: Phone | None
) -> Contact:
    facts = line.facts
    # That somebody has died would hide what else there is to mind about their phones.
    person = replace(book.people[patient_id], is_deceased=False)
    ledger = book.ledger_for(line.phone.pk, patient_id)
    rule = may_contact(person=person, line=facts, ledger=ledger, purpose=Purpose.ANSWER).rule
    proxy = proxies.get(line.proxy_id or 0)
    notes = (
        _("confidential: call this one") if facts.is_confidential else "",
        f"{proxy.name}, {proxy.relationship}" if proxy else "",
        _("not in their record")
        if facts.holder is Holder.NOBODY and not facts.is_restricted
        else "",
        translated(_NO_CALL.get(rule, "") or _NO_TEXT.get(rule, "")),
        _("shared: ask who you are speaking to") if facts.is_shared else "",
    )
    return Contact(
        number=str(line.phone.number),
        said=say_number(line.phone),
        notes=tuple(note for note in notes if note),
        may_call=rule not in _NO_CALL,
        wrote=wrote is not None and wrote.pk == line.phone.pk,
    )
