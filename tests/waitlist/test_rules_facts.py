from __future__ import annotations

import datetime as dt
import math

import pytest

from crm.models.people import PARTS_OF_DAY
from scheduling.rules.distance import miles_between
from scheduling.states import Modality
from tests.waitlist.rules_cast import NOW, SITE, TZ, person, slot
from waitlist.rules.facts import PartOfDay, part_of_day
from waitlist.rules.fit import days_gained, measure, trip_miles


def test_uses_the_same_parts_of_day_as_the_patient_record() -> None:
    assert [part.value for part in PartOfDay] == [value for value, _ in PARTS_OF_DAY]


@pytest.mark.parametrize(
    ("hour", "part"),
    [(0, "morning"), (11, "morning"), (12, "afternoon"), (16, "afternoon"), (17, "evening")],
)
def test_splits_the_day_at_noon_and_at_five(hour: int, part: str) -> None:
    assert part_of_day(hour) == part


def test_a_slot_knows_its_local_day_not_that_of_utc() -> None:
    late = slot(starts_at=dt.datetime(2026, 12, 9, 1, 0, tzinfo=dt.UTC))  # 7 PM on the 8th
    assert late.local_date == dt.date(2026, 12, 8)
    assert (late.local_weekday, late.local_part_of_day) == (1, PartOfDay.EVENING)


def test_a_slot_refuses_a_naive_start() -> None:
    with pytest.raises(ValueError, match="aware"):
        slot(starts_at=dt.datetime(2026, 12, 8, 9, 0))  # noqa: DTZ001 the point


def test_a_slot_refuses_an_unknown_zone() -> None:
    with pytest.raises(KeyError):
        slot(zone="America/Nowhere")


def test_counts_days_gained_across_a_clock_change_in_whole_local_days() -> None:
    before = slot(starts_at=dt.datetime(2026, 10, 31, 23, 30, tzinfo=TZ))
    after = person(later_starts_at=dt.datetime(2026, 11, 2, 0, 30, tzinfo=TZ))
    assert days_gained(before, after) == 2


def test_counts_notice_in_real_time_over_a_clock_change() -> None:
    morning = slot(starts_at=dt.datetime(2026, 11, 1, 8, 0, tzinfo=TZ))
    at = dt.datetime(2026, 10, 31, 20, 0, tzinfo=TZ)
    assert measure(morning, person(), at=at).notice_minutes == 13 * 60


def test_has_no_days_gained_without_a_later_visit() -> None:
    assert measure(slot(), person(later_starts_at=None), at=NOW).days_gained is None


def test_a_wait_that_begins_tomorrow_by_a_slow_clock_is_no_wait() -> None:
    assert (
        measure(slot(), person(waiting_since=NOW + dt.timedelta(days=1)), at=NOW).waited_days == 0
    )


def test_measures_miles_along_the_great_circle() -> None:
    chicago_to_milwaukee = miles_between(41.8781, -87.6298, 43.0389, -87.9065)
    assert chicago_to_milwaukee == pytest.approx(81.4, abs=0.5)
    assert miles_between(0, 0, 0, 180) == pytest.approx(math.pi * 3958.8)


def test_measures_miles_across_the_date_line() -> None:
    assert miles_between(0, 179.5, 0, -179.5) == pytest.approx(69.1, abs=0.1)


@pytest.mark.parametrize("bad", [None, math.nan, math.inf, 91.0])
def test_has_no_miles_for_a_missing_or_impossible_place(bad: float | None) -> None:
    assert miles_between(bad, 0.0, 0.0, 0.0) is None
    assert miles_between(0.0, 0.0, bad, 0.0) is None


def test_a_video_visit_has_no_trip() -> None:
    assert trip_miles(slot(), person()) == pytest.approx(3.0, abs=0.05)
    assert trip_miles(slot(modality=Modality.VIDEO), person(latitude=SITE[0] + 9)) is None
