"""What a caller may still want: needs that are open, and what they left unfinished."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from crm.engine.compiled import compiled
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
    return [
        OpenNeed(
            icon="world",
            said=_("Booking online, left at “%(step)s”")
            % {"step": pgettext("step online", row.get_step_display()).lower()}
            + (f": {row.visit_type}" if row.visit_type else ""),
            since=row.seen_at,
            visit_type_id=row.visit_type_id,
        )
        for row in _left(patient=patient.pk, since=at - LATELY)
    ]


def _searched(patient: Patient, *, at: dt.datetime) -> list[OpenNeed]:
    return [
        OpenNeed(
            "target-arrow",
            _("Found no time: %(visit)s") % {"visit": row.visit_type},
            row.searched_at,
            row.visit_type_id,
        )
        for row in _lost(patient=patient.pk, since=at - LATELY)
    ]


def _journeys(patient: Patient, *, but: int | None) -> list[OpenNeed]:
    return [
        OpenNeed("route", _("Still open: %(need)s") % {"need": row.need}, row.opened_at)
        for row in _open(patient=patient.pk, but=but or 0)
    ]


@compiled
def _left(*, patient: int, since: dt.datetime) -> QuerySet[SelfServiceSession]:
    rows = SelfServiceSession.objects.filter(
        patient=patient,
        status__in=[SelfServiceStatus.LEFT, SelfServiceStatus.OPEN],
        seen_at__gt=since,
    )
    return rows.select_related("visit_type").order_by("-seen_at")[:1]


@compiled
def _lost(*, patient: int, since: dt.datetime) -> QuerySet[SearchRecord]:
    rows = SearchRecord.objects.filter(
        patient=patient,
        status__in=[SearchStatus.LOST, SearchStatus.ABANDONED],
        searched_at__gt=since,
    )
    return rows.select_related("visit_type").order_by("-searched_at")[:MOST]


@compiled
def _open(*, patient: int, but: int) -> QuerySet[Journey]:
    rows = Journey.objects.filter(patient=patient, status=JourneyStatus.OPEN).exclude(pk=but)
    return rows.order_by("-opened_at")[:MOST]
