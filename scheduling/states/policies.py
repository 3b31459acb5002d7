"""Rules and a clinic's policies: what they do, and where papers and restrictions stand."""

from __future__ import annotations

from enum import StrEnum


class RuleEffect(StrEnum):
    """What a rule that objects to a booking does about it."""

    BLOCK = "block"  # nobody may go past it
    OVERRIDE = "override"  # some roles may, with a reason; the clinic hears of it
    WARN = "warn"  # whoever books sees it, and goes on


class RuleKind(StrEnum):
    """What a provider rule is about."""

    WHOM = "whom"  # ages; new patients, or none
    NOT_DONE = "not-done"  # does not do these visits
    ONLY = "only"  # does these visits, and no others
    FIRST = "first"  # a referral, records or a test before such a visit
    NEW_LIMIT = "new-limit"  # so many new patients a day or a week
    DAILY_CAP = "daily-cap"  # so many such visits a day or a week
    GAP = "gap"  # minutes between two such visits
    PAIRING = "pairing"  # not two such visits in a row


class RulePer(StrEnum):
    """What a limit counts over: the site's day, or its week from Monday."""

    DAY = "day"
    WEEK = "week"


class MissedBecause(StrEnum):
    """Why somebody missed a visit through no fault of theirs."""

    TECHNICAL_FAILURE = "technical-failure"  # video or phone did not work
    NO_INTERPRETER = "no-interpreter"  # ours did not come
    HOSPITAL_STAY = "hospital-stay"
    TRANSPORT_FAILURE = "transport-failure"  # a ride that was arranged did not come
    CLINIC_ERROR = "clinic-error"  # wrong time or place was told
    WEATHER = "weather"
    BEREAVEMENT = "bereavement"


class LateOutcome(StrEnum):
    """What is done with somebody who comes late."""

    ON_TIME = "on-time"
    SEEN = "seen"  # within the grace: seen as if on time
    SQUEEZED_IN = "squeezed-in"
    MOVE = "move"  # too late for today: another time


class PatientLimit(StrEnum):
    """How a patient who missed several visits may book, once a person has approved it."""

    SAME_DAY = "same-day"  # on the day itself only
    BY_PHONE = "by-phone"  # not by themselves online
    ASK_MANAGER = "ask-manager"  # a manager looks at each booking


class RestrictionStatus(StrEnum):
    """Life of a limit on how somebody books. Only a person approves one."""

    PROPOSED = "proposed"
    APPROVED = "approved"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"  # what it rested on was taken back
    LIFTED = "lifted"


RESTRICTION_MOVES: dict[RestrictionStatus, frozenset[RestrictionStatus]] = {
    RestrictionStatus.PROPOSED: frozenset(
        {RestrictionStatus.APPROVED, RestrictionStatus.DECLINED, RestrictionStatus.WITHDRAWN}
    ),
    RestrictionStatus.APPROVED: frozenset({RestrictionStatus.LIFTED}),
    RestrictionStatus.DECLINED: frozenset(),
    RestrictionStatus.WITHDRAWN: frozenset(),
    RestrictionStatus.LIFTED: frozenset(),
}


class ClearanceKind(StrEnum):
    REFERRAL = "referral"
    AUTHORIZATION = "authorization"


class ClearanceStatus(StrEnum):
    """Life of the referral or authorization of one visit."""

    NEEDED = "needed"
    ASKED = "asked"
    RECEIVED = "received"
    NOT_NEEDED = "not-needed"


CLEARANCE_MOVES: dict[ClearanceStatus, frozenset[ClearanceStatus]] = {
    status: frozenset(ClearanceStatus) - {status} for status in ClearanceStatus
}


class EstimateTrigger(StrEnum):
    """What starts the clock of a Good Faith Estimate."""

    SCHEDULED = "scheduled"
    ASKED = "asked"


class EstimateStatus(StrEnum):
    """Life of the Good Faith Estimate of one visit."""

    DUE = "due"
    GIVEN = "given"
    VOID = "void"  # the visit is off, or a payer pays after all


ESTIMATE_MOVES: dict[EstimateStatus, frozenset[EstimateStatus]] = {
    EstimateStatus.DUE: frozenset({EstimateStatus.GIVEN, EstimateStatus.VOID}),
    EstimateStatus.GIVEN: frozenset({EstimateStatus.DUE, EstimateStatus.VOID}),
    EstimateStatus.VOID: frozenset({EstimateStatus.DUE}),
}
