"""The first half of the statement behind `search_slots`: which clinicians fit, and whom they see.

Sites come first, since they are few and say most; then their clinics, which payers these take,
and their clinicians.
"""

from __future__ import annotations

from typing import Final

from scheduling.rules.distance import EARTH_RADIUS_MILES

#: Up to so many clinicians are asked one by one. Found by measuring (bench/search.py).
FEW_ROLES: Final = 32

_MILES: Final = f"""
    CASE WHEN abs(l.latitude) <= 90 AND abs(l.longitude) <= 180
        AND %(latitude)s::float8 IS NOT NULL  -- least() would pass over it
    THEN {2 * EARTH_RADIUS_MILES}::float8 * asin(sqrt(least(1,
        power(sin(radians(l.latitude - %(latitude)s::float8) / 2), 2)
        + cos(radians(l.latitude)) * cos(radians(%(latitude)s::float8))
        * power(sin(radians(l.longitude - %(longitude)s::float8) / 2), 2)))) END"""

_NORMAL: Final = "lower(btrim(regexp_replace({}, '\\s+', ' ', 'g')))"

#: Sites, clinics and clinicians who fit, in this order; whom the patient saw last; what pays.
WHO: Final = f"""
WITH seen AS MATERIALIZED (
    SELECT c.specialty, a.provider_id, a.status, a.starts_at
    FROM scheduling_appointment a
    JOIN scheduling_providerrole r ON r.id = a.role_id
    JOIN scheduling_clinic c ON c.id = r.clinic_id
    WHERE a.patient_id = %(patient)s AND a.status = ANY(%(stands)s)
        AND a.starts_at > %(established_since)s
), own AS MATERIALIZED (
    SELECT provider_id FROM seen
    WHERE specialty = (SELECT specialty FROM scheduling_visittype WHERE id = %(visit_type)s)
    ORDER BY status = %(fulfilled)s DESC, starts_at DESC LIMIT 1
), pays AS MATERIALIZED (
    SELECT {_NORMAL.format("payer")} AS payer, {_NORMAL.format("plan")} AS plan
    FROM crm_coverage
    WHERE patient_id = %(patient)s AND %(payer)s = ''
        AND (ends_on IS NULL OR ends_on >= %(today)s)
    UNION ALL SELECT %(payer)s, %(plan)s WHERE %(payer)s <> ''
), sites AS MATERIALIZED (
    SELECT l.id, l.zone, m.miles,
        %(max_miles)s::float8 IS NULL OR coalesce(m.miles <= %(max_miles)s, false) AS is_near
    FROM scheduling_location l CROSS JOIN LATERAL (SELECT {_MILES} AS miles OFFSET 0) m
    WHERE l.is_active AND (%(location)s::bigint IS NULL OR l.id = %(location)s)
), clinics AS MATERIALIZED (
    SELECT c.id, c.specialty, l.zone, l.miles, l.is_near
    FROM sites l JOIN scheduling_clinic c ON c.location_id = l.id
    WHERE l.is_near OR %(remote)s
), accepted AS MATERIALIZED (
    SELECT clinic_id, role_id, payer, plan FROM scheduling_acceptedcoverage
    WHERE is_active AND EXISTS (SELECT FROM pays) AND clinic_id IN (SELECT id FROM clinics)
), fits AS MATERIALIZED (
    SELECT payer, plan, EXISTS (
        SELECT FROM pays p WHERE p.payer = {_NORMAL.format("t.payer")}
            AND (t.plan = '' OR p.plan = {_NORMAL.format("t.plan")})
    ) AS fits
    FROM accepted t GROUP BY payer, plan
), taken AS MATERIALIZED (
    SELECT t.clinic_id, t.role_id, bool_or(fits) AS takes
    FROM accepted t JOIN fits USING (payer, plan) GROUP BY t.clinic_id, t.role_id
), barred AS MATERIALIZED (
    SELECT b.* FROM scheduling_providerrule b LEFT JOIN crm_patient p ON p.id = %(patient)s
    WHERE b.is_active AND b.kind IN ('whom', 'not-done')
        AND (b.visit_type_id IS NULL OR b.visit_type_id = %(visit_type)s
            OR %(visit_type)s = ANY(b.also_types))
        AND (b.kind = 'not-done' OR NOT b.is_offered OR NOT b.accepts_new
            OR extract(year FROM age(%(today)s::date - 2, p.birth_on)) > b.max_age
            OR extract(year FROM age(%(today)s::date + %(within)s + 2, p.birth_on)) < b.min_age)
), lenient AS MATERIALIZED (
    SELECT clinic_id, rule FROM scheduling_rulesetting WHERE effect = 'warn'
), near AS MATERIALIZED (
    SELECT r.id, c.zone, c.miles, c.is_near,
        coalesce(r.provider_id = (SELECT provider_id FROM own), false) AS is_own,
        c.specialty IN (SELECT specialty FROM seen WHERE status = %(fulfilled)s)
            AS is_established,
        c.id IN (SELECT clinic_id FROM lenient) AS is_lenient
    FROM clinics c
    JOIN scheduling_providerrole r ON r.clinic_id = c.id
    JOIN scheduling_provider p ON p.id = r.provider_id
    LEFT JOIN taken theirs ON theirs.role_id = r.id
    LEFT JOIN taken whole ON whole.clinic_id = c.id AND whole.role_id IS NULL
    WHERE r.is_active AND p.is_active
        AND (%(provider)s::bigint IS NULL OR p.id = %(provider)s)
        AND (NOT %(own_only)s OR p.id = (SELECT provider_id FROM own))
        AND (%(language)s = '' OR %(language)s = ANY(p.languages))
        AND (%(sex)s = '' OR p.sex = %(sex)s)
        /* bookable */
), how_many AS MATERIALIZED (SELECT count(*) <= {FEW_ROLES} AS few FROM near)"""  # noqa: S608 our own words

#: Left out of what can be booked: payers that are not taken, and clinicians who see no such
#: patients. Not where a clinic has turned one of its rules into a warning.
BOOKABLE: Final = """AND (c.id IN (SELECT clinic_id FROM lenient)
            OR coalesce(theirs.takes, whole.takes, true) AND NOT EXISTS (
                SELECT FROM barred b
                WHERE (b.provider_id = p.id OR b.role_id = r.id OR b.clinic_id = c.id)
                    AND (b.kind = 'not-done' OR NOT b.is_offered OR b.accepts_new
                        OR %(patient)s IS NOT NULL AND c.specialty NOT IN (
                            SELECT specialty FROM seen WHERE status = %(fulfilled)s))))"""
