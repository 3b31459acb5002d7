"""Clinic days: who sees patients when, and what time is kept back for whom."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from zoneinfo import ZoneInfo

from integrations.demo.dataset.rows import Clinician, SlotRow
from integrations.demo.dataset.system import (
    CLINICIANS,
    DAYS,
    FAMILY,
    HEART,
    KIND,
    SITE,
    SKIN,
    THURSDAY_LAST,
)
from scheduling.states import Restriction, SlotStatus

WEEKS = 8
MORNING, AFTERNOON = dt.time(8), dt.time(13)
THURSDAY = 3

#: A new patient's slot that nobody took is open to all from three days before, at 7:00.
RELEASE_DAYS, RELEASE_TIME = 3, dt.time(7)
KEPT_FOR_NEW = 0.3
BLOCKED_MEETING = 0.04


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of a clinic day. `number` counts from the first of the morning."""

    clinician: Clinician
    kind: str
    starts_at: dt.datetime
    ends_at: dt.datetime
    day: dt.date  # at the site
    number: int

    @property
    def zone(self) -> ZoneInfo:
        return zone_of(self.clinician)


def zone_of(clinician: Clinician) -> ZoneInfo:
    """The zone of the clinician's site."""
    return ZoneInfo(SITE[clinician.site].zone)


def clinic_time(first: dt.date, last: dt.date) -> list[Piece]:
    """Every clinician's pieces from `first` up to and without `last`, in order of time."""
    days = [first + dt.timedelta(days=n) for n in range((last - first).days)]
    pieces = [
        piece
        for clinician in CLINICIANS
        for day in days
        if day.weekday() in clinician.weekdays
        for piece in _day(clinician, day)
    ]
    return sorted(pieces, key=lambda piece: (piece.starts_at, piece.clinician.code))


def _day(clinician: Clinician, day: dt.date) -> Iterator[Piece]:
    """Lengths are added in UTC, so that an hour is an hour on the day the clock changes."""
    zone, number = zone_of(clinician), 0
    morning, afternoon = DAYS[clinician.specialty]
    for starts, kinds in ((MORNING, morning), (AFTERNOON, afternoon)):
        at = dt.datetime.combine(day, starts, zone).astimezone(dt.UTC)
        for code in kinds:
            kind = THURSDAY_LAST if _is_thursday_last(clinician, day, number) else code
            ends_at = at + dt.timedelta(minutes=KIND[kind].minutes)
            yield Piece(clinician, kind, at, ends_at, day, number)
            at, number = ends_at, number + 1


def _is_thursday_last(clinician: Clinician, day: dt.date, number: int) -> bool:
    last = sum(map(len, DAYS[FAMILY])) - 1
    return clinician.specialty == FAMILY and day.weekday() == THURSDAY and number == last


def make_slots(rng: random.Random, today: dt.date) -> list[tuple[Piece, SlotRow]]:
    """Eight weeks of slots from `today`, none of them booked yet."""
    pieces = clinic_time(today, today + dt.timedelta(weeks=WEEKS))
    on_leave = {c.code: _leave(c, today, rng) for c in CLINICIANS}
    return [
        (piece, _restrict(piece, _slot(piece), on_leave[piece.clinician.code], today, rng))
        for piece in pieces
    ]


def _leave(clinician: Clinician, today: dt.date, rng: random.Random) -> dt.date:
    """One day of leave, three to eight weeks ahead."""
    weeks = rng.randrange(3, WEEKS)
    monday = today + dt.timedelta(days=7 - today.weekday(), weeks=weeks - 1)
    return monday + dt.timedelta(days=rng.choice(clinician.weekdays))


def _slot(piece: Piece) -> SlotRow:
    return SlotRow(
        ehr_id=f"slot-{piece.clinician.code}-{piece.starts_at:%Y%m%dT%H%MZ}",
        clinician=piece.clinician.code,
        kind=piece.kind,
        starts_at=piece.starts_at,
        ends_at=piece.ends_at,
    )


def _restrict(
    piece: Piece, slot: SlotRow, leave: dt.date, today: dt.date, rng: random.Random
) -> SlotRow:
    if piece.day == leave:
        return replace(slot, status=SlotStatus.BLOCKED, restriction_reason="Provider on leave")
    if piece.number == 0 and rng.random() < BLOCKED_MEETING:
        return replace(slot, status=SlotStatus.BLOCKED, restriction_reason="Staff meeting")
    if KIND[slot.kind].is_for_new_patients and rng.random() < KEPT_FOR_NEW:
        return _keep_for_new(piece, slot, today)
    return _keep_for_some(piece, slot, rng)


def _keep_for_some(piece: Piece, slot: SlotRow, rng: random.Random) -> SlotRow:
    specialty, weekday = piece.clinician.specialty, piece.day.weekday()
    if specialty == FAMILY and piece.number == 5 and weekday in {1, 3}:
        return _keep(slot, Restriction.SAME_DAY, "For calls of the day")
    if specialty == HEART and piece.number == 3 and weekday == max(piece.clinician.weekdays):
        return _keep(slot, Restriction.SAME_WEEK, "For patients just out of hospital")
    if specialty == SKIN and slot.kind == "SKIN-PROC" and rng.random() < 0.1:
        return _keep(slot, Restriction.HELD_FOR_REVIEW, "The clinician reviews photos first")
    return slot


def _keep(slot: SlotRow, restriction: Restriction, reason: str) -> SlotRow:
    return replace(slot, restriction=restriction, restriction_reason=reason)


def _keep_for_new(piece: Piece, slot: SlotRow, today: dt.date) -> SlotRow:
    day = piece.day - dt.timedelta(days=RELEASE_DAYS)
    if day <= today + dt.timedelta(days=1):  # released before anybody looks
        return slot
    release_at = dt.datetime.combine(day, RELEASE_TIME, piece.zone).astimezone(dt.UTC)
    kept = _keep(slot, Restriction.NEW_PATIENTS, "For new patients until three days before")
    return replace(kept, release_at=release_at)
