"""What must be on file before a visit, and until when. Pure."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum

from scheduling.rules.holidays import observed_on
from scheduling.states import ClearanceStatus, EstimateTrigger, Holiday

SATURDAY = 5


class ClearanceState(StrEnum):
    """How a referral or an authorization stands on the visit's day."""

    NEEDED = "needed"
    ASKED = "asked"
    RECEIVED = "received"
    EXPIRED = "expired"
    NOT_NEEDED = "not-needed"


def clearance_state(
    status: ClearanceStatus,
    *,
    valid_from_on: dt.date | None,
    valid_until_on: dt.date | None,
    visit_on: dt.date,
) -> ClearanceState:
    """As it was left, but *expired* where what was received does not cover the visit's day."""
    if status is ClearanceStatus.RECEIVED:
        too_late = valid_until_on is not None and valid_until_on < visit_on
        too_early = valid_from_on is not None and valid_from_on > visit_on
        return ClearanceState.EXPIRED if too_late or too_early else ClearanceState.RECEIVED
    return ClearanceState(status.value)


def is_business_day(day: dt.date) -> bool:
    """Monday to Friday, but for the days on which federal holidays are observed."""
    if day.weekday() >= SATURDAY:
        return False
    # New Year's Day of next year may be observed on December 31.
    return all(observed_on(h, year) != day for h in Holiday for year in (day.year, day.year + 1))


def business_days_after(day: dt.date, count: int) -> dt.date:
    """The `count`-th business day after `day`, which does not count itself."""
    while count:
        day += dt.timedelta(days=1)
        count -= is_business_day(day)
    return day


def business_days_between(first: dt.date, last: dt.date) -> int:
    """Business days after `first`, up to and with `last`."""
    days = (last - first).days
    return sum(is_business_day(first + dt.timedelta(days=n)) for n in range(1, days + 1))


def estimate_due_on(
    trigger: EstimateTrigger, *, started_on: dt.date, visit_on: dt.date | None = None
) -> dt.date | None:
    """The last day on which a Good Faith Estimate may be given; None where none is owed.

    45 CFR 149.610(b)(1)(vi). Scheduled at least 10 business days before the visit: within 3
    business days of the scheduling (B); at least 3 business days before: within 1 (A); nearer
    than that none is owed for the scheduling. Asked for: within 3 business days of the asking (C).
    """
    if trigger is EstimateTrigger.ASKED:
        return business_days_after(started_on, 3)
    ahead = business_days_between(started_on, visit_on) if visit_on else 0
    if ahead >= 10:
        return business_days_after(started_on, 3)
    return business_days_after(started_on, 1) if ahead >= 3 else None
