"""When a visit that went leaves time that may be sold again."""

from __future__ import annotations

from scheduling.states import CancelledBy


def opens_when_free(cancelled_by: CancelledBy | None) -> bool:
    """Whether freed time may be offered: what the clinic itself took back may not.

    A provider or an organization that cancels needs the time for something else.
    """
    return cancelled_by not in {CancelledBy.PROVIDER, CancelledBy.ORGANIZATION}


def siu_rule_frees(*, is_signed: bool, covers_unstated: bool, cancelled_by: CancelledBy) -> bool:
    """The clinic's rule for feeds that tell of visits only: may a cancel free the slot?"""
    if cancelled_by is CancelledBy.PATIENT:
        return is_signed
    return is_signed and covers_unstated and cancelled_by is CancelledBy.UNKNOWN
