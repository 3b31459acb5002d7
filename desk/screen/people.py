"""Who it may be: those whom the caller's number leads to, and those found by what is said."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest

from crm.actions.verifying import may_speak_for, on_record
from crm.models import Patient, Proxy
from crm.queries.finding import FoundPatient, search_patients
from crm.queries.finding_caller import callers_on
from crm.queries.merging import standing
from crm.rules.verifying import compare, read_said
from crm.web import note_views
from desk.screen.contact import DeskContact


@dataclass(frozen=True, slots=True)
class FoundPerson:
    """Somebody to choose. Before two identifiers only the name shows, and by what they fit."""

    patient: Patient
    name: str
    why: str
    under: str  # the name of a record that was merged into theirs, where that fitted
    is_sure: bool  # what was said verifies them at once


def find_people(request: HttpRequest, said: str, *, at: dt.datetime) -> tuple[FoundPerson, ...]:
    """Those who fit what was said, the best first. Each one that is named is audited."""
    found = search_patients(said)
    keys = [one.patient.pk for one in found]
    note_views(request, what="desk search", patient_ids=keys, at=at)
    return tuple(_person(one, said, is_first=n == 0) for n, one in enumerate(found))


def _person(found: FoundPatient, said: str, *, is_first: bool) -> FoundPerson:
    sure = is_first and compare(read_said(said), on_record(found.patient)).passes
    name = str(found.patient) if sure else careful_name(found.patient)
    return FoundPerson(found.patient, name, found.why, found.under, sure)


def stands(patient: Patient) -> Patient:
    """The record that stands for this one: it may have been merged since it was shown."""
    return standing(patient.pk) or patient


def careful_name(patient: Patient) -> str:
    """By initials where a label says that the name is private."""
    return patient.initials if patient.sensitivity else str(patient)


def who_context(request: HttpRequest, contact: DeskContact, *, at: dt.datetime) -> dict[str, Any]:
    """While nobody is known: whom the number may be. While they are not verified: who may speak
    for them."""
    if contact.is_over or contact.is_verified:
        return {"callers": (), "proxies": ()}
    if contact.patient is not None:
        return {"callers": (), "proxies": proxies_of(contact.patient, on=at.date())}
    phone = contact.call.phone if contact.call else None
    callers = callers_on(phone, at=at) if phone else ()
    named = [one.patient.pk for one in callers]
    if "seen_by" not in request.GET:
        note_views(request, what="screen pop", patient_ids=named, at=at)
    return {"callers": callers, "proxies": ()}


def proxies_of(patient: Patient, *, on: dt.date) -> list[Proxy]:
    """Who may speak for them today; one whom a court keeps away is not among them."""
    return [proxy for proxy in patient.proxies.all() if may_speak_for(patient, proxy, on=on)]
