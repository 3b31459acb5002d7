"""What else takes the time of slots: visits of the clinician, the room and the patient, and holds.

One statement for a page of slots. Each arm finds its rows by an index: by the slot, by the
clinician's or the patient's visits from `LONGEST_VISIT` before the slot, by the constraint that
keeps rooms, by the few holds that are held; what further clinicians and rooms of visits take
(`Taken`), by the constraints that keep those.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from scheduling.models import Slot
from scheduling.queries.requirement_rows import Row, Rows, read_rows
from scheduling.states import LIVE, HoldStatus, Origin

#: A visit that began earlier than this before a slot does not last into it.
LONGEST_VISIT: Final = dt.timedelta(days=2)

_SLOTS: Final = """
WITH s AS MATERIALIZED (
    SELECT s.id, s.starts_at, s.ends_at, s.room_id, r.provider_id
    FROM scheduling_slot s JOIN scheduling_providerrole r ON r.id = s.role_id
    WHERE s.id = ANY(%(slots)s)
)
SELECT 'seats', s.id, json_build_object('taken', count(DISTINCT a.seat))
FROM s JOIN scheduling_appointment a ON a.slot_id = s.id
WHERE a.status = ANY(%(live)s)
GROUP BY s.id
UNION ALL
SELECT 'provider', s.id, NULL
FROM s WHERE EXISTS (
    SELECT FROM scheduling_appointment a
    WHERE a.provider_id = s.provider_id AND a.status = ANY(%(live)s)
        AND a.starts_at < s.ends_at AND a.starts_at > s.starts_at - %(longest)s
        AND a.ends_at > s.starts_at AND a.slot_id IS DISTINCT FROM s.id
)
UNION ALL
SELECT 'room', s.id, NULL
FROM s WHERE EXISTS (
    SELECT FROM scheduling_appointment a
    WHERE a.room_id = s.room_id AND a.origin = %(ours)s AND a.status = ANY(%(live)s)
        AND tstzrange(a.starts_at, a.ends_at, '[)') && tstzrange(s.starts_at, s.ends_at, '[)')
        AND a.slot_id IS DISTINCT FROM s.id
)
UNION ALL
SELECT 'provider', s.id, NULL
FROM s WHERE EXISTS (
    SELECT FROM scheduling_taken t
    WHERE t.provider_id = s.provider_id AND t.holder <> 0
        AND tstzrange(t.starts_at, t.ends_at, '[)') && tstzrange(s.starts_at, s.ends_at, '[)')
)
UNION ALL
SELECT 'room', s.id, NULL
FROM s WHERE EXISTS (
    SELECT FROM scheduling_taken t
    WHERE t.room_id = s.room_id AND t.holder <> 0
        AND tstzrange(t.starts_at, t.ends_at, '[)') && tstzrange(s.starts_at, s.ends_at, '[)')
)
UNION ALL
SELECT 'held', s.id, json_build_object(
    'owner', h.owner, 'until', h.expires_at, 'here', h.slot_id = s.id
)
FROM scheduling_hold h
JOIN scheduling_slot o ON o.id = h.slot_id
JOIN scheduling_providerrole r ON r.id = o.role_id
JOIN s ON s.provider_id = r.provider_id AND o.starts_at < s.ends_at AND o.ends_at > s.starts_at
WHERE h.status = %(held)s AND h.expires_at > %(at)s AND h.id <> ALL(%(own)s)"""

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
    """Of one slot: seats in use, seats kept for others, and who or what is busy then.

    `held` is all seats where the clinician's time is kept through another slot; `held_by` and
    `held_until` tell of the hold that ends first.
    """

    taken: int
    held: int
    held_by: str
    held_until: dt.datetime | None
    provider_busy: bool
    room_busy: bool
    patient_busy: bool


def read_beside(
    slots: Collection[Slot],
    *,
    at: dt.datetime,
    patient_id: int | None = None,
    gives_up_id: int | None = None,
    own_hold_ids: Collection[int] = (),
) -> dict[int, Beside]:
    """By slot. One query.

    :param own_hold_ids: holds of whoever asks, which are no obstacle.
    """
    rows = read_rows(
        (_SLOTS, _PATIENT) if patient_id is not None else (_SLOTS,),
        {
            "slots": [slot.pk for slot in slots],
            "live": [str(status) for status in LIVE],
            "ours": str(Origin.FIRSTCALL),
            "held": str(HoldStatus.HELD),
            "at": at,
            "longest": LONGEST_VISIT,
            "own": list(own_hold_ids),
            "patient": patient_id,
            "gives_up": gives_up_id or 0,
        },
    )
    return {slot.pk: _beside(slot, rows) for slot in slots}


def _beside(slot: Slot, rows: Rows) -> Beside:
    seats = rows["seats"].get(slot.pk)
    holds = sorted(rows["held"].get(slot.pk, []), key=_until)
    elsewhere = any(not hold["here"] for hold in holds)
    return Beside(
        taken=seats[0]["taken"] if seats else 0,
        held=slot.capacity if elsewhere else len(holds),
        held_by=holds[0]["owner"] if holds else "",
        held_until=_until(holds[0]) if holds else None,
        provider_busy=slot.pk in rows["provider"],
        room_busy=slot.pk in rows["room"],
        patient_busy=slot.pk in rows["patient"],
    )


def _until(hold: Row) -> dt.datetime:
    return dt.datetime.fromisoformat(hold["until"])
