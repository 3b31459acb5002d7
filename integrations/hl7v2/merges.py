"""Merge messages (ADT^A40, and A34 before 2.3.1) to who stands and which numbers went. Pure.

One message may tell of several: each PID is followed by the MRG that names the record given up.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from integrations.hl7v2.codes import cut, key
from integrations.hl7v2.errors import ErrorCode, Hl7Refused
from integrations.hl7v2.message import Hl7Message, Segment
from integrations.hl7v2.patient import is_dropped
from integrations.hl7v2.persons import PersonReport, read_person, trigger_of
from integrations.hl7v2.profile import SenderProfile
from scheduling.ports import IdentifierReport

#: Patients by their identifier lists; what joins accounts and visits is kept for a person.
MERGES = frozenset({"A34", "A40"})


@dataclass(frozen=True, slots=True)
class MergeReport:
    """Who stands, and the numbers of the record that was given up."""

    person: PersonReport
    gone: tuple[IdentifierReport, ...]


def is_merge(message: Hl7Message) -> bool:
    return message.header.message_code == "ADT" and trigger_of(message) in MERGES


def map_merges(
    message: Hl7Message, sender: SenderProfile, *, received_at: dt.datetime | None = None
) -> tuple[MergeReport, ...]:
    """What the message says of each pair.

    :raises Hl7Refused: where a pair lacks either side.
    """
    found = tuple(
        MergeReport(read_person(message, pid, sender, received_at=received_at), _gone(merge))
        for pid, merge in _pairs(message)
    )
    if not found:
        raise Hl7Refused(
            field="MRG",
            sentence="The message has no MRG segment, so it does not say which record went.",
            error_code=ErrorCode.SEGMENT_MISSING,
        )
    return found


def _pairs(message: Hl7Message) -> Iterator[tuple[Segment | None, Segment]]:
    pid: Segment | None = None
    for segment in message.segments:
        if segment.name == "PID":
            pid = segment
        elif segment.name == "MRG":
            yield pid, segment


def _gone(merge: Segment) -> tuple[IdentifierReport, ...]:
    """MRG-1, without kinds of numbers that never enter Firstcall."""
    kept = dict.fromkeys(
        IdentifierReport(
            cut(element.text(4) or element.text(4, 2)), key(element.text(1), field="MRG-1")
        )
        for element in merge.all(1)
        if element.text(1) and not is_dropped(element)
    )
    if not kept:
        raise Hl7Refused(field="MRG-1", sentence="MRG-1 names no patient identifier.")
    return tuple(kept)
