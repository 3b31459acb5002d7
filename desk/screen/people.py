"""Who it may be: those whom the caller's number leads to, and those found by what is said."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.http import HttpRequest

from crm.actions.verifying import on_record
from crm.models import Patient
from crm.queries.finding import find_patients
from crm.rules.verifying import NEEDED, compare, read_said
from crm.web import note_views
from desk.screen.contact import DeskContact


@dataclass(frozen=True, slots=True)
class FoundPerson:
    """Somebody to choose. Before two identifiers only the name shows, and what of it fitted."""

    patient: Patient
    name: str
    fits: tuple[str, ...]
    is_sure: bool  # what was said verifies them at once


def find_people(
    request: HttpRequest, contact: DeskContact, said: str, *, at: dt.datetime
) -> tuple[FoundPerson, ...]:
    """Those who fit what was said, the best first. Each one that is named is audited."""
    found = [_compared(patient, said) for patient in find_patients(said)]
    keys = [one.patient.pk for one in found]
    note_views(request, what="desk search", patient_ids=keys, at=at)
    return tuple(sorted(found, key=lambda one: -len(one.fits)))


def _compared(patient: Patient, said: str) -> FoundPerson:
    from desk.screen import words

    fits = compare(read_said(said), on_record(patient))
    return FoundPerson(
        patient=patient,
        name=str(patient),
        fits=tuple(words.IDENTIFIERS[kind] for kind in fits.matched),
        is_sure=len(fits.matched) >= NEEDED,
    )
