"""Life of what the outside world sent us."""

from __future__ import annotations

from enum import StrEnum


class InboxStatus(StrEnum):
    RECEIVED = "received"
    APPLIED = "applied"
    IGNORED = "ignored"  # understood, and nothing to do: older than what we know, or a repeat
    REFUSED = "refused"  # cannot be applied; kept for a person to fix and replay
    SET_ASIDE = "set-aside"  # a person closed it


INBOX_MOVES: dict[InboxStatus, frozenset[InboxStatus]] = {
    InboxStatus.RECEIVED: frozenset(
        {InboxStatus.APPLIED, InboxStatus.IGNORED, InboxStatus.REFUSED, InboxStatus.SET_ASIDE}
    ),
    # Replay: a person, or the step after a passing fault, tries again.
    InboxStatus.REFUSED: frozenset({InboxStatus.RECEIVED, InboxStatus.SET_ASIDE}),
    InboxStatus.APPLIED: frozenset({InboxStatus.RECEIVED}),
    InboxStatus.IGNORED: frozenset({InboxStatus.RECEIVED}),
    InboxStatus.SET_ASIDE: frozenset({InboxStatus.RECEIVED}),
}


class InboxKind(StrEnum):
    HL7 = "hl7v2"
    FHIR = "fhir"
    REST = "rest"
    CALLS = "calls"  # of a telephone system


class Door(StrEnum):
    """Where a caller was turned away before anything was kept."""

    FHIR = "fhir"
    REST = "rest"
    TWILIO = "twilio"
    CALLS = "calls"


class OtherMessages(StrEnum):
    """What a sender hears for messages that are neither of a visit nor of a patient."""

    REJECT = "reject"
    IGNORE = "ignore"


class ReplayStatus(StrEnum):
    """Life of a replay of many messages."""

    RUNNING = "running"
    DONE = "done"
    STOPPED = "stopped"  # by a person; what was tried stays as it is


REPLAY_MOVES: dict[ReplayStatus, frozenset[ReplayStatus]] = {
    ReplayStatus.RUNNING: frozenset({ReplayStatus.DONE, ReplayStatus.STOPPED}),
    ReplayStatus.DONE: frozenset(),
    ReplayStatus.STOPPED: frozenset(),
}
