"""Visits in words, for templates."""

from __future__ import annotations

from django import template
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from crm.models import Patient
from desk import visit_words as words
from desk.queries.visit import dollars
from desk.queries.zone import house_zone
from outreach.rules.times import say_time
from scheduling.models import Appointment
from scheduling.rules.moving import MoveStage
from scheduling.rules.papers import ClearanceState
from scheduling.states import (
    AppointmentStatus,
    ClearanceKind,
    LateOutcome,
    MissedBecause,
    PatientLimit,
)

register = template.Library()
register.filter("dollars", dollars)


@register.filter
def status_chip(status: str) -> words.Chip:
    chip = words.STATUS[AppointmentStatus(status)]
    return chip._replace(word=_(chip.word))


@register.filter
def clearance_chip(state: str) -> words.Chip:
    chip = words.CLEARANCES[ClearanceState(state)]
    return chip._replace(word=_(chip.word))


@register.filter
def clearance_word(kind: str) -> str:
    return _(words.KINDS[ClearanceKind(kind)])


@register.filter
def stage_word(stage: str) -> str:
    return _(words.STAGES[MoveStage(stage)])


@register.filter
def late_word(outcome: str) -> str:
    return _(words.LATE[LateOutcome(outcome)]) if outcome else ""


@register.filter
def missed_word(because: str) -> str:
    return _(words.MISSED[MissedBecause(because)]) if because else ""


@register.filter
def limit_word(kind: str) -> str:
    return _(words.LIMITS[PatientLimit(kind)])


@register.filter
def visit_at(visit: Appointment, patient_zone: str) -> str:
    """ "Tue Dec 1, 9:40 AM" by the clock of its site; where the EHR named none, by the patient's,
    else by the house's."""
    zone = visit.location.zone if visit.location else patient_zone or house_zone().key
    return say_time(visit.starts_at, zone, get_language() or "en")


@register.filter
def shown_name(patient: Patient) -> str:
    """A patient on a list; one with a privacy label by initials."""
    return patient.initials if patient.sensitivity else str(patient)
