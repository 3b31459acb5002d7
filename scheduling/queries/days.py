"""Clinicians' weeks, read for the rules that count in them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.db import connection

from scheduling.models import Slot
from scheduling.queries.requirement_rows import TAKES_PLACE, Row, Rows, read_rows
from scheduling.queries.requirements import rules_of, types_in
from scheduling.queries.visits import ESTABLISHED_FOR
from scheduling.rules.day import LIMITS, DayFacts, DayLimit, DayVisit
from scheduling.states import AppointmentStatus, RuleKind, RulePer

_WEEK: Final = dt.timedelta(days=7)

_VISITS: Final = """
SELECT 'visit', v.provider_id, to_json(f)
FROM scheduling_appointment v
LEFT JOIN scheduling_providerrole r ON r.id = v.role_id
LEFT JOIN scheduling_clinic c ON c.id = r.clinic_id
CROSS JOIN LATERAL (
    SELECT v.id, v.role_id, v.slot_id, v.visit_type_id, v.starts_at, v.ends_at,
        %(asks_new)s AND NOT EXISTS (
            SELECT FROM scheduling_appointment seen
            JOIN scheduling_providerrole sr ON sr.id = seen.role_id
            JOIN scheduling_clinic sc ON sc.id = sr.clinic_id
            WHERE seen.patient_id = v.patient_id AND seen.status = %(fulfilled)s
                AND seen.starts_at > %(established_since)s AND seen.starts_at < v.starts_at
                AND sc.specialty = c.specialty
        ) AS is_new
) f
WHERE v.provider_id = ANY(%(providers)s) AND v.status = ANY(%(takes_place)s)
    AND v.starts_at >= %(begins)s AND v.starts_at < %(ends)s"""


@dataclass(frozen=True, slots=True)
class Asked:
    """A slot with the rules of its clinician that count, for one kind of visit there."""

    slot: Slot
    visit_type_id: int
    limits: tuple[DayLimit, ...]


def limits_in(rules: Iterable[Row]) -> tuple[DayLimit, ...]:
    """Those of the rules that count in a day or week."""
    return tuple(
        DayLimit(
            kind=RuleKind(row["kind"]),
            number=row["number"],
            per=RulePer(row["per"]),
            visit_types=types_in(row),
            here=row["provider_id"] is None,
            reason=row["reason"],
        )
        for row in rules
        if row["kind"] in LIMITS
    )


def ask_days(slots: Iterable[Slot], kinds: Iterable[int], told: Rows) -> list[Asked]:
    """Each of the slots for each of these kinds, with what `read_terms` told of rules."""
    listed = list(kinds)
    return [
        Asked(slot, kind, limits_in(rules_of(slot, kind, told)))
        for slot in slots
        for kind in listed
    ]


def read_days(asked: Collection[Asked], *, at: dt.datetime) -> dict[tuple[int, int], DayFacts]:
    """By slot and kind of visit: the clinician's week with the rules. One query; none where
    nothing is limited."""
    limited = [one for one in asked if one.limits]
    if not limited:
        return {}
    weeks = [week_of(one.slot) for one in limited]
    rows = read_rows(
        (_VISITS,),
        {
            "providers": list({one.slot.role.provider_id for one in limited}),
            "begins": min(begins for begins, _ in weeks),
            "ends": max(ends for _, ends in weeks),
            "takes_place": [str(status) for status in TAKES_PLACE],
            "fulfilled": str(AppointmentStatus.FULFILLED),
            "established_since": at - ESTABLISHED_FOR,
            "asks_new": any(lim.kind is RuleKind.NEW_LIMIT for o in limited for lim in o.limits),
        },
    )["visit"]
    read = {pk: [_Visit.of(row) for row in found] for pk, found in rows.items()}
    return {
        (one.slot.pk, one.visit_type_id): _day(one, read.get(one.slot.role.provider_id, []))
        for one in limited
    }


def week_of(slot: Slot) -> tuple[dt.datetime, dt.datetime]:
    """The week of the slot at its site, from Monday's first minute, half-open."""
    zone = ZoneInfo(slot.role.clinic.location.zone)
    day = slot.starts_at.astimezone(zone).date()
    monday = dt.datetime.combine(day - dt.timedelta(days=day.weekday()), dt.time.min)
    return monday.replace(tzinfo=zone), (monday + _WEEK).replace(tzinfo=zone)


_HAS_LIMITS: Final = """
SELECT EXISTS (
    SELECT FROM scheduling_providerrule
    WHERE (role_id = %s OR provider_id = %s OR clinic_id = %s) AND kind = ANY(%s) AND is_active
)"""


def has_limits(slot: Slot) -> bool:
    """Whether a rule counts in the weeks of the slot's clinician there."""
    who = (slot.role_id, slot.role.provider_id, slot.role.clinic_id)
    with connection.cursor() as cursor:
        cursor.execute(_HAS_LIMITS, [*who, [str(kind) for kind in LIMITS]])
        found: bool = cursor.fetchall()[0][0]
    return found


def week_name(slot: Slot) -> str:
    """What the week of a clinician goes by where it is locked (`locks.lock_names`)."""
    begins, _ = week_of(slot)
    return f"clinician {slot.role.provider_id} week of {begins:%Y-%m-%d}"


@dataclass(frozen=True, slots=True)
class _Visit:
    pk: int
    role_id: int | None
    slot_id: int | None
    visit_type_id: int | None
    starts_at: dt.datetime
    ends_at: dt.datetime
    is_new: bool

    @classmethod
    def of(cls, row: dict[str, Any]) -> _Visit:
        return cls(
            pk=row["id"],
            role_id=row["role_id"],
            slot_id=row["slot_id"],
            visit_type_id=row["visit_type_id"],
            starts_at=dt.datetime.fromisoformat(row["starts_at"]),
            ends_at=dt.datetime.fromisoformat(row["ends_at"]),
            is_new=row["is_new"],
        )


def _day(one: Asked, visits: Iterable[_Visit]) -> DayFacts:
    begins, ends = week_of(one.slot)
    slot = one.slot
    return DayFacts(
        provider=str(slot.role.provider),
        starts_at=slot.starts_at,
        ends_at=slot.ends_at,
        zone=slot.role.clinic.location.zone,
        visit_type_id=one.visit_type_id,
        limits=one.limits,
        visits=tuple(
            DayVisit(
                pk=visit.pk,
                starts_at=visit.starts_at,
                ends_at=visit.ends_at,
                visit_type_id=visit.visit_type_id,
                here=visit.role_id == slot.role_id,
                in_slot=visit.slot_id == slot.pk,
                is_new=visit.is_new,
            )
            for visit in visits
            if begins <= visit.starts_at < ends
        ),
    )
