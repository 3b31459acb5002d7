"""Visits that somebody must work on before they can take place, or be over."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum
from zoneinfo import ZoneInfo

from django.db.models import Q, QuerySet
from django.db.models.functions import TruncDate

from scheduling.models import Appointment, Clearance, Estimate, PatientRestriction
from scheduling.queries.moves import Move, half_done_moves
from scheduling.rules.papers import ClearanceState, clearance_state
from scheduling.states import (
    LIVE,
    ClearanceKind,
    ClearanceStatus,
    EstimateStatus,
    RestrictionStatus,
)

BESIDE = ("patient", "provider", "location", "visit_type")
#: So many lines of a tab are shown; its number counts all, the file holds all.
SHOWN = 200


class Tab(StrEnum):
    """What is to be done."""

    REFERRALS = "referrals"
    AUTHORIZATIONS = "authorizations"
    ESTIMATES = "estimates"
    LIMITS = "limits"
    MOVES = "moves"


@dataclass(frozen=True, slots=True)
class PaperLine:
    """A visit whose referral or authorization is open; None of `row`: nobody has begun."""

    visit: Appointment
    zone: str
    row: Clearance | None
    state: ClearanceState


@dataclass(frozen=True, slots=True)
class EstimateLine:
    """A visit whose patient is owed an estimate."""

    visit: Appointment
    zone: str
    row: Estimate
    is_late: bool


def clearances_to_work(kind: ClearanceKind, *, at: dt.datetime) -> list[PaperLine]:
    """Visits to come whose paper is needed, asked for, or does not cover their day; soonest first.

    Of authorizations also those whose visit type needs one and that nobody has begun: an EHR
    booked them.
    """
    rows = (
        Clearance.objects.filter(kind=kind, appointment__in=_coming(at))
        .exclude(status=ClearanceStatus.NOT_NEEDED)
        # Days of the sites are within one of UTC's: what is received and plainly covers it goes.
        .exclude(
            Q(valid_from_on__isnull=True)
            | Q(valid_from_on__lt=TruncDate("appointment__starts_at", tzinfo=dt.UTC)),
            Q(valid_until_on__isnull=True)
            | Q(valid_until_on__gt=TruncDate("appointment__starts_at", tzinfo=dt.UTC)),
            status=ClearanceStatus.RECEIVED,
        )
        .select_related(*(f"appointment__{name}" for name in BESIDE))
    )
    lines = [_paper_line(row.appointment, row) for row in rows]
    if kind is ClearanceKind.AUTHORIZATION:
        unbegun = _coming(at).filter(visit_type__needs_authorization=True)
        unbegun = unbegun.exclude(clearances__kind=kind).select_related(*BESIDE)
        lines += [_paper_line(visit, None) for visit in unbegun]
    waiting = [line for line in lines if line.state is not ClearanceState.RECEIVED]
    return sorted(waiting, key=lambda line: (line.visit.starts_at, line.visit.pk))


def _coming(at: dt.datetime) -> QuerySet[Appointment]:
    return Appointment.objects.filter(status__in=LIVE, starts_at__gt=at)


def _zone(visit: Appointment) -> str:
    return visit.location.zone if visit.location else "UTC"


def _paper_line(visit: Appointment, row: Clearance | None) -> PaperLine:
    zone = _zone(visit)
    if row is None:
        return PaperLine(visit, zone, None, ClearanceState.NEEDED)
    state = clearance_state(
        ClearanceStatus(row.status),
        valid_from_on=row.valid_from_on,
        valid_until_on=row.valid_until_on,
        visit_on=visit.starts_at.astimezone(ZoneInfo(zone)).date(),
    )
    return PaperLine(visit, zone, row, state)


def estimates_due(*, at: dt.datetime) -> list[EstimateLine]:
    """Estimates that are owed, the most pressing first."""
    rows = (
        Estimate.objects.filter(status=EstimateStatus.DUE, appointment__status__in=LIVE)
        .select_related(*(f"appointment__{name}" for name in BESIDE))
        .order_by("due_on", "appointment__starts_at", "pk")
    )
    return [_estimate_line(row, at) for row in rows]


def _estimate_line(row: Estimate, at: dt.datetime) -> EstimateLine:
    zone = _zone(row.appointment)
    today = at.astimezone(ZoneInfo(zone)).date()
    return EstimateLine(row.appointment, zone, row, is_late=row.due_on < today)


def limits_to_decide() -> QuerySet[PatientRestriction]:
    """Limits that a policy proposes and no person has decided, the oldest first."""
    return (
        PatientRestriction.objects.filter(status=RestrictionStatus.PROPOSED)
        .select_related("patient", "clinic__location")
        .prefetch_related("because")
        .order_by("proposed_at", "pk")
    )


def moves_to_repair(*, at: dt.datetime) -> list[Move]:
    """Moves that stopped half-way."""
    return half_done_moves(at=at)
