"""SIU messages to `AppointmentReport`. Pure: no clock, no database.

Taken: S12 (new), S13 (moved), S14 (changed), S15 (cancelled), S16 (discontinued), S17 (deleted),
S18 to S22 (a service or resource added, changed, cancelled, discontinued or deleted: the visit
is changed), S26 (patient did not come). What the report's `notes` hold are remarks for staff
about how the message was read; NTE text is not read at all, since it is health information and
no code.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace

from integrations.hl7v2.codes import code_report, key
from integrations.hl7v2.errors import AckCode, ErrorCode, Hl7Refused
from integrations.hl7v2.header import check_processing, deletions, read_sent_at, read_source
from integrations.hl7v2.message import Hl7Message, Segment
from integrations.hl7v2.needs import needs_interpreter, read_coverages, read_order
from integrations.hl7v2.patient import read_patient
from integrations.hl7v2.profile import NOT_A_VISIT, SenderProfile, code_key
from integrations.hl7v2.resources import ResourceGroup, read_resources, resource_groups
from integrations.hl7v2.timing import Timing, is_before_tq1, read_timing
from scheduling.ports import AppointmentReport, CodeReport, PatientReport, ReportKind
from scheduling.states import AppointmentStatus, CancelledBy

__all__ = ["TRIGGERS", "Hl7Refused", "SenderProfile", "SiuReading", "map_siu", "read_siu"]

TRIGGERS = {
    "S12": ReportKind.BOOKED,
    "S13": ReportKind.RESCHEDULED,
    "S14": ReportKind.MODIFIED,
    "S15": ReportKind.CANCELLED,
    "S16": ReportKind.DISCONTINUED,
    "S17": ReportKind.DELETED,
    **dict.fromkeys(("S18", "S19", "S20", "S21", "S22"), ReportKind.MODIFIED),
    "S26": ReportKind.NO_SHOW,
}
#: These tell of one resource of a visit: its times are not the visit's.
_OF_RESOURCES = frozenset({"S18", "S19", "S20", "S21", "S22"})
#: Time that the clinic closes or opens, with no visit in it.
_OF_TEMPLATES = frozenset({"S23", "S24"})

#: These events end a visit whatever SCH-25 says: S26 is sent with Booked or Cancelled left in the
#: status by systems that fill it from the row as it was before.
ENDINGS = {
    ReportKind.CANCELLED: AppointmentStatus.CANCELLED,
    ReportKind.DISCONTINUED: AppointmentStatus.CANCELLED,
    ReportKind.DELETED: AppointmentStatus.ENTERED_IN_ERROR,
    ReportKind.NO_SHOW: AppointmentStatus.NO_SHOW,
}

#: SCH-6 values that say what was done to the record, not why ("Add" in the public samples).
_NOT_A_REASON = frozenset({"add", "update", "modify", "change", "cancel", "delete"})


@dataclass(frozen=True, slots=True)
class SiuReading:
    """A report, and where its time was read."""

    report: AppointmentReport
    timing: Timing


def map_siu(
    message: Hl7Message, sender: SenderProfile, *, received_at: dt.datetime | None = None
) -> AppointmentReport:
    """What the message says about one visit; as `read_siu`."""
    return read_siu(message, sender, received_at=received_at).report


def read_siu(
    message: Hl7Message, sender: SenderProfile, *, received_at: dt.datetime | None = None
) -> SiuReading:
    """What the message says about one visit.

    :param received_at: stands in for MSH-7, which versions before 2.5 may leave out.
    :raises Hl7Refused: for another kind of message (AR), and for content that cannot be applied
        without guessing (AE); it names the field.
    """
    kind = _kind(message, sender)
    schedule = _schedule(message)
    notes = list(message.notes)
    sent_at = read_sent_at(message, sender, notes, received_at=received_at)
    status = _status(schedule, kind, sender, notes)
    groups = resource_groups(message, drop_deleted=kind not in ENDINGS)
    timing = _timing(message, groups, sender, notes, kind)
    resources = read_resources(message, groups, sender, notes)
    reason = _cancel_reason(schedule, status, sender, notes)
    patient = _patient(message, kind, sender, notes)
    if patient is not None:
        interpreter = needs_interpreter(groups) if kind not in ENDINGS else None
        patient = replace(patient, coverages=read_coverages(message), needs_interpreter=interpreter)
    notes += deletions(message)
    report = AppointmentReport(
        source=read_source(message, sender),
        kind=kind,
        appointment_id=_appointment_id(schedule, sender),
        status=status,
        sent_at=sent_at,
        tells_slots=False,
        starts_at=timing.starts_at,
        ends_at=timing.ends_at,
        patient=patient,
        providers=resources.providers,
        location=resources.location,
        room=resources.room,
        visit_type=resources.visit_type,
        services=resources.services,
        cancel_reason=reason,
        cancelled_by=_canceller(reason, sender),
        cancel_code=sender.find_cancel_reason(reason) if reason else None,
        our_identifier=_our_identifier(schedule, sender),
        order=read_order(message, schedule),
        notes=tuple(dict.fromkeys(notes)),
    )
    return SiuReading(report, timing)


def _kind(message: Hl7Message, sender: SenderProfile) -> ReportKind:
    header = message.header
    if header.message_code != "SIU":
        raise Hl7Refused(
            ack_code=AckCode.REJECT,
            field="MSH-9",
            sentence="Only messages of visits (SIU) and of patients (ADT) are taken here.",
            error_code=ErrorCode.UNSUPPORTED_MESSAGE,
        )
    if header.trigger in _OF_TEMPLATES:
        raise Hl7Refused(
            ack_code=AckCode.REJECT,
            field="MSH-9.2",
            sentence="Blocked and opened time (S23, S24) names no visit; tell it as FHIR Slots.",
            error_code=ErrorCode.UNSUPPORTED_EVENT,
        )
    if header.trigger not in TRIGGERS:
        raise Hl7Refused(
            ack_code=AckCode.REJECT,
            field="MSH-9.2",
            sentence="Of SIU, the events S12 to S22 and S26 are taken.",
            error_code=ErrorCode.UNSUPPORTED_EVENT,
        )
    check_processing(message, sender)
    return TRIGGERS[header.trigger]


def _timing(
    message: Hl7Message,
    groups: list[ResourceGroup],
    sender: SenderProfile,
    notes: list[str],
    kind: ReportKind,
) -> Timing:
    if message.header.trigger in _OF_RESOURCES:
        groups = []
    timing = read_timing(message, groups, sender, notes, strict=kind not in ENDINGS)
    if kind in {ReportKind.BOOKED, ReportKind.RESCHEDULED} and timing.starts_at is None:
        raise Hl7Refused(
            field="SCH-11" if is_before_tq1(message) else "TQ1-7",
            sentence="The visit has no start: TQ1-7, AIS-4, AIP-6, AIL-6 and SCH-11 are empty.",
        )
    return timing


def _schedule(message: Hl7Message) -> Segment:
    schedule = message.find("SCH")
    if schedule is None:
        raise Hl7Refused(
            field="SCH",
            sentence="The message has no SCH segment, so it names no visit.",
            error_code=ErrorCode.SEGMENT_MISSING,
        )
    return schedule


def _appointment_id(schedule: Segment, sender: SenderProfile) -> str:
    """The visit's key, with the occurrence (SCH-3) where one id covers a series."""
    order = (2, 1) if sender.appointment_id_from == "SCH-2" else (1, 2)
    identifier = next((text for number in order if (text := schedule.text(number))), "")
    if not identifier:
        raise Hl7Refused(
            field="SCH-2", sentence="SCH-1 and SCH-2 are empty, so the message names no visit."
        )
    occurrence = schedule.text(3)
    if occurrence not in {"", "0"}:
        identifier = f"{identifier}/{occurrence}"
    return key(identifier, field="SCH-2")


def _our_identifier(schedule: Segment, sender: SenderProfile) -> str:
    """SCH-1 when it bears our namespace: then we were the placer, and gave it."""
    ours = sender.placer_namespace and schedule.text(1, 2) == sender.placer_namespace
    return key(schedule.text(1), field="SCH-1") if ours else ""


def _status(
    schedule: Segment, kind: ReportKind, sender: SenderProfile, notes: list[str]
) -> AppointmentStatus:
    """SCH-25, but the event where it ends the visit.

    An unknown code on S12 or S13 is read as booked, since the event says so; on S14 it could be
    anything (senders report arrivals and cancellations that way) and is refused.
    """
    code = code_report(schedule.first(25), field="SCH-25")
    told = sender.find_status(code) if code else None
    if kind in ENDINGS:
        if told not in {None, ENDINGS[kind]}:
            notes.append(f"SCH-25 says {told}; the event says {ENDINGS[kind]}, which was used.")
        return ENDINGS[kind]
    if code is not None and told is None:
        _refuse_status(code, kind)
        notes.append("SCH-25 is not in this sender's status table; read as booked by the event.")
    return told or AppointmentStatus.BOOKED


def _refuse_status(code: CodeReport, kind: ReportKind) -> None:
    if code_key(code.code) in NOT_A_VISIT:
        raise Hl7Refused(
            field="SCH-25",
            sentence="SCH-25 says that this is a waitlist entry or a blocked time, not a visit.",
            error_code=ErrorCode.UNKNOWN_VALUE,
        )
    if kind is ReportKind.MODIFIED:
        raise Hl7Refused(
            field="SCH-25",
            sentence="SCH-25 is not in this sender's status table. Add it there and replay.",
            error_code=ErrorCode.UNKNOWN_VALUE,
        )


def _cancel_reason(
    schedule: Segment, status: AppointmentStatus, sender: SenderProfile, notes: list[str]
) -> CodeReport | None:
    """SCH-6, why the event happened. SCH-7 is why the visit was made, unless a table knows it."""
    if status not in {AppointmentStatus.CANCELLED, AppointmentStatus.ENTERED_IN_ERROR}:
        return None
    reason = code_report(schedule.first(6), field="SCH-6")
    if reason is not None and code_key(reason.code) in _NOT_A_REASON:
        notes.append("SCH-6 says what was done, not why.")
        reason = None
    if reason is None:
        other = code_report(schedule.first(7), field="SCH-7")
        reason = other if other and sender.find_canceller(other) else None
    return reason


def _canceller(reason: CodeReport | None, sender: SenderProfile) -> CancelledBy:
    known = sender.find_canceller(reason) if reason else None
    return known or CancelledBy.UNKNOWN


def _patient(
    message: Hl7Message, kind: ReportKind, sender: SenderProfile, notes: list[str]
) -> PatientReport | None:
    pid = message.find("PID")
    patient = read_patient(pid, sender, notes) if pid is not None else None
    if patient is not None and patient.identifiers:
        return patient
    if kind is ReportKind.BOOKED:
        field = "PID-3" if patient else "PID"
        raise Hl7Refused(
            field=field,
            sentence=f"{field} is missing: a new visit needs a patient with an identifier.",
            error_code=ErrorCode.FIELD_MISSING if patient else ErrorCode.SEGMENT_MISSING,
        )
    notes.append("The message does not identify the patient.")
    return patient
