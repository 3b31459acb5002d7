"""Looks at health information are written down like changes (45 CFR 164.312(b))."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Collection, Iterator
from contextlib import contextmanager

from crm.engine import Actor, record
from crm.engine.audit import entry, record_many
from crm.models import AuditEntry, Patient

_page = threading.local()


def record_view(patient: Patient, *, by: Actor, at: dt.datetime, what: str) -> AuditEntry:
    """Write that `by` saw something of `patient`. `what` names the page: "opening 12"."""
    return record("crm.patient.viewed", patient, by=by, at=at, what=what)


def record_views(patient_ids: Collection[int], *, by: Actor, at: dt.datetime, what: str) -> None:
    """The same for a page that names many patients, in one statement."""
    looks = [
        entry("crm.patient.viewed", Patient(pk=pk), by=by, at=at, what=what)
        for pk in sorted(patient_ids)
    ]
    kept: list[AuditEntry] | None = getattr(_page, "looks", None)
    if kept is None:
        record_many(looks)
    else:
        kept.extend(looks)


@contextmanager
def looks_written_together() -> Iterator[None]:
    """What `record_views` says within, in one statement at the end: for a page that looks at
    several things. Where the page cannot be made nothing was shown, and nothing is written."""
    looks: list[AuditEntry] = []
    _page.looks = looks
    try:
        yield
    finally:
        _page.looks = None
    record_many(looks)
