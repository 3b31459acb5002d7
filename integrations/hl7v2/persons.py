"""ADT messages to what they say of a person. Pure.

Taken: those that carry a person's whole present details (A01 to A05, A08, A28, A31 and their
like), and merges of patients (A34, A40: `integrations.hl7v2.merges`). Links, moved accounts and
changed identifiers (A18, A24, A30, A35 to A37, A39, A41 to A47) are kept for a person.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace

from integrations.hl7v2.errors import AckCode, ErrorCode, Hl7Refused
from integrations.hl7v2.header import check_processing, deletions, read_sent_at, read_source
from integrations.hl7v2.message import Hl7Message, Segment
from integrations.hl7v2.needs import read_coverages
from integrations.hl7v2.patient import read_patient
from integrations.hl7v2.profile import SenderProfile
from scheduling.ports import PatientReport

TRIGGERS = frozenset({"A01", "A02", "A03", "A04", "A05", "A06", "A07", "A08", "A28", "A31"})
#: They say that two records are of one person, or that one number is another.
IDENTITY = frozenset(
    {"A18", "A24", "A30", "A34", "A35", "A36", "A37"} | {f"A{number}" for number in range(39, 48)}
)


@dataclass(frozen=True, slots=True)
class PersonReport:
    """What a sender says of one person."""

    source: str
    sent_at: dt.datetime
    patient: PatientReport
    notes: tuple[str, ...] = ()


class MergeNeedsPerson(Hl7Refused):
    """The message says that records are one in a way that only a person can do here."""


def map_adt(
    message: Hl7Message, sender: SenderProfile, *, received_at: dt.datetime | None = None
) -> PersonReport:
    """What the message says about one person.

    :raises MergeNeedsPerson: for events about the identity of records.
    :raises Hl7Refused: for other events (AR), and for a person without an identifier (AE).
    """
    _check_trigger(message)
    return read_person(message, message.find("PID"), sender, received_at=received_at)


def read_person(
    message: Hl7Message,
    pid: Segment | None,
    sender: SenderProfile,
    *,
    received_at: dt.datetime | None = None,
) -> PersonReport:
    """The person of one PID segment of a message.

    :raises Hl7Refused: for test messages, and for a person without an identifier.
    """
    check_processing(message, sender)
    notes = list(message.notes)
    source = read_source(message, sender)
    sent_at = read_sent_at(message, sender, notes, received_at=received_at)
    if pid is None:
        raise Hl7Refused(
            field="PID",
            sentence="The message has no PID segment, so it names no patient.",
            error_code=ErrorCode.SEGMENT_MISSING,
        )
    patient = read_patient(pid, sender, notes)
    if not patient.identifiers:
        raise Hl7Refused(field="PID-3", sentence="PID-3 names no patient identifier.")
    patient = replace(patient, coverages=read_coverages(message))
    notes += deletions(message)
    return PersonReport(source, sent_at, patient, tuple(dict.fromkeys(notes)))


def trigger_of(message: Hl7Message) -> str:
    """MSH-9.2; EVN-1 where it is empty, as in version 2.1."""
    event = message.find("EVN")
    return message.header.trigger or (event.text(1).upper() if event is not None else "")


def _check_trigger(message: Hl7Message) -> None:
    trigger = trigger_of(message)
    if trigger in IDENTITY:
        raise MergeNeedsPerson(
            field="MRG" if message.find("MRG") is not None else "MSH-9.2",
            sentence="It joins or renumbers patient records. It is kept for a person to do.",
            error_code=ErrorCode.UNSUPPORTED_EVENT,
        )
    if trigger not in TRIGGERS:
        raise Hl7Refused(
            ack_code=AckCode.REJECT,
            field="MSH-9.2",
            sentence="Of ADT, the events A01 to A08, A28 and A31 are taken.",
            error_code=ErrorCode.UNSUPPORTED_EVENT,
        )
