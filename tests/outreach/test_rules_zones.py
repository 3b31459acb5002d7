"""Where a person may be, as far as the clock matters."""

from __future__ import annotations

import datetime as dt

import pytest

from outreach.rules.quiet_hours import next_permitted_in_all
from outreach.rules.zones import zones_of_number, zones_of_person


@pytest.mark.parametrize(
    ("number", "zones"),
    [
        ("+16025550142", {"America/Phoenix"}),
        ("+12125550142", {"America/New_York"}),
        ("+61255501234", {"Australia/Sydney"}),
        ("+18125550142", {"America/New_York", "America/Chicago"}),  # Indiana has both
        ("+18504325550", {"America/New_York", "America/Chicago"}),  # and so has Florida's west
        ("+12085550142", {"America/Boise", "America/Denver", "America/Los_Angeles"}),
        ("+15205550142", {"America/Phoenix"}),  # Arizona keeps its clocks …
        ("+19285550142", {"America/Phoenix", "America/Denver"}),  # … but the Navajo Nation does not
        ("+18005550142", set()),  # toll-free: anywhere
        ("+15005550142", set()),  # personal numbers, too
        ("+447911123456", set()),  # a mobile that may be in any of four places
        ("+1", set()),
        ("", set()),
        ("no number", set()),
    ],
)
def test_an_area_code_tells_the_zone_or_nothing(number: str, zones: set[str]) -> None:
    assert zones_of_number(number[:8]) == zones


def test_every_zone_that_there_is_a_reason_for_counts() -> None:
    found = zones_of_person(address="America/Chicago", site="America/Denver", number="+16025550142")
    assert found == {"America/Chicago", "America/Denver", "America/Phoenix"}


def test_unknown_ones_are_left_out() -> None:
    assert zones_of_person(address="", site="America/Denver", number="") == {"America/Denver"}


@pytest.mark.parametrize(
    ("number", "day", "opens_at"),
    [
        # Indiana, an hour apart within one area code: eight is eight in Evansville.
        ("+18125550142", "2026-07-01", "2026-07-01T13:00Z"),
        ("+18125550142", "2026-12-01", "2026-12-01T14:00Z"),
        # The Navajo Nation is an hour ahead of the rest of Arizona in summer only.
        ("+19285550142", "2026-07-01", "2026-07-01T15:00Z"),
        ("+19285550142", "2026-12-01", "2026-12-01T15:00Z"),
        # The nights on which the clocks go forward, and back.
        ("+13125550142", "2026-03-08", "2026-03-08T13:00Z"),
        ("+13125550142", "2026-11-01", "2026-11-01T14:00Z"),
        ("+16025550142", "2026-03-08", "2026-03-08T15:00Z"),
    ],
)
def test_a_number_is_texted_from_eight_in_the_latest_of_its_zones(
    number: str, day: str, opens_at: str
) -> None:
    zones = zones_of_person(address="", site="", number=number)
    night = dt.datetime.fromisoformat(f"{day}T09:00Z")
    assert next_permitted_in_all(night, zones=zones) == dt.datetime.fromisoformat(opens_at)
