"""SIU messages from plain values: how the demo and the tests speak as an interface engine."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

from integrations.hl7v2.escape import STANDARD
from integrations.hl7v2.times import write_stamp

#: SCH-25 by event, unless the caller says otherwise (HL7 table 0278).
#: The status that each event says of its visit, of the events that this builds.
STATUSES = {
    "S12": "Booked",
    "S13": "Booked",
    "S14": "Booked",
    "S15": "Cancelled",
    "S16": "Dc",
    "S17": "Deleted",
    "S26": "Noshow",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """PID. `identifiers` are (issuer, number) pairs; `phones` as a person would write them."""

    identifiers: tuple[tuple[str, str], ...]
    family_name: str
    given_name: str
    birth_on: dt.date | None = None
    sex: str = ""  # M, F, O, U
    phones: tuple[str, ...] = ()
    language: str = ""
    address: tuple[str, str, str, str] = ("", "", "", "")  # street, city, state, postal code


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """SCH, TQ1 and one resource group. Times are aware."""

    filler_id: str
    starts_at: dt.datetime
    ends_at: dt.datetime
    provider: tuple[str, str, str]  # identifier, family name, given name
    location: str  # AIL-3 facility
    visit_type: tuple[str, str]  # code, text
    placer_id: str = ""
    placer_namespace: str = ""
    room: tuple[str, str] = ("", "")  # point of care, room
    role: str = "Physician"
    status: str = ""  # empty: what the event implies
    reason: tuple[str, str] = field(default=("", ""))  # SCH-6 code, text


def siu(
    trigger: str,
    *,
    control_id: str,
    sent_at: dt.datetime,
    visit: Visit,
    patient: Person,
    sending_application: str = "PRACTICE",
    sending_facility: str = "DEMO",
    processing_id: str = "P",
) -> bytes:
    """One SIU message of version 2.5.1 in UTF-8, without MLLP framing.

    :param trigger: "S12" to "S17" or "S26".
    :raises ValueError: for another trigger.
    """
    if trigger not in STATUSES:
        raise ValueError(f"{trigger} is not an event that this builds.")
    segments = [
        _msh(
            trigger=trigger,
            control_id=control_id,
            sent_at=sent_at,
            sender=(sending_application, sending_facility),
            processing_id=processing_id,
        ),
        _sch(trigger, visit),
        _row("TQ1", {1: "1", 7: write_stamp(visit.starts_at), 8: write_stamp(visit.ends_at)}),
        _pid(patient),
        _row("RGS", {1: "1", 2: "A"}),
        *_resources(visit),
    ]
    return "".join(f"{segment}\r" for segment in segments).encode()


def _msh(
    *,
    trigger: str,
    control_id: str,
    sent_at: dt.datetime,
    sender: tuple[str, str],
    processing_id: str,
) -> str:
    application, facility = sender
    values = {
        3: _text(application),
        4: _text(facility),
        5: "FIRSTCALL",
        7: write_stamp(sent_at),
        9: f"SIU^{trigger}^SIU_S12",
        10: _text(control_id),
        11: processing_id,
        12: "2.5.1",
        18: "UNICODE UTF-8",
    }
    # MSH-1 is the separator itself, so the row is one field shorter than its numbers.
    return _row("MSH", {1: STANDARD.encoding} | {n - 1: value for n, value in values.items()})


def _sch(trigger: str, visit: Visit) -> str:
    minutes = (visit.ends_at - visit.starts_at) // dt.timedelta(minutes=1)
    return _row(
        "SCH",
        {
            1: _joined(visit.placer_id, visit.placer_namespace),
            2: _text(visit.filler_id),
            6: _joined(*visit.reason),
            8: _joined(*visit.visit_type),
            9: str(minutes),
            10: "min",
            25: _text(visit.status or STATUSES[trigger]),
        },
    )


def _pid(patient: Person) -> str:
    street, city, state, postal_code = patient.address
    numbers = (_joined(number, "", "", issuer, "MR") for issuer, number in patient.identifiers)
    return _row(
        "PID",
        {
            1: "1",
            3: STANDARD.repetition.join(numbers),
            5: _joined(patient.family_name, patient.given_name, "", "", "", "", "L"),
            7: patient.birth_on.strftime("%Y%m%d") if patient.birth_on else "",
            8: patient.sex,
            11: _joined(street, "", city, state, postal_code, "USA", "H") if city else "",
            13: STANDARD.repetition.join(_joined(phone, "PRN", "PH") for phone in patient.phones),
            15: _text(patient.language),
        },
    )


def _resources(visit: Visit) -> list[str]:
    start = write_stamp(visit.starts_at)
    point, room = visit.room
    return [
        _row("AIS", {1: "1", 2: "A", 3: _joined(*visit.visit_type), 4: start}),
        _row("AIL", {1: "1", 2: "A", 3: _joined(point, room, "", visit.location), 6: start}),
        _row(
            "AIP",
            {1: "1", 2: "A", 3: _joined(*visit.provider), 4: _joined("", visit.role), 6: start},
        ),
    ]


def _row(name: str, values: dict[int, str]) -> str:
    fields = [values.get(number, "") for number in range(1, max(values) + 1)]
    return STANDARD.field.join([name, *fields]).rstrip(STANDARD.field)


def _text(value: str) -> str:
    return STANDARD.escape(value)


def _joined(*parts: str) -> str:
    return STANDARD.component.join(map(_text, parts)).rstrip(STANDARD.component)
