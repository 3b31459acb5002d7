"""Times as patients read them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from outreach.rules.segments import count_segments, to_gsm7
from outreach.rules.times import say_time
from outreach.texts import FIELDS, LANGUAGES

AT = datetime(2026, 12, 1, 15, 40, tzinfo=UTC)


@pytest.mark.parametrize(
    ("at", "zone", "language", "said"),
    [
        (AT, "America/Chicago", "en", "Tue Dec 1, 9:40 AM"),
        (AT, "America/Chicago", "es", "mar 1 dic, 9:40 AM"),
        (AT, "America/Phoenix", "en", "Tue Dec 1, 8:40 AM"),
        (AT, "America/Chicago", "es-MX", "mar 1 dic, 9:40 AM"),
        (AT, "America/Chicago", "zh", "Tue Dec 1, 9:40 AM"),
        # The site's date, not the server's.
        (AT.replace(hour=5), "America/Chicago", "en", "Mon Nov 30, 11:40 PM"),
        (AT.replace(hour=5), "America/Chicago", "es", "lun 30 nov, 11:40 PM"),
        (AT.replace(hour=18, minute=0), "America/Chicago", "en", "Tue Dec 1, 12:00 PM"),
        (AT.replace(hour=6, minute=5), "America/Chicago", "en", "Tue Dec 1, 12:05 AM"),
        # Across the change of clocks in March.
        (datetime(2026, 3, 9, 14, 0, tzinfo=UTC), "America/Chicago", "en", "Mon Mar 9, 9:00 AM"),
        (datetime(2026, 3, 6, 15, 0, tzinfo=UTC), "America/Chicago", "en", "Fri Mar 6, 9:00 AM"),
        (datetime(2028, 2, 29, 15, 0, tzinfo=UTC), "America/Chicago", "es", "mar 29 feb, 9:00 AM"),
    ],
)
def test_says_weekday_day_and_time_at_the_site(
    at: datetime, zone: str, language: str, said: str
) -> None:
    assert say_time(at, zone, language) == said


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_day_of_the_year_takes_more_room_than_reckoned_with(language: str) -> None:
    noons = (datetime(2026, 1, 1, 12, 50, tzinfo=UTC) + timedelta(days=n) for n in range(366))
    said = [to_gsm7(say_time(noon, "UTC", language)) for noon in noons]
    assert max(count_segments(text).units for text in said) <= len(FIELDS["time"].longest)
    assert len(set(said)) == 366


def test_refuses_a_naive_time() -> None:
    with pytest.raises(ValueError, match="aware"):
        say_time(AT.replace(tzinfo=None), "America/Chicago", "en")
