"""What a caller may still want: needs that are open, and what they left unfinished."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from crm.models import Interaction, Journey, Patient
from crm.states import JourneyStatus
from scheduling.models import SearchRecord, SelfServiceSession
from scheduling.states import SearchStatus, SelfServiceStatus

#: What is older says little of why somebody calls today.
LATELY = dt.timedelta(days=14)
#: So many of each.
MOST = 3


@dataclass(frozen=True, slots=True)
class OpenNeed:
    """One line: what, since when, and the visit whose times finish it, where one is named."""

    icon: str
    said: str
    since: dt.datetime
    visit_type_id: int | None = None


def open_needs(contact: Interaction, *, at: dt.datetime) -> tuple[OpenNeed, ...]:
    """Of the contact's patient, the newest first. Three statements."""
    patient = contact.patient
    if patient is None:
        return ()
    found = [
        *_left_online(patient, at=at),
        *_searched(patient, at=at),
        *_journeys(patient, but=contact.journey_id),
    ]
    return tuple(sorted(found, key=lambda need: need.since, reverse=True)[:MOST])


def _left_online(patient: Patient, *, at: dt.datetime) -> list[OpenNeed]:
    rows = SelfServiceSession.objects.filter(
        patient=patient,
        status__in=[SelfServiceStatus.LEFT, SelfServiceStatus.OPEN],
        seen_at__gt=at - LATELY,
    )
    return [
        OpenNeed(
            icon="world",
            said=f"Booking online, left at “{row.get_step_display().lower()}”"
            + (f": {row.visit_type}" if row.visit_type else ""),
            since=row.seen_at,
            visit_type_id=row.visit_type_id,
        )
        for row in rows.select_related("visit_type").order_by("-seen_at")[:1]
    ]


def _searched(patient: Patient, *, at: dt.datetime) -> list[OpenNeed]:
    rows = SearchRecord.objects.filter(
        patient=patient,
        status__in=[SearchStatus.LOST, SearchStatus.ABANDONED],
        searched_at__gt=at - LATELY,
    )
    return [
        OpenNeed(
            "target-arrow", f"Found no time: {row.visit_type}", row.searched_at, row.visit_type_id
        )
        for row in rows.select_related("visit_type").order_by("-searched_at")[:MOST]
    ]


def _journeys(patient: Patient, *, but: int | None) -> list[OpenNeed]:
    rows = Journey.objects.filter(patient=patient, status=JourneyStatus.OPEN).exclude(pk=but or 0)
    return [
        OpenNeed("route", f"Still open: {row.need}", row.opened_at)
        for row in rows.order_by("-opened_at")[:MOST]
    ]
