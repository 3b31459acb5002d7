"""Writing what `schedule_diff` found, many slots in a statement. For `actions.templates` only."""

from __future__ import annotations

from collections.abc import Collection
from functools import cache

from django.db import connection

from scheduling.models import Slot
from scheduling.queries.schedule_diff import TABLE
from scheduling.states import LIVE, SlotStatus

_COPIED = (
    "pattern_id",
    "role_id",
    "starts_at",
    "ends_at",
    "visit_type_id",
    "also_serves",
    "modality",
    "room_id",
    "capacity",
    "audience_id",
    "restriction",
    "restriction_days",
    "release_rule_id",
    "release_at",
)
_ADD = f"""
INSERT INTO scheduling_slot ({", ".join(_COPIED)}, due_at, status, taken, attempts, last_error,
       restriction_reason, vacated_cause, source, source_id)
SELECT {", ".join(_COPIED)}, release_at, %(free)s, 0, 0, '', '', '', '', ''
  FROM {TABLE} WHERE change = ANY(%(changes)s)
 ORDER BY role_id, starts_at
ON CONFLICT DO NOTHING
"""  # noqa: S608 no input
#: A booking may have come since: then its slot stays as it was sold (`taken` is looked at again
#: when the row's lock is had), and the next run finds it booked.
_CHANGE = f"""
UPDATE scheduling_slot s
   SET ends_at = d.ends_at, visit_type_id = d.visit_type_id, also_serves = d.also_serves,
       modality = d.modality, room_id = d.room_id, capacity = greatest(d.capacity, s.taken),
       audience_id = d.audience_id,
       restriction = CASE WHEN s.by_hand THEN s.restriction ELSE d.restriction END,
       restriction_days = CASE WHEN s.by_hand THEN s.restriction_days ELSE d.restriction_days END,
       release_rule_id = CASE WHEN s.by_hand THEN s.release_rule_id ELSE d.release_rule_id END,
       release_at = CASE WHEN s.by_hand THEN s.release_at ELSE d.release_at END,
       due_at = CASE WHEN s.by_hand THEN s.due_at ELSE d.release_at END
  FROM {TABLE} d
 WHERE d.change = 'change' AND s.id = d.slot_id AND s.taken = d.taken
   AND NOT EXISTS (SELECT FROM scheduling_appointment a
                    WHERE a.slot_id = s.id AND a.status = ANY(%(live)s))
"""  # noqa: S608 no input


def add_slots(*changes: str) -> int:
    """Insert the slots that are new; those that somebody else inserted meanwhile are left."""
    with connection.cursor() as cursor:
        cursor.execute(_ADD, {"free": str(SlotStatus.FREE), "changes": [str(c) for c in changes]})
        return int(cursor.rowcount)


def change_slots() -> int:
    """Bring slots in line with their pattern, where no visit stands on them."""
    with connection.cursor() as cursor:
        cursor.execute(_CHANGE, {"live": [str(status) for status in LIVE]})
        return int(cursor.rowcount)


@cache
def _hanging() -> str:
    """Slots among the given that any row of any app names; whatever the apps may be."""
    quote = connection.ops.quote_name
    naming = []
    for relation in Slot._meta.related_objects:
        column, table = (
            quote(str(relation.field.column)),
            quote(relation.field.model._meta.db_table),
        )
        naming.append(f"SELECT {column} FROM {table} WHERE {column} = ANY(%(ids)s)")  # noqa: S608
    return " UNION ".join(naming)


def with_something_on(slot_ids: Collection[int]) -> set[int]:
    """Those of them to which a visit (past ones, too), a hold, an opening, … points."""
    with connection.cursor() as cursor:
        cursor.execute(_hanging(), {"ids": list(slot_ids)})
        return {row[0] for row in cursor.fetchall()}


def delete_slots(slot_ids: Collection[int]) -> int:
    """Delete slots to which nothing points. The caller holds their locks."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM scheduling_slot WHERE id = ANY(%s)", [list(slot_ids)])
        return int(cursor.rowcount)
