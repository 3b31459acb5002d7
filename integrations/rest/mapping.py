"""Plain JSON events, once validated, to reports. Pure."""

from __future__ import annotations

from typing import Any

from integrations.rest.serializers import STATUS_OF, AppointmentEvent
from scheduling.ports import (
    AppointmentReport,
    CodeReport,
    IdentifierReport,
    PatientReport,
    PhoneReport,
    ProviderReport,
    ReportKind,
    SlotReport,
)
from scheduling.states import AppointmentStatus, CancelledBy, SlotStatus

KINDS = {
    AppointmentEvent.BOOKED: ReportKind.BOOKED,
    AppointmentEvent.RESCHEDULED: ReportKind.RESCHEDULED,
    AppointmentEvent.UPDATED: ReportKind.STATE,
    AppointmentEvent.CANCELLED: ReportKind.CANCELLED,
    AppointmentEvent.DELETED: ReportKind.DELETED,
    AppointmentEvent.NO_SHOW: ReportKind.NO_SHOW,
}


def appointment_report(event: dict[str, Any]) -> AppointmentReport:
    """The validated data of `AppointmentEventInput` as a report."""
    visit = event["appointment"]
    name = AppointmentEvent(event["event"])
    provider = _provider(visit["provider_id"])
    return AppointmentReport(
        source=event["source"],
        kind=KINDS[name],
        appointment_id=visit["id"],
        status=STATUS_OF.get(name) or AppointmentStatus(visit["status"]),
        sent_at=event["sent_at"],
        tells_slots=event["tells_slots"],
        starts_at=visit["starts_at"],
        ends_at=visit["ends_at"],
        patient=_patient(event["patient"]) if event["patient"] else None,
        providers=(provider,) if provider else (),
        location=_code(visit["location_id"]),
        visit_type=_code(visit["visit_type"]),
        cancel_reason=CodeReport("", visit["cancel_reason"]) if visit["cancel_reason"] else None,
        cancelled_by=CancelledBy(visit["cancelled_by"]),
        slot_id=visit["slot_id"],
        version=visit["version"],
    )


def slot_report(event: dict[str, Any]) -> SlotReport:
    """The validated data of `SlotEventInput` as a report."""
    slot = event["slot"]
    return SlotReport(
        source=event["source"],
        slot_id=slot["id"],
        status=SlotStatus(slot["status"]),
        sent_at=event["sent_at"],
        starts_at=slot["starts_at"],
        ends_at=slot["ends_at"],
        provider=_provider(slot["provider_id"]),
        location=_code(slot["location_id"]),
        visit_type=_code(slot["visit_type"]),
        version=slot["version"],
    )


def _patient(person: dict[str, Any]) -> PatientReport:
    return PatientReport(
        identifiers=tuple(
            IdentifierReport(identifier["system"], identifier["value"])
            for identifier in person["identifiers"]
        ),
        family_name=person["family_name"],
        given_name=person["given_name"],
        birth_on=person["birth_on"],
        sex=person["sex"],
        language=person["language"].lower(),
        phones=tuple(
            PhoneReport(phone["number"], phone["number"], phone["use"])
            for phone in person["phones"]
        ),
        is_deceased=person["is_deceased"],
    )


def _provider(identifier: str) -> ProviderReport | None:
    return ProviderReport(identifier) if identifier else None


def _code(code: str) -> CodeReport | None:
    return CodeReport(code) if code else None
