"""Named reads of scheduling."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db.models import Q, QuerySet

from crm.models import AuditEntry, Patient
from scheduling.models import Appointment, Slot
from scheduling.rules import (
    Hidden,
    HiddenBy,
    PatientFacts,
    SlotFacts,
    opens_by_the_clock,
    what_hides,
)
from scheduling.states import (
    LIVE,
    AppointmentStatus,
    FillMode,
    Restriction,
    SlotStatus,
)


def live_visits(starts_at: dt.datetime, ends_at: dt.datetime) -> QuerySet[Appointment]:
    """Visits that take time anywhere in [starts_at, ends_at)."""
    return Appointment.objects.filter(status__in=LIVE, starts_at__lt=ends_at, ends_at__gt=starts_at)


def get_slot(pk: int) -> Slot:
    """The slot with all that its rules and its line on a page need. :raises Slot.DoesNotExist:"""
    return Slot.objects.select_related(
        "role__provider", "role__clinic__location", "visit_type", "room"
    ).get(pk=pk)


def slot_facts(slot: Slot) -> SlotFacts:
    """What the rules must know of a slot; one query for the clinician's other visits."""
    elsewhere = (
        live_visits(slot.starts_at, slot.ends_at)
        .filter(provider_id=slot.role.provider_id)
        .exclude(slot_id=slot.pk)
    )
    return SlotFacts(
        status=SlotStatus(slot.status),
        starts_at=slot.starts_at,
        zone=slot.role.clinic.location.zone,
        capacity=slot.capacity,
        taken=slot.taken,
        restriction=Restriction(slot.restriction),
        lead=dt.timedelta(minutes=slot.visit_type.lead_minutes),
        release_at=slot.release_at,
        provider_busy=elsewhere.exists(),
        min_age=slot.visit_type.min_age,
        max_age=slot.visit_type.max_age,
    )


def patient_facts(
    patient: Patient, slot: Slot, *, at: dt.datetime, gives_up_id: int | None = None
) -> PatientFacts:
    """What the rules must know of a patient for `slot`; the visit they give up is no obstacle."""
    then = live_visits(slot.starts_at, slot.ends_at).filter(patient=patient)
    if gives_up_id is not None:
        then = then.exclude(pk=gives_up_id)
    seen_here = established(slot.role.clinic.specialty, at=at)
    return PatientFacts(
        birth_on=patient.birth_on,
        is_established=seen_here.filter(patient=patient).exists(),
        is_busy_then=then.exists(),
    )


#: Seen within three years makes a patient established (AMA CPT, evaluation and management).
ESTABLISHED_FOR = dt.timedelta(days=3 * 365)


def established(specialty: str, *, at: dt.datetime) -> QuerySet[Appointment]:
    """Visits that make their patients established in a specialty here, as of `at`."""
    return Appointment.objects.filter(
        role__clinic__specialty=specialty,
        status=AppointmentStatus.FULFILLED,
        starts_at__gt=at - ESTABLISHED_FOR,
    )


def why_not(
    slot: Slot, *, at: dt.datetime, patient: Patient | None = None, gives_up_id: int | None = None
) -> Hidden | None:
    """Which rule hides `slot` now, from `patient` if given; None when it can be booked."""
    facts = patient_facts(patient, slot, at=at, gives_up_id=gives_up_id) if patient else None
    return what_hides(slot_facts(slot), at=at, patient=facts)


def opens_at(slot: Slot, *, at: dt.datetime) -> dt.datetime | None:
    """When a free slot may be filled: `at`, or once its own day or week has come; None when
    another rule hides it, which no clock lifts."""
    facts = slot_facts(slot)
    hidden = what_hides(facts, at=at)
    if hidden is None:
        return at
    if hidden.rule in {HiddenBy.SAME_DAY, HiddenBy.SAME_WEEK}:
        return opens_by_the_clock(facts)
    return None


@dataclass(frozen=True, slots=True)
class ModeChange:
    """Who switched a clinic to another mode, when and why."""

    at: dt.datetime
    by: str
    was: FillMode
    now: FillMode
    reason: str


def mode_changes(clinic_id: int) -> tuple[ModeChange, ...]:
    """From the trail, the latest first."""
    rows = AuditEntry.objects.filter(
        subject_type="scheduling.clinic",
        subject_id=clinic_id,
        verb="scheduling.clinic.mode-changed",
    ).order_by("-pk")
    return tuple(
        ModeChange(
            row.at,
            row.actor_label,
            FillMode(row.detail["was"]),
            FillMode(row.detail["now"]),
            row.reason,
        )
        for row in rows
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
