"""Who it may be: those whom the caller's number leads to, and those found by what is said."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db.models import prefetch_related_objects
from django.http import HttpRequest

from crm.actions.verifying import on_record
from crm.models import Patient
from crm.queries.finding import FoundPatient, search_patients
from crm.queries.finding_caller import callers_on
from crm.queries.merging import standing
from crm.rules.verifying import compare, read_said
from crm.saying import translated
from crm.states import Speaker
from crm.web import note_views
from desk.models import CallType
from desk.queries.zone import day_for
from desk.screen.contact import DeskContact
from desk.screen.speaking import (
    Choice,
    choices_for,
    chosen_now,
    is_own,
    must_say_who,
    needs_number,
    number_kept,
    says_nothing,
)


@dataclass(frozen=True, slots=True)
class FoundPerson:
    """Somebody to choose. Before two identifiers only the name shows, and by what they fit."""

    patient: Patient
    name: str
    why: str
    under: str  # the name of a record that was merged into theirs, where that fitted
    is_sure: bool  # what was said verifies them at once
    speaks: tuple[Choice, ...] = ()  # among whom to choose first, where it may be somebody else


def find_people(
    request: HttpRequest, contact: DeskContact, said: str, *, at: dt.datetime
) -> tuple[FoundPerson, ...]:
    """Those who fit what was said, the best first. Each one that is named is audited."""
    found = search_patients(said)
    keys = [one.patient.pk for one in found]
    note_views(request, what="desk search", patient_ids=keys, at=at)
    prefetch_related_objects([one.patient for one in found], "proxies")
    return tuple(_person(contact, one, said, is_first=n == 0, at=at) for n, one in enumerate(found))


def _person(
    contact: DeskContact, found: FoundPatient, said: str, *, is_first: bool, at: dt.datetime
) -> FoundPerson:
    patient, on = found.patient, day_for(found.patient, at=at)
    fits = is_first and compare(read_said(said), on_record(patient)).passes
    asks = is_own(contact.kind) and must_say_who(patient, on=on)
    return FoundPerson(
        patient,
        str(patient) if fits else careful_name(patient),
        translated(found.why),
        "" if patient.sensitivity else found.under,
        is_sure=fits and not asks and is_own(contact.kind),
        speaks=choices_for(patient, contact.kind, on=on) if asks else (),
    )


def stands(patient: Patient) -> Patient:
    """The record that stands for this one: it may have been merged since it was shown."""
    return standing(patient.pk) or patient


def careful_name(patient: Patient) -> str:
    """By initials where a label says that the name is private."""
    return patient.initials if patient.sensitivity else str(patient)


def who_context(
    request: HttpRequest, contact: DeskContact, kind: CallType | None, *, at: dt.datetime
) -> dict[str, Any]:
    """While nobody is known: whom the number may be, unless nothing is said in such a call. While
    they are not verified: who may speak for them."""
    silent = says_nothing(kind)
    context: dict[str, Any] = {"callers": (), "speakers": (), "says_nothing": silent}
    if contact.is_over or contact.is_verified or silent:
        return context
    if contact.patient is not None:
        return context | _speaking(contact, contact.patient, kind, on=contact.day_of(at))
    phone = contact.call.phone if contact.call else None
    callers = callers_on(phone, at=at) if phone else ()
    named = [one.patient.pk for one in callers]
    seen = note_views(request, what="screen pop", patient_ids=named, at=at)
    return context | {"callers": callers, "seen_callers": seen}


def _speaking(
    contact: DeskContact, patient: Patient, kind: CallType | None, *, on: dt.date
) -> dict[str, Any]:
    """Among whom to choose, who is chosen, and whether a number to call back is yet to be given."""
    prefetch_related_objects([patient], "proxies")
    among = choices_for(patient, kind, on=on)
    may_verify = any(one.value != Speaker.OTHER for one in among)
    nobody = contact.speaker is Speaker.OTHER and (is_own(kind) or not may_verify)
    return {
        "speakers": among,
        "may_verify": may_verify,
        "speaks": chosen_now(contact, patient, among),
        "asks_number": needs_number(kind) and not number_kept(contact),
        "nobody_speaks": nobody,
    }
