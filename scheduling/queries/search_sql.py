"""The statement behind `search_slots`: which slots, and all that the rules must know of them.

`near` are the clinicians who fit; there are at most some thousands. Few of them are asked one by
one (each an index entry or two); of many, the slots of the visit type are read in the order of
time until there are enough. Days are looked at one after another, and no further than needed:
PostgreSQL sorts by day incrementally. Nothing here grows with the number of slots.

What leaves a slot out here, a rule of `scheduling.rules` leaves out as well; whatever the rules
leave out besides goes when they have judged. `tests/scheduling/test_search_agrees.py` holds both
to the same answers.
"""

from __future__ import annotations

from typing import Final

from scheduling.queries.search_who import BOOKABLE, WHO

#: Days at each zone's midnights; one period for all of them where every day and hour suits and
#: few clinicians are asked. The page begins on the day of the last one's end.
_DAYS: Final = """, zones AS MATERIALIZED (
    SELECT zone, today, greatest(first_day, %(after_day)s) AS first_day,
        least(first_day + %(within)s - 1, %(last_on)s) AS last_day,
        first_day + %(continuity)s AS pinned_until,
        CASE WHEN EXISTS (SELECT FROM lenient WHERE rule = 'too-soon')
            THEN %(at)s::timestamptz ELSE %(since)s::timestamptz END AS since
    FROM (
        SELECT zone, today, greatest(today, %(first_on)s) AS first_day FROM (
            SELECT DISTINCT zone, (%(at)s::timestamptz AT TIME ZONE zone)::date AS today FROM near
        ) z
    ) z
), days AS (
    SELECT d.day::date AS day, z.zone,
        greatest(d.day AT TIME ZONE z.zone, z.since) AS begins,
        (d.day + interval '1 day') AT TIME ZONE z.zone AS ends
    FROM generate_series(
        (SELECT min(first_day) FROM zones)::timestamp, (SELECT max(last_day) FROM zones),
        interval '1 day'
    ) d (day)
    JOIN zones z ON d.day BETWEEN z.first_day AND z.last_day
    WHERE NOT (%(any_time)s AND (SELECT few FROM how_many))
        AND (%(weekdays)s::int[] = '{}' OR extract(isodow FROM d.day) - 1 = ANY(%(weekdays)s))
    UNION ALL
    SELECT (SELECT min(first_day) FROM zones), zone,
        greatest(first_day::timestamp AT TIME ZONE zone, since),
        (last_day + 1)::timestamp AT TIME ZONE zone
    FROM zones WHERE %(any_time)s AND (SELECT few FROM how_many)
)"""

_LOCAL: Final = "(s.starts_at AT TIME ZONE {zone})"
_TYPE: Final = "(s.visit_type_id = %(visit_type)s OR %(visit_type)s = ANY(s.also_serves))"
_PAGE: Final = """({day}, s.starts_at, s.id)
                    > (%(after_day)s::date, %(after_start)s::timestamptz, %(after_id)s::bigint)
                    AND s.id <> ALL(%(shown)s::bigint[])"""
_MODALITY: Final = "(%(modality)s = '' OR s.modality = %(modality)s)"


def _hours(zone: str) -> str:
    """On the site's clock, whatever that does in the night. Two pieces of a day at most."""
    clock = f"({_LOCAL.format(zone=zone)}::time - time '0:00')"
    return f"""(%(every_hour)s OR {clock} >= %(opens)s AND {clock} < %(closes)s
                    OR {clock} >= %(reopens)s AND {clock} < %(shuts)s)"""


def _open(zone: str, is_established: str, is_lenient: str) -> str:
    """What the slot's own row tells; `availability` says the same."""
    day = f"{_LOCAL.format(zone=zone)}::date"
    today = f"(%(at)s::timestamptz AT TIME ZONE {zone})::date"
    return f"""(s.restriction = 'none' OR s.release_at <= %(at)s OR CASE s.restriction
                        WHEN 'same-day' THEN s.release_at IS NULL AND {day} = {today}
                        WHEN 'same-week' THEN s.release_at IS NULL
                            AND date_trunc('week', {day}) = date_trunc('week', {today})
                        WHEN 'days-before' THEN s.release_at IS NULL
                            AND {day} - {today} <= s.restriction_days
                        WHEN 'new-patients' THEN %(patient)s IS NULL OR NOT {is_established}
                        WHEN 'established' THEN %(patient)s IS NULL OR {is_established}
                        ELSE false END OR {is_lenient})
                    AND s.taken < s.capacity"""


def _one_by_one(states: str, rules: str) -> str:
    """Few clinicians: the first slots of each in the period."""
    return f"""
        SELECT s.id, s.starts_at, s.day FROM near r CROSS JOIN LATERAL (
            SELECT s.id, s.starts_at, {_LOCAL.format(zone="r.zone")}::date AS day
            FROM scheduling_slot s
            WHERE s.role_id = r.id AND {states}
                AND s.starts_at >= d.begins AND s.starts_at < d.ends
                AND {_TYPE} AND {_MODALITY} AND (r.is_near OR s.modality <> 'in-person')
                AND {_PAGE.format(day=_LOCAL.format(zone="r.zone") + "::date")}
                AND {_hours("r.zone")} AND {rules}
            ORDER BY s.starts_at, s.id LIMIT %(look)s
        ) s
        WHERE r.zone = d.zone AND (SELECT few FROM how_many)"""  # noqa: S608 our own words


def _in_time_order(which: str, rules: str) -> str:
    """Many clinicians: the slots of a day as an index has them, looked at until there are enough.

    The inner statement needs no more than the index; only what fits is read in full.
    """
    return f"""
        (SELECT k.id, k.starts_at, d.day FROM (
            SELECT s.id, s.starts_at FROM scheduling_slot s
            WHERE {which} AND NOT (SELECT few FROM how_many)
                AND s.starts_at >= d.begins AND s.starts_at < d.ends
                AND ((s.role_id, d.zone) IN (SELECT id, zone FROM near)) IS TRUE
                AND {_PAGE.format(day="d.day")} AND {_hours("d.zone")}
            ORDER BY s.starts_at, s.id OFFSET 0
        ) k JOIN scheduling_slot s ON s.id = k.id
        WHERE {_MODALITY} AND (s.modality <> 'in-person'
                OR (s.role_id IN (SELECT id FROM near WHERE is_near)) IS TRUE)
            AND {rules}
        ORDER BY k.starts_at, k.id LIMIT %(look)s)"""  # noqa: S608 our own words


_FREE: Final = "s.status = 'free'"
_SHUT: Final = "s.status IN ('blocked', 'vacated')"
_AMONG: Final = "(s.role_id IN (SELECT id FROM near WHERE {})) IS TRUE"

_FEW_OPEN: Final = _open("r.zone", "r.is_established", "r.is_lenient")
_MANY_OPEN: Final = _open(
    "d.zone", f"({_AMONG.format('is_established')})", f"({_AMONG.format('is_lenient')})"
)

_DAY: Final = f"{_LOCAL.format(zone='r.zone')}::date"
#: The patient's own clinician first, within reason.
_OWN: Final = f""", pinned AS MATERIALIZED (
    SELECT s.id, s.starts_at, {_DAY} AS day
    FROM near r JOIN zones z ON z.zone = r.zone JOIN scheduling_slot s ON s.role_id = r.id
    WHERE r.is_own AND %(pin)s AND {_FREE} AND s.starts_at >= z.since
        AND s.starts_at >= z.first_day::timestamp AT TIME ZONE r.zone
        AND s.starts_at < least(z.pinned_until, z.last_day + 1)::timestamp AT TIME ZONE r.zone
        AND (%(weekdays)s::int[] = '{{}}' OR extract(isodow FROM {_DAY}) - 1 = ANY(%(weekdays)s))
        AND {_TYPE} AND {_MODALITY} AND (r.is_near OR s.modality <> 'in-person')
        AND {_hours("r.zone")} AND {_FEW_OPEN}
    ORDER BY s.starts_at, s.id LIMIT %(most_pinned)s
)"""  # noqa: S608 our own words

_NO_OWN: Final = """, pinned AS (
    SELECT NULL::bigint AS id, NULL::timestamptz AS starts_at, NULL::date AS day WHERE false
)"""


def _found(arms: str) -> str:
    return f""", found AS MATERIALIZED (
    SELECT k.id, k.day, k.starts_at FROM (SELECT * FROM days ORDER BY day) d
    CROSS JOIN LATERAL ({arms}
    ) k
    WHERE k.id NOT IN (SELECT id FROM pinned)
    ORDER BY d.day, k.day, k.starts_at, k.id LIMIT %(look)s
), picked AS (
    SELECT id, day, starts_at, true AS is_pinned FROM pinned
    UNION ALL SELECT id, day, starts_at, false FROM found
)"""  # noqa: S608 our own words


#: In steps, so that the planner need not weigh eight tables against each other.
_FIRST: Final = """
SELECT k.is_pinned, k.day, k.miles, k.is_own, (SELECT provider_id FROM own), {columns}
FROM (
    SELECT k.*, s, near.miles, near.is_own FROM picked k
    JOIN scheduling_slot s ON s.id = k.id
    JOIN near ON near.id = s.role_id
    OFFSET 0
) k CROSS JOIN LATERAL (
    SELECT t, r, p, c, l FROM scheduling_visittype t, scheduling_providerrole r
    JOIN scheduling_provider p ON p.id = r.provider_id
    JOIN scheduling_clinic c ON c.id = r.clinic_id
    JOIN scheduling_location l ON l.id = c.location_id
    WHERE t.id = (k.s).visit_type_id AND r.id = (k.s).role_id
    OFFSET 0
) o
ORDER BY k.is_pinned DESC, k.day, k.starts_at, k.id"""

_SERVED: Final = "s.visit_type_id = %(visit_type)s"
_ALSO: Final = (
    "s.also_serves <> '{}' AND %(visit_type)s = ANY(s.also_serves)"
    " AND s.visit_type_id <> %(visit_type)s"
)

#: What can be booked, as far as a statement can tell.
SEARCH: Final = (
    WHO.replace("/* bookable */", BOOKABLE)
    + _DAYS
    + _OWN
    + _found(
        _one_by_one(_FREE, _FEW_OPEN)
        + "\n        UNION ALL"
        + _in_time_order(f"{_FREE} AND {_SERVED}", _MANY_OPEN)
        + "\n        UNION ALL"
        + _in_time_order(f"{_FREE} AND {_ALSO}", _MANY_OPEN)
    )
    + _FIRST
)

#: What fits, whatever stands against booking it, in a short stretch of time: for those who ask
#: why a time is not there.
EVERYTHING: Final = (
    WHO
    + _DAYS
    + _NO_OWN
    + _found(
        _one_by_one(f"({_FREE} OR {_SHUT})", "true")
        + "".join(
            "\n        UNION ALL" + _in_time_order(f"{state} AND {kind}", "true")
            for state in (_FREE, _SHUT)
            for kind in (_SERVED, _ALSO)
        )
    )
    + _FIRST
)
