"""When federal holidays of the United States are observed (5 U.S.C. 6103).

A table of eleven lines that Congress changes once in a generation (Juneteenth, 2021): not worth a
package. What else a site closes for is an absence.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator

from scheduling.states import Holiday

MONDAY, THURSDAY, SATURDAY, SUNDAY = 0, 3, 5, 6


def _fixed(month: int, day: int) -> Callable[[int], dt.date]:
    return lambda year: dt.date(year, month, day)


def _nth(nth: int, weekday: int, month: int) -> Callable[[int], dt.date]:
    def found(year: int) -> dt.date:
        first = dt.date(year, month, 1)
        return first + dt.timedelta(days=(weekday - first.weekday()) % 7 + 7 * (nth - 1))

    return found


def _last_monday_of_may(year: int) -> dt.date:
    last = dt.date(year, 5, 31)
    return last - dt.timedelta(days=last.weekday())


HOLIDAYS: dict[Holiday, Callable[[int], dt.date]] = {
    Holiday.NEW_YEAR: _fixed(1, 1),
    Holiday.KING: _nth(3, MONDAY, 1),
    Holiday.PRESIDENTS: _nth(3, MONDAY, 2),
    Holiday.MEMORIAL: _last_monday_of_may,
    Holiday.JUNETEENTH: _fixed(6, 19),
    Holiday.INDEPENDENCE: _fixed(7, 4),
    Holiday.LABOR: _nth(1, MONDAY, 9),
    Holiday.COLUMBUS: _nth(2, MONDAY, 10),
    Holiday.VETERANS: _fixed(11, 11),
    Holiday.THANKSGIVING: _nth(4, THURSDAY, 11),
    Holiday.CHRISTMAS: _fixed(12, 25),
}


def observed_on(holiday: Holiday, year: int) -> dt.date:
    """The day on which the holiday of that year is kept: a Saturday's on Friday, a Sunday's on
    Monday (Executive Order 11582)."""
    day = HOLIDAYS[holiday](year)
    if day.weekday() == SATURDAY:
        return day - dt.timedelta(days=1)
    return day + dt.timedelta(days=1) if day.weekday() == SUNDAY else day


def closed_days(
    kept: Iterable[Holiday], first_on: dt.date, last_on: dt.date
) -> Iterator[tuple[dt.date, Holiday]]:
    """The days from `first_on` to `last_on` on which a site that keeps these is closed."""
    for holiday in kept:
        # New Year's Day of next year may be observed on December 31.
        for year in range(first_on.year, last_on.year + 2):
            day = observed_on(holiday, year)
            if first_on <= day <= last_on:
                yield day, holiday
