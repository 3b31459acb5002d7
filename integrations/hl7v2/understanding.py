"""What was understood of one message, part by part. Pure.

For `manage.py hl7_check` and the preview of a sender's registration: each part is read by itself,
so that a message that is refused for one field still shows the others.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from integrations.hl7v2.codes import code_report
from integrations.hl7v2.errors import Hl7Error, Hl7Refused
from integrations.hl7v2.mapping import ENDINGS, TRIGGERS, SiuReading, read_siu
from integrations.hl7v2.merges import is_merge, map_merges
from integrations.hl7v2.message import Element, Hl7Message, Segment
from integrations.hl7v2.patient import identifying_field, is_dropped
from integrations.hl7v2.persons import map_adt, trigger_of
from integrations.hl7v2.profile import SenderProfile
from integrations.hl7v2.resources import read_resources, resource_groups
from integrations.hl7v2.timing import Timing, read_timing
from scheduling.ports import AppointmentReport, CodeReport, ProviderReport, ReportKind
from scheduling.states import AppointmentStatus

T = TypeVar("T")

#: What a message comes to, by the state that it reports; booked visits go by the event.
_BY_STATUS = {
    AppointmentStatus.ARRIVED: "arrived",
    AppointmentStatus.FULFILLED: "completed",
    AppointmentStatus.NO_SHOW: "no-show",
    AppointmentStatus.CANCELLED: "cancelled",
    AppointmentStatus.ENTERED_IN_ERROR: "deleted",
}
_BY_KIND = {ReportKind.BOOKED: "booked", ReportKind.RESCHEDULED: "moved"}


@dataclass(frozen=True, slots=True)
class Understanding:
    """`applied_as` is empty for a message that is refused, for the reason in `error`."""

    applied_as: str
    error: Hl7Error | None
    notes: tuple[str, ...]
    parts: dict[str, Any]  # plain values, ready for JSON


def understand(
    message: Hl7Message, sender: SenderProfile, *, received_at: dt.datetime
) -> Understanding:
    """Map a message and say what of it was understood."""
    if message.header.message_code == "ADT":
        return _understand_person(message, sender, received_at)
    try:
        reading = read_siu(message, sender, received_at=received_at)
    except Hl7Refused as error:
        return Understanding("", error, message.notes, _parts(message, sender, None))
    parts = _parts(message, sender, reading)
    return Understanding(_applied_as(reading.report), None, reading.report.notes, parts)


def _understand_person(
    message: Hl7Message, sender: SenderProfile, received_at: dt.datetime
) -> Understanding:
    parts = {"event": f"ADT^{trigger_of(message)}", "patient": _patient(message)}
    try:
        if is_merge(message):
            told = map_merges(message, sender, received_at=received_at)
            return Understanding("patients merged", None, told[0].person.notes, parts)
        person = map_adt(message, sender, received_at=received_at)
    except Hl7Refused as error:
        return Understanding("", error, message.notes, parts)
    return Understanding("patient updated", None, person.notes, parts)


def _applied_as(report: AppointmentReport) -> str:
    if report.kind is ReportKind.DISCONTINUED:
        return "discontinued"
    return _BY_STATUS.get(report.status) or _BY_KIND.get(report.kind, "changed")


def _parts(
    message: Hl7Message, sender: SenderProfile, reading: SiuReading | None
) -> dict[str, Any]:
    """The parts of a visit: of the report, or one by one where there is none."""
    schedule = message.find("SCH")
    kind = TRIGGERS.get(message.header.trigger)
    groups = resource_groups(message, drop_deleted=kind not in ENDINGS)
    report, timing = (reading.report, reading.timing) if reading else (None, None)
    timing = timing or _or_none(lambda: read_timing(message, groups, sender, [], strict=False))
    seen = _or_none(lambda: read_resources(message, groups, sender, []))
    status = report.status if report else _told_status(schedule, kind, sender)
    return {
        "appointment": _appointment(schedule, report, timing, status),
        "patient": _patient(message),
        "provider": _person(seen.providers[0]) if seen and seen.providers else None,
        "providers": [_person(provider) for provider in seen.providers] if seen else [],
        "location": _code(seen.location) if seen else None,
        "room": _code(seen.room) if seen else None,
        "visit_type": _code(seen.visit_type) if seen else None,
        "services": [_code(service) for service in seen.services] if seen else [],
    }


def _told_status(
    schedule: Segment | None, kind: ReportKind | None, sender: SenderProfile
) -> AppointmentStatus | None:
    """What a refused message would have said."""
    if kind in ENDINGS:
        return ENDINGS[kind]
    code = code_report(schedule.first(25), field="SCH-25") if schedule else None
    return sender.find_status(code) if code else None


def _appointment(
    schedule: Segment | None,
    report: AppointmentReport | None,
    timing: Timing | None,
    status: AppointmentStatus | None,
) -> dict[str, Any]:
    told = schedule or Segment("SCH", ())
    reason = report.cancel_reason if report else None
    return {
        "id": report.appointment_id if report else None,
        "placer": _entity(told.first(1)),  # SCH-1
        "filler": _entity(told.first(2)),  # SCH-2
        "occurrence": told.text(3) or None,
        "group": _entity(told.first(4)),
        "status": str(status) if status else None,
        "status_code": _code(_or_none(lambda: code_report(told.first(25), field="SCH-25"))),
        "start": _local(timing.starts_at, timing) if timing else None,
        "end": _local(timing.ends_at, timing) if timing else None,
        "time_from": timing.place or None if timing else None,
        "cancelled_by": str(report.cancelled_by) if report and report.status in _ENDED else None,
        "cancel_reason": _code(reason),
    }


_ENDED = frozenset({AppointmentStatus.CANCELLED, AppointmentStatus.ENTERED_IN_ERROR})


def _local(at: dt.datetime | None, timing: Timing) -> str | None:
    """ISO 8601 with the offset that the sender wrote, or that its zone has then."""
    return at.astimezone(timing.zone).isoformat() if at is not None else None


def _entity(element: Element) -> dict[str, str] | None:
    """EI: the id, who gave it, and that one's own id and its type."""
    if not element:
        return None
    names = ("id", "namespace", "universal_id", "universal_id_type")
    return {name: element.text(number) for number, name in enumerate(names, start=1)}


def _patient(message: Hl7Message) -> dict[str, Any]:
    """Every repetition of PID-3, also those that are never stored (`kept` is false)."""
    pid = message.find("PID")
    number, elements = identifying_field(pid) if pid is not None else (3, ())
    return {"identifiers": [_identifier(element, f"PID-{number}") for element in elements]}


def _identifier(element: Element, field: str) -> dict[str, Any]:
    return {
        "value": element.text(1),
        "system": element.text(4) or element.text(4, 2),
        "system_id": element.text(4, 2),
        "type": element.text(5),
        "field": field,
        "kept": bool(element.text(1)) and not is_dropped(element),
    }


def _person(provider: ProviderReport) -> dict[str, str]:
    return {
        "id": provider.identifier,
        "name": f"{provider.given_name} {provider.family_name}".strip(),
        "family_name": provider.family_name,
        "given_name": provider.given_name,
        "role": provider.role_text,
    }


def _code(report: CodeReport | None) -> dict[str, str] | None:
    if report is None:
        return None
    return {"code": report.code, "text": report.text, "system": report.system}


def _or_none(read: Callable[[], T]) -> T | None:
    """What a part says; None where it cannot be read."""
    try:
        return read()
    except Hl7Error:
        return None


#: Of a message that could not even be parsed.
NOTHING: dict[str, Any] = {
    "appointment": None,
    "patient": {"identifiers": []},
    "provider": None,
    "providers": [],
    "location": None,
    "room": None,
    "visit_type": None,
    "services": [],
}
