"""How often somebody without a login may try."""

from __future__ import annotations

import datetime as dt

from hypothesis import given
from hypothesis import strategies as st

from scheduling.rules import limits
from tests.factories import NOW

MINUTES = st.lists(st.integers(0, 60 * 24 * 2), max_size=30)


def test_chances_to_guess_a_code_stay_below_one_in_ten_thousand_a_day() -> None:
    per_day = min(limit.most for limit in limits.CODES_PER_PHONE if limit.within.days)
    assert per_day * limits.CODE_TRIES / 10**limits.CODE_DIGITS < 1e-4


@given(MINUTES)
def test_whoever_keeps_to_the_limits_never_gets_more_than_they_say(minutes: list[int]) -> None:
    """However the tries fall, no window holds more than its limit."""
    given_at: list[dt.datetime] = []
    for minute in sorted(minutes):
        at = NOW + dt.timedelta(minutes=minute)
        if not limits.is_over(given_at, limits.CODES_PER_PHONE, at=at):
            given_at.append(at)
    for limit in limits.CODES_PER_PHONE:
        for last in given_at:
            window = [at for at in given_at if last - limit.within < at <= last]
            assert len(window) <= limit.most
