"""Where a person may be, as far as the clock matters."""

from __future__ import annotations

import pytest

from outreach.rules.zones import zones_of_number, zones_of_person


@pytest.mark.parametrize(
    ("number", "zones"),
    [
        ("+16025550142", {"America/Phoenix"}),
        ("+12125550142", {"America/New_York"}),
        ("+61255501234", {"Australia/Sydney"}),
        ("+18005550142", set()),  # toll-free: anywhere
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
