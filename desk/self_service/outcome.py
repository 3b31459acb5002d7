"""What became of a session that is done, in one word."""

from __future__ import annotations

from enum import StrEnum

from scheduling.models import EhrWrite, SelfServiceSession
from scheduling.states import LIVE, STANDS, AppointmentStatus


class Outcome(StrEnum):
    ASKING = "asking"  # the EHR is being asked: it is not booked
    BY_HAND = "by-hand"  # a person was asked to book it, or to say who they are first
    BOOKED = "booked"
    MOVED = "moved"
    NOT_POSSIBLE = "not-possible"  # refused
    CHANGED = "changed"  # was booked, and is no longer as it was
    OFF = "off"  # called off, as they asked
    LISTED = "listed"


def outcome_of(session: SelfServiceSession) -> Outcome:
    """As of now. Never "booked" before the EHR has said so."""
    visit = session.appointment
    if visit is None:
        if session.entry_id is not None:
            return Outcome.LISTED
        return Outcome.BY_HAND if session.task_id is not None else Outcome.OFF
    if visit.status in STANDS:
        return Outcome.MOVED if visit.gives_up_id is not None else Outcome.BOOKED
    if visit.status == AppointmentStatus.REFUSED:
        return Outcome.NOT_POSSIBLE
    if visit.status not in LIVE:
        return Outcome.CHANGED
    handed = EhrWrite.objects.filter(appointment=visit.pk, handed_at__isnull=False)
    return Outcome.BY_HAND if handed.exists() else Outcome.ASKING
