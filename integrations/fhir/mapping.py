"""FHIR R4 Appointment and Slot to reports, and a booking draft to an Appointment. Pure.

Elements as in http://hl7.org/fhir/R4/appointment.html and slot.html. A resource's own id is
unique within its server only, so where a port asks for the issuer of such an id, it is `source`.
"""

from __future__ import annotations

import datetime as dt

from integrations.cancel_reasons import find_reason
from integrations.fhir import reading
from integrations.fhir.actors import (
    appointment_actors,
    location_of,
    patient_of,
    providers_of,
    room_of,
    schedule_actors,
)
from integrations.fhir.reading import FhirUnreadable, Json
from scheduling.actions.checks import LONGEST_KEY
from scheduling.ports import (
    AppointmentReport,
    BookingDraft,
    CodeReport,
    EhrAppointment,
    OrderReport,
    ReportKind,
    SlotReport,
)
from scheduling.states import AppointmentStatus, CancelledBy, SlotStatus

#: Identifier.system of the identifier that Firstcall gives to the visits it books.
OUR_SYSTEM = "urn:firstcall:appointment"
CANCELLATION_SYSTEM = "http://terminology.hl7.org/CodeSystem/appointment-cancellation-reason"

#: http://hl7.org/fhir/R4/valueset-appointmentstatus.html
APPOINTMENT_STATUSES = {
    "proposed": AppointmentStatus.REQUESTED,
    "pending": AppointmentStatus.REQUESTED,
    "waitlist": AppointmentStatus.REQUESTED,
    "booked": AppointmentStatus.BOOKED,
    "arrived": AppointmentStatus.ARRIVED,
    "checked-in": AppointmentStatus.ARRIVED,
    "fulfilled": AppointmentStatus.FULFILLED,
    "cancelled": AppointmentStatus.CANCELLED,
    "noshow": AppointmentStatus.NO_SHOW,
    "entered-in-error": AppointmentStatus.ENTERED_IN_ERROR,
}
#: What we tell of the day of the visit.
MARK_CODES = {
    AppointmentStatus.BOOKED: "booked",
    AppointmentStatus.ARRIVED: "arrived",
    AppointmentStatus.NO_SHOW: "noshow",
}
#: http://hl7.org/fhir/R4/valueset-slotstatus.html. Tentatively busy: somebody is being booked.
SLOT_STATUSES = {
    "free": SlotStatus.FREE,
    "busy": SlotStatus.BUSY,
    "busy-tentative": SlotStatus.BUSY,
    "busy-unavailable": SlotStatus.BLOCKED,
    "entered-in-error": SlotStatus.WITHDRAWN,
}
#: Invariant app-3: only in these may a visit come without its time.
_TIMELESS = frozenset({"proposed", "cancelled", "waitlist", "entered-in-error"})
#: Our word for who gave the visit up, as a code of CANCELLATION_SYSTEM.
CANCELLATION_CODES = {
    CancelledBy.PATIENT: ("pat", "Patient"),
    CancelledBy.PROVIDER: ("prov", "Provider"),
    CancelledBy.ORGANIZATION: ("other", "Other"),
}


def read_appointment(
    resource: object, *, source: str, sent_at: dt.datetime | None = None, tells_slots: bool = True
) -> AppointmentReport:
    """An R4 Appointment as a report of its present state.

    `sent_at` stands in for a missing meta.lastUpdated, usually with the time of receipt.

    :raises FhirUnreadable: when the id, the status, a needed time or any element makes no sense
    """
    body = reading.check_type(resource, "Appointment")
    path = "Appointment"
    starts_at, ends_at = _period(body, path=path, optional=_status(body) in _TIMELESS)
    reason = reading.code(reading.part(body, "cancelationReason", path=path), path=path)
    actors = appointment_actors(body)
    services = tuple(reading.codes(body, "serviceType", path=path))
    kinds = (*services, *_one(body, "appointmentType", path=path))
    return AppointmentReport(
        source=source,
        kind=ReportKind.STATE,
        appointment_id=reading.fhir_id(body, kind=path),
        status=_appointment_status(body),
        sent_at=_sent_at(body, sent_at, path=path),
        tells_slots=tells_slots,
        starts_at=starts_at,
        ends_at=ends_at,
        patient=patient_of(body, source=source),
        providers=providers_of(actors),
        location=location_of(actors),
        room=room_of(actors),
        visit_type=kinds[0] if kinds else None,
        services=services,
        cancel_reason=reason,
        cancelled_by=cancelled_by(reason),
        cancel_code=find_reason(reason) if _is_standard(reason) else None,
        slot_id=_slot_id(body),
        version=reading.text(body.get("meta"), "versionId", path=f"{path}.meta"),
        our_identifier=our_identifier(body),
        order=_order(body),
        notes=_notes(body),
    )


def read_ehr_appointment(resource: object) -> EhrAppointment:
    """An R4 Appointment that we asked for, as the EHR holds it now.

    :raises FhirUnreadable: also when it has no time
    """
    body = reading.check_type(resource, "Appointment")
    starts_at, ends_at = _period(body, path="Appointment", optional=False)
    if starts_at is None or ends_at is None:
        raise FhirUnreadable("Appointment.start", "The visit has no time.")
    return EhrAppointment(
        appointment_id=reading.fhir_id(body, kind="Appointment"),
        status=_appointment_status(body),
        starts_at=starts_at,
        ends_at=ends_at,
        version=reading.text(body.get("meta"), "versionId", path="Appointment.meta"),
        identifier=our_identifier(body),
        slot_id=_slot_id(body),
    )


def read_slot(
    resource: object,
    *,
    source: str,
    sent_at: dt.datetime | None = None,
    schedule: object | None = None,
) -> SlotReport:
    """An R4 Slot as a report. Its Schedule, given or contained, names provider and place.

    `sent_at` stands in for a missing meta.lastUpdated.

    :raises FhirUnreadable: when the id, the status, a time or any element makes no sense
    """
    body = reading.check_type(resource, "Slot")
    status = SLOT_STATUSES.get(reading.text(body, "status", path="Slot"))
    if status is None:
        raise FhirUnreadable("Slot.status", "This is no status of an R4 Slot.")
    withdrawn = status is SlotStatus.WITHDRAWN
    starts_at, ends_at = _period(body, path="Slot", optional=withdrawn)
    actors = schedule_actors(body, schedule)
    kinds = (
        *reading.codes(body, "serviceType", path="Slot"),
        *_one(body, "appointmentType", path="Slot"),
    )
    return SlotReport(
        source=source,
        slot_id=reading.fhir_id(body, kind="Slot"),
        status=status,
        sent_at=_sent_at(body, sent_at, path="Slot"),
        starts_at=starts_at,
        ends_at=ends_at,
        provider=next(iter(providers_of(actors)), None),
        location=location_of(actors),
        visit_type=kinds[0] if kinds else None,
        version=reading.text(body.get("meta"), "versionId", path="Slot.meta"),
    )


def write_appointment(draft: BookingDraft) -> Json:
    """The Appointment to create for a draft: booked, in its slot, with our identifier."""
    actors = (
        ("Patient", draft.patient_id),
        ("Practitioner", draft.provider_id),
        *(("Practitioner", key) for key in draft.further_provider_ids),
        ("Location", draft.location_id),
        *(("Location", key) for key in draft.room_ids),
    )
    body: Json = {
        "resourceType": "Appointment",
        "identifier": [{"system": OUR_SYSTEM, "value": draft.identifier}],
        "status": "booked",
        "start": _write_instant(draft.starts_at),
        "end": _write_instant(draft.ends_at),
        "participant": [
            {
                "actor": {"reference": _reference(kind, key)},
                "required": "required",
                "status": "accepted",
            }
            for kind, key in actors
            if key
        ],
    }
    if draft.slot_id:
        body["slot"] = [{"reference": f"Slot/{draft.slot_id}"}]
    if draft.visit_type_code:
        body["serviceType"] = [{"coding": [{"code": draft.visit_type_code}]}]
    return body


def _reference(kind: str, key: str) -> str:
    """Keys of another type say so themselves, as they do when we read them: "Device/12"."""
    return key if "/" in key else f"{kind}/{key}"


def write_cancellation(appointment: Json, *, reason: CancelledBy) -> Json:
    """The whole Appointment as read, cancelled; everything else in it stays."""
    cancelled = {**appointment, "status": "cancelled"}
    if reason in CANCELLATION_CODES:
        code, display = CANCELLATION_CODES[reason]
        coding = {"system": CANCELLATION_SYSTEM, "code": code, "display": display}
        cancelled["cancelationReason"] = {"coding": [coding]}  # R4 spells it with one l
    return cancelled


def write_mark(appointment: Json, *, status: AppointmentStatus) -> Json:
    """The whole Appointment as read, with another status; everything else in it stays."""
    return {**appointment, "status": MARK_CODES[status]}


def cancelled_by(reason: CodeReport | None) -> CancelledBy:
    """Who gave the visit up, by the R4 code for the reason; local codes tell nothing.

    http://hl7.org/fhir/R4/valueset-appointment-cancellation-reason.html: pat-… by or for the
    patient, prov-… the clinician, the rest (maint, meds-inc, other, oth-…) the organization.
    """
    if reason is None or not _is_standard(reason):
        return CancelledBy.UNKNOWN
    family = reason.code.split("-")[0]
    if family == "pat":
        return CancelledBy.PATIENT
    if family == "prov":
        return CancelledBy.PROVIDER
    if family in {"maint", "meds", "other", "oth"}:
        return CancelledBy.ORGANIZATION
    return CancelledBy.UNKNOWN


def _is_standard(reason: CodeReport | None) -> bool:
    return reason is not None and reason.system == CANCELLATION_SYSTEM


def _status(body: Json) -> str:
    return reading.text(body, "status", path="Appointment")


def _appointment_status(body: Json) -> AppointmentStatus:
    status = APPOINTMENT_STATUSES.get(_status(body))
    if status is None:
        raise FhirUnreadable("Appointment.status", "This is no status of an R4 Appointment.")
    return status


def _period(
    body: Json, *, path: str, optional: bool
) -> tuple[dt.datetime | None, dt.datetime | None]:
    starts_at = reading.instant(body, "start", path=path)
    ends_at = reading.instant(body, "end", path=path)
    if starts_at and ends_at and starts_at >= ends_at:
        raise FhirUnreadable(f"{path}.end", "The end does not come after the start.")
    if not optional and (starts_at is None or ends_at is None):
        missing = "start" if starts_at is None else "end"
        raise FhirUnreadable(f"{path}.{missing}", "The time is missing.")
    return starts_at, ends_at


def _sent_at(body: Json, fallback: dt.datetime | None, *, path: str) -> dt.datetime:
    meta = reading.part(body, "meta", path=path)
    at = reading.instant(meta, "lastUpdated", path=f"{path}.meta") or fallback
    if at is None:
        raise FhirUnreadable(f"{path}.meta.lastUpdated", "Nothing says when this was true.")
    return at


def _slot_id(body: Json) -> str:
    for slot in reading.items(body, "slot", path="Appointment"):
        kind, key = reading.reference(slot, path="Appointment.slot")
        if kind == "Slot":
            return key
    return ""


def _order(body: Json) -> OrderReport | None:
    """The ServiceRequest that the visit is based on; its date where it is contained."""
    path = "Appointment.basedOn"
    for based_on in reading.items(body, "basedOn", path="Appointment"):
        name = reading.text(based_on, "reference", path=path)
        if not name.startswith("#"):
            kind, order_id = reading.reference(based_on, path=path)
            if kind == "ServiceRequest" and order_id:
                return OrderReport(order_id)
            continue
        for resource in reading.items(body, "contained", path="Appointment"):
            if resource.get("resourceType") == "ServiceRequest" and resource.get("id") == name[1:]:
                return _contained_order(resource)
    return None


def _contained_order(resource: Json) -> OrderReport | None:
    """By its own identifier, with its system where told: the id of a contained resource means
    nothing outside. One that is longer than any key that we keep is left out."""
    path = "ServiceRequest"
    named = next(reading.identifiers(resource, path=path), None)
    if named is None:
        return None
    order_id = f"{named.system}|{named.value}" if named.system else named.value
    if len(order_id) > LONGEST_KEY:
        return None
    period = reading.part(resource, "occurrencePeriod", path=path)
    starts_on = reading.text(period, "start", path=path)[:10]
    not_before_on = reading.full_date({"start": starts_on}, "start", path=path)
    return OrderReport(order_id, not_before_on=not_before_on)


def our_identifier(body: Json) -> str:
    """The identifier that we gave the visit, empty when it carries none."""
    found = reading.identifiers(body, path="Appointment")
    return next((item.value for item in found if item.system == OUR_SYSTEM), "")


def _one(body: Json, name: str, *, path: str) -> tuple[CodeReport, ...]:
    found = reading.code(reading.part(body, name, path=path), path=f"{path}.{name}")
    return (found,) if found else ()


def _notes(body: Json) -> tuple[str, ...]:
    texts = (reading.text(body, name, path="Appointment") for name in ("comment", "description"))
    return tuple(note for note in texts if note)


def _write_instant(at: dt.datetime) -> str:
    if at.tzinfo is None:
        raise ValueError("A visit's time needs a zone.")
    return at.astimezone(dt.UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
