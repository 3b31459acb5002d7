"""Previous visits, ours and the EHR's, each with "same again"."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import QuerySet

from crm.engine.compiled import compiled
from crm.models import Encounter
from crm.queries.chart import encounters
from crm.states import ChartPart
from desk.screen.contact import DeskContact
from desk.screen.panels.chart import may_name_all, read_head, shown_to
from desk.screen.panels.codes import Codes, read_codes
from scheduling.models import Appointment
from scheduling.states import AppointmentStatus

MOST: Final = 6
_CAME: Final = (AppointmentStatus.FULFILLED, AppointmentStatus.NO_SHOW)


@dataclass(frozen=True, slots=True)
class VisitLine:
    """One visit. The keys are ours, where we know them: then it can be had again."""

    day: dt.date
    who: str
    what: str
    where: str
    visit_type_id: int | None = None
    provider_id: int | None = None
    is_missed: bool = False
    is_theirs: bool = False  # known from the EHR's chart alone


def panel(contact: DeskContact, *, at: dt.datetime) -> dict[str, Any]:
    """Three statements at most, and what the contact knows already."""
    assert contact.patient is not None  # noqa: S101
    head = read_head(contact, ChartPart.VISITS, name="visits")
    told = encounters(contact.patient.pk, before=at, limit=2 * MOST) if head.is_open else []
    shown, hidden = shown_to(contact, told)
    ours = _ours(contact, at=at) if head.is_open else []
    lines = [_of_ours(row, contact.zone) for row in ours]
    lines += _of_ehr(shown, ours, contact.zone)
    lines.sort(key=lambda line: line.day, reverse=True)
    again = (n for n, line in enumerate(lines[:MOST]) if line.visit_type_id and line.provider_id)
    return {
        "head": head,
        "lines": lines[:MOST],
        "hidden": hidden,
        "more": len(lines) > MOST,
        "first_again": next(again, None),
    }


def _ours(contact: DeskContact, *, at: dt.datetime) -> list[Appointment]:
    """Past visits that we know of, whoever booked them."""
    assert contact.patient is not None  # noqa: S101
    read = _came if may_name_all(contact) else _came_but_sensitive
    return read(patient=contact.patient.pk, at=at)


@compiled
def _came(*, patient: int, at: dt.datetime) -> QuerySet[Appointment]:
    return _past(patient, at)[: MOST + 1]


@compiled
def _came_but_sensitive(*, patient: int, at: dt.datetime) -> QuerySet[Appointment]:
    return _past(patient, at).exclude(visit_type__is_sensitive=True)[: MOST + 1]


def _past(patient: int, at: dt.datetime) -> QuerySet[Appointment]:
    rows = Appointment.objects.filter(patient=patient, status__in=_CAME, starts_at__lt=at)
    rows = rows.select_related("provider", "location", "visit_type")
    return rows.order_by("-starts_at", "-pk")


def _of_ours(row: Appointment, theirs: dt.tzinfo) -> VisitLine:
    zone = row.location.tz if row.location else theirs
    return VisitLine(
        day=row.starts_at.astimezone(zone).date(),
        who=str(row.provider or row.told_provider),
        what=row.visit_type.name if row.visit_type else row.told_visit_type,
        where=row.location.short_name if row.location else row.told_location,
        visit_type_id=row.visit_type_id,
        provider_id=row.provider_id,
        is_missed=row.status == AppointmentStatus.NO_SHOW,
    )


def _of_ehr(
    told: Sequence[Encounter], ours: Sequence[Appointment], zone: dt.tzinfo
) -> list[VisitLine]:
    """What the EHR tells besides: none that is the visit of an appointment of ours."""
    keys = {row.source_id for row in ours if row.source_id}
    begins = {row.starts_at for row in ours}
    rest = [row for row in told if row.appointment_key not in keys and row.starts_at not in begins]
    codes = read_codes(
        kinds={row.visit_type_code for row in rest},
        providers={row.provider_code for row in rest},
    )
    return [_theirs(row, codes, zone) for row in rest]


def _theirs(row: Encounter, codes: Codes, zone: dt.tzinfo) -> VisitLine:
    provider = codes.providers.get(row.provider_code)
    return VisitLine(
        day=row.starts_at.astimezone(zone).date(),
        who=str(provider or row.provider),
        what=row.title,
        where=row.location,
        visit_type_id=codes.kinds.get(row.visit_type_code),
        provider_id=provider.pk if provider else None,
        is_theirs=True,
    )
