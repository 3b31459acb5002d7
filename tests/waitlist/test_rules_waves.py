from __future__ import annotations

import datetime as dt
import math
import random
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from outreach.rules.quiet_hours import is_quiet
from tests.waitlist.rules_cast import NOW, ZONE
from waitlist.rules.waves import (
    MOST_EXPECTED_DISAPPOINTED,
    REPLY_MINUTES,
    TARGET,
    WavePlan,
    plan_wave,
)

HOUR = dt.timedelta(hours=1)
MINUTE = dt.timedelta(minutes=1)
TOMORROW_AT_9 = NOW + 17 * HOUR
IN_THREE_WEEKS = NOW + dt.timedelta(days=21)

chances = st.floats(0, 1)
minutes_left = st.integers(1, 60 * 24 * 60)
ages = st.lists(st.integers(0, 3 * 24 * 60), max_size=20)


def plan(
    *,
    now: dt.datetime = NOW,
    deadline_at: dt.datetime = TOMORROW_AT_9,
    left: int = 100,
    out: Sequence[float] = (),
    chance: float = 0.11,
    cap: int = 12,
    **changes: Any,
) -> WavePlan:
    """`out`: minutes since each unanswered offer went out."""
    return plan_wave(
        now=now,
        deadline_at=deadline_at,
        zone=ZONE,
        eligible_left=left,
        unanswered_since=[now - age * MINUTE for age in out],
        mean_chance=chance,
        max_disappointed=cap,
        **changes,
    )


def test_an_opening_tomorrow_at_9_goes_wide_fast() -> None:
    found = plan()
    assert found.size == 7
    assert found.next_at == NOW + 45 * MINUTE
    assert found.why == (
        "6 texting hours left, 11 % usually say yes: 7 now; "
        "20 in 3 waves would make a yes 9 in 10; next in 45 min"
    )


def test_an_opening_in_three_weeks_goes_narrow() -> None:
    found = plan(deadline_at=IN_THREE_WEEKS)
    assert found.size == 1
    assert found.next_at == NOW + 4 * HOUR
    assert found.answer_by == NOW + 23 * HOUR  # 12 texting hours on


def test_the_last_half_hour_goes_as_wide_as_the_clinic_allows() -> None:
    found = plan(deadline_at=NOW + HOUR / 2)
    assert found.size == 13
    assert found.next_at == NOW + 5 * MINUTE
    assert "no more, as at most 12 may be asked in vain" in found.why


def test_answers_in_utc_with_a_deadline_that_can_be_said() -> None:
    found = plan(now=NOW + 7 * MINUTE)
    assert found.next_at is not None
    assert found.answer_by == NOW + 3 * HOUR + 15 * MINUTE  # 4:07 PM and three hours, rounded up
    assert (found.next_at.tzinfo, found.answer_by.tzinfo) == (dt.UTC, dt.UTC)


def test_a_few_people_are_all_asked() -> None:
    found = plan(left=3)
    assert (found.size, found.next_at) == (3, None)
    assert found.why.endswith("these are all; no wave after this")


def test_people_who_often_say_yes_are_asked_in_smaller_waves() -> None:
    found = plan(chance=0.4, deadline_at=NOW + HOUR / 2, cap=50)
    assert found.size < plan(chance=0.2, deadline_at=NOW + HOUR / 2, cap=50).size


def test_a_wave_stops_where_more_than_one_too_many_would_say_yes() -> None:
    found = plan(chance=0.4, cap=500, deadline_at=NOW + 5 * HOUR, out=[0, 0, 0])
    wider = plan(chance=0.4, cap=500, deadline_at=NOW + 5 * HOUR, out=[0])
    assert found.size == 1
    assert wider.disappointed <= MOST_EXPECTED_DISAPPOINTED


def test_says_when_the_expected_yeses_hold_a_wave_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("waitlist.rules.waves.MOST_EXPECTED_DISAPPOINTED", 0.1)
    found = plan(chance=0.2)
    assert found.disappointed <= 0.1
    assert "no more, as more than one too many would say yes" in found.why


def test_nobody_is_asked_while_those_who_were_make_it_likely() -> None:
    found = plan(chance=0.4, out=[0] * 6)
    assert (found.size, found.answer_by) == (0, None)
    assert found.next_at == NOW + 45 * MINUTE
    assert found.chance >= TARGET
    assert found.why == "6 open, which make a yes 95 % likely: nobody now"


def test_nobody_is_asked_beyond_the_cap() -> None:
    found = plan(out=[200] * 13)
    assert found.size == 0
    assert found.next_at is not None
    assert found.why == "13 open, and at most 12 may be asked in vain: nobody now"


def test_long_silence_counts_as_a_no() -> None:
    assert plan(out=[600] * 5).size == plan(out=[]).size
    assert plan(out=[0] * 5).size < plan(out=[]).size


@pytest.mark.parametrize("cap", [0, 1, 12])
def test_at_most_the_cap_and_the_winner_are_asked_at_once(cap: int) -> None:
    assert plan(cap=cap, deadline_at=NOW + HOUR / 2).size == cap + 1


def test_after_the_deadline_nobody_is_asked() -> None:
    found = plan(deadline_at=NOW)
    assert (found.size, found.next_at, found.answer_by) == (0, None, None)
    assert found.why == "The deadline has passed"


def test_with_nobody_left_the_plan_says_so() -> None:
    found = plan(left=0)
    assert (found.size, found.next_at, found.why) == (0, None, "Nobody is left to ask")


def test_the_next_wave_waits_for_the_morning() -> None:
    found = plan(now=NOW.replace(hour=20, minute=30), deadline_at=IN_THREE_WEEKS)
    assert found.next_at == NOW + 16 * HOUR
    assert found.why.endswith("next in 11 h 30 min")


def test_the_gap_is_real_time_when_the_clock_changes() -> None:
    eve = dt.datetime(2026, 10, 31, 20, 50, tzinfo=NOW.tzinfo)  # the night has 25 hours
    found = plan(now=eve, deadline_at=eve + dt.timedelta(days=9))
    assert found.next_at == dt.datetime(2026, 11, 1, 8, 0, tzinfo=NOW.tzinfo)
    assert found.why.endswith("next in 12 h 10 min")


def test_there_is_no_next_wave_when_only_the_night_is_left() -> None:
    evening = NOW.replace(hour=20, minute=58)
    found = plan(now=evening, deadline_at=evening + 8 * HOUR)
    assert found.size == 13
    assert found.next_at is None


@pytest.mark.parametrize(
    "wrong",
    [
        {"chance": -0.1},
        {"chance": 1.1},
        {"chance": math.nan},
        {"reply_minutes": 0},
        {"reply_minutes": math.inf},
    ],
)
def test_rejects_what_cannot_be(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="chance"):
        plan(**wrong)


anything = st.fixed_dictionaries(
    {
        "left": st.integers(0, 500),
        "out": ages,
        "chance": chances,
        "cap": st.integers(0, 40),
        "reply_minutes": st.floats(0.01, 2000),
    }
)


@given(minutes=minutes_left, hour=st.integers(0, 23), case=anything)
def test_every_plan_keeps_its_bounds(minutes: int, hour: int, case: dict[str, Any]) -> None:
    now = NOW.replace(hour=hour)
    deadline = now + minutes * MINUTE
    found = plan(now=now, deadline_at=deadline, **case)
    open_before, cap = len(case["out"]), case["cap"]
    assert 0 <= found.size <= case["left"]
    assert found.size + open_before <= max(cap + 1, open_before)
    assert (found.size > 0) is (found.answer_by is not None)
    assert found.size <= 1 or found.disappointed <= MOST_EXPECTED_DISAPPOINTED
    assert 0 <= found.chance <= 1
    assert math.isfinite(found.disappointed)
    assert len(found.why) <= 300
    if found.next_at is not None:
        assert now + 5 * MINUTE <= found.next_at < deadline
        assert not is_quiet(found.next_at, zone=ZONE)
    if found.answer_by is not None:
        assert now < found.answer_by <= deadline


@given(minutes=minutes_left, out=ages, chance=chances, cap=st.integers(0, 40))
def test_somebody_is_asked_unless_there_is_no_room_or_no_need(
    minutes: int, out: list[int], chance: float, cap: int
) -> None:
    found = plan(deadline_at=NOW + minutes * MINUTE, out=out, chance=chance, cap=cap)
    if found.size == 0:
        assert len(out) > cap or found.chance >= TARGET


@given(near=minutes_left, far=minutes_left, chance=chances, cap=st.integers(0, 60))
def test_less_time_never_means_fewer_people_or_longer_gaps(
    near: int, far: int, chance: float, cap: int
) -> None:
    assume(near <= far)
    soon = plan(deadline_at=NOW + near * MINUTE, chance=chance, cap=cap)
    late = plan(deadline_at=NOW + far * MINUTE, chance=chance, cap=cap)
    assert soon.size >= late.size
    if soon.next_at and late.next_at:
        assert soon.next_at <= late.next_at


@given(low=chances, high=chances, minutes=minutes_left, out=ages)
def test_a_better_chance_never_asks_more_people(
    low: float, high: float, minutes: int, out: list[int]
) -> None:
    assume(low <= high)
    deadline = NOW + minutes * MINUTE
    likely = plan(deadline_at=deadline, out=out, chance=high)
    assert likely.size <= plan(deadline_at=deadline, out=out, chance=low).size


@given(minutes=minutes_left, out=ages, chance=chances, age=st.integers(0, 500))
def test_one_more_open_offer_never_asks_more_people(
    minutes: int, out: list[int], chance: float, age: int
) -> None:
    deadline = NOW + minutes * MINUTE
    more = plan(deadline_at=deadline, out=[*out, age], chance=chance)
    assert more.size <= plan(deadline_at=deadline, out=out, chance=chance).size


@given(minutes=minutes_left, chance=chances, cap=st.integers(0, 40), left=st.integers(1, 500))
def test_a_higher_cap_never_asks_fewer_people(
    minutes: int, chance: float, cap: int, left: int
) -> None:
    deadline = NOW + minutes * MINUTE
    low = plan(deadline_at=deadline, chance=chance, cap=cap, left=left)
    assert plan(deadline_at=deadline, chance=chance, cap=cap + 1, left=left).size >= low.size


def fill(seed: int, *, deadline_at: dt.datetime, chance: float) -> tuple[int, bool]:
    """Play one opening: people who say yes do so after an exponential time. Asked, yeses."""
    dice = random.Random(seed)
    now: dt.datetime | None = NOW
    asked, yes_at = 0, math.inf
    open_until: list[tuple[dt.datetime, dt.datetime]] = []
    while now is not None:
        minute = (now - NOW) / MINUTE
        if yes_at <= minute:
            break
        open_until = [(since, until) for since, until in open_until if until > now]
        found = plan(
            now=now, deadline_at=deadline_at, chance=chance,
            out=[(now - since) / MINUTE for since, _ in open_until],
        )  # fmt: skip
        for _ in range(found.size):
            if dice.random() < chance:
                yes_at = min(yes_at, minute + dice.expovariate(math.log(2) / REPLY_MINUTES))
        open_until += [(now, found.answer_by or deadline_at)] * found.size
        asked += found.size
        now = found.next_at
    return asked, yes_at <= (deadline_at - NOW) / MINUTE


@pytest.mark.parametrize("deadline_at", [NOW + 5 * HOUR, NOW + dt.timedelta(days=6)])
def test_openings_are_filled_about_as_often_as_planned(deadline_at: dt.datetime) -> None:
    games = [fill(seed, deadline_at=deadline_at, chance=0.11) for seed in range(150)]
    filled = sum(yes for _, yes in games) / len(games)
    assert filled >= 0.85


def test_more_time_takes_fewer_people_for_the_same_result() -> None:
    def mean_asked(deadline_at: dt.datetime) -> float:
        return sum(fill(s, deadline_at=deadline_at, chance=0.11)[0] for s in range(100)) / 100

    assert mean_asked(IN_THREE_WEEKS) < mean_asked(NOW + 5 * HOUR)
