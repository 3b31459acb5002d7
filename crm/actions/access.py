"""Looks at health information are written down like changes (45 CFR 164.312(b))."""

from __future__ import annotations

import datetime as dt

from crm.engine import Actor, record
from crm.models import AuditEntry, Patient


def record_view(patient: Patient, *, by: Actor, at: dt.datetime, what: str) -> AuditEntry:
    """Write that `by` saw something of `patient`. `what` names the page: "opening 12"."""
    return record("crm.patient.viewed", patient, by=by, at=at, what=what)
