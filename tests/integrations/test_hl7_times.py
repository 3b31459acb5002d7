"""Time stamps with and without an offset, and the nights when clocks change."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from integrations.hl7v2.times import BadStamp, read_day, read_stamp, write_stamp

CHICAGO = ZoneInfo("America/Chicago")


def utc(  # noqa: PLR0917 - reads like datetime
    year: int, month: int, day: int, hour: int, minute: int = 0, second: int = 0, part: int = 0
) -> dt.datetime:
    return dt.datetime(year, month, day, hour, minute, second, part, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("20210924093000+0215", utc(2021, 9, 24, 7, 15)),
        ("202109240930+0215", utc(2021, 9, 24, 7, 15)),
        ("202109240930-0500", utc(2021, 9, 24, 14, 30)),
        ("2021092409Z", utc(2021, 9, 24, 9)),
        ("20210924093000.1234-05:00", utc(2021, 9, 24, 14, 30, 0, 123400)),
        ("202109240930", utc(2021, 9, 24, 14, 30)),  # summer in Chicago
        ("202101240930", utc(2021, 1, 24, 15, 30)),  # winter in Chicago
        ("2021092409", utc(2021, 9, 24, 14)),
        ("20240229120000", utc(2024, 2, 29, 18)),
    ],
)
def test_reads_a_stamp(text: str, at: dt.datetime) -> None:
    stamp = read_stamp(text, CHICAGO)
    assert stamp.at == at
    assert stamp.at.tzinfo is dt.UTC
    assert stamp.note == ""


@pytest.mark.parametrize(
    ("zone", "text", "at", "word"),
    [
        # 02:00 CST became 03:00 CDT: 02:30 is taken for 03:30.
        ("America/Chicago", "202603080230", utc(2026, 3, 8, 8, 30), "does not exist"),
        # 01:30 happened at CDT and, an hour later, at CST.
        ("America/Chicago", "202611010130", utc(2026, 11, 1, 6, 30), "happens twice"),
        ("America/Indiana/Indianapolis", "202611010130", utc(2026, 11, 1, 5, 30), "happens twice"),
        # Lord Howe moves by half an hour.
        ("Australia/Lord_Howe", "202604050145", utc(2026, 4, 4, 14, 45), "happens twice"),
        ("Australia/Lord_Howe", "202610040215", utc(2026, 10, 3, 15, 45), "does not exist"),
        # Phoenix never changes.
        ("America/Phoenix", "202603080230", utc(2026, 3, 8, 9, 30), ""),
        ("America/Phoenix", "202611010130", utc(2026, 11, 1, 8, 30), ""),
        # With an offset nothing is unclear.
        ("America/Chicago", "202611010130-0600", utc(2026, 11, 1, 7, 30), ""),
    ],
)
def test_reads_wall_time_where_clocks_change(
    zone: str, text: str, at: dt.datetime, word: str
) -> None:
    stamp = read_stamp(text, ZoneInfo(zone))
    assert stamp.at == at
    assert word in stamp.note
    assert bool(stamp.note) == bool(word)


@pytest.mark.parametrize(
    "text",
    [
        *("", "soon", "20210924", "202109", "20211324093000", "20210230093000"),
        *("202109242530", "20210924093000+2500", "20210924093000+0299", "000101010930", "9" * 14),
        *("\uff12021092409", "202109240930+02", '""'),
    ],
)
def test_refuses_what_is_no_point_in_time(text: str) -> None:
    with pytest.raises(BadStamp):
        read_stamp(text, CHICAGO)


def test_says_that_a_day_is_not_enough() -> None:
    with pytest.raises(BadStamp, match="a day without a time"):
        read_stamp("20210924", CHICAGO)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("19880818", dt.date(1988, 8, 18)),
        ("198808181126+0215", dt.date(1988, 8, 18)),
        ("1988", None),
        ("198813", None),
        ("19881332", None),
        ("", None),
    ],
)
def test_reads_a_day(text: str, day: dt.date | None) -> None:
    assert read_day(text) == day


@settings(deadline=None)  # a busy machine is no failure
@given(
    st.datetimes(
        min_value=dt.datetime(1950, 1, 1),  # noqa: DTZ001
        max_value=dt.datetime(2100, 1, 1),  # noqa: DTZ001
        timezones=st.sampled_from([dt.UTC, CHICAGO, ZoneInfo("Australia/Lord_Howe")]),
    ).map(lambda at: at.replace(microsecond=0))
)
def test_reads_back_what_it_writes(at: dt.datetime) -> None:
    # In UTC, since Python calls a repeated hour unequal to the same instant in another zone.
    assert read_stamp(write_stamp(at), ZoneInfo("Asia/Tokyo")).at == at.astimezone(dt.UTC)
