"""What may be said of a chart, to whom, and how old it is. Pure; facts in, words for staff out.

An agent is no clinician: says where results are and when, never what they are or what they mean.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from crm.states import ChartPart, ItemStatus, ProxyScope, ReportStatus, ReviewOutcome, Speaker

# --- who may hear -------------------------------------------------------------------

_PROXY_NEEDS: Final = {
    ChartPart.LABS: ProxyScope.RESULTS,
    ChartPart.MEDICATIONS: ProxyScope.RESULTS,
    ChartPart.PLAN: ProxyScope.SCHEDULING,
    ChartPart.VISITS: ProxyScope.SCHEDULING,
    ChartPart.COVERAGE: ProxyScope.BILLING,
}
#: Others who treat the patient may hear what they need for that (45 CFR 164.506(c)(2)); a driver
#: or an officer hears nothing of a chart.
_OTHERS_HEAR: Final[Mapping[Speaker, frozenset[ChartPart]]] = {
    Speaker.CLINICIAN: frozenset(ChartPart),
    Speaker.FACILITY: frozenset(ChartPart),
    Speaker.PHARMACY: frozenset({ChartPart.MEDICATIONS, ChartPart.COVERAGE}),
}


def may_hear(part: ChartPart, *, speaker: Speaker, scope: Collection[str] = ()) -> bool:
    """Whether this part may be told to whoever speaks.

    :param scope: of a proxy: what they may act in (`ProxyScope`).
    """
    if speaker is Speaker.PATIENT:
        return True
    if speaker is Speaker.PROXY:
        return _PROXY_NEEDS[part] in scope
    return part in _OTHERS_HEAR.get(speaker, frozenset())


def may_hear_sensitive(speaker: Speaker) -> bool:
    """Substance use, HIV, confidential care: for the patient's own ears (42 CFR 2.31)."""
    return speaker is Speaker.PATIENT


# --- how old it is --------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Freshness:
    """The age of a part in words: `words` beside its title, `why` where something is wrong."""

    words: str
    why: str = ""
    is_asking: bool = False
    is_known: bool = False  # something was read, if only that there is nothing


def say_freshness(
    *,
    asked_at: dt.datetime | None,
    fetched_at: dt.datetime | None,
    failed_at: dt.datetime | None,
    reason: str,
    is_due: bool,
    at: dt.datetime,
) -> Freshness:
    """How what stands came to be, and whether the EHR is being asked just now.

    :param is_due: the EHR is yet to be asked, or asked again.
    """
    why = reason if failed_at else ""
    if fetched_at is not None:
        words = f"EHR {say_ago(at - fetched_at)}"
        return Freshness(f"{words}, still asking" if is_due else words, why, is_due, is_known=True)
    if is_due and asked_at is not None:
        return Freshness(f"Asking the EHR since {say_span(at - asked_at)}", why, is_asking=True)
    return Freshness("EHR not read" if failed_at else "EHR not asked yet", why)


def say_ago(since: dt.timedelta) -> str:
    """ "just now", "2 min ago", "3 h ago", "5 days ago"."""
    return "just now" if since < dt.timedelta(seconds=10) else f"{say_span(since)} ago"


def say_span(span: dt.timedelta) -> str:
    """ "8 s", "2 min", "3 h", "5 days"."""
    seconds = max(0, int(span.total_seconds()))
    for size, word in ((86_400, "days"), (3_600, "h"), (60, "min")):
        if seconds >= (2 if word == "days" else 1) * size:
            return f"{seconds // size} {word}"
    return f"{seconds} s"


# --- labs ----------------------------------------------------------------------------


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
        say = f"Say: it takes longer than the usual {days} days; the clinic will look into it."
        return LabAdvice(LabWord.LATE, say, LabAct.LOOK_INTO)
    part = " Do not read out what came first." if status is not ReportStatus.REGISTERED else ""
    return LabAdvice(LabWord.NOT_READY, f"Say: not ready yet, usually {days} days.{part}")


def _say_done(*, is_reviewed: bool, outcome: ReviewOutcome, is_released: bool) -> LabAdvice:
    if not is_reviewed:
        where = "It is in the portal, but the" if is_released else "The"
        say = f"{where} doctor has not reviewed it: do not read it out. Offer a call back."
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


# --- treatment plan -------------------------------------------------------------------


class DueWord(StrEnum):
    OVERDUE = "overdue"
    DUE = "due"
    LATER = "later"
    ON_TRACK = "on track"
    ON_HOLD = "on hold"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class DueAdvice:
    """How an ordered visit stands, in words, and whether to book it."""

    word: DueWord
    words: str
    may_book: bool


#: An item is "due" this long before its last day even where its first is not told.
_SOON = dt.timedelta(days=60)


def say_of_item(
    *,
    status: ItemStatus,
    due_from_on: dt.date | None,
    due_until_on: dt.date | None,
    visits_planned: int,
    visits_done: int,
    next_on: dt.date | None,
    on: dt.date,
) -> DueAdvice:
    """What is due of one item, and by when.

    :param next_on: day of the next visit of that kind that is booked.
    """
    left = max(0, visits_planned - visits_done)
    done = f"{visits_done} of {visits_planned} done" if visits_planned > 1 else ""
    if status is ItemStatus.COMPLETED or left == 0:
        return DueAdvice(DueWord.DONE, done or "done", may_book=False)
    if status is ItemStatus.ON_HOLD:
        words = _join(done, "on hold: the clinic decides when it goes on")
        return DueAdvice(DueWord.ON_HOLD, words, may_book=False)
    if next_on is not None and (due_until_on is None or next_on <= due_until_on):
        return DueAdvice(DueWord.ON_TRACK, _join(done, f"next {say_day(next_on, on=on)}"), False)
    word, words = _say_due(due_from_on, due_until_on, on=on)
    if next_on is not None:
        words = f"{words}; booked {say_day(next_on, on=on)}, which is after that"
    return DueAdvice(word, _join(done, words), may_book=True)


def _say_due(
    from_on: dt.date | None, until_on: dt.date | None, *, on: dt.date
) -> tuple[DueWord, str]:
    if until_on is not None and until_on < on:
        return DueWord.OVERDUE, f"was due by {say_day(until_on, on=on)}"
    begins = from_on or (until_on - _SOON if until_on else on)
    if begins > on:
        words = f"due from {say_day(from_on, on=on)}" if from_on else ""
        until = f"{'to' if from_on else 'due by'} {say_day(until_on, on=on)}" if until_on else ""
        return DueWord.LATER, f"{words} {until}".strip()
    if until_on is not None:
        return DueWord.DUE, f"due by {say_day(until_on, on=on)}"
    return DueWord.DUE, "ordered, no day set"


def say_day(day: dt.date, *, on: dt.date) -> str:
    """ "Dec 14", with the year where it is another."""
    words = f"{day:%b} {day.day}"
    return words if day.year == on.year else f"{words}, {day.year}"


def _join(*parts: str) -> str:
    return " · ".join(part for part in parts if part)
