"""The audit trail: written in the transaction of the change it tells of."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.db import models

from crm.engine import together
from crm.engine.actors import Actor
from crm.engine.inserts import insert_all
from crm.engine.models import AuditEntry


def subject_type(row: models.Model) -> str:
    """The name a row goes by in audit and events: "waitlist.opening"."""
    return f"{row._meta.app_label}.{row._meta.model_name}"


def patient_of(row: models.Model) -> int | None:
    """The patient a row is about, where it names one."""
    if subject_type(row) == "crm.patient":
        return int(row.pk)
    return getattr(row, "patient_id", None)


def entry(
    verb: str,
    row: models.Model,
    *,
    by: Actor,
    at: dt.datetime,
    reason: str = "",
    from_status: str = "",
    to_status: str = "",
    **detail: Any,
) -> AuditEntry:
    """An unsaved entry, for those who write many at once."""
    return AuditEntry(
        at=at,
        actor_kind=by.kind,
        actor_id=by.id,
        actor_label=by.label[:120],
        verb=verb,
        subject_type=subject_type(row),
        subject_id=row.pk,
        patient_id=patient_of(row),
        from_status=from_status,
        to_status=to_status,
        reason=reason[:300],
        detail=detail,
    )


def record(
    verb: str, row: models.Model, *, by: Actor, at: dt.datetime, reason: str = "", **detail: Any
) -> AuditEntry:
    """Write that `by` did `verb` to `row`. `detail` takes ids, codes and figures."""
    return write(entry(verb, row, by=by, at=at, reason=reason, **detail))


def write(made: AuditEntry) -> AuditEntry:
    """Insert one entry, now or with the others of its batch (`crm.engine.together`)."""
    batch = together.current()
    if batch is None:
        made.save(force_insert=True)
    else:
        batch.entries.append(made)
    return made


def record_many(entries: Iterable[AuditEntry]) -> None:
    """Write entries made by `entry` in one statement."""
    insert_all(list(entries))
