"""How clinics changed their mode of filling."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from crm.models import AuditEntry
from scheduling.states import FillMode


@dataclass(frozen=True, slots=True)
class ModeChange:
    """Who switched a clinic to another mode, when and why."""

    at: dt.datetime
    by: str
    was: FillMode
    now: FillMode
    reason: str


def mode_changes(clinic_id: int) -> tuple[ModeChange, ...]:
    """From the trail, the latest first."""
    rows = AuditEntry.objects.filter(
        subject_type="scheduling.clinic",
        subject_id=clinic_id,
        verb="scheduling.clinic.mode-changed",
    ).order_by("-pk")
    return tuple(
        ModeChange(
            row.at,
            row.actor_label,
            FillMode(row.detail["was"]),
            FillMode(row.detail["now"]),
            row.reason,
        )
        for row in rows
    )
