"""What is wrong with a message, in the words of an acknowledgment.

The sentence goes back to the sender and onto the inbox page, so it names fields and never
repeats what stands in them.
"""

from __future__ import annotations

from enum import StrEnum


class AckCode(StrEnum):
    """MSA-1, HL7 table 0008: what the sender should make of our answer."""

    ACCEPT = "AA"
    ERROR = "AE"  # understood, and its content cannot be applied
    REJECT = "AR"  # not for us, or not readable as HL7


class ErrorCode(StrEnum):
    """ERR-3, HL7 table 0357."""

    SEGMENT_MISSING = "100"
    FIELD_MISSING = "101"
    WRONG_TYPE = "102"
    UNKNOWN_VALUE = "103"
    UNSUPPORTED_MESSAGE = "200"
    UNSUPPORTED_EVENT = "201"
    UNSUPPORTED_PROCESSING = "202"
    UNKNOWN_KEY = "204"
    INTERNAL = "207"

    @property
    def text(self) -> str:
        """The table's own description."""
        return _TEXTS[self]


_TEXTS = {
    ErrorCode.SEGMENT_MISSING: "Segment sequence error",
    ErrorCode.FIELD_MISSING: "Required field missing",
    ErrorCode.WRONG_TYPE: "Data type error",
    ErrorCode.UNKNOWN_VALUE: "Table value not found",
    ErrorCode.UNSUPPORTED_MESSAGE: "Unsupported message type",
    ErrorCode.UNSUPPORTED_EVENT: "Unsupported event code",
    ErrorCode.UNSUPPORTED_PROCESSING: "Unsupported processing id",
    ErrorCode.UNKNOWN_KEY: "Unknown key identifier",
    ErrorCode.INTERNAL: "Application internal error",
}


class Hl7Error(Exception):
    """A message that is not applied. `field` is where: "MSH-10", "SCH", "AIL-3"."""

    def __init__(
        self, *, ack_code: AckCode, field: str, sentence: str, error_code: ErrorCode
    ) -> None:
        super().__init__(sentence)
        self.ack_code = ack_code
        self.field = field
        self.sentence = sentence
        self.error_code = error_code

    def __str__(self) -> str:
        return f"{self.ack_code} {self.field}: {self.sentence}"


class Hl7Unreadable(Hl7Error):
    """The bytes are not an HL7 message, or its header lacks what an answer needs."""

    def __init__(
        self,
        *,
        field: str,
        sentence: str,
        ack_code: AckCode = AckCode.REJECT,
        error_code: ErrorCode = ErrorCode.FIELD_MISSING,
    ) -> None:
        super().__init__(ack_code=ack_code, field=field, sentence=sentence, error_code=error_code)


class Hl7Refused(Hl7Error):
    """A readable message whose content we do not take, for the reason given."""

    def __init__(
        self,
        *,
        field: str,
        sentence: str,
        ack_code: AckCode = AckCode.ERROR,
        error_code: ErrorCode = ErrorCode.FIELD_MISSING,
    ) -> None:
        super().__init__(ack_code=ack_code, field=field, sentence=sentence, error_code=error_code)
