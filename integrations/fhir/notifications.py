"""What an R4 rest-hook Subscription posts to us (http://hl7.org/fhir/R4/subscription.html). Pure.

With a payload, R4 posts the changed resource itself; servers in the field also post Bundles of
them (history, collection, transaction, or the subscription-notification of the R5 backport).
"""

from __future__ import annotations

import datetime as dt
import json

from integrations.fhir import reading
from integrations.fhir.mapping import read_appointment, read_slot
from integrations.fhir.reading import FhirUnreadable, Json
from scheduling.ports import AppointmentReport, ReportKind, SlotReport
from scheduling.states import AppointmentStatus, SlotStatus

Report = AppointmentReport | SlotReport

#: More entries than this in one notification is a mistake or an attack.
MAX_ENTRIES = 1000
#: Resources that may accompany what changed, and that say nothing about a visit or a slot.
COMPANIONS = frozenset(
    {
        "Location",
        "OperationOutcome",
        "Parameters",
        "Patient",
        "Practitioner",
        "PractitionerRole",
        "Schedule",
        "SubscriptionStatus",
    }
)


def read_notification(body: bytes, *, source: str, received_at: dt.datetime) -> list[Report]:
    """The reports in a notification, in its order.

    Whole or not at all: a Bundle with one entry that cannot be read is refused, so that a
    person looks at it. `received_at` stands in where a resource does not say when it changed.

    :raises FhirUnreadable: for anything that holds no readable Appointment or Slot
    """
    resource = parse(body)
    if resource.get("resourceType") != "Bundle":
        return [_read_one(resource, source=source, received_at=received_at)]
    entries = reading.items(resource, "entry", path="Bundle")
    if len(entries) > MAX_ENTRIES:
        raise FhirUnreadable("Bundle.entry", f"There are more than {MAX_ENTRIES} entries.")
    reports = []
    for number, entry in enumerate(entries):
        try:
            report = _read_entry(entry, source=source, received_at=received_at)
        except FhirUnreadable as error:
            raise error.within(f"Bundle.entry[{number}]") from None
        if report:
            reports.append(report)
    if not reports:
        raise FhirUnreadable("Bundle.entry", "There is no Appointment and no Slot in it.")
    return reports


def parse(body: bytes) -> Json:
    """The JSON object in a body. :raises FhirUnreadable: for anything else, NaN included"""
    try:
        resource = json.loads(body.decode("utf-8-sig"), parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        raise FhirUnreadable("body", "This is no JSON in UTF-8.") from None
    if not isinstance(resource, dict):
        raise FhirUnreadable("body", "This is no FHIR resource.")
    return resource


def _refuse_constant(name: str) -> None:
    raise ValueError(name)


def _read_one(resource: Json, *, source: str, received_at: dt.datetime) -> Report:
    kind = resource.get("resourceType")
    if kind == "Appointment":
        return read_appointment(resource, source=source, sent_at=received_at)
    if kind == "Slot":
        return read_slot(resource, source=source, sent_at=received_at)
    raise FhirUnreadable("resourceType", "Only Appointment and Slot are taken in.")


def _read_entry(entry: Json, *, source: str, received_at: dt.datetime) -> Report | None:
    request = reading.part(entry, "request", path="entry")
    if request.get("method") == "DELETE":
        return _read_deletion(entry, request, source=source, received_at=received_at)
    resource = reading.part(entry, "resource", path="entry")
    if not resource or reading.text(resource, "resourceType", path="resource") in COMPANIONS:
        return None
    return _read_one(resource, source=source, received_at=received_at)


def _read_deletion(
    entry: Json, request: Json, *, source: str, received_at: dt.datetime
) -> Report | None:
    """A history entry without a resource: it is gone from the EHR."""
    kind, key = reading.reference(
        {"reference": reading.text(request, "url", path="request")}, path="request"
    )
    response = reading.part(entry, "response", path="entry")
    sent_at = reading.instant(response, "lastModified", path="response") or received_at
    if kind == "Appointment":
        return AppointmentReport(
            source=source,
            kind=ReportKind.DELETED,
            appointment_id=key,
            status=AppointmentStatus.ENTERED_IN_ERROR,
            sent_at=sent_at,
            tells_slots=True,
        )
    if kind == "Slot":
        return SlotReport(source=source, slot_id=key, status=SlotStatus.WITHDRAWN, sent_at=sent_at)
    return None
