"""Reads of visits."""

from __future__ import annotations

import datetime as dt

from django.db.models import Q, QuerySet

from scheduling.models import Appointment
from scheduling.states import LIVE, AppointmentStatus


def live_visits(starts_at: dt.datetime, ends_at: dt.datetime) -> QuerySet[Appointment]:
    """Visits that take time anywhere in [starts_at, ends_at)."""
    return Appointment.objects.filter(status__in=LIVE, starts_at__lt=ends_at, ends_at__gt=starts_at)


#: Seen within three years makes a patient established (AMA CPT, evaluation and management).
ESTABLISHED_FOR = dt.timedelta(days=3 * 365)


def established(specialty: str, *, at: dt.datetime) -> QuerySet[Appointment]:
    """Visits that make their patients established in a specialty here, as of `at`."""
    return Appointment.objects.filter(
        role__clinic__specialty=specialty,
        status=AppointmentStatus.FULFILLED,
        starts_at__gt=at - ESTABLISHED_FOR,
    )


def overlapping(appointment: Appointment) -> QuerySet[Appointment]:
    """Other live visits that take the same clinician or the same patient at that time."""
    return (
        live_visits(appointment.starts_at, appointment.ends_at)
        .filter(
            Q(patient_id=appointment.patient_id)
            | Q(provider_id=appointment.provider_id, provider__isnull=False)
        )
        .exclude(pk=appointment.pk)
    )
