"""Which further clinicians, rooms and machines are free at given slots. One statement.

A clinician is free where their own schedule has free time for all of it, and nothing takes them:
no visit, no hold, no leave. A room or machine is free where nothing takes it.
Keys name what is taken: "p12" a clinician, "r5" a room.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Sequence
from typing import Any, Final, NamedTuple

from django.db import connection

from scheduling.models import AppointmentResource, PlanNeed, Provider, Room
from scheduling.queries.beside import LONGEST_VISIT
from scheduling.states import LIVE, HoldStatus, ResourceKind

_FREE: Final = """
WITH s AS MATERIALIZED (
    SELECT s.id, s.starts_at, s.ends_at, s.room_id, r.provider_id, c.location_id,
        tstzrange(s.starts_at, s.ends_at, '[)') AS period
    FROM scheduling_slot s
    JOIN scheduling_providerrole r ON r.id = s.role_id
    JOIN scheduling_clinic c ON c.id = r.clinic_id
    WHERE s.id = ANY(%(slots)s)
), n AS (
    SELECT * FROM unnest(%(kinds)s::text[], %(whats)s::text[]) WITH ORDINALITY AS n(kind, what, nr)
)
SELECT s.id, n.nr, 'r' || m.id
FROM s CROSS JOIN n
JOIN scheduling_room m ON m.location_id = s.location_id AND m.kind = n.what
WHERE n.kind = 'room' AND m.id IS DISTINCT FROM s.room_id
    AND NOT EXISTS (
        SELECT FROM scheduling_taken t
        WHERE t.room_id = m.id AND tstzrange(t.starts_at, t.ends_at, '[)') && s.period
            AND t.holder <> s.id
    ) AND NOT EXISTS (
        SELECT FROM scheduling_appointment a
        WHERE a.room_id = m.id AND a.status = ANY(%(live)s)
            AND a.starts_at < s.ends_at AND a.starts_at > s.starts_at - %(longest)s
            AND a.ends_at > s.starts_at
    )
UNION ALL
SELECT DISTINCT s.id, n.nr, 'p' || p.id
FROM s CROSS JOIN n
JOIN scheduling_clinic c ON c.location_id = s.location_id AND c.specialty = n.what
JOIN scheduling_providerrole r ON r.clinic_id = c.id AND r.is_active
JOIN scheduling_provider p ON p.id = r.provider_id AND p.is_active
WHERE n.kind = 'provider' AND p.id <> s.provider_id
    AND NOT EXISTS (
        SELECT FROM scheduling_taken t
        WHERE t.provider_id = p.id AND tstzrange(t.starts_at, t.ends_at, '[)') && s.period
            AND t.holder <> s.id
    ) AND NOT EXISTS (
        SELECT FROM scheduling_appointment a
        WHERE a.provider_id = p.id AND a.status = ANY(%(live)s)
            AND a.starts_at < s.ends_at AND a.starts_at > s.starts_at - %(longest)s
            AND a.ends_at > s.starts_at
    ) AND NOT EXISTS (
        SELECT FROM scheduling_absence l
        WHERE l.provider_id = p.id AND l.starts_at < s.ends_at AND l.ends_at > s.starts_at
    ) AND NOT EXISTS (
        SELECT FROM scheduling_hold h
        JOIN scheduling_slot o ON o.id = h.slot_id
        JOIN scheduling_providerrole q ON q.id = o.role_id
        WHERE h.status = %(held)s AND h.expires_at > %(at)s AND q.provider_id = p.id
            AND o.starts_at < s.ends_at AND o.ends_at > s.starts_at
    ) AND (
        SELECT range_agg(tstzrange(o.starts_at, o.ends_at, '[)')) @> s.period
        FROM scheduling_slot o
        JOIN scheduling_providerrole q ON q.id = o.role_id
        WHERE q.provider_id = p.id AND q.clinic_id = c.id AND o.status = 'free'
            AND o.starts_at < s.ends_at AND o.starts_at > s.starts_at - %(longest)s
            AND o.ends_at > s.starts_at
    )
ORDER BY 1, 2, 3"""


def free_things(
    slot_ids: Collection[int], needs: Sequence[PlanNeed], *, at: dt.datetime
) -> dict[int, tuple[tuple[str, ...], ...]]:
    """By slot: for each need, in order, the keys of what is free then."""
    if not needs or not slot_ids:
        return dict.fromkeys(slot_ids, ())
    found: dict[int, list[list[str]]] = defaultdict(lambda: [[] for _ in needs])
    parameters: dict[str, Any] = {
        "slots": list(slot_ids),
        "kinds": [need.kind for need in needs],
        "whats": [need.what for need in needs],
        "live": [str(status) for status in LIVE],
        "held": str(HoldStatus.HELD),
        "longest": LONGEST_VISIT,
        "at": at,
    }
    with connection.cursor() as cursor:
        cursor.execute(_FREE, parameters)
        for slot_id, number, key in cursor:
            found[slot_id][number - 1].append(key)
    return {pk: tuple(tuple(sorted(keys, key=_order)) for keys in found[pk]) for pk in slot_ids}


class Thing(NamedTuple):
    """A clinician, or a room or machine."""

    kind: ResourceKind
    pk: int


def parse_thing(key: str) -> Thing:
    """:raises ValueError: for what names nothing."""
    kinds = {"p": ResourceKind.PROVIDER, "r": ResourceKind.ROOM}
    if key[:1] not in kinds or not key[1:].isdigit():
        raise ValueError(key)
    return Thing(kinds[key[0]], int(key[1:]))


def name_things(keys: Collection[str]) -> dict[str, str]:
    """What staff call them. Two queries at most."""
    things = {key: parse_thing(key) for key in keys}
    providers = [thing.pk for thing in things.values() if thing.kind is ResourceKind.PROVIDER]
    rooms = [thing.pk for thing in things.values() if thing.kind is ResourceKind.ROOM]
    names = {f"p{one.pk}": str(one) for one in Provider.objects.filter(pk__in=providers)}
    return names | {f"r{one.pk}": one.name for one in Room.objects.filter(pk__in=rooms)}


def key_of(resource: AppointmentResource) -> str:
    return f"p{resource.provider_id}" if resource.provider_id else f"r{resource.room_id}"


def _order(key: str) -> tuple[str, int]:
    return key[0], int(key[1:])
