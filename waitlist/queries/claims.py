"""What patients wait for, and what decides about them at one slot: one statement for many."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator
from typing import Any

from django.db import connection

from scheduling.models import Slot
from scheduling.queries import ESTABLISHED_FOR
from scheduling.states import LIVE, AppointmentStatus, PatientLimit, RestrictionStatus
from waitlist.rules.facts import PersonFacts, SlotFacts
from waitlist.states import (
    LIVE_OFFER,
    CandidateKind,
    EntryKind,
    EntryStatus,
    OfferStatus,
    Urgency,
)

#: How far back answers to offers count.
RECENT = dt.timedelta(days=30)
#: They have come: the wait for such a visit is over.
CAME = (AppointmentStatus.FULFILLED, AppointmentStatus.ARRIVED)
#: From the least urgent to the most.
BY_URGENCY = (Urgency.ROUTINE, Urgency.SOON, Urgency.URGENT)

#: One row for each of `%(ids)s` who has a claim: the soonest of their fitting visits, the oldest
#: of their fitting entries, and what else of them the rules ask about. Written by hand, since
#: every opening waits for it: one statement instead of eight, each through indexes by patient.
_CLAIMS = """
SELECT
    p.id AS patient_id, p.birth_on, p.latitude, p.longitude, p.wants_earlier_offers,
    p.deceased_at IS NOT NULL AS is_deceased,
    p.max_miles, p.notice_hours, p.prefers_parts_of_day, p.prefers_weekdays,
    v.id AS visit_id, v.visit_type_id AS visit_type, v.starts_at AS later_starts_at,
    v.provider_id AS later_provider_id, v.location_id AS later_location_id, v.booked_since,
    e.id AS entry_id, e.visit_type_id AS entry_type, e.kind, e.provider_id AS wants_provider_id,
    e.location_id AS wants_location_id, e.not_before_on, e.not_after_on, e.waiting_since, e.band,
    o.offered, o.declined, o.won, o.live_for_slot, o.live_then,
    EXISTS (
        SELECT FROM scheduling_appointment a
        WHERE a.patient_id = p.id AND a.status = ANY(%(live)s)
            AND a.starts_at < %(ends_at)s AND a.ends_at > %(starts_at)s
            AND a.id IS DISTINCT FROM v.id
    ) AS is_busy_then,
    EXISTS (
        SELECT FROM scheduling_appointment a
        JOIN scheduling_providerrole r ON r.id = a.role_id
        JOIN scheduling_clinic c ON c.id = r.clinic_id
        WHERE a.patient_id = p.id AND a.status = %(requested)s AND a.starts_at > %(at)s
            AND a.visit_type_id = ANY(%(types)s) AND c.specialty = %(specialty)s
    ) AS is_asking,
    e.was_seen, (
        SELECT l.kind FROM scheduling_patientrestriction l
        WHERE l.patient_id = p.id AND l.clinic_id = %(clinic)s AND l.status = %(approved)s
            AND (l.ends_on IS NULL OR l.ends_on >= %(day)s)
    ) AS patient_limit,
    EXISTS (
        SELECT FROM scheduling_appointment a
        JOIN scheduling_providerrole r ON r.id = a.role_id
        JOIN scheduling_clinic c ON c.id = r.clinic_id
        WHERE a.patient_id = p.id AND a.status = %(fulfilled)s
            AND a.starts_at > %(established_since)s AND c.specialty = %(specialty)s
    ) AS is_established
FROM crm_patient p
LEFT JOIN LATERAL (
    SELECT a.*, min(a.booked_at) OVER () AS booked_since
    FROM scheduling_appointment a
    JOIN scheduling_providerrole r ON r.id = a.role_id
    JOIN scheduling_clinic c ON c.id = r.clinic_id
    WHERE a.patient_id = p.id AND a.status = %(booked)s AND a.starts_at > %(at)s
        AND a.visit_type_id = ANY(%(types)s) AND c.specialty = %(specialty)s
    ORDER BY a.starts_at, a.id LIMIT 1
) v ON true
LEFT JOIN LATERAL (
    SELECT e.*, min(e.created_at) OVER () AS waiting_since,
        max(array_position(%(bands)s::varchar[], e.urgency)) OVER () AS band
    FROM (
        SELECT entry.*, EXISTS (
            SELECT FROM scheduling_appointment a
            JOIN scheduling_providerrole r ON r.id = a.role_id
            JOIN scheduling_clinic c ON c.id = r.clinic_id
            WHERE a.patient_id = p.id AND a.status = ANY(%(came)s)
                AND a.starts_at > entry.created_at
                AND a.visit_type_id = ANY(%(types)s) AND c.specialty = %(specialty)s
        ) AS was_seen
        FROM waitlist_waitlistentry entry
        WHERE entry.patient_id = p.id AND entry.status = %(waiting)s
            AND entry.visit_type_id = ANY(%(types)s)
    ) e
    ORDER BY e.was_seen, e.created_at, e.id LIMIT 1
) e ON true
CROSS JOIN LATERAL (
    SELECT
        count(*) FILTER (WHERE o.offered_at > %(recent)s) AS offered,
        count(*) FILTER (WHERE o.offered_at > %(recent)s AND o.status = %(said_no)s) AS declined,
        count(*) FILTER (WHERE o.status = %(has_won)s) AS won,
        coalesce(bool_or(s.id = %(slot)s), false) AS live_for_slot,
        coalesce(bool_or(s.starts_at < %(ends_at)s AND s.ends_at > %(starts_at)s), false)
            AS live_then
    FROM waitlist_offer o
    LEFT JOIN scheduling_slot s ON s.id = o.slot_id AND o.status = ANY(%(live_offer)s)
    WHERE o.patient_id = p.id
) o
WHERE p.id = ANY(%(ids)s) AND (v.id IS NOT NULL OR e.id IS NOT NULL)
"""


def read_claims(
    slot: Slot, facts: SlotFacts, ids: Collection[int], *, at: dt.datetime
) -> Iterator[tuple[PersonFacts, int | None, int | None]]:
    """Facts, visit and entry of each of these patients who has a claim to such a slot.

    A patient comes once: with the soonest of their visits (the later ones of a series keep
    their distance), within the limits that their waitlist entry sets, and with the highest
    urgency and the longest wait that any of their claims has. One statement.
    """
    with connection.cursor() as cursor:
        cursor.execute(_CLAIMS, _parameters(slot, facts, ids, at))
        names = [column.name for column in cursor.description or ()]
        rows = cursor.fetchall()
    for row in rows:
        claim = dict(zip(names, row, strict=True))
        yield _facts(claim), claim["visit_id"], claim["entry_id"]


def _parameters(
    slot: Slot, facts: SlotFacts, ids: Collection[int], at: dt.datetime
) -> dict[str, Any]:
    return {
        "ids": list(ids),
        "types": sorted(facts.accepted_visit_type_ids),
        "specialty": slot.role.clinic.specialty,
        "slot": slot.pk or 0,
        "starts_at": slot.starts_at,
        "ends_at": slot.ends_at,
        "at": at,
        "recent": at - RECENT,
        "established_since": at - ESTABLISHED_FOR,
        "bands": [str(urgency) for urgency in BY_URGENCY],
        "clinic": slot.role.clinic_id,
        "day": facts.local_date,
        "approved": str(RestrictionStatus.APPROVED),
        "booked": str(AppointmentStatus.BOOKED),
        "requested": str(AppointmentStatus.REQUESTED),
        "came": [str(status) for status in CAME],
        "fulfilled": str(AppointmentStatus.FULFILLED),
        "live": [str(status) for status in LIVE],
        "waiting": str(EntryStatus.WAITING),
        "said_no": str(OfferStatus.DECLINED),
        "has_won": str(OfferStatus.WON),
        "live_offer": [str(status) for status in LIVE_OFFER],
    }


def _facts(claim: dict[str, Any]) -> PersonFacts:
    """A visit goes before an entry; who has neither is not read."""
    has_visit = claim["visit_id"] is not None
    since = [moment for moment in (claim["booked_since"], claim["waiting_since"]) if moment]
    return PersonFacts(
        patient_id=claim["patient_id"],
        kind=_kind(claim),
        visit_type_id=claim["visit_type"] if has_visit else claim["entry_type"],
        waiting_since=min(since),
        urgency=BY_URGENCY[(claim["band"] or 1) - 1],
        later_starts_at=claim["later_starts_at"],
        later_provider_id=claim["later_provider_id"],
        later_location_id=claim["later_location_id"],
        birth_on=claim["birth_on"],
        latitude=claim["latitude"],
        longitude=claim["longitude"],
        is_deceased=claim["is_deceased"],
        is_established=claim["is_established"],
        wants_earlier_offers=claim["wants_earlier_offers"],
        max_miles=claim["max_miles"],
        notice_hours=claim["notice_hours"],
        prefers_parts_of_day=frozenset(claim["prefers_parts_of_day"]),
        prefers_weekdays=frozenset(claim["prefers_weekdays"]),
        wants_provider_id=claim["wants_provider_id"],
        wants_location_id=claim["wants_location_id"],
        not_before_on=claim["not_before_on"],
        not_after_on=claim["not_after_on"],
        is_asking=claim["is_asking"],
        was_seen_since=bool(claim["was_seen"]) and not has_visit,
        # Whoever moves a visit is not limited: booking does not ask it of them either.
        limit=None if has_visit else _limit(claim),
        is_busy_then=claim["is_busy_then"],
        has_live_offer_for_slot=claim["live_for_slot"],
        has_live_offer_overlapping=claim["live_then"] and not claim["live_for_slot"],
        offers_recent=claim["offered"],
        declined_recent=claim["declined"],
        accepted_ever=claim["won"] > 0,
    )


def _limit(claim: dict[str, Any]) -> PatientLimit | None:
    return PatientLimit(claim["patient_limit"]) if claim["patient_limit"] else None


def _kind(claim: dict[str, Any]) -> CandidateKind:
    if claim["visit_id"] is not None:
        return CandidateKind.LATER_VISIT
    unmet = claim["kind"] == EntryKind.UNMET_REQUEST
    return CandidateKind.UNMET_REQUEST if unmet else CandidateKind.WAITLIST


#: Everybody with a claim.
_EVERYBODY = """
SELECT DISTINCT patient_id FROM (
    SELECT a.patient_id FROM scheduling_appointment a
    JOIN scheduling_providerrole r ON r.id = a.role_id
    JOIN scheduling_clinic c ON c.id = r.clinic_id
    WHERE a.visit_type_id = ANY(%(types)s) AND a.status = %(booked)s AND a.starts_at > %(at)s
        AND c.specialty = %(specialty)s
    UNION ALL
    SELECT e.patient_id FROM waitlist_waitlistentry e
    WHERE e.visit_type_id = ANY(%(types)s) AND e.status = %(waiting)s
) claims
"""


def everybody(slot: Slot, facts: SlotFacts, *, at: dt.datetime) -> list[int]:
    """Every patient with a claim to such a slot, by key. As many as there are: for bulk work."""
    parameters = _parameters(slot, facts, (), at)
    with connection.cursor() as cursor:
        cursor.execute(f"{_EVERYBODY} ORDER BY patient_id", parameters)
        return [pk for (pk,) in cursor.fetchall()]


def count_everybody(slot: Slot, facts: SlotFacts, *, at: dt.datetime) -> int:
    """How many patients have a claim to such a slot. Reads an index, all of the type's part."""
    with connection.cursor() as cursor:
        counting = f"SELECT count(*) FROM ({_EVERYBODY}) everybody"  # noqa: S608 our own words
        cursor.execute(counting, _parameters(slot, facts, (), at))
        counted: int = cursor.fetchone()[0]
    return counted
