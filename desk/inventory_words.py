"""The inventory in words of the desk: figures, restrictions, and what a cell says aloud."""

from __future__ import annotations

import datetime as dt
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from scheduling.queries.inventory import By, Counts
from scheduling.rules.inventory import Figure
from scheduling.rules.words import say_clock, say_day, say_when
from scheduling.states import AppointmentStatus, Holiday, Modality, Restriction


class FigureWords(NamedTuple):
    """`word` on its pill, `of` in a sentence ("4 open"), its icon, and what it means."""

    word: str
    of: str
    icon: str
    means: str


FIGURES: Final[dict[Figure, FigureWords]] = {
    Figure.OPEN: FigureWords("Open", "open", "circle-check", "can be booked now"),
    Figure.SOON: FigureWords(
        "Released soon", "released soon", "calendar-clock", "opens by itself within 3 days"
    ),
    Figure.HELD: FigureWords("Held", "held", "hand-stop", "kept for somebody for minutes"),
    Figure.KEPT: FigureWords("Kept back", "kept back", "lock", "not booked, and a rule hides it"),
    Figure.BOOKED: FigureWords("Booked", "booked", "calendar-check", "every seat is taken"),
    Figure.BLOCKED: FigureWords("Blocked", "blocked", "ban", "closed by the clinic"),
    Figure.UNUSED: FigureWords(
        "Passed unused", "passed unused", "calendar-x", "its time came and nobody had it"
    ),
}
ROWS: Final[dict[By, str]] = {
    By.SITE: "Site",
    By.PROVIDER: "Clinician",
    By.VISIT_TYPE: "Visit type",
    By.RESTRICTION: "Restriction",
}
RESTRICTIONS: Final[dict[str, str]] = {
    Restriction.NONE: "For all",
    Restriction.SAME_DAY: "Same day",
    Restriction.SAME_WEEK: "Same week",
    Restriction.DAYS_BEFORE: "Some days before",
    Restriction.NEW_PATIENTS: "New patients",
    Restriction.ESTABLISHED: "Established patients",
    Restriction.HELD_FOR_REVIEW: "Held for review",
}
MODALITIES: Final[dict[str, str]] = {
    Modality.IN_PERSON: "in person",
    Modality.VIDEO: "video",
    Modality.PHONE: "phone",
}
VISITS: Final[dict[str, str]] = {
    AppointmentStatus.REQUESTED: "requested",
    AppointmentStatus.BOOKED: "booked",
    AppointmentStatus.ARRIVED: "here",
    AppointmentStatus.FULFILLED: "seen",
    AppointmentStatus.NO_SHOW: "did not come",
}


HOLIDAYS: Final[dict[Holiday, str]] = {
    Holiday.NEW_YEAR: "New Year’s Day",  # noqa: RUF001
    Holiday.KING: "Martin Luther King Jr. Day",
    Holiday.PRESIDENTS: "Washington’s Birthday",  # noqa: RUF001
    Holiday.MEMORIAL: "Memorial Day",
    Holiday.JUNETEENTH: "Juneteenth",
    Holiday.INDEPENDENCE: "Independence Day",
    Holiday.LABOR: "Labor Day",
    Holiday.COLUMBUS: "Columbus Day",
    Holiday.VETERANS: "Veterans Day",
    Holiday.THANKSGIVING: "Thanksgiving",
    Holiday.CHRISTMAS: "Christmas Day",
}


def say_period(starts_at: dt.datetime, ends_at: dt.datetime, zone: str) -> str:
    """ "Sat Dec 12", "Sat Dec 12 to Mon Dec 14", or with hours where they are not whole days."""
    site = ZoneInfo(zone)
    starts, ends = starts_at.astimezone(site), ends_at.astimezone(site)
    if starts.time() == ends.time() == dt.time.min:
        first, last = starts.date(), ends.date() - dt.timedelta(days=1)
        return say_day(first) if first == last else f"{say_day(first)} to {say_day(last)}"
    until = say_clock(ends) if starts.date() == ends.date() else say_when(ends)
    return f"{say_when(starts)} to {until}"


def row_name(by: By, name: str) -> str:
    """A row of the map as staff call it."""
    return RESTRICTIONS.get(name, name) if by is By.RESTRICTION else name


def say_cell(name: str, day: dt.date | None, counts: Counts) -> str:
    """ "Phoenix, Tue Dec 1: 4 open, 12 booked"."""
    parts = [f"{counts[f]} {words.of}" for f, words in FIGURES.items() if counts.get(f)]
    where = f"{name}, {say_day(day)}" if day else name
    return f"{where}: {', '.join(parts) or 'no slots'}"
