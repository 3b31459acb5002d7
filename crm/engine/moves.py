"""The only way a status changes."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum
from typing import Any, TypeVar

from django.db import transaction

from crm.engine import audit
from crm.engine.actors import Actor
from crm.engine.models import StatusRow

Row = TypeVar("Row", bound=StatusRow)


class IllegalMove(Exception):
    """The transition table has no such move; a mistake in the code, not of a user."""


class MovedMeanwhile(Exception):
    """Somebody else changed the row between our reading and our writing it."""


def move(
    row: Row,
    *,
    to: StrEnum,
    by: Actor,
    at: dt.datetime,
    reason: str = "",
    detail: dict[str, Any] | None = None,
    **fields: Any,
) -> Row:
    """Compare-and-set `row.status` to `to`, with `fields`, and write the audit entry.

    One UPDATE that names the status we read; both it and the audit entry commit or neither.
    The row in memory is brought up to date.

    :raises IllegalMove: when the row's transition table has no such move.
    :raises MovedMeanwhile: when the row is no longer in the status we read.
    """
    was = type(row).STATES(row.status)
    if to not in type(row).MOVES[was]:
        raise IllegalMove(f"{audit.subject_type(row)} cannot go from {was} to {to}.")
    # Without a savepoint inside the caller's transaction: two statements fewer for each move, and
    # nothing is raised here that a savepoint would have to undo.
    with transaction.atomic(savepoint=False):
        manager = type(row)._base_manager
        changed = manager.filter(pk=row.pk, status=was).update(status=to, **fields)
        if changed:
            entry = audit.entry(
                f"{audit.subject_type(row)}.moved",
                row,
                by=by,
                at=at,
                reason=reason,
                from_status=was,
                to_status=to,
                **(detail or {}),
            )
            audit.write(entry)
    if not changed:
        raise MovedMeanwhile(f"{audit.subject_type(row)} {row.pk} is no longer {was}.")
    for name, value in {"status": to, **fields}.items():
        setattr(row, name, value)
    return row
