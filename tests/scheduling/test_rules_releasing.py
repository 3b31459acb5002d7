"""When a release rule lifts, in zones whose clocks change by an hour, by half, north and south."""

from __future__ import annotations

import datetime as dt
import itertools
from functools import cache
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduling.rules import (
    PatientFacts,
    ReleaseTerms,
    SlotFacts,
    everything_that_hides,
    opens_by_the_clock,
    release_at,
)
from scheduling.states import Restriction, SlotStatus

#: A northern one, one of Europe, one with a half-hour offset, a southern one, and one whose
#: clock changes by half an hour.
ZONES = (
    "America/Chicago",
    "Europe/London",
    "America/St_Johns",
    "Pacific/Auckland",
    "Australia/Lord_Howe",
)
MINUTE = dt.timedelta(minutes=1)
DAY = dt.timedelta(days=1)


@cache
def changes(zone: str) -> tuple[dt.date, ...]:
    """The two days of 2026 on which the zone's clock changes."""
    first, site = dt.date(2026, 1, 1), ZoneInfo(zone)
    midnights = [dt.datetime.combine(first + n * DAY, dt.time.min, site) for n in range(366)]
    pairs = itertools.pairwise(midnights)
    return tuple(one.date() for one, then in pairs if one.utcoffset() != then.utcoffset())


@cache
def minutes_of(zone: str, day: dt.date) -> tuple[tuple[dt.datetime, dt.datetime], ...]:
    """Every minute of the site's day, as it passes: in UTC, and as its wall clock shows it."""
    start = dt.datetime.combine(day, dt.time.min, dt.UTC) - DAY
    shown = ((start + n * MINUTE) for n in range(3 * 24 * 60))
    walls = ((now, now.astimezone(ZoneInfo(zone)).replace(tzinfo=None)) for now in shown)
    return tuple((now, wall) for now, wall in walls if wall.date() == day)


@pytest.mark.parametrize("zone", ZONES)
def test_a_day_on_which_the_clock_changes_opens_when_the_wall_clock_first_gets_there(
    zone: str,
) -> None:
    """Against going through the day minute by minute: a skipped time is the moment of the jump,
    a repeated one its first showing."""
    assert len(changes(zone)) == 2
    for day in changes(zone):
        starts = minutes_of(zone, day)[-1][0] + 2 * DAY
        for half_hours in range(47):
            wall = dt.time(half_hours // 2, half_hours % 2 * 30)
            rule = ReleaseTerms(
                days_before=(starts.astimezone(ZoneInfo(zone)).date() - day).days, at_time=wall
            )
            reached = next(now for now, shown in minutes_of(zone, day) if shown.time() >= wall)
            assert release_at(rule, starts, zone) == reached


starts_of_slots = st.integers(0, 720 * 24 * 60).map(
    lambda minute: dt.datetime(2026, 1, 3, tzinfo=dt.UTC) + minute * MINUTE
)


@given(zone=st.sampled_from(ZONES), starts=starts_of_slots, hours=st.integers(0, 400))
def test_hours_are_real_hours(zone: str, starts: dt.datetime, hours: int) -> None:
    at_site = starts.astimezone(ZoneInfo(zone))
    opens = release_at(ReleaseTerms(hours_before=hours), at_site, zone)
    assert starts - opens == dt.timedelta(hours=hours)


@given(
    zone=st.sampled_from(ZONES),
    starts=starts_of_slots,
    days=st.integers(0, 60),
    wall=st.times().map(lambda time: time.replace(second=0, microsecond=0)),
)
def test_a_time_of_day_is_the_sites_and_comes_no_later_than_the_slot(
    zone: str, starts: dt.datetime, days: int, wall: dt.time
) -> None:
    site = ZoneInfo(zone)
    opens = release_at(ReleaseTerms(days_before=days, at_time=wall), starts, zone)
    assert opens <= starts
    shown, just_before = opens.astimezone(site), (opens - MINUTE).astimezone(site)
    day = starts.astimezone(site).date() - days * DAY
    if opens < starts:
        assert shown.date() == day
        assert shown.time() >= wall
    assert just_before.date() < day or just_before.time() < wall or just_before.fold == 1


@given(
    zone=st.sampled_from(ZONES),
    starts=starts_of_slots,
    kept=st.sampled_from([Restriction.SAME_DAY, Restriction.SAME_WEEK, Restriction.DAYS_BEFORE]),
    released=st.booleans(),
    before=st.timedeltas(dt.timedelta(0), dt.timedelta(days=20)),
)
def test_a_slot_that_waits_for_the_clock_opens_at_the_moment_that_is_named(
    zone: str, starts: dt.datetime, kept: Restriction, released: bool, before: dt.timedelta
) -> None:
    """Hidden at every instant before that moment, and open from it on: half-open."""
    slot = SlotFacts(
        status=SlotStatus.FREE,
        starts_at=starts,
        zone=zone,
        capacity=1,
        taken=0,
        restriction=kept,
        restriction_days=4,
        lead=dt.timedelta(0),
        release_at=starts - before if released else None,
    )
    opens = opens_by_the_clock(slot)

    def hides(at: dt.datetime) -> bool:
        return kept.value in {one.rule.value for one in everything_that_hides(slot, at=at)}

    assert not hides(opens)
    assert not hides(max(opens, starts - MINUTE))
    assert hides(opens - dt.timedelta(microseconds=1))


def test_open_to_all_from_seven_is_closed_until_seven_on_its_own_day() -> None:
    site = ZoneInfo("America/Chicago")
    starts = dt.datetime(2026, 11, 3, 10, tzinfo=site)
    seven = release_at(ReleaseTerms(days_before=0, at_time=dt.time(7)), starts, site.key)
    slot = SlotFacts(
        status=SlotStatus.FREE,
        starts_at=starts,
        zone=site.key,
        capacity=1,
        taken=0,
        restriction=Restriction.SAME_DAY,
        restriction_reason="walk-ins",
        restriction_owner="Kim Ortiz",
        lead=dt.timedelta(0),
        release_at=seven,
    )
    (before,) = everything_that_hides(slot, at=starts.replace(hour=6, minute=59))
    assert before.sentence == (
        "It is kept for its own day (walk-ins), ask Kim Ortiz; it opens to all at 7:00 AM today."
    )
    (yesterday,) = everything_that_hides(slot, at=starts - DAY)
    assert yesterday.sentence.endswith("it opens to all on Tue Nov 3 at 7:00 AM.")
    anybody = PatientFacts(birth_on=None, is_established=False, is_busy_then=False)
    assert everything_that_hides(slot, at=starts.replace(hour=7), patient=anybody) == ()


@pytest.mark.parametrize(
    "terms",
    [
        {},
        {"days_before": 1},
        {"at_time": dt.time(7)},
        {"days_before": 1, "hours_before": 2},
        {"days_before": 1, "at_time": dt.time(7), "hours_before": 2},
    ],
)
def test_a_rule_says_when_in_one_way(terms: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="time of day"):
        ReleaseTerms(**terms)  # type: ignore[arg-type]
