"""Looks at health information are written down like changes (45 CFR 164.312(b))."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

from crm.engine import Actor, record
from crm.engine.audit import entry, record_many
from crm.models import AuditEntry, Patient


def record_view(patient: Patient, *, by: Actor, at: dt.datetime, what: str) -> AuditEntry:
    """Write that `by` saw something of `patient`. `what` names the page: "opening 12"."""
    return record("crm.patient.viewed", patient, by=by, at=at, what=what)


def record_views(patient_ids: Collection[int], *, by: Actor, at: dt.datetime, what: str) -> None:
    """The same for a page that names many patients, in one statement."""
    record_many(
        entry("crm.patient.viewed", Patient(pk=pk), by=by, at=at, what=what)
        for pk in sorted(patient_ids)
    )
