"""What a weekly pattern makes of a span of days, by the wall clocks of five zones."""

from __future__ import annotations

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduling.rules.holidays import closed_days, observed_on
from scheduling.rules.recurrence import days_of
from scheduling.rules.releasing import first_moment
from scheduling.rules.templates import (
    Deviation,
    Pattern,
    Period,
    Release,
    SlotTime,
    clash,
    expand,
)
from scheduling.states import ExceptionKind, Holiday

CHICAGO = ZoneInfo("America/Chicago")
ZONES = (
    "America/Chicago",
    "America/Phoenix",  # never changes
    "America/Indiana/Indianapolis",
    "Australia/Lord_Howe",  # half an hour
    "Asia/Dubai",
)
#: The Sundays on which Chicago's clock goes forward and back.
FORWARD, BACK = dt.date(2027, 3, 14), dt.date(2026, 11, 1)


def pattern(**other: Any) -> Pattern:
    facts: dict[str, Any] = {
        "pk": 1,
        "weekday": 0,
        "starts": dt.time(8),
        "ends": dt.time(10),
        "slot_minutes": 30,
        "valid_from_on": dt.date(2026, 1, 1),
    }
    return Pattern(**(facts | other))


def on(day: dt.date, found: Pattern, *extra: Deviation, **other: Any) -> tuple[SlotTime, ...]:
    zone = other.pop("zone", CHICAGO)
    return expand([found], extra, first_on=day, last_on=day, zone=zone, **other)


def starts(found: tuple[SlotTime, ...], zone: ZoneInfo = CHICAGO) -> list[str]:
    return [f"{slot.starts_at.astimezone(zone):%H:%M}" for slot in found]


def sunday(begins: str, ends: str) -> Pattern:
    return pattern(
        weekday=6, starts=dt.time.fromisoformat(begins), ends=dt.time.fromisoformat(ends)
    )


@pytest.mark.parametrize(
    ("begins", "ends", "expected"),
    [
        ("01:30", "03:30", ["01:30", "03:00"]),  # one hour and not two
        ("02:00", "03:00", []),  # there is no such hour
        ("02:15", "04:00", ["03:00", "03:30"]),  # begins when the gap has passed
        ("08:00", "09:00", ["08:00", "08:30"]),
    ],
)
def test_an_hour_that_the_clock_skips_has_no_slots(
    begins: str, ends: str, expected: list[str]
) -> None:
    assert starts(on(FORWARD, sunday(begins, ends))) == expected


@pytest.mark.parametrize(
    ("begins", "ends", "hours"),
    [
        ("01:00", "02:00", 2.0),  # until the wall clock first shows 2:00
        ("01:30", "01:59", 0.0),  # once, and too short for a slot
        ("01:00", "01:30", 0.5),  # the first time that it is 1:00
        ("00:30", "02:30", 3.0),
    ],
)
def test_an_hour_that_comes_twice_is_worked_through_once_begun(
    begins: str, ends: str, hours: float
) -> None:
    found = on(BACK, sunday(begins, ends))
    assert len(found) * 0.5 == hours
    assert len({slot.starts_at for slot in found}) == len(found)


@given(
    zone=st.sampled_from(ZONES),
    day=st.dates(dt.date(2026, 10, 1), dt.date(2027, 4, 30)),
    begins=st.times().map(lambda t: t.replace(second=0, microsecond=0)),
    length=st.integers(5, 600),
    minutes=st.integers(5, 90),
)
def test_slots_of_a_session_follow_one_another_within_its_hours(
    zone: str, day: dt.date, begins: dt.time, length: int, minutes: int
) -> None:
    tz = ZoneInfo(zone)
    ends = (dt.datetime.combine(day, begins) + dt.timedelta(minutes=length)).time()
    if ends <= begins:
        return
    found = on(
        day,
        pattern(weekday=day.weekday(), starts=begins, ends=ends, slot_minutes=minutes),
        zone=tz,
    )
    first, last = first_moment(day, begins, tz), first_moment(day, ends, tz)
    # As many as fit into the real time between, whatever the clock did.
    assert len(found) == max(0, int((last - first).total_seconds()) // (60 * minutes))
    for number, slot in enumerate(found):
        assert slot.starts_at == first + number * dt.timedelta(minutes=minutes)
        assert slot.ends_at - slot.starts_at == dt.timedelta(minutes=minutes)
        shown = slot.starts_at.astimezone(tz)
        assert shown.date() == day
        assert shown.time() >= begins or shown.fold == 1
    # Split at any day or not, it is the same schedule.
    both = expand(
        [pattern(weekday=day.weekday(), starts=begins, ends=ends, slot_minutes=minutes)],
        first_on=day - dt.timedelta(days=7),
        last_on=day,
        zone=tz,
    )
    assert [slot for slot in both if slot.starts_at >= first] == list(found)


@given(
    every=st.integers(1, 6),
    weekday=st.integers(0, 6),
    start=st.dates(dt.date(2026, 1, 1), dt.date(2026, 3, 1)),
    skip=st.integers(0, 200),
)
def test_every_nth_week_is_counted_from_the_week_of_the_first_date(
    every: int, weekday: int, start: dt.date, skip: int
) -> None:
    def days(first_on: dt.date) -> list[dt.date]:
        return list(
            days_of(
                weekday=weekday,
                every_weeks=every,
                valid_from_on=start,
                valid_until_on=dt.date(2026, 12, 31),
                first_on=first_on,
                last_on=dt.date(2027, 2, 1),
            )
        )

    monday = start - dt.timedelta(days=start.weekday())
    every_day = [start + dt.timedelta(days=n) for n in range(400)]
    expected = [
        day
        for day in every_day
        if day <= dt.date(2026, 12, 31)
        and day.weekday() == weekday
        and (day - monday).days // 7 % every == 0
    ]
    since = start + dt.timedelta(days=skip)
    assert days(start) == expected
    assert days(since) == [day for day in expected if day >= since]


MONDAY = dt.date(2026, 11, 23)


@pytest.mark.parametrize(
    ("deviation", "expected"),
    [
        (Deviation(1, MONDAY, ExceptionKind.CANCELLED), []),
        (Deviation(1, MONDAY, ExceptionKind.CHANGED, dt.time(9), dt.time(10)), ["09:00", "09:30"]),
        (
            Deviation(1, MONDAY, ExceptionKind.EXTRA, dt.time(9, 45), dt.time(11)),
            # 9:45 would overlap the usual 9:30, so only what follows is new.
            ["08:00", "08:30", "09:00", "09:30", "10:15"],
        ),
        (
            Deviation(1, MONDAY + dt.timedelta(days=1), ExceptionKind.CANCELLED),
            ["08:00", "08:30", "09:00", "09:30"],
        ),
    ],
)
def test_one_date_differs(deviation: Deviation, expected: list[str]) -> None:
    assert starts(on(MONDAY, pattern(), deviation)) == expected


def test_an_extra_session_is_on_any_weekday() -> None:
    saturday = MONDAY - dt.timedelta(days=2)
    extra = Deviation(1, saturday, ExceptionKind.EXTRA, dt.time(9), dt.time(10))
    assert starts(on(saturday, pattern(), extra)) == ["09:00", "09:30"]


def test_a_slot_that_touches_leave_is_left_out() -> None:
    away = Period(
        first_moment(MONDAY, dt.time(8, 45), CHICAGO), first_moment(MONDAY, dt.time(9, 30), CHICAGO)
    )
    assert starts(on(MONDAY, pattern(), absences=[away])) == ["08:00", "09:30"]


def test_nobody_works_on_a_holiday() -> None:
    extra = Deviation(1, MONDAY, ExceptionKind.EXTRA, dt.time(14), dt.time(15))
    assert on(MONDAY, pattern(), extra, holidays={MONDAY}) == ()


def test_a_restriction_lifts_on_the_sites_clock_or_hours_before() -> None:
    day = dt.date(2027, 3, 15)  # the Monday after the clock went forward
    by_day = pattern(release=Release(days_before=2, at_time=dt.time(7)))
    by_hours = pattern(release=Release(hours_before=72))
    lifts = first_moment(dt.date(2027, 3, 13), dt.time(7), CHICAGO)
    assert {slot.release_at for slot in on(day, by_day)} == {lifts}
    assert all(
        slot.release_at == slot.starts_at - dt.timedelta(hours=72) for slot in on(day, by_hours)
    )


@pytest.mark.parametrize(
    ("other", "expected"),
    [
        ({"starts": dt.time(9, 30), "ends": dt.time(12)}, True),
        ({"starts": dt.time(10), "ends": dt.time(12)}, False),
        ({"weekday": 1}, False),
        ({"valid_from_on": dt.date(2027, 1, 4)}, False),
        # Every other week, from the one week and from the other: never together.
        ({"every_weeks": 2, "valid_from_on": dt.date(2026, 1, 12)}, False),
        ({"every_weeks": 3, "valid_from_on": dt.date(2026, 1, 12)}, True),
    ],
)
def test_sessions_of_one_clinician_clash(other: dict[str, Any], expected: bool) -> None:
    every_other = pattern(
        every_weeks=2, valid_from_on=dt.date(2026, 1, 5), valid_until_on=dt.date(2026, 12, 31)
    )
    assert clash(every_other, pattern(**{"every_weeks": 1} | other)) is expected
    assert clash(pattern(**{"every_weeks": 1} | other), every_other) is expected


@pytest.mark.parametrize(
    ("holiday", "year", "day"),
    [
        (Holiday.THANKSGIVING, 2026, dt.date(2026, 11, 26)),
        (Holiday.INDEPENDENCE, 2026, dt.date(2026, 7, 3)),  # a Saturday
        (Holiday.CHRISTMAS, 2027, dt.date(2027, 12, 24)),
        (Holiday.JUNETEENTH, 2022, dt.date(2022, 6, 20)),  # a Sunday
        (Holiday.KING, 2027, dt.date(2027, 1, 18)),
        (Holiday.MEMORIAL, 2027, dt.date(2027, 5, 31)),
        (Holiday.LABOR, 2026, dt.date(2026, 9, 7)),
    ],
)
def test_holidays_are_kept_as_federal_offices_keep_them(
    holiday: Holiday, year: int, day: dt.date
) -> None:
    assert observed_on(holiday, year) == day


def test_new_years_day_may_be_kept_in_the_old_year() -> None:
    days = dict(closed_days([Holiday.NEW_YEAR], dt.date(2021, 12, 1), dt.date(2021, 12, 31)))
    assert days == {dt.date(2021, 12, 31): Holiday.NEW_YEAR}
