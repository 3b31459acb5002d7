"""What every message says of itself: who sent it, when, and whether in earnest. Pure."""

from __future__ import annotations

import datetime as dt

from integrations.hl7v2.codes import key
from integrations.hl7v2.errors import AckCode, ErrorCode, Hl7Refused
from integrations.hl7v2.message import Hl7Message
from integrations.hl7v2.profile import SenderProfile
from integrations.hl7v2.times import BadStamp, read_stamp


def check_processing(message: Hl7Message, sender: SenderProfile) -> None:
    """:raises Hl7Refused: for a test message of a sender that is not set up for tests."""
    given = message.header.processing_id.upper()
    if given and given not in sender.processing_ids:
        raise Hl7Refused(
            ack_code=AckCode.REJECT,
            field="MSH-11",
            sentence="MSH-11 is a processing id, such as test, not taken from this sender.",
            error_code=ErrorCode.UNSUPPORTED_PROCESSING,
        )


def read_source(message: Hl7Message, sender: SenderProfile) -> str:
    """The name to store facts under. :raises Hl7Refused: when neither says it."""
    source = sender.source or message.header.source
    if source == "|":
        raise Hl7Refused(
            field="MSH-3", sentence="MSH-3 and MSH-4 are empty, so the sender is unknown."
        )
    return key(source, field="MSH-3")


def read_sent_at(
    message: Hl7Message,
    sender: SenderProfile,
    notes: list[str],
    *,
    received_at: dt.datetime | None = None,
) -> dt.datetime:
    """MSH-7. Statements about one visit are put in order by it.

    Where it is missing or no point in time, `received_at` stands in: the message is then as new
    as it came.

    :raises Hl7Refused: without either.
    """
    header = message.find("MSH")
    text = header.text(7) if header else ""
    said = "MSH-7, the time of the message, is missing: its order cannot be known."
    code = ErrorCode.FIELD_MISSING
    if text:
        try:
            stamp = read_stamp(text, sender.tz)
        except BadStamp as error:
            said, code = f"MSH-7 {error}", ErrorCode.WRONG_TYPE
        else:
            if stamp.note:
                notes.append(f"MSH-7 {stamp.note}")
            return stamp.at
    if received_at is None:
        raise Hl7Refused(field="MSH-7", sentence=said, error_code=code)
    notes.append("MSH-7 is missing or no time: ordered by when it was received.")
    return received_at


def deletions(message: Hl7Message) -> list[str]:
    """A note for each field that the sender takes back."""
    return [
        f'{segment.name}-{number}: the sender deletes this value ("").'
        for segment in message.segments
        if segment.name in {"SCH", "PID", "AIS", "AIP", "AIL", "TQ1"}
        for number in segment.deleted_fields()
    ]
