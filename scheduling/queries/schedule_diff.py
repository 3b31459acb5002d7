"""What stands beside what a schedule says: the difference, slot by slot, as a table.

The rules expand patterns into runs of slots; PostgreSQL cuts them and compares, since half a
million slots are cheaper to compare there than to read. One table serves the preview and the
writing, so that both say the same. Slots that stay as they are are counted, and not in it: most
are, when a schedule is written again.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.db import connection

from scheduling.queries.schedules import schedules_of
from scheduling.states import LIVE, HoldStatus, SlotStatus

TABLE = "scheduling_schedule_diff"


class Change(StrEnum):
    """What is to be done about one slot."""

    ADD = "add"
    OVERLAP = "overlap"  # new, but a visit stands there whose own slot goes
    KEEP = "keep"
    CHANGE = "change"
    REMOVE = "remove"
    ORPHAN = "orphan"  # it goes, and a booked visit stands on it
    HELD = "held"  # it goes, but somebody holds it for minutes: next time
    REVIVE = "revive"  # it had been taken off the schedule, and is back
    GONE = "gone"  # it is off the schedule already


#: Nothing is to be done.
STANDS = frozenset({Change.KEEP, Change.GONE})


@dataclass(frozen=True, slots=True)
class Orphan:
    """A booked visit whose slot the schedule no longer has."""

    slot_id: int
    appointment_id: int
    role_id: int
    starts_at: dt.datetime


#: Slots of each role of which that is to be said.
Counts = dict[int, dict[Change, int]]

#: What a pattern says of each of its slots, but for hours and restriction.
_SAID = ("visit_type_id", "also_serves", "modality", "room_id", "audience_id")
#: The table's columns, beside those.
_KEYS = "slot_id, taken, role_id, pattern_id, starts_at, ends_at"
_REST = "capacity, restriction, restriction_days, release_rule_id, release_at"

#: Made anew for each comparison of a transaction, of the slots' own types and without a row.
_MAKE = f"""
DROP TABLE IF EXISTS {TABLE};
CREATE TEMPORARY TABLE {TABLE} ON COMMIT DROP AS
SELECT s.id AS {_KEYS}, {", ".join(_SAID)}, {_REST}, ''::text AS change
  FROM scheduling_slot s WITH NO DATA;
SET LOCAL jit = off  -- it guesses a million rows, and would compile for longer than it runs
"""  # noqa: S608 no input

_DIFF = f"""
WITH stretch AS (
    SELECT pattern_id, to_timestamp(starts) AS starts_at, minutes, count,
           to_timestamp(release) AS release_at, release_hours
      FROM unnest(
        %(pattern_ids)s::bigint[], %(starts)s::bigint[], %(minutes)s::int[],
        %(counts)s::int[], %(release_at)s::bigint[], %(release_hours)s::int[]
    ) AS s(pattern_id, starts, minutes, count, release, release_hours)
), cut AS (
    SELECT s.pattern_id, s.release_at, s.release_hours,
           s.starts_at + n * make_interval(mins => s.minutes) AS starts_at,
           s.starts_at + (n + 1) * make_interval(mins => s.minutes) AS ends_at
      FROM stretch s CROSS JOIN LATERAL generate_series(0, s.count - 1) AS n
), timed AS (
    SELECT c.pattern_id, c.starts_at, c.ends_at,
           -- least() passes over a null: only where a time of day is set does it say anything.
           CASE WHEN c.release_at IS NOT NULL THEN least(c.release_at, c.starts_at)
                ELSE c.starts_at - make_interval(hours => c.release_hours) END AS lifts
      FROM cut c
     WHERE c.starts_at > %(at)s
), wanted AS (
    SELECT t.pattern_id, t.starts_at, t.ends_at, p.role_id, {", ".join(f"p.{n}" for n in _SAID)},
           p.capacity,
           CASE WHEN t.lifts <= %(at)s THEN 'none' ELSE p.restriction END AS restriction,
           p.restriction_days, p.release_rule_id,
           CASE WHEN p.restriction = 'none' OR t.lifts <= %(at)s THEN NULL ELSE t.lifts END
               AS release_at
      FROM timed t JOIN scheduling_weeklypattern p ON p.id = t.pattern_id
), standing AS (
    SELECT s.*
      FROM unnest(%(role_ids)s::bigint[], %(since)s::timestamptz[], %(until)s::timestamptz[])
           AS r(role_id, since, until)
      JOIN scheduling_weeklypattern p ON p.role_id = r.role_id
      JOIN scheduling_slot s ON s.pattern_id = p.id
       AND s.starts_at >= r.since AND s.starts_at < r.until AND s.starts_at > %(at)s
), compared AS (
    SELECT s.id AS slot_id, s.taken,
           coalesce(w.role_id, s.role_id) AS role_id,
           coalesce(w.pattern_id, s.pattern_id) AS pattern_id,
           coalesce(w.starts_at, s.starts_at) AS starts_at,
           coalesce(w.ends_at, s.ends_at) AS ends_at,
           {", ".join(f"w.{n}" for n in _SAID)},
           w.capacity, w.restriction, w.restriction_days, w.release_rule_id, w.release_at,
           CASE
               WHEN s.id IS NULL THEN 'add'
               WHEN w.pattern_id IS NULL AND s.status = %(withdrawn)s THEN 'gone'
               WHEN w.pattern_id IS NOT NULL AND s.status = %(withdrawn)s THEN 'revive'
               WHEN w.pattern_id IS NOT NULL
                    AND (w.ends_at, {", ".join(f"w.{n}" for n in _SAID)},
                         greatest(w.capacity, s.taken))
                        IS NOT DISTINCT FROM
                        (s.ends_at, {", ".join(f"s.{n}" for n in _SAID)}, s.capacity::int)
                    AND (s.by_hand OR
                         (w.restriction, w.restriction_days, w.release_rule_id, w.release_at)
                         IS NOT DISTINCT FROM
                         (s.restriction, s.restriction_days, s.release_rule_id, s.release_at))
                    THEN 'keep'
               WHEN EXISTS (SELECT FROM scheduling_appointment a
                             WHERE a.slot_id = s.id AND a.status = ANY(%(live)s))
                    THEN CASE WHEN w.pattern_id IS NULL THEN 'orphan' ELSE 'keep' END
               WHEN EXISTS (SELECT FROM scheduling_hold h
                             WHERE h.slot_id = s.id AND h.status = %(held)s
                               AND h.expires_at > %(at)s)
                    THEN CASE WHEN w.pattern_id IS NULL THEN 'held' ELSE 'keep' END
               WHEN w.pattern_id IS NULL THEN 'remove'
               ELSE 'change'
           END AS change
      FROM wanted w
      FULL JOIN standing s ON s.pattern_id = w.pattern_id AND s.starts_at = w.starts_at
), going AS MATERIALIZED (
    SELECT role_id, starts_at, ends_at FROM compared WHERE change = 'orphan'
), laid AS (
    INSERT INTO {TABLE} ({_KEYS}, {", ".join(_SAID)}, {_REST}, change)
    SELECT {_KEYS}, {", ".join(_SAID)}, {_REST},
           CASE WHEN c.change = 'add' AND EXISTS (
                    SELECT FROM going g WHERE g.role_id = c.role_id
                       AND g.starts_at < c.ends_at AND g.ends_at > c.starts_at)
                THEN 'overlap' ELSE c.change END
      FROM compared c
     WHERE c.change <> ALL(%(stands)s)
    RETURNING role_id, change
)
SELECT role_id, change, count(*) FROM laid GROUP BY 1, 2
UNION ALL
SELECT role_id, change, count(*) FROM compared WHERE change = ANY(%(stands)s) GROUP BY 1, 2
"""  # noqa: S608 no input

_ORPHANS = f"""
SELECT d.slot_id, a.id, d.role_id, a.starts_at
  FROM {TABLE} d
  JOIN scheduling_appointment a ON a.slot_id = d.slot_id AND a.status = ANY(%s)
 WHERE d.change = 'orphan' ORDER BY a.starts_at, a.id
"""  # noqa: S608 no input


def compare(
    role_ids: Sequence[int], *, first_on: dt.date, last_on: dt.date, at: dt.datetime
) -> Counts:
    """Lay the difference of these roles' slots into the table `TABLE`, until the transaction ends.

    Only slots that start after `at`, from `first_on` to `last_on` by each site's clock.
    Returns how many slots of each role are to be added, kept, …
    """
    schedules = schedules_of(role_ids, first_on, last_on)
    found = [s for schedule in schedules for s in schedule.stretches(first_on, last_on)]
    periods = [schedule.period(first_on, last_on) for schedule in schedules]
    params: dict[str, Any] = {
        "pattern_ids": _array(s.pattern_id for s in found),
        "starts": _array(_seconds(s.starts_at) for s in found),
        "minutes": _array(s.minutes for s in found),
        "counts": _array(s.count for s in found),
        "release_at": _array(_seconds(s.release_at) for s in found),
        "release_hours": _array(_hours(s.release_before) for s in found),
        "role_ids": [schedule.role_id for schedule in schedules],
        "since": [period.starts_at for period in periods],
        "until": [period.ends_at for period in periods],
        "at": at,
        "live": [str(status) for status in LIVE],
        "held": str(HoldStatus.HELD),
        "withdrawn": str(SlotStatus.WITHDRAWN),
        "stands": [str(change) for change in STANDS],
    }
    counts: Counts = {}
    with connection.cursor() as cursor:
        cursor.execute(_MAKE)
        cursor.execute(_DIFF, params)
        for role_id, change, count in cursor.fetchall():
            counts.setdefault(role_id, {})[Change(change)] = count
    return counts


def _array(values: Iterable[int | None]) -> str:
    """Many values as one literal: an ARRAY[…] of thousands is parsed and planned one by one."""
    return "{" + ",".join("NULL" if value is None else str(value) for value in values) + "}"


def _seconds(moment: dt.datetime | None) -> int | None:
    return None if moment is None else int(moment.timestamp())


def _hours(span: dt.timedelta | None) -> int | None:
    return None if span is None else int(span.total_seconds()) // 3600


def orphans() -> list[Orphan]:
    """The booked visits whose slots go, by time."""
    with connection.cursor() as cursor:
        cursor.execute(_ORPHANS, [[str(status) for status in LIVE]])
        return [Orphan(*row) for row in cursor.fetchall()]


def slots_to(*changes: Change) -> list[int]:
    """Ids of the standing slots for which one of these is to be done, by key."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT slot_id FROM {TABLE} WHERE change = ANY(%s) AND slot_id IS NOT NULL"  # noqa: S608
            " ORDER BY slot_id",
            [[str(change) for change in changes]],
        )
        return [row[0] for row in cursor.fetchall()]
