"""A statement about a visit, with its people and places resolved to our rows."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Q, QuerySet

from crm.engine import Actor
from crm.models import Patient
from scheduling.directory import Directory, add_provider, coded, find_provider, role_of
from scheduling.models import (
    Appointment,
    Location,
    Provider,
    ProviderRole,
    Room,
    Slot,
    VisitType,
)
from scheduling.people import get_or_add_patient
from scheduling.ports import AppointmentReport, CodeReport
from scheduling.states import STANDS, AppointmentStatus, EhrOperation, Origin

#: For a visit whose end nobody tells: the commonest length of an office visit.
UNSTATED_LENGTH = dt.timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class Told:
    """What the statement says, in our rows. None means that it says nothing of that part."""

    patient: Patient | None
    provider: Provider | None
    role: ProviderRole | None
    location: Location | None
    room: Room | None
    visit_type: VisitType | None
    slot: Slot | None
    starts_at: dt.datetime | None
    ends_at: dt.datetime | None
    texts: dict[str, str]

    def places(self) -> dict[str, Any]:
        """Fields of an appointment for the parts that were told."""
        rows = {
            "provider": self.provider,
            "role": self.role,
            "location": self.location,
            "room": self.room,
            "visit_type": self.visit_type,
        }
        return {name: row for name, row in rows.items() if row is not None} | self.texts

    def period(self, known: Appointment | None = None) -> tuple[dt.datetime, dt.datetime] | None:
        """Start and end; None when no start was told.

        Where only the start was told, the end is the slot's, else as long after it as the visit
        took so far, as its type takes, or as most visits take.
        """
        if self.starts_at is None:
            return None
        if self.ends_at is not None and self.ends_at > self.starts_at:
            return self.starts_at, self.ends_at
        if self.slot is not None and self.slot.starts_at == self.starts_at:
            return self.starts_at, self.slot.ends_at
        length = UNSTATED_LENGTH
        if known is not None:
            length = known.ends_at - known.starts_at
        elif self.visit_type is not None:
            length = dt.timedelta(minutes=self.visit_type.minutes)
        return self.starts_at, self.starts_at + length

    def moves_away(self, known: Appointment) -> bool:
        """Whether the visit gets another time or clinician than we have."""
        other_time = self.starts_at is not None and self.starts_at != known.starts_at
        other_person = self.provider is not None and self.provider.pk != known.provider_id
        return other_time or other_person


def resolve(report: AppointmentReport, *, by: Actor, at: dt.datetime) -> Told:
    """Our rows for everything the statement names; registers a patient or clinician we lack.

    A patient without an identifier is nobody that can be found: left out, like one not told of.

    :raises ReportRefused: when its patient identifiers contradict each other.
    """
    source = report.source
    patient = None
    if report.patient is not None and report.patient.identifiers:
        patient = get_or_add_patient(
            report.patient, source=source, sent_at=report.sent_at, by=by, at=at
        )
    primary = report.providers[0] if report.providers else None
    known = Directory(
        source,
        (Provider, coded(primary)),
        (Location, report.location),
        (Room, report.room),
        (VisitType, report.visit_type),
    )
    provider = known.find(coded(primary), Provider)
    if provider is None and primary is not None and primary.identifier:
        provider = add_provider(source, primary)
    location = known.find(report.location, Location)
    role = role_of(provider, location)
    return Told(
        patient=patient,
        provider=provider,
        role=role,
        location=location or (role.clinic.location if role else None),
        room=known.find(report.room, Room),
        visit_type=known.find(report.visit_type, VisitType),
        slot=_find_slot(report, role),
        starts_at=report.starts_at,
        ends_at=report.ends_at,
        texts=_texts(report),
    )


def _find_slot(report: AppointmentReport, role: ProviderRole | None) -> Slot | None:
    """By its key in the EHR; else the slot of that clinician that starts at that minute."""
    if report.slot_id:
        return Slot.objects.filter(source=report.source, source_id=report.slot_id).first()
    if role is None or report.starts_at is None:
        return None
    return Slot.objects.filter(role=role, starts_at=report.starts_at).order_by("pk").first()


def _texts(report: AppointmentReport) -> dict[str, str]:
    """What was told in words, kept for the pages where we know no such row."""
    told: dict[str, str] = {}
    if report.providers:
        first = report.providers[0]
        told["told_provider"] = f"{first.given_name} {first.family_name}".strip()[:160]
    for name, code in (
        ("told_location", report.location),
        ("told_visit_type", report.visit_type),
    ):
        if code is not None:
            told[name] = _words(code)[:160]
    return told


def _words(code: CodeReport) -> str:
    return code.text or code.code


def find_known(report: AppointmentReport) -> Appointment | None:
    """The visit the statement is about, if we have it.

    By our identifier if the EHR echoes it, by its own key, and else by what only one visit can
    be: a booking of ours that awaits this EHR's word, for that patient, at that minute.
    """
    if report.our_identifier:
        try:
            mine = uuid.UUID(report.our_identifier)
        except ValueError:
            mine = None
        found = Appointment.objects.filter(identifier=mine).first() if mine else None
        if found is not None:
            return found
    found = Appointment.objects.filter(
        source=report.source, source_id=report.appointment_id
    ).first()
    return found or _awaiting_word(report)


def find_request_for(known: Appointment | None, report: AppointmentReport) -> Appointment | None:
    """The request that a statement about a visit we know fulfils: staff moved the later visit to
    the time that was requested, instead of booking a second one (S13)."""
    if known is None or report.status not in STANDS or report.starts_at is None:
        return None
    asked = Appointment.objects.filter(
        origin=Origin.FIRSTCALL,
        status=AppointmentStatus.REQUESTED,
        gives_up=known,
        starts_at=report.starts_at,
    ).exclude(pk=known.pk)
    return _of_provider(asked, report)


def _awaiting_word(report: AppointmentReport) -> Appointment | None:
    """A booking of ours that this EHR has not spoken of: requested, or booked there by a person
    who did not say under which number, or perhaps under a wrong one."""
    if report.patient is None or report.starts_at is None:
        return None
    theirs = [
        Q(
            patient__identifiers__system=i.system or report.source,
            patient__identifiers__value=i.value,
        )
        for i in report.patient.identifiers
    ]
    if not theirs:
        return None
    by_hand = Q(ehr_writes__operation=EhrOperation.BOOK, ehr_writes__handed_at__isnull=False)
    waiting = Appointment.objects.filter(
        reduce(or_, theirs),
        Q(source_id="") | by_hand,
        origin=Origin.FIRSTCALL,
        status__in=[AppointmentStatus.REQUESTED, AppointmentStatus.BOOKED],
        source_sent_at__isnull=True,
        starts_at=report.starts_at,
    )
    return _of_provider(waiting.order_by("pk").distinct(), report)


def _of_provider(visits: QuerySet[Appointment], report: AppointmentReport) -> Appointment | None:
    """The first of them that is with the clinician whom the statement names, if we know them."""
    found = list(visits)
    if not found:
        return None
    named = find_provider(report.source, report.providers[0] if report.providers else None)
    return next((v for v in found if named is None or v.provider_id == named.pk), None)
