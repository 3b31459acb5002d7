"""Reads of what patients do without a login."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db.models import Q, QuerySet
from django.db.models.functions import Now, TruncDate

from crm.models import Patient
from crm.queries import may_act_for
from scheduling.models import (
    Appointment,
    OnlineVisit,
    PatientRestriction,
    SelfServiceSession,
    VisitType,
)
from scheduling.states import (
    AppointmentStatus,
    PatientLimit,
    RestrictionStatus,
    SelfServiceStatus,
    SelfServiceStep,
    Wish,
)

#: An abandoned session is worth mentioning to whoever calls for so long.
WORTH_TELLING = dt.timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Abandoned:
    """A session that somebody left: how far they came, and what they wanted.

    `was_sure` is False where only the phone leads to the patient: it may have been somebody else
    on that phone, so it is asked and not told.
    """

    session_id: int
    left_at: dt.datetime
    step: SelfServiceStep
    wish: Wish | None
    visit_type: VisitType | None
    was_sure: bool


def abandoned_sessions(patient: Patient, *, at: dt.datetime) -> tuple[Abandoned, ...]:
    """What this patient began online in the last week and did not finish, the latest first.

    Also from a phone of theirs that was proven, before anybody said who they are; never from a
    phone that may not be used for this patient. Nothing about a kind of visit that its phone may
    not hear of.
    """
    phones = patient.patient_phones.filter(Q(ended_on=None) | Q(ended_on__gt=at.date()))
    theirs = Q(patient=patient)
    unsaid = Q(patient=None, verified_at__isnull=False, phone__in=phones.values("phone"), task=None)
    rows = SelfServiceSession.objects.filter(
        theirs | unsaid,
        status=SelfServiceStatus.LEFT,
        closed_at__gt=at - WORTH_TELLING,
    ).select_related("visit_type", "phone")
    return tuple(
        _abandoned(row)
        for row in rows.order_by("-closed_at", "-pk")
        if row.phone is None or _may_hear(patient, row, at=at)
    )


def _may_hear(patient: Patient, row: SelfServiceSession, *, at: dt.datetime) -> bool:
    is_sensitive = row.visit_type is not None and row.visit_type.is_sensitive
    assert row.phone is not None  # noqa: S101 for the type checker
    return may_act_for(patient, row.phone, at=at, is_sensitive=is_sensitive)


def _abandoned(row: SelfServiceSession) -> Abandoned:
    return Abandoned(
        session_id=row.pk,
        left_at=row.closed_at or row.seen_at,
        step=SelfServiceStep(row.step),
        wish=Wish(row.wish) if row.wish else None,
        visit_type=row.visit_type,
        was_sure=row.patient_id is not None,
    )


def online_visits(session: SelfServiceSession) -> QuerySet[OnlineVisit]:
    """What may be booked online within what the link has chosen, by name."""
    rows = OnlineVisit.objects.filter(clinic__location__is_active=True)
    rows = rows.exclude(visit_type__catalog_entry__is_retired=True)
    link = session.link
    if link is not None and link.clinic_id is not None:
        rows = rows.filter(clinic=link.clinic_id)
    if link is not None and link.location_id is not None:
        rows = rows.filter(clinic__location=link.location_id)
    if session.role is not None:
        rows = rows.filter(clinic=session.role.clinic_id)
    if session.patient_id is not None and session.identified_at is not None:
        rows = rows.exclude(clinic__in=_by_phone_only(session.patient_id))
    rows = rows.select_related("visit_type", "clinic__location")
    return rows.order_by("visit_type__name", "clinic__location__name", "pk")


def _by_phone_only(patient_id: int) -> QuerySet[PatientRestriction, int]:
    """Clinics where a person has decided that this patient books by phone."""
    limits = PatientRestriction.objects.filter(
        Q(ends_on__isnull=True) | Q(ends_on__gte=TruncDate(Now())),
        patient=patient_id,
        kind=PatientLimit.BY_PHONE,
        status=RestrictionStatus.APPROVED,
    )
    return limits.values_list("clinic", flat=True)


def changeable_visits(session: SelfServiceSession, *, at: dt.datetime) -> list[Appointment]:
    """The visits to come that whoever is at this session may see and change, the next first."""
    patient, phone = session.patient, session.phone
    if patient is None or phone is None or session.identified_at is None:
        return []
    rows = Appointment.objects.filter(
        patient=patient,
        starts_at__gt=at,
        status__in=[AppointmentStatus.BOOKED, AppointmentStatus.REQUESTED],
    ).select_related("visit_type", "location", "provider", "role__clinic__location", "patient")
    return [
        row
        for row in rows.order_by("starts_at", "pk")
        if may_act_for(patient, phone, at=at, is_sensitive=is_sensitive(row))
    ]


def is_sensitive(visit: Appointment) -> bool:
    """Of a kind that no text may hint at."""
    return visit.visit_type is not None and visit.visit_type.is_sensitive
