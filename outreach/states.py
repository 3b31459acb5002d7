"""Life of a message."""

from __future__ import annotations

from enum import StrEnum


class Direction(StrEnum):
    OUT = "out"
    IN = "in"


class MessageStatus(StrEnum):
    """Outbound from queued to delivered, only ever forward; inbound received, then read.

    Inbound that may speak of danger is held first, for a nurse.
    """

    QUEUED = "queued"
    SENDING = "sending"  # intent written, the carrier is being asked
    UNKNOWN = "unknown"  # asked, no answer: look before sending again
    SENT = "sent"
    DELIVERED = "delivered"
    FAILED = "failed"
    NOT_PERMITTED = "not-permitted"  # consent, label or law said no
    TOO_LATE = "too-late"  # no longer true or useful when its turn came
    RECEIVED = "received"
    HELD = "held"  # may speak of danger: nothing it asks for happens before a nurse has called
    READ = "read"


S = MessageStatus
_ANSWERS = frozenset({S.SENT, S.DELIVERED, S.FAILED})

MESSAGE_MOVES: dict[MessageStatus, frozenset[MessageStatus]] = {
    S.QUEUED: frozenset({S.SENDING, S.NOT_PERMITTED, S.TOO_LATE}),
    # A callback may overtake the answer to our own request.
    S.SENDING: _ANSWERS | {S.UNKNOWN, S.QUEUED, S.NOT_PERMITTED},
    S.UNKNOWN: _ANSWERS | {S.QUEUED, S.TOO_LATE},
    S.SENT: frozenset({S.DELIVERED, S.FAILED}),
    S.DELIVERED: frozenset(),
    S.FAILED: frozenset({S.DELIVERED}),
    S.NOT_PERMITTED: frozenset(),
    S.TOO_LATE: frozenset(),
    S.RECEIVED: frozenset({S.READ, S.HELD}),
    S.HELD: frozenset({S.READ}),
    S.READ: frozenset(),
}
del S
