"""One FHIR notification from the inbox to our schedule."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace

from django.db import transaction

from crm.engine import Actor
from integrations.fhir import reading
from integrations.fhir.notifications import Report, parse, read_notification
from integrations.fhir.reading import FhirUnreadable, Json
from integrations.inbox.http import digest_key
from integrations.inbox.outcomes import Settled
from integrations.models import InboxMessage
from integrations.states import InboxStatus
from scheduling.actions import (
    ReportOutcome,
    ReportRefused,
    apply_appointment_report,
    apply_slot_report,
)
from scheduling.ports import AppointmentReport

_APPOINTMENT = {
    "source": "Appointment",
    "appointment_id": "Appointment.id",
    "sent_at": "Appointment.meta.lastUpdated",
    "patient": "Appointment.participant.actor",
    "starts_at": "Appointment.start",
    "providers": "Appointment.participant.actor",
    "slot_id": "Appointment.slot",
    "order": "Appointment.basedOn",
}
_SLOT = {
    "source": "Slot",
    "slot_id": "Slot.id",
    "sent_at": "Slot.meta.lastUpdated",
    "starts_at": "Slot.start",
    "provider": "Slot.schedule",
    "providers": "Slot.schedule",
    "visit_type": "Slot.serviceType",
}
_GREETINGS = frozenset({"handshake", "heartbeat"})


def apply_fhir(message: InboxMessage, at: dt.datetime) -> Settled:
    """Apply one stored notification in the caller's transaction, whole or not at all."""
    body = bytes(message.body)
    try:
        check_payload(body)
        if is_greeting(body):
            return Settled(InboxStatus.IGNORED, "A greeting of the Subscription: nothing changed.")
        reports = read_notification(body, source=message.source, received_at=message.received_at)
    except FhirUnreadable as unreadable:
        return Settled.refused(unreadable.field, unreadable.sentence)
    return _apply_all(reports, at)


def _apply_all(reports: list[Report], at: dt.datetime) -> Settled:
    outcomes: list[ReportOutcome] = []
    places = _APPOINTMENT
    try:
        with transaction.atomic():  # a savepoint: a refusal undoes what was begun
            for report in reports:
                places = _APPOINTMENT if isinstance(report, AppointmentReport) else _SLOT
                outcomes.append(_apply(report, at))
    except ReportRefused as refused:
        settled = Settled.refused_report(refused, places)
        if len(reports) == 1:
            return settled
        return replace(settled, field=f"Bundle, report {len(outcomes) + 1}: {settled.field}")
    return Settled.by(outcomes)


def _apply(report: Report, at: dt.datetime) -> ReportOutcome:
    by = Actor.ehr(report.source)
    if isinstance(report, AppointmentReport):
        return apply_appointment_report(report, by=by, at=at)
    return apply_slot_report(report, by=by, at=at)


def check_payload(body: bytes) -> None:
    """:raises FhirUnreadable: for an empty notification, as R4 has it without a payload."""
    if not body:
        raise FhirUnreadable(
            "Subscription.channel.payload",
            "The notification does not say what changed. Set this to application/fhir+json.",
        )


def is_greeting(body: bytes) -> bool:
    """Whether a server of the R5 backport says hello, or that it still lives.

    Both are Bundles whose one entry is the Subscription's status: as SubscriptionStatus, or in
    R4 as Parameters (http://hl7.org/fhir/uv/subscriptions-backport/STU1.1/).

    :raises FhirUnreadable: when it is no JSON object
    """
    resource = parse(body)
    if resource.get("resourceType") != "Bundle":
        return False
    entries = reading.items(resource, "entry", path="Bundle")
    if len(entries) != 1:
        return False
    return _status_type(reading.part(entries[0], "resource", path="entry")) in _GREETINGS


def _status_type(status: Json) -> str:
    if status.get("resourceType") == "SubscriptionStatus":
        return reading.text(status, "type", path="SubscriptionStatus")
    if status.get("resourceType") == "Parameters":
        for parameter in reading.items(status, "parameter", path="Parameters"):
            if parameter.get("name") == "type":
                return reading.text(parameter, "valueCode", path="Parameters.parameter")
    return ""


@dataclass(frozen=True, slots=True)
class NotificationKey:
    """What a notification is known by: "Appointment/123/_history/4", "Bundle/77".

    Without a version ("Slot/77") the next state of the same thing has that key as well.
    """

    text: str
    has_version: bool


def notification_key(body: bytes) -> NotificationKey:
    """The key of a notification that can be read.

    :raises FhirUnreadable: when it is no JSON object, or its names are no texts
    """
    if is_greeting(body):
        return NotificationKey(digest_key(body), has_version=True)
    resource = parse(body)
    kind = reading.text(resource, "resourceType", path="resource")
    name = reading.text(resource, "id", path=kind)
    if kind == "Bundle":
        if name:
            return NotificationKey(f"Bundle/{name}", has_version=True)
        return _key_of_contents(resource)
    return _key_of(kind, name, resource)


def _key_of(kind: str, name: str, resource: Json) -> NotificationKey:
    meta = reading.part(resource, "meta", path=kind)
    version = reading.text(meta, "versionId", path=f"{kind}.meta")
    updated = reading.text(meta, "lastUpdated", path=f"{kind}.meta")
    if version:
        return NotificationKey(f"{kind}/{name}/_history/{version}", has_version=True)
    if updated:
        return NotificationKey(f"{kind}/{name}@{updated}", has_version=True)
    return NotificationKey(f"{kind}/{name}", has_version=False)


def _key_of_contents(bundle: Json) -> NotificationKey:
    """Of a Bundle without an id. One about a single thing that names no version has the key that
    this would have by itself, so that its states stay in one row however they are wrapped; else
    a digest of the names of its resources: what it is about, not what it says."""
    entries = reading.items(bundle, "entry", path="Bundle")
    resources = [reading.part(entry, "resource", path="Bundle.entry") for entry in entries]
    told = [item for item in resources if item.get("resourceType") in {"Appointment", "Slot"}]
    if len(told) == 1:
        kind = reading.text(told[0], "resourceType", path="resource")
        key = _key_of(kind, reading.text(told[0], "id", path=kind), told[0])
        if not key.has_version:
            return key
    names = sorted(f"{item.get('resourceType')}/{item.get('id')}" for item in resources)
    return NotificationKey(digest_key("\n".join(names).encode()), has_version=False)
