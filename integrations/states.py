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
