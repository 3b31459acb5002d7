"""One visit with all that its page shows."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.db.models import Q
from django.utils.translation import gettext as _

from crm.models import AuditEntry
from crm.saying import translated
from desk import visit_words as words
from scheduling.actions.attending import EARLIEST_CHECK_IN
from scheduling.models import Appointment, Clearance, EhrWrite, PatientRestriction
from scheduling.queries.moves import Move, find_move, find_move_away
from scheduling.queries.policies import (
    no_fee_payers,
    payers_on,
    policy_of,
    restrictions_in_force,
)
from scheduling.rules.papers import ClearanceState, clearance_state
from scheduling.rules.policies import (
    Arrival,
    Fee,
    fee_for,
    judge_arrival,
    notice_ends_at,
    who_gave_up,
)
from scheduling.states import (
    AppointmentStatus,
    CancelledBy,
    ClearanceKind,
    ClearanceStatus,
    EhrOperation,
    EhrWriteStatus,
    MissedBecause,
)

BESIDE = (
    "patient",
    "provider",
    "location",
    "visit_type",
    "role__clinic",
    "estimate",
    "workers_comp",
    "video",
    "plan_visit",
)
#: So many lines of its history are shown.
HISTORY = 30
_OUT = (EhrWriteStatus.PENDING, EhrWriteStatus.SENT, EhrWriteStatus.UNKNOWN)


@dataclass(frozen=True, slots=True)
class ClearanceLine:
    """A referral or authorization as the page shows it; `row` is None where nobody asked yet."""

    kind: ClearanceKind
    row: Clearance | None
    state: ClearanceState


@dataclass(frozen=True, slots=True)
class Done:
    """One line of the visit's history."""

    at: dt.datetime
    by: str
    said: str
    reason: str


@dataclass(frozen=True, slots=True)
class VisitPage:
    """The visit, told in the zone of its site.

    `telling` is what the EHR has yet to hear, `unheard` what it would not take; `move` is where
    it came from, `away` where it goes.
    """

    visit: Appointment
    zone: str
    day: dt.date
    telling: str
    unheard: str
    move: Move | None
    away: Move | None
    clearances: tuple[ClearanceLine, ...]
    notice_ends_at: dt.datetime
    may_come: bool
    arrival: Arrival | None
    fee: Fee | None
    ended: str
    limits: tuple[PatientRestriction, ...]
    history: tuple[Done, ...]


def get_visit_page(pk: int, *, at: dt.datetime) -> VisitPage:
    """:raises Appointment.DoesNotExist:"""
    visit = Appointment.objects.select_related(*BESIDE).get(pk=pk)
    zone = visit.location.zone if visit.location else "UTC"
    day = visit.starts_at.astimezone(ZoneInfo(zone)).date()
    policy = policy_of(visit.role.clinic_id if visit.role else None)
    writes = list(EhrWrite.objects.filter(appointment=visit).order_by("pk"))
    is_missed = visit.status == AppointmentStatus.NO_SHOW
    return VisitPage(
        visit=visit,
        zone=zone,
        day=day,
        telling=_telling(writes),
        unheard=_unheard(writes),
        move=find_move(pk),
        away=find_move_away(pk),
        clearances=_clearances(visit, day),
        notice_ends_at=notice_ends_at(visit.starts_at, zone=zone, hours=policy.late_cancel_hours),
        may_come=visit.starts_at - at <= EARLIEST_CHECK_IN,
        arrival=_arrival(
            visit, policy_arrival=judge_arrival(visit.starts_at, arrived_at=at, policy=policy)
        ),
        fee=fee_for(
            policy=policy,
            payers=payers_on(visit.patient, day),
            no_fee_payers=no_fee_payers(),
            because=MissedBecause(visit.missed_because) if visit.missed_because else None,
        )
        if is_missed
        else None,
        ended=_ended(visit),
        limits=tuple(restrictions_in_force(visit.patient, on=day)),
        history=_history(visit),
    )


def _arrival(visit: Appointment, *, policy_arrival: Arrival) -> Arrival | None:
    """What the policy says of somebody who comes now, where they still could."""
    can_come = {AppointmentStatus.BOOKED, AppointmentStatus.NO_SHOW}
    return policy_arrival if visit.status in can_come else None


def _ended(visit: Appointment) -> str:
    if visit.status != AppointmentStatus.CANCELLED:
        return ""
    who = CancelledBy(visit.cancelled_by or CancelledBy.UNKNOWN)
    return who_gave_up(who, late=visit.cancelled_late)


def _telling(writes: list[EhrWrite]) -> str:
    """What the EHR is being told, in words; empty when it knows all."""
    out = [w for w in writes if w.status in _OUT and w.due_at is not None]
    return _(words.TELLING[EhrOperation(out[-1].operation)]) if out else ""


def _unheard(writes: list[EhrWrite]) -> str:
    """What the EHR would not or cannot be told, with its answer: vague errors help nobody."""
    last = {write.operation: write for write in writes}
    for operation, write in last.items():
        by_hand = write.status in _OUT and write.due_at is None
        if by_hand or write.status == EhrWriteStatus.REFUSED:
            what = _(words.TELLING[EhrOperation(operation)])
            said = translated(write.answer) or _("A person was asked to do it there.")
            return _("The EHR has not taken %(what)s: %(said)s") % {"what": what, "said": said}
    return ""


def _clearances(visit: Appointment, day: dt.date) -> tuple[ClearanceLine, ...]:
    rows = {ClearanceKind(row.kind): row for row in Clearance.objects.filter(appointment=visit)}
    return tuple(
        ClearanceLine(kind, rows.get(kind), _state(rows.get(kind), day)) for kind in ClearanceKind
    )


def _state(row: Clearance | None, day: dt.date) -> ClearanceState:
    if row is None:
        return ClearanceState.NOT_NEEDED
    return clearance_state(
        ClearanceStatus(row.status),
        valid_from_on=row.valid_from_on,
        valid_until_on=row.valid_until_on,
        visit_on=day,
    )


def _history(visit: Appointment) -> tuple[Done, ...]:
    """What was done with it, the latest first."""
    rows = AuditEntry.objects.filter(
        Q(subject_type="scheduling.appointment", subject_id=visit.pk)
    ).order_by("-pk")[:HISTORY]
    return tuple(Done(row.at, row.actor_label, _said(row), _why(row)) for row in rows)


def _why(row: AuditEntry) -> str:
    """A reason that was chosen is told in its words."""
    return translated(words.REASONS.get(row.reason, row.reason))  # type: ignore[call-overload]


def _said(row: AuditEntry) -> str:
    if row.to_status:
        return _(words.STATUS[AppointmentStatus(row.to_status)].word)
    return translated(
        words.DONE.get(row.verb, row.verb.rpartition(".")[2].replace("-", " ").capitalize())
    )


def dollars(amount: Decimal | None) -> str:
    """ "$120.00", or nothing."""
    return f"${amount:,.2f}" if amount is not None else ""
