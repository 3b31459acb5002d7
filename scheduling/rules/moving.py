"""How far a visit's move to another time has come. Pure.

A move is two visits: the new one names the one that it takes the place of. It is booked first,
and the old one given up once the EHR has the new one. Where a move stands follows from how the
two visits stand and what the EHR was told; it is not kept a second time, so it cannot be wrong.
"""

from __future__ import annotations

from enum import StrEnum

from scheduling.states import LIVE, AppointmentStatus, EhrWriteStatus


class MoveStage(StrEnum):
    """Where the move of a visit stands."""

    ASKED = "asked"  # the EHR has not confirmed the new visit; the old one stands
    BOTH_STAND = "both-stand"  # the new one is booked, the old one not yet given up
    GIVING_UP = "giving-up"  # given up here; the EHR is being told
    OLD_LEFT = "old-left"  # given up here; the EHR would not, or could not, cancel it
    DONE = "done"
    NOT_MOVED = "not-moved"  # the new visit did not come about, or was given back
    LOST = "lost"  # neither visit stands


#: In these the patient may have two visits, here or in the EHR: a person can finish the move or
#: take it back.
HALF_DONE = frozenset({MoveStage.BOTH_STAND, MoveStage.GIVING_UP, MoveStage.OLD_LEFT})

_CANNOT = frozenset({EhrWriteStatus.REFUSED})
_UNDER_WAY = frozenset({EhrWriteStatus.PENDING, EhrWriteStatus.SENT, EhrWriteStatus.UNKNOWN})


def move_stage(
    *,
    new: AppointmentStatus,
    old: AppointmentStatus,
    cancel: EhrWriteStatus | None,
    is_with_a_person: bool = False,
) -> MoveStage:
    """Where the move stands.

    :param cancel: the last write that tells the EHR of the old visit's end; None when it is not
        told by us (it has told us), or not yet.
    :param is_with_a_person: a person was asked to cancel it there.
    """
    if new is AppointmentStatus.REQUESTED:
        return MoveStage.ASKED
    if new in {AppointmentStatus.REFUSED, *_GONE}:
        return MoveStage.NOT_MOVED if old in LIVE or old in _WAS else MoveStage.LOST
    if old in LIVE:
        return MoveStage.BOTH_STAND
    if cancel in _CANNOT or (cancel in _UNDER_WAY and is_with_a_person):
        return MoveStage.OLD_LEFT
    return MoveStage.GIVING_UP if cancel in _UNDER_WAY else MoveStage.DONE


_GONE = frozenset({AppointmentStatus.CANCELLED, AppointmentStatus.ENTERED_IN_ERROR})
_WAS = frozenset({AppointmentStatus.FULFILLED, AppointmentStatus.NO_SHOW})
