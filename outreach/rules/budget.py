"""How many texts a person gets: one a day and three a week, unless configured otherwise.

Offers count, and whatever else nobody waits for. Answers, confirmations, and the news of what
became of an offer neither count nor wait: see `outreach.rules.purposes.COUNTED`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from crm.rules.law import TEXTS_PER_DAY, TEXTS_PER_WEEK
from crm.rules.said import say, say_count

WEEK = timedelta(days=7)
"""A rolling 168 hours, whatever the clocks do."""


class BudgetRule(StrEnum):
    """Which of the two caps spoke."""

    PER_DAY = "per-day"
    PER_WEEK = "per-week"


@dataclass(frozen=True, kw_only=True)
class BudgetAnswer:
    """Whether one more text may go out.

    `sentence` is for staff; it leaves out when, since the hour is another rule's. `retry_at`
    (UTC) is the first instant at which both caps allow one more, were nothing sent until then;
    None where the text may go now, or where a cap of zero never allows one.
    """

    allowed: bool
    rule: BudgetRule | None
    sentence: str
    retry_at: datetime | None


def within_budget(
    sent_at: Sequence[datetime],
    *,
    at: datetime,
    zone: str,
    per_day: int = TEXTS_PER_DAY,
    per_week: int = TEXTS_PER_WEEK,
) -> BudgetAnswer:
    """May this person get one more text `at` this instant?

    A day is a calendar day in the person's zone; a week is the 168 hours before `at`, so a text
    sent exactly 168 hours ago no longer counts. Texts stamped later than `at` count too: clocks
    of two machines differ, and a clock may be set back.

    :param sent_at: when texts that count went out: aware, in any order; older ones do no harm.
    :raises ValueError: for a naive datetime or a negative cap.
    """
    _check(sent_at, at=at, caps=(per_day, per_week))
    free_from = {
        BudgetRule.PER_DAY: _day_free_from(sent_at, zone=zone, cap=per_day),
        BudgetRule.PER_WEEK: _week_free_from(sent_at, cap=per_week),
    }
    rule = next((rule for rule, free in free_from.items() if free is None or free > at), None)
    if rule is None:
        return BudgetAnswer(
            allowed=True, rule=None, sentence="Within the contact budget.", retry_at=None
        )
    known = [free for free in free_from.values() if free is not None]
    retry_at = max(known) if len(known) == len(free_from) else None
    cap = per_day if rule == BudgetRule.PER_DAY else per_week
    sentence = _sentence(rule, cap=cap)
    return BudgetAnswer(allowed=False, rule=rule, sentence=sentence, retry_at=retry_at)


_ALWAYS = datetime.min.replace(tzinfo=UTC)


def _day_free_from(sent_at: Sequence[datetime], *, zone: str, cap: int) -> datetime | None:
    """The end of the calendar day that holds the cap-th latest text; None where never."""
    if cap == 0:
        return None
    if len(sent_at) < cap:
        return _ALWAYS
    local = ZoneInfo(zone)
    full_on = sorted(sent.astimezone(local).date() for sent in sent_at)[-cap]
    midnight = datetime.combine(full_on + timedelta(days=1), time(), tzinfo=local)
    return midnight.astimezone(UTC)


def _week_free_from(sent_at: Sequence[datetime], *, cap: int) -> datetime | None:
    """A week after the cap-th latest text; None where never."""
    if cap == 0:
        return None
    if len(sent_at) < cap:
        return _ALWAYS
    return (sorted(sent_at)[-cap] + WEEK).astimezone(UTC)


def _sentence(rule: BudgetRule, *, cap: int) -> str:
    span = say("a day") if rule == BudgetRule.PER_DAY else say("in seven days")
    if cap == 0:
        return say("The contact budget is 0 texts %(span)s: none may be sent.", span=span)
    return say_count(
        "Already had %(n)s text, the most %(span)s.",
        "Already had %(n)s texts, the most %(span)s.",
        n=cap,
        span=span,
    )


def _check(sent_at: Sequence[datetime], *, at: datetime, caps: tuple[int, int]) -> None:
    if any(when.tzinfo is None for when in (at, *sent_at)):
        raise ValueError("The contact budget needs aware datetimes.")
    if min(caps) < 0:
        raise ValueError("A contact budget cannot be negative.")
