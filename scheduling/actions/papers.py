"""What must be on file for a visit, and how far it has come."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction

from crm.engine import Actor, insert_or_none, move, publish, record
from scheduling import locks
from scheduling.models import Appointment, Clearance, Estimate, ServiceRequest, WorkersComp
from scheduling.queries.policies import payers_on
from scheduling.rules.papers import estimate_due_on
from scheduling.states import (
    LIVE,
    ClearanceKind,
    ClearanceStatus,
    EstimateStatus,
    EstimateTrigger,
)


class PaperRefused(Exception):
    """It cannot be so; the text says why, for staff."""


@dataclass(frozen=True, slots=True)
class Received:
    """What came back: its number, and the days of the site that it covers, both included."""

    number: str
    valid_from_on: dt.date | None = None
    valid_until_on: dt.date | None = None


@dataclass(frozen=True, slots=True)
class Claim:
    """A claim of workers' compensation: who pays, whom to call, and for which injury."""

    claim_number: str
    injured_on: dt.date
    adjuster: str
    adjuster_phone: str = ""
    carrier: str = ""
    employer: str = ""


def day_of(appointment: Appointment) -> dt.date:
    """The visit's day at its site."""
    return _site_day(appointment, appointment.starts_at)


def _site_day(appointment: Appointment, at: dt.datetime) -> dt.date:
    place = appointment.location
    return at.astimezone(ZoneInfo(place.zone) if place else dt.UTC).date()


def open_papers(*, appointment_id: int, by: Actor, at: dt.datetime) -> None:
    """What a visit that was just booked needs on file: referral, authorization, estimate.

    Called for each visit that is booked or told; a second time changes nothing. A referral or
    authorization that came with the order stands as received.

    :raises Appointment.DoesNotExist:
    """
    with transaction.atomic():
        rows = Appointment.objects.select_related(
            "patient", "location", "visit_type", "slot__audience"
        )
        appointment = rows.get(pk=appointment_id)
        if appointment.status not in LIVE or appointment.starts_at <= at:
            return
        kind, slot = appointment.visit_type, appointment.slot
        if kind is not None and kind.needs_authorization:
            _open_clearance(appointment, ClearanceKind.AUTHORIZATION, by=by, at=at)
        if slot is not None and slot.audience is not None and slot.audience.needs_referral:
            _open_clearance(appointment, ClearanceKind.REFERRAL, by=by, at=at)
        if not payers_on(appointment.patient, day_of(appointment)):
            _start_clock(appointment, EstimateTrigger.SCHEDULED, by=by, at=at)


def _open_clearance(
    appointment: Appointment, kind: ClearanceKind, *, by: Actor, at: dt.datetime
) -> None:
    order = (
        ServiceRequest.objects.filter(
            patient=appointment.patient_id, visit_type=appointment.visit_type_id, is_active=True
        )
        .exclude(authorization="")
        .filter(appointment__in=[appointment.pk, None])
        .order_by("-appointment_id", "-pk")
        .first()
        if kind is ClearanceKind.AUTHORIZATION
        else None
    )
    known: dict[str, Any] = {}
    if order is not None:
        known = {
            "status": ClearanceStatus.RECEIVED,
            "number": order.authorization,
            "valid_from_on": order.valid_from_on,
            "valid_until_on": order.valid_until_on,
            "received_at": at,
        }
    made = insert_or_none(Clearance(appointment=appointment, kind=kind, created_at=at, **known))
    if made is not None:
        record("scheduling.clearance.opened", made, by=by, at=at, kind=kind, status=made.status)
        publish("scheduling.clearance-changed", appointment, at=at, kind=kind)


def set_clearance(
    *,
    appointment_id: int,
    kind: ClearanceKind,
    to: ClearanceStatus,
    by: Actor,
    at: dt.datetime,
    received: Received | None = None,
    asked_of: str = "",
    note: str = "",
) -> Clearance:
    """How far a visit's referral or authorization has come; made where there is none yet.

    What was received counts for the rules, too (`ServiceRequest`). Publishes
    `scheduling.clearance-changed`.

    :raises PaperRefused: when it was received without a number, or ends before it begins.
    :raises Appointment.DoesNotExist:
    """
    _check_received(to, received)
    with transaction.atomic():
        appointment = locks.lock_appointment(appointment_id)
        insert_or_none(Clearance(appointment=appointment, kind=kind, created_at=at))
        row = Clearance.objects.get(appointment=appointment, kind=kind)
        said: dict[str, Any] = {"note": note[:300]} if note else {}
        if to is ClearanceStatus.ASKED:
            said |= {"asked_at": at, "asked_of": asked_of[:120] or row.asked_of}
        if received is not None and to is ClearanceStatus.RECEIVED:
            said |= {
                "number": received.number[:60],
                "valid_from_on": received.valid_from_on,
                "valid_until_on": received.valid_until_on,
                "received_at": at,
            }
        if row.status == to:
            Clearance.objects.filter(pk=row.pk).update(**said or {"note": row.note})
            record("scheduling.clearance.changed", row, by=by, at=at, status=to)
            row.refresh_from_db()
        else:
            move(row, to=to, by=by, at=at, reason=note, **said)
        if to is ClearanceStatus.RECEIVED and kind is ClearanceKind.AUTHORIZATION:
            _keep_authorization(appointment, row)
        publish("scheduling.clearance-changed", appointment, at=at, kind=kind)
    return row


def _check_received(to: ClearanceStatus, received: Received | None) -> None:
    if to is not ClearanceStatus.RECEIVED:
        return
    if received is None or not received.number.strip():
        raise PaperRefused("Give the number that it came with.")
    first, last = received.valid_from_on, received.valid_until_on
    if first and last and last < first:
        raise PaperRefused("It cannot end before it begins.")


def _keep_authorization(appointment: Appointment, row: Clearance) -> None:
    """The rules read authorizations off orders: this visit's own, made where there is none."""
    if appointment.visit_type_id is None:
        return
    ServiceRequest.objects.update_or_create(
        appointment=appointment,
        patient_id=appointment.patient_id,
        visit_type_id=appointment.visit_type_id,
        defaults={
            "authorization": row.number,
            "valid_from_on": row.valid_from_on,
            "valid_until_on": row.valid_until_on,
            "is_active": True,
        },
    )


def start_estimate(*, appointment_id: int, by: Actor, at: dt.datetime) -> Estimate:
    """The patient asked for a Good Faith Estimate: three business days from today.

    One that is due sooner stays so. Publishes `scheduling.estimate-changed`.

    :raises Appointment.DoesNotExist:
    """
    with transaction.atomic():
        locks.lock_appointment(appointment_id)
        appointment = Appointment.objects.select_related("location").get(pk=appointment_id)
        _start_clock(appointment, EstimateTrigger.ASKED, by=by, at=at)
        row = Estimate.objects.get(appointment=appointment)
        if row.status != EstimateStatus.DUE:
            started_on = _site_day(appointment, at)
            due_on = estimate_due_on(EstimateTrigger.ASKED, started_on=started_on)
            move(
                row,
                to=EstimateStatus.DUE,
                by=by,
                at=at,
                reason="asked for again",
                trigger=EstimateTrigger.ASKED,
                started_on=started_on,
                due_on=due_on,
                given_at=None,
                given_by="",
            )
            publish("scheduling.estimate-changed", appointment, at=at)
    return row


def _start_clock(
    appointment: Appointment, trigger: EstimateTrigger, *, by: Actor, at: dt.datetime
) -> None:
    # Scheduled is when it was booked, also where the EHR confirmed it a day later.
    began_at = appointment.booked_at if trigger is EstimateTrigger.SCHEDULED else at
    started_on = _site_day(appointment, began_at)
    due_on = estimate_due_on(trigger, started_on=started_on, visit_on=day_of(appointment))
    if due_on is None:
        return
    row = insert_or_none(
        Estimate(appointment=appointment, trigger=trigger, started_on=started_on, due_on=due_on)
    )
    if row is not None:
        record("scheduling.estimate.started", row, by=by, at=at, trigger=trigger)
        publish("scheduling.estimate-changed", appointment, at=at)


def give_estimate(
    *, appointment_id: int, amount: Decimal, by: Actor, at: dt.datetime, note: str = ""
) -> Estimate:
    """The patient has it. Publishes `scheduling.estimate-changed`.

    :param amount: US dollars.
    :raises PaperRefused: when none is due.
    """
    return _settle_estimate(
        appointment_id,
        EstimateStatus.GIVEN,
        {"amount": amount, "given_at": at, "given_by": by.label, "note": note[:300]},
        by=by,
        at=at,
    )


def void_estimate(*, appointment_id: int, why: str, by: Actor, at: dt.datetime) -> Estimate:
    """None is owed any more. Publishes `scheduling.estimate-changed`.

    :param why: such as that the patient is insured after all.
    :raises PaperRefused: when none is due.
    """
    return _settle_estimate(appointment_id, EstimateStatus.VOID, {"note": why[:300]}, by=by, at=at)


def _settle_estimate(
    appointment_id: int, to: EstimateStatus, said: dict[str, Any], *, by: Actor, at: dt.datetime
) -> Estimate:
    with transaction.atomic():
        appointment = locks.lock_appointment(appointment_id)
        row = Estimate.objects.filter(appointment=appointment).first()
        if row is None or row.status != EstimateStatus.DUE:
            raise PaperRefused("No estimate is due for this visit.")
        move(row, to=to, by=by, at=at, reason=str(said.get("note", "")), **said)
        publish("scheduling.estimate-changed", appointment, at=at)
    return row


def drop_papers(*, appointment_id: int, by: Actor, at: dt.datetime) -> None:
    """The visit is off: nobody is owed an estimate for it."""
    row = Estimate.objects.filter(appointment=appointment_id, status=EstimateStatus.DUE).first()
    if row is not None:
        move(row, to=EstimateStatus.VOID, by=by, at=at, reason="the visit is off")


def keep_workers_comp(
    *, appointment_id: int, claim: Claim, by: Actor, at: dt.datetime
) -> WorkersComp:
    """Who pays for an injury at work. Publishes `scheduling.claim-changed`.

    :raises PaperRefused: when the injury is after the visit's day.
    :raises Appointment.DoesNotExist:
    """
    with transaction.atomic():
        locks.lock_appointment(appointment_id)
        appointment = Appointment.objects.select_related("location").get(pk=appointment_id)
        if claim.injured_on > day_of(appointment):
            raise PaperRefused("The injury cannot be after the visit.")
        row, _ = WorkersComp.objects.update_or_create(
            appointment=appointment,
            defaults={
                "claim_number": claim.claim_number[:60],
                "injured_on": claim.injured_on,
                "adjuster": claim.adjuster[:120],
                "adjuster_phone": claim.adjuster_phone[:40],
                "carrier": claim.carrier[:120],
                "employer": claim.employer[:120],
            },
        )
        record("scheduling.workerscomp.kept", row, by=by, at=at)
        publish("scheduling.claim-changed", appointment, at=at)
    return row


def carry_papers(*, old: Appointment, new: Appointment, by: Actor, at: dt.datetime) -> None:
    """What is on file for the visit given up holds for the one that took its place.

    Where both have the same paper, the old one's stands: the new one's was only just opened.
    """
    for clearance in Clearance.objects.filter(appointment=old):
        Clearance.objects.filter(appointment=new, kind=clearance.kind).delete()
        _carry(clearance, old=old, new=new, by=by, at=at)
    for model in (Estimate, WorkersComp):
        row = model.objects.filter(appointment=old).first()
        if row is not None:
            model.objects.filter(appointment=new).delete()
            _carry(row, old=old, new=new, by=by, at=at)


def _carry(
    row: Clearance | Estimate | WorkersComp,
    *,
    old: Appointment,
    new: Appointment,
    by: Actor,
    at: dt.datetime,
) -> None:
    type(row)._base_manager.filter(pk=row.pk).update(appointment=new)
    record(f"scheduling.{row._meta.model_name}.carried", row, by=by, at=at, old=old.pk, new=new.pk)
