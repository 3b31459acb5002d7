"""The slots behind a figure of the inventory, each with what hides it and whom it is for."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from scheduling.models import Appointment, Slot, VisitType
from scheduling.queries import judge_slots
from scheduling.queries.holds import seats_kept
from scheduling.queries.slots import BESIDE
from scheduling.rules.inventory import Figure
from scheduling.states import LIVE, STANDS, AppointmentStatus

#: Visits in one of these took or take the slot.
_TOOK = sorted(LIVE | STANDS | {AppointmentStatus.NO_SHOW})


@dataclass(frozen=True, slots=True)
class VisitMark:
    """A visit by its patient's initials."""

    patient_id: int
    initials: str
    status: str


@dataclass(frozen=True, slots=True)
class SlotLine:
    """One slot as a list shows it; times of `zone`."""

    pk: int
    starts_at: dt.datetime
    ends_at: dt.datetime
    zone: str
    provider: str
    site: str
    visit_type: str
    also_serves: tuple[str, ...]
    modality: str
    capacity: int
    seats_free: int
    figure: Figure
    hides: tuple[str, ...]
    kept_for: str
    owner: str
    visits: tuple[VisitMark, ...]
    is_ours: bool


def slot_lines(figures: Mapping[int, Figure], *, at: dt.datetime) -> tuple[SlotLine, ...]:
    """Those slots in their order, judged by the one availability rule. Eight queries at most."""
    found = Slot.objects.select_related(*BESIDE, "audience").in_bulk(list(figures))
    slots = [found[pk] for pk in figures if pk in found]
    judged = judge_slots(slots, at=at)
    visits, kept = _visits(slots), seats_kept(slots, at=at)
    kinds = _names_of({pk for slot in slots for pk in slot.also_serves})
    return tuple(
        SlotLine(
            pk=slot.pk,
            starts_at=slot.starts_at,
            ends_at=slot.ends_at,
            zone=slot.role.clinic.location.zone,
            provider=str(slot.role.provider),
            site=slot.role.clinic.location.short_name,
            visit_type=slot.visit_type.name,
            also_serves=tuple(kinds[pk] for pk in slot.also_serves if pk in kinds),
            modality=slot.modality,
            capacity=slot.capacity,
            seats_free=max(0, slot.capacity - slot.taken - kept.get(slot.pk, 0)),
            figure=figures[slot.pk],
            hides=tuple(one.sentence for one in judged[slot.pk])
            if figures[slot.pk] in _HIDDEN
            else (),
            kept_for=slot.audience.name if slot.audience else "",
            owner=slot.restriction_owner,
            visits=visits.get(slot.pk, ()),
            is_ours=not slot.source,
        )
        for slot in slots
    )


#: Of a slot that is booked or has passed, nobody asks why it cannot be booked.
_HIDDEN = frozenset({Figure.SOON, Figure.HELD, Figure.KEPT, Figure.BLOCKED, Figure.OPEN})


def _visits(slots: list[Slot]) -> dict[int, tuple[VisitMark, ...]]:
    found: dict[int, list[VisitMark]] = defaultdict(list)
    rows = Appointment.objects.filter(slot__in=slots, status__in=_TOOK).select_related("patient")
    for row in rows.order_by("seat", "pk"):
        if row.slot_id is not None:
            mark = VisitMark(row.patient_id, row.patient.initials, row.status)
            found[row.slot_id].append(mark)
    return {pk: tuple(marks) for pk, marks in found.items()}


def _names_of(type_ids: set[int]) -> dict[int, str]:
    if not type_ids:
        return {}
    return dict(VisitType.objects.filter(pk__in=type_ids).values_list("pk", "name"))
