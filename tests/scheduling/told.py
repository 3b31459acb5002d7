"""Statements by an EHR, in few words, and what came of them."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

from crm.engine import Actor
from crm.engine.models import Event
from crm.models import PatientIdentifier
from scheduling.actions import ReportOutcome, apply_appointment_report, apply_slot_report
from scheduling.models import Appointment, Slot, SourceCode
from scheduling.ports import (
    AppointmentReport,
    CodeReport,
    IdentifierReport,
    PatientReport,
    ProviderReport,
    ReportKind,
    SlotReport,
)
from scheduling.states import AppointmentStatus, SlotStatus
from tests.factories import (
    NOW,
    SOURCE,
    AppointmentFactory,
    PatientIdentifierFactory,
    SlotFactory,
)

EHR = Actor.ehr(SOURCE)
MINUTE = dt.timedelta(minutes=1)
FREED, TAKEN = "scheduling.slot-freed", "scheduling.slot-taken"


def person(value: str = "MRN1", **more: Any) -> PatientReport:
    """Somebody with one identifier of this EHR."""
    return PatientReport(identifiers=(IdentifierReport(SOURCE, value),), **more)


def told(**changes: Any) -> AppointmentReport:
    """ "Booked", of a new visit of a new patient three days ahead, sent now."""
    said: dict[str, Any] = {
        "source": SOURCE,
        "kind": ReportKind.STATE,
        "appointment_id": "V1",
        "status": AppointmentStatus.BOOKED,
        "sent_at": NOW,
        "tells_slots": True,
        "starts_at": NOW + dt.timedelta(days=3),
        "ends_at": NOW + dt.timedelta(days=3, minutes=30),
        "patient": person(),
    }
    return AppointmentReport(**{**said, **changes})


def cancelled(**changes: Any) -> AppointmentReport:
    """A cancel as HL7 sends it: it names the visit and nothing else."""
    said: dict[str, Any] = {
        "kind": ReportKind.CANCELLED,
        "status": AppointmentStatus.CANCELLED,
        "sent_at": NOW + MINUTE,
        "starts_at": None,
        "ends_at": None,
        "patient": None,
    }
    return told(**{**said, **changes})


def about(visit: Appointment, report: AppointmentReport) -> AppointmentReport:
    """The statement, about that visit."""
    return replace(report, source=visit.source, appointment_id=visit.source_id)


def apply(report: AppointmentReport, *, at: dt.datetime = NOW) -> ReportOutcome:
    return apply_appointment_report(report, by=EHR, at=at)


def apply_slot(
    slot: Slot, status: SlotStatus, *, sent_at: dt.datetime = NOW + MINUTE, **more: Any
) -> ReportOutcome:
    report = SlotReport(
        source=slot.source, slot_id=slot.source_id, status=status, sent_at=sent_at, **more
    )
    return apply_slot_report(report, by=EHR, at=NOW + MINUTE)


def booked_slot(**fields: Any) -> tuple[Slot, Appointment]:
    """A slot with the visit that fills it, and nothing signed by its clinic unless it says so."""
    slot = SlotFactory.create(**{"status": SlotStatus.BUSY, "taken": 1} | fields)
    visit = AppointmentFactory.create(
        slot=slot,
        role=slot.role,
        visit_type=slot.visit_type,
        starts_at=slot.starts_at,
        ends_at=slot.ends_at,
        source_sent_at=NOW,
    )
    return slot, visit


def sign(slot: Slot, *, signed: bool = True, covers_unstated: bool = False) -> None:
    """What the slot's clinic has signed for feeds that only tell of visits."""
    clinic = slot.role.clinic
    if not signed:
        clinic.siu_rule_signed_at = clinic.siu_rule_signed_by = None
    clinic.siu_rule_covers_unstated = covers_unstated
    clinic.save()


def known_as(slot: Slot) -> dict[str, Any]:
    """How the EHR names the clinician and the place of a slot."""
    provider, location = slot.role.provider, slot.role.clinic.location
    SourceCode.objects.create(source=SOURCE, kind="provider", code="DR1", provider=provider)
    SourceCode.objects.create(source=SOURCE, kind="location", code="L1", location=location)
    return {"providers": (ProviderReport("DR1"),), "location": CodeReport("L1")}


def identified(visit: Appointment, value: str) -> PatientReport:
    """The visit's patient as this EHR identifies them."""
    PatientIdentifierFactory.create(patient=visit.patient, value=value)
    return person(value)


def who(value: str = "MRN1") -> int:
    return PatientIdentifier.objects.get(system=SOURCE, value=value).patient_id


def events(name: str) -> list[int]:
    """What such an event happened to, in order."""
    return list(Event.objects.filter(name=name).order_by("pk").values_list("subject_id", flat=True))
