"""Quiet hours, on the days when clocks change too."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outreach.rules.quiet_hours import is_quiet, next_permitted, next_permitted_in_all

CHICAGO = "America/Chicago"
PHOENIX = "America/Phoenix"
INDIANAPOLIS = "America/Indiana/Indianapolis"
LORD_HOWE = "Australia/Lord_Howe"
ZONES = [CHICAGO, PHOENIX, INDIANAPOLIS, LORD_HOWE, "Pacific/Apia", "Asia/Kathmandu", "UTC"]

instants = st.datetimes(
    min_value=datetime(2005, 1, 1),  # noqa: DTZ001 Hypothesis wants naive bounds
    max_value=datetime(2035, 1, 1),  # noqa: DTZ001
    timezones=st.just(UTC),
)


def local(zone: str, *when: int) -> datetime:
    return datetime(*when, tzinfo=ZoneInfo(zone))  # type: ignore[misc,arg-type]


@pytest.mark.parametrize(
    ("when", "quiet"),
    [
        ((2026, 12, 1, 7, 59, 59), True),
        ((2026, 12, 1, 8, 0, 0), False),
        ((2026, 12, 1, 20, 59, 59), False),
        ((2026, 12, 1, 21, 0, 0), True),
        ((2026, 12, 1, 0, 0, 0), True),
    ],
)
def test_is_open_from_eight_until_just_before_nine_in_the_evening(
    when: tuple[int, ...], quiet: bool
) -> None:
    assert is_quiet(local(CHICAGO, *when), zone=CHICAGO) is quiet


def test_returns_the_instant_itself_when_it_is_permitted() -> None:
    at = local(PHOENIX, 2026, 12, 1, 12, 0)
    assert next_permitted(at, zone=CHICAGO) is at


@pytest.mark.fault(13)
@pytest.mark.parametrize(
    ("zone", "at", "opening"),
    [
        # The night before the clocks go forward is an hour short, before they go back one long.
        (CHICAGO, "2026-03-08T03:00Z", "2026-03-08T13:00Z"),
        (CHICAGO, "2026-03-07T03:00Z", "2026-03-07T14:00Z"),
        (CHICAGO, "2026-11-01T02:00Z", "2026-11-01T14:00Z"),
        (CHICAGO, "2026-10-31T02:00Z", "2026-10-31T13:00Z"),
        # Arizona keeps its clocks.
        (PHOENIX, "2026-03-08T05:00Z", "2026-03-08T15:00Z"),
        (PHOENIX, "2026-11-01T05:00Z", "2026-11-01T15:00Z"),
        # Indiana changes them since 2006 only.
        (INDIANAPOLIS, "2005-07-01T03:00Z", "2005-07-01T13:00Z"),
        (INDIANAPOLIS, "2026-07-01T03:00Z", "2026-07-01T12:00Z"),
        (INDIANAPOLIS, "2026-11-01T03:00Z", "2026-11-01T13:00Z"),
        # Lord Howe changes them by half an hour: +10:30 in winter, +11:00 in summer.
        (LORD_HOWE, "2026-04-04T12:00Z", "2026-04-04T21:30Z"),
        (LORD_HOWE, "2026-04-03T12:00Z", "2026-04-03T21:00Z"),
        (LORD_HOWE, "2026-10-03T12:00Z", "2026-10-03T21:00Z"),
        (LORD_HOWE, "2026-10-02T12:00Z", "2026-10-02T21:30Z"),
    ],
)
def test_opens_at_eight_on_the_wall_whatever_the_clocks_did(
    zone: str, at: str, opening: str
) -> None:
    found = next_permitted(datetime.fromisoformat(at), zone=zone)
    assert found == datetime.fromisoformat(opening)
    assert found.tzinfo is UTC


def test_before_eight_opens_the_same_day_and_after_nine_the_next() -> None:
    early = next_permitted(local(CHICAGO, 2026, 12, 1, 5, 0), zone=CHICAGO)
    late = next_permitted(local(CHICAGO, 2026, 12, 1, 21, 0), zone=CHICAGO)
    assert early == local(CHICAGO, 2026, 12, 1, 8, 0)
    assert late == local(CHICAGO, 2026, 12, 2, 8, 0)


def test_an_opening_hour_that_the_clock_skips_is_the_end_of_the_gap() -> None:
    at = local(CHICAGO, 2026, 3, 8, 0, 30)
    found = next_permitted(at, zone=CHICAGO, opens=2, closes=21)
    assert found == local(CHICAGO, 2026, 3, 8, 3, 0)


def test_hours_that_the_clock_skips_altogether_wait_for_the_next_day() -> None:
    at = local(CHICAGO, 2026, 3, 8, 0, 30)
    found = next_permitted(at, zone=CHICAGO, opens=2, closes=3)
    assert found == local(CHICAGO, 2026, 3, 9, 2, 0)


def test_a_day_that_the_calendar_skips_is_passed_over() -> None:
    # Samoa had no 30 December 2011.
    at = local("Pacific/Apia", 2011, 12, 29, 22, 0)
    assert next_permitted(at, zone="Pacific/Apia") == local("Pacific/Apia", 2011, 12, 31, 8, 0)


@given(at=instants, zone=st.sampled_from(ZONES))
def test_the_answer_is_permitted_and_the_first_such_instant(at: datetime, zone: str) -> None:
    found = next_permitted(at, zone=zone)
    assert found >= at
    assert not is_quiet(found, zone=zone)
    if found > at:
        assert is_quiet(at, zone=zone)
        assert is_quiet(found - timedelta(seconds=1), zone=zone)
        step = (found - at) / 20
        assert all(is_quiet(at + step * n, zone=zone) for n in range(20))


def test_of_several_zones_the_strictest_holds() -> None:
    # 20:30 in Phoenix is 21:30 in Chicago in winter; eight in Chicago is seven in Phoenix.
    at = local(PHOENIX, 2026, 12, 1, 20, 30)
    assert next_permitted(at, zone=PHOENIX) == at
    found = next_permitted_in_all(at, zones=[PHOENIX, CHICAGO])
    assert found == local(PHOENIX, 2026, 12, 2, 8, 0)
    noon = local(PHOENIX, 2026, 12, 2, 12, 0)
    assert next_permitted_in_all(noon, zones=[CHICAGO, PHOENIX]) == noon


@given(at=instants, zones=st.sets(st.sampled_from(ZONES), min_size=1))
def test_legal_hours_always_find_a_time_that_suits_any_zones(at: datetime, zones: set[str]) -> None:
    try:
        found = next_permitted_in_all(at, zones=sorted(zones))
    except ValueError:
        # Three zones around the globe may have no hour in common.
        assert len(zones) > 2
        return
    assert found >= at
    assert not any(is_quiet(found, zone=zone) for zone in zones)


def test_refuses_what_it_cannot_know() -> None:
    at = local(CHICAGO, 2026, 12, 1, 12, 0)
    with pytest.raises(ValueError, match="aware"):
        is_quiet(at.replace(tzinfo=None), zone=CHICAGO)
    with pytest.raises(ZoneInfoNotFoundError):
        is_quiet(at, zone="America/Atlantis")
    with pytest.raises(ValueError, match="opens < closes"):
        next_permitted(at, zone=CHICAGO, opens=21, closes=8)
    with pytest.raises(ValueError, match="No zone"):
        next_permitted_in_all(at, zones=[])
    with pytest.raises(ValueError, match="suits all"):
        next_permitted_in_all(at, zones=[CHICAGO, "Asia/Tokyo"], opens=9, closes=12)
