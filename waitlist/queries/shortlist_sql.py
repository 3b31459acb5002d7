"""The statement behind `shortlist`. Figures come from the rules, values as parameters."""

from __future__ import annotations

import math
from typing import Final

from scheduling.rules.distance import EARTH_RADIUS_MILES
from scheduling.states import Restriction
from waitlist.rules import chance
from waitlist.rules.ranking import (
    HALF_GAIN_DAYS,
    HALF_WAIT_DAYS,
    MOST_IMPORTED_WEIGHT,
    WEIGHTS,
    TermName,
)

_COLUMNS: Final = "patient_id, starts_at, booked_at, provider_id, location_id, role_id"
_LEAD: Final = "(starts_at - booked_at)"
_BASE_LOG_ODDS: Final = math.log(chance.BASE / (1 - chance.BASE))


def _visits(where: str, order_by: str, limit: str) -> str:
    """One arm: booked visits of each accepted type from one end of an index.

    The limit stands before the condition on time: what is read is bounded, whatever it is.
    """
    return f"""
    SELECT a.* FROM unnest(%(types)s::bigint[]) AS t (visit_type), LATERAL (
        SELECT visit_type_id, {_COLUMNS} FROM scheduling_appointment
        WHERE visit_type_id = t.visit_type AND status = 'booked' {where}
        ORDER BY {order_by} LIMIT %({limit})s
    ) a"""  # noqa: S608 our own words


def _f(figure: float) -> str:
    """A figure of the rules; without the cast PostgreSQL would reckon in decimals."""
    return f"'{figure}'::float8"


def _steps(value: str, table: tuple[tuple[float, float], ...]) -> str:
    """A table of the rules ("at least, log-odds") as a CASE."""
    *cases, (_, least) = table
    lines = " ".join(f"WHEN {value} >= {at_least} THEN {_f(odds)}" for at_least, odds in cases)
    return f"CASE {lines} ELSE {_f(least)} END"


def _saturate(days: str, *, half: int) -> str:
    return f"({days} / ({days} + {_f(half)}))"


#: Straight-line miles (haversine), or null as `fit.trip_miles` has None.
_MILES: Final = f"""
    CASE WHEN abs(p.latitude) <= 90 AND abs(p.longitude) <= 180
        AND abs(%(latitude)s::float8) <= 90 AND abs(%(longitude)s::float8) <= 180
    THEN {_f(2 * EARTH_RADIUS_MILES)} * asin(sqrt(least(1,
        power(sin(radians(p.latitude - %(latitude)s::float8) / 2), 2)
        + cos(radians(p.latitude)) * cos(radians(%(latitude)s::float8))
        * power(sin(radians(p.longitude - %(longitude)s::float8) / 2), 2)))) END"""

#: Log-odds of a yes, as far as the claim alone tells; see `waitlist.rules.chance`.
_CLAIM_ODDS: Final = f"""
    ({_f(_BASE_LOG_ODDS)} + %(notice_odds)s::float8
    + CASE WHEN has_visit THEN {_steps("gained", chance.GAIN)} ELSE {_f(chance.NO_VISIT_BOOKED)} END
    + CASE WHEN kind <> 'unmet-request' AND NOT has_visit THEN {_f(chance.ASKED_FOR_IT)} ELSE 0 END
    + CASE WHEN provider_id = %(clinician)s::bigint THEN {_f(chance.SAME_PROVIDER)} ELSE 0 END
    + CASE WHEN location_id = %(site)s::bigint THEN {_f(chance.SAME_LOCATION)} ELSE 0 END)"""

_SUITS, _DOES_NOT = _f(chance.PART_OF_DAY_SUITS), _f(chance.PART_OF_DAY_DOES_NOT)
#: And what the patient and their answers to other offers add to it.
_PATIENT_ODDS: Final = f"""
    (CASE WHEN p.prefers_parts_of_day = '{{}}' THEN 0
        WHEN %(part_of_day)s = ANY(p.prefers_parts_of_day) THEN {_SUITS} ELSE {_DOES_NOT} END
    + CASE WHEN m.miles IS NULL THEN 0
        ELSE {_f(chance.MILE)} * least(m.miles, {_f(chance.MOST_MILES)}) END
    + CASE WHEN o.won > 0 THEN {_f(chance.ACCEPTED_EVER)} ELSE 0 END
    + {_f(chance.DECLINED)} * least(o.declined, {chance.MOST_DECLINES}))"""


def _chance(log_odds: str) -> str:
    sure = f"1 / (1 + exp(-({log_odds})))"
    return f"least({_f(chance.MOST)}, greatest({_f(chance.LEAST)}, {sure}))"


_POINTS: Final = f"""
    (band - 1) * {_f(WEIGHTS[TermName.URGENCY])}
    + {_f(WEIGHTS[TermName.DAYS_GAINED])} * {_saturate("gained", half=HALF_GAIN_DAYS)}
    + {_f(WEIGHTS[TermName.WAIT])} * {_saturate("waited", half=HALF_WAIT_DAYS)}"""

#: An entry whose own wishes do not fit may still be the younger of two.
_ENTRY_FITS: Final = """
    (e.not_before_on IS NULL OR e.not_before_on <= %(day)s)
    AND (e.not_after_on IS NULL OR e.not_after_on >= %(day)s)
    AND (e.provider_id IS NULL OR e.provider_id = %(clinician)s::bigint)
    AND (e.location_id IS NULL OR e.location_id = %(site)s::bigint OR NOT %(is_in_person)s)
    OR EXISTS (
        SELECT FROM waitlist_waitlistentry other
        WHERE other.patient_id = e.patient_id AND other.id <> e.id
            AND other.status = 'waiting' AND other.visit_type_id = ANY(%(types)s)
    )"""

SHORTLIST: Final = f"""
WITH here AS (
    SELECT array_agg(r.id) AS roles FROM scheduling_providerrole r
    JOIN scheduling_clinic c ON c.id = r.clinic_id WHERE c.specialty = %(specialty)s
), weights AS (
    SELECT DISTINCT ON (kind) kind, model, least(weight, {MOST_IMPORTED_WEIGHT:g}) AS weight
    FROM waitlist_scoreweight WHERE clinic_id IS NULL OR clinic_id = %(clinic)s
    ORDER BY kind, clinic_id NULLS LAST
), farthest AS (
    {_visits("AND starts_at >= %(later_from)s", "starts_at DESC", "farthest")}
), bands AS (
    SELECT e.*, b.band FROM unnest(%(types)s::bigint[]) AS t (visit_type),
        unnest(%(bands)s::varchar[]) WITH ORDINALITY AS b (urgency, band), LATERAL (
        SELECT * FROM waitlist_waitlistentry
        WHERE visit_type_id = t.visit_type AND status = 'waiting' AND urgency = b.urgency
        ORDER BY created_at LIMIT %(band)s
    ) e
), visits AS (
    SELECT * FROM farthest
    UNION {_visits("", "booked_at", "longest")}
        WHERE starts_at >= %(later_from)s
    UNION {_visits("", f"{_LEAD} DESC", "widest")}
        WHERE starts_at >= %(later_from)s
    UNION {_visits("AND provider_id = %(clinician)s", f"{_LEAD} DESC", "same_clinician")}
        WHERE starts_at >= %(later_from)s
), claims AS (
    SELECT patient_id, starts_at, booked_at AS since, provider_id, location_id, role_id,
        true AS has_visit, 1 AS band, 'later-visit' AS kind,
        floor(extract(epoch FROM starts_at - %(midnight)s)::float8 / 86400) AS gained
    FROM visits
    UNION ALL
    SELECT patient_id, NULL, created_at, NULL, NULL, NULL, false, band, kind,
        %(days_without_visit)s
    FROM bands e WHERE {_ENTRY_FITS}
), measured AS (
    SELECT *, greatest(0, floor(extract(epoch FROM %(at)s - since)::float8 / 86400)) AS waited
    FROM claims WHERE patient_id <> ALL(%(without)s::bigint[])
), promising AS MATERIALIZED (
    SELECT * FROM (
        SELECT *, {_POINTS} AS points, {_CLAIM_ODDS} AS log_odds FROM measured OFFSET 0
    ) claim
    ORDER BY points + {_f(WEIGHTS[TermName.CHANCE])} * {_chance("log_odds")} DESC
    LIMIT %(scored)s
), scored AS (
    SELECT f.patient_id, max(
        f.points + {_f(WEIGHTS[TermName.CHANCE])} * {_chance(f"f.log_odds + {_PATIENT_ODDS}")}
        + {_f(WEIGHTS[TermName.FAIRNESS])} / (1 + o.offered)
        + coalesce((
            SELECT sum(w.weight * newest.value) FROM weights w, LATERAL (
                SELECT i.value FROM waitlist_importedscore i
                WHERE i.patient_id = f.patient_id AND i.kind = w.kind AND i.model = w.model
                    AND i.expires_at > %(at)s
                ORDER BY i.computed_at DESC LIMIT 1
            ) newest
        ), 0)
    ) AS score
    FROM promising f
    JOIN crm_patient p ON p.id = f.patient_id
    CROSS JOIN LATERAL (SELECT {_MILES} AS miles) m
    CROSS JOIN LATERAL (
        SELECT
            min(a.starts_at) FILTER (
                WHERE a.starts_at > %(at)s AND a.status = %(booked)s
            ) AS soonest,
            coalesce(bool_or(a.starts_at > %(at)s AND a.status = %(requested)s), false)
                AS is_asking,
            coalesce(bool_or(a.starts_at > f.since AND a.status = ANY(%(came)s)), false)
                AS was_seen
        FROM scheduling_appointment a
        WHERE a.patient_id = f.patient_id AND a.starts_at > least(f.since, %(at)s)
            AND a.visit_type_id = ANY(%(types)s)
            AND a.role_id = ANY((SELECT roles FROM here)::bigint[])
    ) v
    CROSS JOIN LATERAL (
        SELECT
            count(*) FILTER (WHERE offered_at > %(recent)s) AS offered,
            count(*) FILTER (WHERE offered_at > %(recent)s AND o.status = %(said_no)s) AS declined,
            count(*) FILTER (WHERE o.status = %(has_won)s) AS won,
            coalesce(bool_or(s.starts_at < %(ends_at)s AND s.ends_at > %(starts_at)s), false)
                AS is_live
        FROM waitlist_offer o
        LEFT JOIN scheduling_slot s ON s.id = o.slot_id AND o.status = ANY(%(live_offer)s)
        WHERE o.patient_id = f.patient_id
    ) o
    WHERE p.deceased_at IS NULL AND p.wants_earlier_offers AND NOT o.is_live
        AND (p.prefers_weekdays = '{{}}' OR %(weekday)s = ANY(p.prefers_weekdays))
        AND (p.notice_hours IS NULL OR p.notice_hours * 60 <= %(minutes_left)s)
        AND (m.miles IS NULL
            OR m.miles <= least(%(most_miles)s, coalesce(p.max_miles, 100000)) + 0.001)
        AND (%(min_age)s::int IS NULL
            OR extract(year FROM age(%(day)s::date, p.birth_on)) >= %(min_age)s)
        AND (%(max_age)s::int IS NULL
            OR extract(year FROM age(%(day)s::date, p.birth_on)) <= %(max_age)s)
        AND (NOT f.has_visit OR f.role_id = ANY((SELECT roles FROM here)::bigint[]))
        AND coalesce(f.starts_at, %(later_from)s)
            <= coalesce(v.soonest, f.starts_at, %(later_from)s)
        AND NOT v.is_asking
        AND (v.soonest IS NOT NULL OR NOT v.was_seen AND NOT EXISTS (
            SELECT FROM scheduling_patientrestriction l
            WHERE l.patient_id = f.patient_id AND l.clinic_id = %(clinic)s
                AND l.status = %(approved)s
                AND (l.ends_on IS NULL OR l.ends_on >= %(day)s)
                AND (l.kind <> %(same_day)s OR %(day)s <> %(today)s)
        ))
        /* restriction */
    GROUP BY f.patient_id ORDER BY score DESC, f.patient_id LIMIT %(listed)s
)
SELECT s.patient_id, s.score, (
    (SELECT count(*) FROM measured) <= %(scored)s
    AND NOT EXISTS (
        SELECT FROM farthest GROUP BY visit_type_id HAVING count(*) >= %(farthest)s
    )
    AND NOT EXISTS (
        SELECT FROM bands GROUP BY visit_type_id, band HAVING count(*) >= %(band)s
    )
) AS is_everybody
FROM (SELECT) one LEFT JOIN scored s ON true
ORDER BY s.score DESC NULLS LAST, s.patient_id
"""  # noqa: S608 our own words

_ESTABLISHED: Final = """ EXISTS (
            SELECT FROM scheduling_appointment a
            JOIN scheduling_providerrole r ON r.id = a.role_id
            JOIN scheduling_clinic c ON c.id = r.clinic_id
            WHERE a.patient_id = f.patient_id AND a.status = %(fulfilled)s
                AND a.starts_at > %(established_since)s AND c.specialty = %(specialty)s
        )"""


def restricted_to(restriction: Restriction) -> str:
    """The condition on the patient that a slot's restriction makes; none for most."""
    match restriction:
        case Restriction.NEW_PATIENTS:
            return f"AND NOT {_ESTABLISHED}"
        case Restriction.ESTABLISHED:
            return f"AND {_ESTABLISHED}"
        case _:
            return ""
