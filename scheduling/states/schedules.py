"""Weekly patterns, proposals to the clinic, and feedback on slots."""

from __future__ import annotations

from enum import StrEnum


class ExceptionKind(StrEnum):
    """How one date of a weekly pattern differs."""

    CANCELLED = "cancelled"  # the session does not take place
    CHANGED = "changed"  # at other hours
    EXTRA = "extra"  # one session more, of the same kind


class Holiday(StrEnum):
    """Federal holidays of the United States (5 U.S.C. 6103), which a site keeps or not."""

    NEW_YEAR = "new-year"
    KING = "martin-luther-king"
    PRESIDENTS = "presidents-day"
    MEMORIAL = "memorial-day"
    JUNETEENTH = "juneteenth"
    INDEPENDENCE = "independence-day"
    LABOR = "labor-day"
    COLUMBUS = "columbus-day"
    VETERANS = "veterans-day"
    THANKSGIVING = "thanksgiving"
    CHRISTMAS = "christmas"


class OrphanChoice(StrEnum):
    """What becomes of booked visits whose slot the schedule no longer has."""

    KEEP = "keep"  # their slots stay until they are over
    HAND_OVER = "hand-over"  # their slots go; the visits wait to be moved


class ScheduleRunStatus(StrEnum):
    """Life of one bringing of slots in line with the weekly patterns."""

    RUNNING = "running"
    DONE = "done"
    STOPPED = "stopped"


SCHEDULE_RUN_MOVES: dict[ScheduleRunStatus, frozenset[ScheduleRunStatus]] = {
    ScheduleRunStatus.RUNNING: frozenset({ScheduleRunStatus.DONE, ScheduleRunStatus.STOPPED}),
    ScheduleRunStatus.DONE: frozenset(),
    ScheduleRunStatus.STOPPED: frozenset(),
}


class ProposalKind(StrEnum):
    """What a clinic is asked to change in a schedule that its EHR owns."""

    BLOCK = "block"
    UNBLOCK = "unblock"
    RESTRICTION = "restriction"
    SCHEDULE = "schedule"  # hours, weekdays, visit types


class ProposalStatus(StrEnum):
    """Life of a proposal to the clinic."""

    PROPOSED = "proposed"
    ACCEPTED = "accepted"  # the clinic changes it in its EHR
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"  # by us, before there was an answer


PROPOSAL_MOVES: dict[ProposalStatus, frozenset[ProposalStatus]] = {
    ProposalStatus.PROPOSED: frozenset(
        {ProposalStatus.ACCEPTED, ProposalStatus.DECLINED, ProposalStatus.WITHDRAWN}
    ),
    ProposalStatus.ACCEPTED: frozenset(),
    ProposalStatus.DECLINED: frozenset({ProposalStatus.PROPOSED}),  # asked once more
    ProposalStatus.WITHDRAWN: frozenset({ProposalStatus.PROPOSED}),
}


class FeedbackStatus(StrEnum):
    """Life of a flag that a slot or a visit type is mislabeled."""

    OPEN = "open"
    ANSWERED = "answered"
    TAKEN_BACK = "taken-back"  # by whoever flagged it


FEEDBACK_MOVES: dict[FeedbackStatus, frozenset[FeedbackStatus]] = {
    FeedbackStatus.OPEN: frozenset({FeedbackStatus.ANSWERED, FeedbackStatus.TAKEN_BACK}),
    FeedbackStatus.ANSWERED: frozenset({FeedbackStatus.OPEN}),
    FeedbackStatus.TAKEN_BACK: frozenset({FeedbackStatus.OPEN}),
}
