"""Visits: the weeks ahead, fuller the nearer they are, and half a year behind."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterator
from dataclasses import replace

from integrations.demo.dataset.panel import Panel
from integrations.demo.dataset.rows import Person, SlotRow, VisitRow
from integrations.demo.dataset.schedule import WEEKS, Piece, clinic_time
from integrations.demo.dataset.system import KIND
from scheduling.states import AppointmentStatus, CancelledBy, CancelReason, Restriction, SlotStatus

#: Share of each week's slots that is booked, this week first.
BOOKED = (0.95, 0.92, 0.86, 0.78, 0.66, 0.54, 0.42, 0.32)
HISTORY_WEEKS = 26
#: Share of past clinic time whose visits are told; a demo needs histories, not all of them.
REMEMBERED = 0.3

CANCELLED_BY_PATIENT = 0.08
CANCELLED_BY_CLINIC = 0.015
GIVEN_BACK = 45  # visits ahead that their patients cancelled lately

_BOOKERS = ("front desk", "front desk", "front desk", "patient portal", "referral desk")
_PATIENT_REASONS = {
    "Work": CancelReason.CANNOT_COME,
    "Feels better": CancelReason.FEELS_BETTER,
    "Transportation": CancelReason.NO_RIDE,
    "Child care": CancelReason.CANNOT_COME,
    "Went elsewhere": CancelReason.WENT_ELSEWHERE,
}
_CLINIC_REASONS = {
    "Provider unwell": CancelReason.CLINICIAN_SICK,
    "Provider called away": CancelReason.CLINICIAN_AWAY,
}


def book_ahead(
    slots: list[tuple[Piece, SlotRow]], panel: Panel, rng: random.Random, today: dt.date
) -> Iterator[tuple[SlotRow, VisitRow | None]]:
    """Each slot with the visit that holds it, if any."""
    for piece, slot in slots:
        week = min((piece.day - today).days // 7, WEEKS - 1)
        patient = None
        if _may_be_booked(slot) and rng.random() < BOOKED[week]:
            patient = panel.book(piece.clinician.site, KIND[slot.kind], piece.day, ahead=True)
        if patient is None:
            yield slot, None
        else:
            days_before = min(70, int(rng.expovariate(1 / 24)) + 1)
            visit = _visit(piece, patient, _moment(today, days_before, rng), rng)
            yield replace(slot, status=SlotStatus.BUSY), replace(visit, slot=slot.ehr_id)


def _may_be_booked(slot: SlotRow) -> bool:
    return slot.status is SlotStatus.FREE and slot.restriction is Restriction.NONE


def look_back(panel: Panel, rng: random.Random, today: dt.date) -> Iterator[VisitRow]:
    """Visits of the past half year, as they ended."""
    for piece in clinic_time(today - dt.timedelta(weeks=HISTORY_WEEKS), today):
        if rng.random() >= REMEMBERED:
            continue
        patient = panel.book(piece.clinician.site, KIND[piece.kind], piece.day, ahead=False)
        if patient is not None:
            days_before = min(90, int(rng.expovariate(1 / 24)) + 3)
            visit = _visit(piece, patient, _moment(piece.day, days_before, rng), rng)
            yield _end(visit, panel.no_show_chance(patient), rng)


def given_back(
    free: list[tuple[Piece, SlotRow]], panel: Panel, rng: random.Random, today: dt.date
) -> Iterator[VisitRow]:
    """Visits ahead that were cancelled by their patients, whose time is free by now."""
    pieces = [piece for piece, slot in free if _may_be_booked(slot)]
    for piece in rng.sample(pieces, min(GIVEN_BACK, len(pieces))):
        patient = panel.book(piece.clinician.site, KIND[piece.kind], piece.day, ahead=False)
        if patient is not None:
            visit = _visit(piece, patient, _moment(today, rng.randrange(12, 50), rng), rng)
            yield _cancel(
                visit, CancelledBy.PATIENT, _moment(today, rng.randrange(1, 10), rng), rng
            )


def _visit(piece: Piece, patient: Person, booked_at: dt.datetime, rng: random.Random) -> VisitRow:
    return VisitRow(
        ehr_id=f"visit-{piece.clinician.code}-{piece.starts_at:%Y%m%dT%H%MZ}-{patient.number}",
        mrn=patient.mrn,
        clinician=piece.clinician.code,
        kind=piece.kind,
        starts_at=piece.starts_at,
        ends_at=piece.ends_at,
        status=AppointmentStatus.BOOKED,
        booked_at=booked_at,
        booked_by=rng.choice(_BOOKERS),
    )


def _end(visit: VisitRow, no_show_chance: float, rng: random.Random) -> VisitRow:
    draw = rng.random()
    if draw < CANCELLED_BY_PATIENT:
        before = rng.uniform(0.3, 1) * (visit.starts_at - visit.booked_at)
        return _cancel(visit, CancelledBy.PATIENT, visit.booked_at + before, rng)
    if draw < CANCELLED_BY_PATIENT + CANCELLED_BY_CLINIC:
        cancelled_at = visit.starts_at - dt.timedelta(hours=rng.randrange(4, 60))
        return _cancel(visit, CancelledBy.PROVIDER, cancelled_at, rng)
    missed = rng.random() < no_show_chance
    status = AppointmentStatus.NO_SHOW if missed else AppointmentStatus.FULFILLED
    return replace(visit, status=status)


def _cancel(
    visit: VisitRow, by: CancelledBy, cancelled_at: dt.datetime, rng: random.Random
) -> VisitRow:
    reasons = _PATIENT_REASONS if by is CancelledBy.PATIENT else _CLINIC_REASONS
    reason = rng.choice(list(reasons))
    return replace(
        visit,
        status=AppointmentStatus.CANCELLED,
        cancelled_at=cancelled_at.replace(microsecond=0),
        cancelled_by=by,
        cancel_reason=reason,
        cancel_code=reasons[reason],
    )


def _moment(day: dt.date, days_before: int, rng: random.Random) -> dt.datetime:
    """A minute in office hours (of Phoenix; nobody looks that closely), `days_before` the day."""
    midnight = dt.datetime.combine(day - dt.timedelta(days=days_before), dt.time(0), dt.UTC)
    return midnight + dt.timedelta(minutes=rng.randrange(15 * 60, 23 * 60))
