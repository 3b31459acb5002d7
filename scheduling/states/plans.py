"""Many visits at once: moved together, planned together; and visits by video."""

from __future__ import annotations

from enum import StrEnum


class MassMoveStatus(StrEnum):
    """Life of one mass rescheduling."""

    DRAFT = "draft"  # its dry run is being worked out
    PLANNED = "planned"  # for a person to look at; nothing has happened to any visit
    RUNNING = "running"
    PAUSED = "paused"
    DONE = "done"
    STOPPED = "stopped"


MASS_MOVE_MOVES: dict[MassMoveStatus, frozenset[MassMoveStatus]] = {
    MassMoveStatus.DRAFT: frozenset({MassMoveStatus.PLANNED, MassMoveStatus.STOPPED}),
    MassMoveStatus.PLANNED: frozenset(
        {MassMoveStatus.DRAFT, MassMoveStatus.RUNNING, MassMoveStatus.STOPPED}
    ),
    MassMoveStatus.RUNNING: frozenset(
        {MassMoveStatus.PAUSED, MassMoveStatus.DONE, MassMoveStatus.STOPPED}
    ),
    MassMoveStatus.PAUSED: frozenset({MassMoveStatus.RUNNING, MassMoveStatus.STOPPED}),
    MassMoveStatus.DONE: frozenset(),
    MassMoveStatus.STOPPED: frozenset(),
}


class MassMoveHow(StrEnum):
    """What a mass rescheduling does with a proposal."""

    MOVE = "move"  # moves the visit, then tells the patient
    OFFER = "offer"  # lets the patient choose among times


class MassItemStatus(StrEnum):
    """What becomes of one visit of a mass rescheduling."""

    PROPOSED = "proposed"
    UNPLACED = "unplaced"  # no place was found
    EXCLUDED = "excluded"  # a person left it out: it stays where it is
    OFFERED = "offered"  # the patient is asked to choose
    ASKED = "asked"  # the EHR is asked; the old visit stands until it has confirmed
    MOVED = "moved"  # the EHR has the new visit
    FOR_AGENT = "for-agent"  # on the work list
    FAILED = "failed"  # it could not be moved; on the work list, too
    SETTLED = "settled"  # a person has done it
    TAKEN_BACK = "taken-back"


_M = MassItemStatus


#: On the work list.
NEEDS_AGENT = frozenset({_M.FOR_AGENT, _M.FAILED})


MASS_ITEM_MOVES: dict[MassItemStatus, frozenset[MassItemStatus]] = {
    _M.PROPOSED: frozenset({_M.EXCLUDED, _M.FOR_AGENT, _M.OFFERED, _M.ASKED, _M.FAILED}),
    _M.UNPLACED: frozenset({_M.PROPOSED, _M.EXCLUDED, _M.FOR_AGENT}),
    _M.EXCLUDED: frozenset({_M.PROPOSED, _M.UNPLACED}),
    _M.OFFERED: frozenset({_M.ASKED, _M.FOR_AGENT, _M.TAKEN_BACK}),
    _M.ASKED: frozenset({_M.MOVED, _M.FAILED, _M.TAKEN_BACK}),
    _M.MOVED: frozenset(),
    _M.FOR_AGENT: frozenset({_M.ASKED, _M.SETTLED}),
    _M.FAILED: frozenset({_M.SETTLED}),
    _M.SETTLED: frozenset(),
    _M.TAKEN_BACK: frozenset(),
}
del _M


class ResourceKind(StrEnum):
    """What a step of a plan needs beside the clinician and the room of its slot."""

    PROVIDER = "provider"
    ROOM = "room"  # a room or a machine


class PlanStatus(StrEnum):
    """Life of several visits that were booked together (FHIR CarePlan)."""

    REQUESTED = "requested"  # the EHR has not confirmed all of them
    BOOKED = "booked"
    BROKEN = "broken"  # one was refused or called off: a person looks at the others
    SETTLED = "settled"  # a person left it as it is
    CALLED_OFF = "called-off"  # every visit to come was given up


PLAN_MOVES: dict[PlanStatus, frozenset[PlanStatus]] = {
    PlanStatus.REQUESTED: frozenset({PlanStatus.BOOKED, PlanStatus.BROKEN, PlanStatus.CALLED_OFF}),
    PlanStatus.BOOKED: frozenset({PlanStatus.BROKEN, PlanStatus.CALLED_OFF}),
    PlanStatus.BROKEN: frozenset(
        {PlanStatus.REQUESTED, PlanStatus.BOOKED, PlanStatus.SETTLED, PlanStatus.CALLED_OFF}
    ),
    # A cancel was taken back:
    PlanStatus.SETTLED: frozenset(
        {PlanStatus.REQUESTED, PlanStatus.BOOKED, PlanStatus.BROKEN, PlanStatus.CALLED_OFF}
    ),
    PlanStatus.CALLED_OFF: frozenset({PlanStatus.BOOKED, PlanStatus.BROKEN}),
}


class VideoStatus(StrEnum):
    """Life of the links of a visit by video."""

    WANTED = "wanted"  # the EHR has the visit; the provider has not given the links yet
    READY = "ready"
    FAILED = "failed"  # the provider gave none: a person was asked
    ENDED = "ended"  # the visit is off


VIDEO_MOVES: dict[VideoStatus, frozenset[VideoStatus]] = {
    VideoStatus.WANTED: frozenset({VideoStatus.READY, VideoStatus.FAILED, VideoStatus.ENDED}),
    VideoStatus.READY: frozenset({VideoStatus.ENDED, VideoStatus.WANTED}),  # the visit was moved
    VideoStatus.FAILED: frozenset({VideoStatus.WANTED, VideoStatus.READY, VideoStatus.ENDED}),
    VideoStatus.ENDED: frozenset({VideoStatus.WANTED}),  # a cancel was taken back
}
