"""What EHRs say of coverage and orders: kept for the rules that ask what a visit needs."""

from __future__ import annotations

import datetime as dt
from typing import Any, Final

from django.db.models import Model

from crm.engine import Actor, record
from crm.engine.audit import subject_type
from crm.models import Coverage, Patient
from scheduling.models import Appointment, ServiceRequest
from scheduling.ports import CoverageReport, OrderReport

ANOTHERS: Final = "Its order is left out: by that key it is another patient's here."


def keep_coverages(
    patient: Patient,
    told: tuple[CoverageReport, ...],
    *,
    sent_at: dt.datetime,
    by: Actor,
    at: dt.datetime,
) -> bool:
    """Coverage as last told: known by payer and member number. What is not told is left alone.

    Returns whether anything changed.
    """
    changed = False
    for each in (one for one in told if one.payer):
        row = Coverage.objects.filter(
            patient=patient, payer__iexact=each.payer[:80], member_id=each.member_id[:40]
        ).first()
        said = {"plan": each.plan[:80], "starts_on": each.starts_on, "ends_on": each.ends_on}
        said = {name: value for name, value in said.items() if value}
        if row is None:
            row = Coverage(patient=patient, payer=each.payer[:80], member_id=each.member_id[:40])
        is_news = _write(row, said, by=by, at=at)
        Coverage.objects.filter(pk=row.pk).update(checked_at=sent_at)
        changed = changed or is_news
    return changed


def keep_order(
    appointment: Appointment, told: OrderReport | None, *, source: str, by: Actor, at: dt.datetime
) -> str:
    """The order that the visit is based on, by its key in the EHR. Returns a note for staff.

    One of a kind of visit that we do not know says nothing that a rule could ask: left out.
    One that we know as another patient's is left out as well, with a note: what is told of the
    visit itself holds all the same.
    """
    if told is None or not told.order_id or appointment.visit_type_id is None:
        return ""
    row = ServiceRequest.objects.filter(source=source, source_id=told.order_id).first()
    if row is not None and row.patient_id != appointment.patient_id:
        record("scheduling.order.left-out", appointment, by=by, at=at, order=row.pk)
        return ANOTHERS
    if row is None:
        row = ServiceRequest(
            patient_id=appointment.patient_id, source=source, source_id=told.order_id
        )
    said: dict[str, Any] = {
        "visit_type_id": appointment.visit_type_id,
        # An order for several visits is none of a single one.
        "appointment": appointment if (told.visits_allowed or 1) == 1 else None,
    }
    dates = ("not_before_on", "valid_from_on", "valid_until_on", "visits_allowed")
    said |= {name: getattr(told, name) for name in dates if getattr(told, name) is not None}
    if told.authorization:
        said["authorization"] = told.authorization[:60]
    _write(row, said, by=by, at=at)
    return ""


def _write(row: Model, said: dict[str, Any], *, by: Actor, at: dt.datetime) -> bool:
    """Save what is new of it, with its audit row. Whether anything was."""
    changed = {name: value for name, value in said.items() if getattr(row, name) != value}
    is_new = row.pk is None
    if not changed and not is_new:
        return False
    for name, value in changed.items():
        setattr(row, name, value)
    row.save()
    verb = f"{subject_type(row)}.{'told' if is_new else 'told-anew'}"
    record(verb, row, by=by, at=at, fields=sorted(changed))
    return True
