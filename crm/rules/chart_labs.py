"""What an agent may say of a test. Pure.

An agent is no clinician: says where results are and when, never what they are or what they mean.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from crm.rules.said import say as said
from crm.states import ReportStatus, ReviewOutcome


class LabWord(StrEnum):
    """How a report stands, for whoever answers the telephone."""

    READY = "ready"
    NOT_READY = "in progress"
    LATE = "takes long"
    NOT_REVIEWED = "not reviewed"
    NOT_RELEASED = "not in the portal"
    TALK = "doctor wants to talk"
    CONFIDENTIAL = "confidential"
    CANCELLED = "cancelled"
    UNCLEAR = "unclear"


class LabAct(StrEnum):
    """What the agent can do about it besides saying the sentence."""

    NOTHING = ""
    TELL_WHERE = "tell-where"  # the clinic sends where the results are
    CALL_BACK = "call-back"  # the clinic calls
    LOOK_INTO = "look-into"  # the clinic asks the laboratory


@dataclass(frozen=True, slots=True)
class LabAdvice:
    """`say` begins with "Say:" where it may be said as it is, else it tells what not to do."""

    word: LabWord
    say: str
    act: LabAct = LabAct.NOTHING


#: Days from collection that tests of a section usually take, where a laboratory names none of its
#: own: blood counts and chemistry, cultures, genetics, tissue, imaging. House figures.
_USUAL_DAYS: Final = {"LAB": 3, "HM": 2, "CH": 2, "MB": 5, "GE": 21, "PAT": 7, "CP": 7, "RAD": 2}
_USUAL = 3
#: Beyond the usual days by this much somebody should look where it is.
_GRACE_DAYS = 2
_NOT_YET: Final = frozenset(
    {ReportStatus.REGISTERED, ReportStatus.PARTIAL, ReportStatus.PRELIMINARY}
)
_DONE: Final = frozenset(
    {ReportStatus.FINAL, ReportStatus.AMENDED, ReportStatus.CORRECTED, ReportStatus.APPENDED}
)
_CONFIDENTIAL: Final = LabAdvice(
    LabWord.CONFIDENTIAL,
    "Do not name it or say how it stands. Offer a call back from the clinic.",
    LabAct.CALL_BACK,
)


def usual_days(category: str) -> int:
    """How long a test of that section usually takes, from collection (days)."""
    return _USUAL_DAYS.get(category, _USUAL)


def say_of_lab(
    *,
    status: ReportStatus,
    category: str,
    collected_at: dt.datetime | None,
    reviewed_at: dt.datetime | None,
    outcome: ReviewOutcome,
    released_at: dt.datetime | None,
    is_sensitive: bool,
    at: dt.datetime,
) -> LabAdvice:
    """What the agent may say of one report, the most careful rule first."""
    if is_sensitive:
        return _CONFIDENTIAL
    if status in _NOT_YET:
        return _say_not_yet(status, usual_days(category), collected_at, at)
    if status is ReportStatus.CANCELLED:
        say = "Say: this test was cancelled; the clinic can tell you why."
        return LabAdvice(LabWord.CANCELLED, say, LabAct.CALL_BACK)
    if status not in _DONE:
        say = "The EHR does not say how it stands. Say nothing of it; ask the clinic."
        return LabAdvice(LabWord.UNCLEAR, say, LabAct.LOOK_INTO)
    return _say_done(
        is_reviewed=reviewed_at is not None, outcome=outcome, is_released=released_at is not None
    )


def _say_not_yet(
    status: ReportStatus, days: int, collected_at: dt.datetime | None, at: dt.datetime
) -> LabAdvice:
    if collected_at is not None and at - collected_at > dt.timedelta(days=days + _GRACE_DAYS):
        say = said(
            "Say: it takes longer than the usual %(days)s days; the clinic will look into it.",
            days=days,
        )
        return LabAdvice(LabWord.LATE, say, LabAct.LOOK_INTO)
    say = said("Say: not ready yet, usually %(days)s days.", days=days)
    if status is not ReportStatus.REGISTERED:
        say = said("%(say)s Do not read out what came first.", say=say)
    return LabAdvice(LabWord.NOT_READY, say)


def _say_done(*, is_reviewed: bool, outcome: ReviewOutcome, is_released: bool) -> LabAdvice:
    if not is_reviewed:
        say = "The doctor has not reviewed it: do not read it out. Offer a call back."
        if is_released:
            say = (
                "It is in the portal, but the doctor has not reviewed it: do not read it out. "
                "Offer a call back."
            )
        return LabAdvice(LabWord.NOT_REVIEWED, say, LabAct.CALL_BACK)
    if outcome is ReviewOutcome.TALK:
        say = "Say: the doctor wants to speak with you about it. Offer a call back."
        return LabAdvice(LabWord.TALK, say, LabAct.CALL_BACK)
    if not is_released:
        say = "Say: the doctor has seen it, and the clinic will tell you. Do not read it out."
        return LabAdvice(LabWord.NOT_RELEASED, say, LabAct.TELL_WHERE)
    # Only the doctor's own word makes it "no action": an agent judges nothing.
    if outcome is ReviewOutcome.NO_ACTION:
        return LabAdvice(
            LabWord.READY, "Say: results are in the portal, no action needed.", LabAct.TELL_WHERE
        )
    say = "Say: results are in the portal, and the doctor has seen them."
    return LabAdvice(LabWord.READY, say, LabAct.TELL_WHERE)
