"""What clinics' policies are, and whom they speak of."""

from __future__ import annotations

import datetime as dt

from django.db.models import Q, QuerySet

from crm.models import Patient
from scheduling.models import (
    Appointment,
    Clinic,
    ClinicPolicy,
    NoFeePayer,
    PatientRestriction,
)
from scheduling.rules.policies import Missed, Policy
from scheduling.states import (
    AppointmentStatus,
    CancelledBy,
    CancelReason,
    MissedBecause,
    PatientLimit,
    RestrictionStatus,
)

#: The longest month, so that a period in months is never cut short.
_MONTH = dt.timedelta(days=31)


def policy_of(clinic_id: int | None) -> Policy:
    """The clinic's policy, or the one that holds where none is written."""
    row = ClinicPolicy.objects.filter(clinic=clinic_id).first() if clinic_id else None
    if row is None:
        return Policy()
    return Policy(
        late_cancel_hours=row.late_cancel_hours,
        missed_limit=row.missed_limit,
        missed_months=row.missed_months,
        counts_late_cancels=row.counts_late_cancels,
        exempt=frozenset(MissedBecause(reason) for reason in row.exempt),
        limit_kind=PatientLimit(row.limit_kind),
        limit_months=row.limit_months,
        missed_fee=row.missed_fee,
        grace_minutes=row.grace_minutes,
        squeeze_minutes=row.squeeze_minutes,
    )


def missed_visits(patient: Patient, clinic: Clinic) -> tuple[Missed, ...]:
    """What the patient missed at the clinic, or cancelled late themselves; not what they gave up
    for an earlier time that we had offered. The rules count by the clinic's own period."""
    ended = Q(status=AppointmentStatus.NO_SHOW) | Q(
        ~Q(cancel_code=CancelReason.EARLIER_TIME),
        status=AppointmentStatus.CANCELLED,
        cancelled_late=True,
        cancelled_by=CancelledBy.PATIENT,
    )
    rows = Appointment.objects.filter(ended, patient=patient, role__clinic=clinic)
    return tuple(
        Missed(
            visit_id=row.pk,
            starts_at=row.starts_at,
            because=MissedBecause(row.missed_because) if row.missed_because else None,
            was_late_cancel=row.status == AppointmentStatus.CANCELLED,
        )
        for row in rows.order_by("-starts_at")
    )


def counts_since(policy: Policy, *, at: dt.datetime) -> dt.datetime:
    """From when on missed visits count."""
    return at - policy.missed_months * _MONTH


def no_fee_payers() -> tuple[str, ...]:
    """Words that name the payers which forbid a fee."""
    return tuple(NoFeePayer.objects.filter(is_active=True).values_list("payer", flat=True))


def payers_on(patient: Patient, day: dt.date) -> tuple[str, ...]:
    """Who pays for the patient on that day, as last known."""
    held = patient.coverages.filter(
        Q(starts_on__isnull=True) | Q(starts_on__lte=day),
        Q(ends_on__isnull=True) | Q(ends_on__gte=day),
    )
    return tuple(held.values_list("payer", flat=True))


def restrictions_in_force(patient: Patient, *, on: dt.date) -> QuerySet[PatientRestriction]:
    """Limits that a person has approved and that have not ended by `on`, a day at the site."""
    return PatientRestriction.objects.filter(
        Q(ends_on__isnull=True) | Q(ends_on__gte=on),
        patient=patient,
        status=RestrictionStatus.APPROVED,
    )
