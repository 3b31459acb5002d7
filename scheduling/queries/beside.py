"""What else takes the time of slots: visits of the clinician, the room and the patient, and holds.

Arms of the statement that reads what a page of slots asks. Each finds its rows by an index: by
the slot, by the clinician's, the room's or the patient's visits from `LONGEST_VISIT` before the
slot, by the few holds that are held; what further clinicians and rooms of
visits take (`Taken`), by the constraints that keep those.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from scheduling.models import Slot
from scheduling.queries.requirement_rows import Also, Row, Rows
from scheduling.states import LIVE, HoldStatus, Origin

#: A visit that began earlier than this before a slot does not last into it.
LONGEST_VISIT: Final = dt.timedelta(days=2)

_TABLES: Final = """
WITH s AS MATERIALIZED (
    SELECT s.id, s.starts_at, s.ends_at, s.room_id, r.provider_id
    FROM scheduling_slot s JOIN scheduling_providerrole r ON r.id = s.role_id
    WHERE s.id = ANY(%(slots)s)
)"""

_SEATS: Final = """
SELECT 'seats', s.id, json_build_object('seats', array_agg(a.seat))
FROM s JOIN scheduling_appointment a ON a.slot_id = s.id
WHERE a.status = ANY(%(live)s)
GROUP BY s.id"""

_PROVIDERS: Final = """
SELECT 'provider', s.id, NULL
FROM s WHERE EXISTS (
    SELECT FROM scheduling_appointment a
    WHERE a.provider_id = s.provider_id AND a.status = ANY(%(live)s)
        AND a.starts_at < s.ends_at AND a.starts_at > s.starts_at - %(longest)s
        AND a.ends_at > s.starts_at AND a.slot_id IS DISTINCT FROM s.id
)
UNION ALL
SELECT 'provider', s.id, NULL
FROM s WHERE EXISTS (
    SELECT FROM scheduling_taken t
    WHERE t.provider_id = s.provider_id AND t.holder <> 0
        AND tstzrange(t.starts_at, t.ends_at, '[)') && tstzrange(s.starts_at, s.ends_at, '[)')
)"""

#: Asked for only where a slot has a room. Visits that the EHR told of count like ours.
_ROOMS: Final = """
SELECT 'room', s.id, NULL
FROM s WHERE EXISTS (
    SELECT FROM scheduling_appointment a
    WHERE a.room_id = s.room_id AND a.status = ANY(%(live)s)
        AND a.starts_at < s.ends_at AND a.starts_at > s.starts_at - %(longest)s
        AND a.ends_at > s.starts_at AND a.slot_id IS DISTINCT FROM s.id
)
UNION ALL
SELECT 'room', s.id, NULL
FROM s WHERE EXISTS (
    SELECT FROM scheduling_taken t
    WHERE t.room_id = s.room_id AND t.holder <> 0
        AND tstzrange(t.starts_at, t.ends_at, '[)') && tstzrange(s.starts_at, s.ends_at, '[)')
)"""

_HOLDS: Final = """
SELECT 'held', s.id, json_build_object(
    'owner', h.owner, 'until', h.expires_at, 'seat', CASE WHEN h.slot_id = s.id THEN h.seat END
)
FROM scheduling_hold h
JOIN scheduling_slot o ON o.id = h.slot_id
JOIN scheduling_providerrole r ON r.id = o.role_id
JOIN s ON s.provider_id = r.provider_id AND o.starts_at < s.ends_at AND o.ends_at > s.starts_at
WHERE h.status = %(held)s AND h.expires_at > %(at)s AND h.id <> ALL(%(own_holds)s)"""

#: Our own visits cannot overlap, not even the one that is given up for the other: it stands
#: until the EHR has confirmed the new one.
_PATIENT: Final = """
SELECT 'patient', s.id, NULL
FROM s WHERE EXISTS (
    SELECT FROM scheduling_appointment a
    WHERE a.patient_id = %(patient)s AND a.status = ANY(%(live)s)
        AND a.starts_at < s.ends_at AND a.ends_at > s.starts_at
        AND (a.id <> %(gives_up)s OR a.origin = %(ours)s)
)"""


@dataclass(frozen=True, slots=True)
class Beside:
    """Of one slot: the seats of its visits, seats kept for others, and who or what is busy then.

    - `visits` counts its visits; an EHR may have two on one seat.
    - `held` counts seats that are kept: all of them where the clinician's time is kept through
      another slot. `held_seats` are those of this one.
    - `held_by` and `held_until` tell of the hold that ends first.
    """

    seats: frozenset[int]
    visits: int
    held: int
    held_seats: frozenset[int]
    held_by: str
    held_until: dt.datetime | None
    provider_busy: bool
    room_busy: bool
    patient_busy: bool


def ask_beside(
    slots: Collection[Slot],
    *,
    at: dt.datetime,
    patient_id: int | None = None,
    gives_up_id: int | None = None,
    own_hold_ids: Collection[int] = (),
) -> Also:
    """Arms for `read_terms`, whose rows `beside_in` understands.

    :param own_hold_ids: holds of whoever asks, which are no obstacle.
    """
    arms = [_SEATS, _PROVIDERS, _HOLDS]
    arms += [_ROOMS] if any(slot.room_id is not None for slot in slots) else []
    arms += [_PATIENT] if patient_id is not None else []
    return Also(
        tuple(arms),
        {
            "slots": [slot.pk for slot in slots],
            "live": [str(status) for status in LIVE],
            "ours": str(Origin.FIRSTCALL),
            "held": str(HoldStatus.HELD),
            "at": at,
            "longest": LONGEST_VISIT,
            "own_holds": list(own_hold_ids),
            "patient": patient_id,
            "gives_up": gives_up_id or 0,
        },
        _TABLES,
    )


def beside_in(slots: Collection[Slot], rows: Rows) -> dict[int, Beside]:
    """By slot."""
    return {slot.pk: _beside(slot, rows) for slot in slots}


def _beside(slot: Slot, rows: Rows) -> Beside:
    told = rows["seats"].get(slot.pk)
    seats = told[0]["seats"] if told else []
    holds = sorted(rows["held"].get(slot.pk, []), key=_until)
    kept = [hold["seat"] for hold in holds]
    return Beside(
        seats=frozenset(seats),
        visits=len(seats),
        held=slot.capacity if None in kept else len(kept),
        held_seats=frozenset(seat for seat in kept if seat is not None),
        held_by=holds[0]["owner"] if holds else "",
        held_until=_until(holds[0]) if holds else None,
        provider_busy=slot.pk in rows["provider"],
        room_busy=slot.pk in rows["room"],
        patient_busy=slot.pk in rows["patient"],
    )


def _until(hold: Row) -> dt.datetime:
    return dt.datetime.fromisoformat(hold["until"])
