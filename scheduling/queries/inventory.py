"""Supply by day and site, provider, visit type or restriction: one statement for the whole map."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from django.db import connection

from scheduling.queries.beside import LONGEST_VISIT
from scheduling.rules.inventory import SOON, Figure
from scheduling.states import LIVE, HoldStatus

_A_DAY: Final = dt.timedelta(days=1)


class By(StrEnum):
    """What a row of the map stands for."""

    SITE = "site"
    PROVIDER = "provider"
    VISIT_TYPE = "visit-type"
    RESTRICTION = "restriction"


@dataclass(frozen=True, slots=True)
class Supply:
    """Which slots to count: days at each site, both included; of one clinic, or of all."""

    first_on: dt.date
    last_on: dt.date
    clinic_id: int | None = None

    @property
    def days(self) -> list[dt.date]:
        return [self.first_on + n * _A_DAY for n in range((self.last_on - self.first_on).days + 1)]


Counts = dict[Figure, int]


@dataclass(frozen=True, slots=True)
class MapRow:
    """One row: `key` finds it again, `days` has the figures of the days that have slots."""

    key: str
    name: str
    days: dict[dt.date, Counts]

    @property
    def total(self) -> Counts:
        return _sum(self.days.values())


@dataclass(frozen=True, slots=True)
class SupplyMap:
    """Rows by name."""

    by: By
    rows: tuple[MapRow, ...]

    @property
    def total(self) -> Counts:
        return _sum(row.total for row in self.rows)


#: A row's key and name. No word here comes from outside.
_KEYS: Final = {
    By.SITE: ("l.id::text", "l.name"),
    By.PROVIDER: (
        "p.id::text",
        "concat_ws(', ', p.family_name, nullif(concat_ws(' ', p.given_name, p.credential), ''))",
    ),
    By.VISIT_TYPE: ("v.id::text", "v.name"),
    By.RESTRICTION: (
        "CASE WHEN s.release_at <= %(at)s THEN 'none' ELSE s.restriction END",
        "CASE WHEN s.release_at <= %(at)s THEN 'none' ELSE s.restriction END",
    ),
}
#: `rules.inventory.figure_of` in SQL; tests/scheduling/test_inventory.py holds them together.
_COUNTED: Final = """
WITH holds AS MATERIALIZED (
    SELECT h.slot_id, r.provider_id, o.starts_at, o.ends_at
      FROM scheduling_hold h
      JOIN scheduling_slot o ON o.id = h.slot_id
      JOIN scheduling_providerrole r ON r.id = o.role_id
     WHERE h.status = %(held)s AND h.expires_at > %(at)s
), warns AS MATERIALIZED (
    SELECT clinic_id, array_agg(rule::text) AS rules
      FROM scheduling_rulesetting WHERE effect = 'warn' GROUP BY clinic_id
), here AS (
    SELECT s.*, l.zone, r.provider_id, r.clinic_id,
           make_interval(mins => v.lead_minutes) AS lead,
           (s.starts_at AT TIME ZONE l.zone)::date AS day,
           (%(at)s AT TIME ZONE l.zone)::date AS today,
           CASE WHEN s.release_at <= %(at)s THEN 'none' ELSE s.restriction END AS in_force,
           coalesce(w.rules, ARRAY[]::text[]) AS warns,
           {key} AS row_key, {name} AS row_name
      FROM scheduling_slot s
      JOIN scheduling_providerrole r ON r.id = s.role_id
      JOIN scheduling_provider p ON p.id = r.provider_id
      JOIN scheduling_clinic c ON c.id = r.clinic_id
      JOIN scheduling_location l ON l.id = c.location_id
      JOIN scheduling_visittype v ON v.id = s.visit_type_id
      LEFT JOIN warns w ON w.clinic_id = c.id
     WHERE s.starts_at >= %(since)s AND s.starts_at < %(until)s AND s.status <> 'withdrawn'
       AND (%(clinic)s::bigint IS NULL OR c.id = %(clinic)s)
), asked AS (
    SELECT here.*,
           in_force IN ('same-day', 'same-week', 'days-before', 'held-for-review')
           AND NOT in_force = ANY(warns)
           AND (in_force = 'held-for-review' OR release_at IS NOT NULL OR CASE in_force
                WHEN 'same-day' THEN day <> today
                WHEN 'same-week'
                    THEN date_trunc('week', day::timestamp) <> date_trunc('week', today::timestamp)
                ELSE day - today > restriction_days END) AS is_kept,
           CASE WHEN release_at IS NOT NULL OR in_force = 'held-for-review' THEN release_at
                ELSE (CASE in_force
                      WHEN 'same-week' THEN date_trunc('week', day::timestamp)
                      WHEN 'days-before' THEN (day - restriction_days)::timestamp
                      ELSE day::timestamp END) AT TIME ZONE zone END AS opens_at
      FROM here WHERE day BETWEEN %(first_on)s AND %(last_on)s {only}
), counted AS (
    SELECT id, row_key, row_name, day, starts_at, CASE
        WHEN starts_at <= %(at)s THEN CASE WHEN status = 'busy' OR taken > 0 THEN 'booked'
                                           WHEN status = 'blocked' THEN 'blocked'
                                           ELSE 'unused' END
        WHEN status = 'blocked'
            THEN CASE WHEN release_at <= %(soon)s THEN 'soon' ELSE 'blocked' END
        WHEN status = 'vacated' THEN 'kept'
        WHEN status = 'busy' OR taken >= capacity THEN 'booked'
        WHEN EXISTS (SELECT FROM holds h WHERE h.provider_id = s.provider_id
                        AND h.slot_id <> s.id
                        AND h.starts_at < s.ends_at AND h.ends_at > s.starts_at)
             OR taken + (SELECT count(*) FROM holds h WHERE h.slot_id = s.id) >= capacity
            THEN 'held'
        WHEN starts_at - %(at)s < lead AND NOT 'too-soon' = ANY(warns) THEN 'kept'
        WHEN is_kept AND (opens_at IS NULL OR opens_at > %(soon)s) THEN 'kept'
        WHEN EXISTS (SELECT FROM scheduling_appointment a
                      WHERE a.provider_id = s.provider_id AND a.status = ANY(%(live)s)
                        AND a.starts_at < s.ends_at AND a.starts_at > s.starts_at - %(longest)s
                        AND a.ends_at > s.starts_at AND a.slot_id IS DISTINCT FROM s.id)
            THEN 'kept'
        WHEN room_id IS NOT NULL AND EXISTS (
                SELECT FROM scheduling_appointment a
                 WHERE a.room_id = s.room_id AND a.status = ANY(%(live)s)
                   AND a.starts_at < s.ends_at AND a.starts_at > s.starts_at - %(longest)s
                   AND a.ends_at > s.starts_at AND a.slot_id IS DISTINCT FROM s.id)
            THEN 'kept'
        WHEN is_kept THEN 'soon'
        ELSE 'open' END AS figure
      FROM asked s
)
"""
_MAP: Final = "SELECT row_key, row_name, day, figure, count(*) FROM counted GROUP BY 1, 2, 3, 4"
_SLOTS: Final = "SELECT id, figure FROM counted ORDER BY starts_at, id LIMIT %(most)s"
#: More slots of one cell are not listed on a page.
MOST_LISTED: Final = 300


def supply_map(supply: Supply, *, by: By, at: dt.datetime) -> SupplyMap:
    """How many slots of each figure, by row and day. One statement, however many slots."""
    found: dict[tuple[str, str], dict[dt.date, Counts]] = defaultdict(lambda: defaultdict(dict))
    with connection.cursor() as cursor:
        cursor.execute(_statement(_MAP, by), _params(supply, at))
        for key, name, day, figure, count in cursor.fetchall():
            found[key, name][day][Figure(figure)] = count
    ordered = sorted(found.items(), key=lambda item: (item[0][1].casefold(), item[0][0]))
    return SupplyMap(by, tuple(MapRow(key, name, dict(days)) for (key, name), days in ordered))


def slots_behind(
    supply: Supply,
    *,
    by: By,
    at: dt.datetime,
    row: str | None = None,
    figure: Figure | None = None,
    most: int = MOST_LISTED,
) -> dict[int, Figure]:
    """The slots behind a cell or a sum, by time: ids with their figure. One statement."""
    only = "AND row_key = %(row)s" if row is not None else ""
    tail = _SLOTS.replace(" ORDER", " WHERE figure = %(figure)s ORDER") if figure else _SLOTS
    params = _params(supply, at) | {"row": row, "figure": str(figure or ""), "most": most}
    with connection.cursor() as cursor:
        cursor.execute(_statement(tail, by, only=only), params)
        return {pk: Figure(said) for pk, said in cursor.fetchall()}


def _statement(tail: str, by: By, *, only: str = "") -> str:
    key, name = _KEYS[by]
    return _COUNTED.format(key=key, name=name, only=only) + tail


def _params(supply: Supply, at: dt.datetime) -> dict[str, Any]:
    """A day more on both sides of the moments, since each site has a zone of its own."""
    return {
        "since": dt.datetime.combine(supply.first_on - _A_DAY, dt.time.min, dt.UTC),
        "until": dt.datetime.combine(supply.last_on + 2 * _A_DAY, dt.time.min, dt.UTC),
        "first_on": supply.first_on,
        "last_on": supply.last_on,
        "clinic": supply.clinic_id,
        "at": at,
        "soon": at + SOON,
        "longest": LONGEST_VISIT,
        "live": [str(status) for status in LIVE],
        "held": str(HoldStatus.HELD),
    }


def _sum(parts: Any) -> Counts:
    total: Counts = defaultdict(int)
    for part in parts:
        for figure, count in part.items():
            total[figure] += count
    return dict(total)
