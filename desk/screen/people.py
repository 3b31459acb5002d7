"""Who it may be: those found by what is said."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.http import HttpRequest

from crm.actions.verifying import on_record
from crm.models import Patient
from crm.queries.finding import FoundPatient, search_patients
from crm.rules.verifying import compare, read_said
from crm.web import note_views


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
    return FoundPerson(found.patient, str(found.patient), found.why, found.under, sure)
