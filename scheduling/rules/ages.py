"""Ages in completed years."""

from __future__ import annotations

import datetime as dt


def age_on(birth_on: dt.date, day: dt.date) -> int:
    """Completed years; somebody born on February 29 has a birthday on March 1."""
    return day.year - birth_on.year - ((day.month, day.day) < (birth_on.month, birth_on.day))
