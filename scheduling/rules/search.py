"""What somebody looks for in a slot, and whether a moment suits them. Pure."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, fields, replace
from enum import StrEnum
from typing import Any, Self
from zoneinfo import ZoneInfo

from crm.states import Sex
from scheduling.states import Modality

_MIDNIGHT = dt.time()
Piece = tuple[dt.timedelta, dt.timedelta]
#: As far ahead as anybody looks, unless they name a last day.
HORIZON_DAYS = 183
#: Somebody's own clinician is shown first where that costs them at most so many days.
CONTINUITY_DAYS = 14
#: And at most so many times of theirs.
CONTINUITY_TIMES = 3


class PartOfDay(StrEnum):
    """Half-open on the site's wall clock: morning to 12:00, afternoon to 17:00, then evening."""

    MORNING = "morning"
    AFTERNOON = "afternoon"
    EVENING = "evening"


_PARTS = {
    PartOfDay.MORNING: (dt.timedelta(), dt.timedelta(hours=12)),
    PartOfDay.AFTERNOON: (dt.timedelta(hours=12), dt.timedelta(hours=17)),
    PartOfDay.EVENING: (dt.timedelta(hours=17), dt.timedelta(hours=24)),
}
_WHOLE_DAY = (dt.timedelta(), dt.timedelta(hours=24))


class Window(StrEnum):
    """How far ahead, as one tap each."""

    THREE_DAYS = "3-days"
    TWO_WEEKS = "2-weeks"
    FIRST = "first"  # the first available, whenever that is

    @property
    def days(self) -> int | None:
        """Calendar days from today, today included; None sets no limit."""
        return {"3-days": 3, "2-weeks": 14}.get(self.value)


@dataclass(frozen=True, slots=True)
class Place:
    """Where somebody starts from, in degrees, and what staff calls it ("home", "85016")."""

    latitude: float
    longitude: float
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Criteria:
    """What is wanted. An empty part sets no limit.

    Days and hours are those of the site's wall clock; `last_on` is included. `weekdays` counts
    from Monday, 0. `max_miles` counts from `place`, in straight-line miles, for visits in person
    only. `payer` and `plan` stand in for the patient's coverage on file. `own_clinician` asks for
    whom the patient saw last in this specialty.
    """

    visit_type_id: int
    reason: str = ""  # what the caller said, or the decision tree's name for it
    window: Window = Window.FIRST
    first_on: dt.date | None = None
    last_on: dt.date | None = None
    weekdays: frozenset[int] = frozenset()
    parts_of_day: frozenset[PartOfDay] = frozenset()
    not_before: dt.time | None = None
    not_after: dt.time | None = None
    modality: Modality | None = None
    location_id: int | None = None
    provider_id: int | None = None
    own_clinician: bool = False
    language: str = ""
    sex: Sex | None = None
    payer: str = ""
    plan: str = ""
    place: Place | None = None
    max_miles: int | None = None

    @property
    def is_every_hour(self) -> bool:
        return self.hours == (_WHOLE_DAY,)

    @property
    def is_any_time(self) -> bool:
        """Whether every day and hour suits."""
        return not self.weekdays and self.is_every_hour

    @property
    def hours(self) -> tuple[Piece, ...]:
        """Pieces of a day that suit, as time since its midnight on the wall clock, in order.

        At most two, since what touches is one.
        """
        parts = _joined([_PARTS[part] for part in PartOfDay if part in self.parts_of_day])
        least = _since_midnight(self.not_before or _MIDNIGHT)
        most = _since_midnight(self.not_after) if self.not_after else _WHOLE_DAY[1]
        cut = [(max(begins, least), min(ends, most)) for begins, ends in parts or [_WHOLE_DAY]]
        return tuple(piece for piece in cut if piece[0] < piece[1])

    def last_day(self, today: dt.date) -> dt.date:
        """The last day that is looked at, seen from `today` at the site."""
        days = self.window.days or HORIZON_DAYS
        by_window = max(self.first_on or today, today) + dt.timedelta(days=days - 1)
        return min(self.last_on, by_window) if self.last_on else by_window

    def without(self, *names: str) -> Self:
        """The same with these parts left open."""
        open_parts = {f.name: f.default for f in fields(self) if f.name in names}
        return replace(self, **open_parts)  # type: ignore[arg-type]


def _joined(pieces: list[Piece]) -> list[Piece]:
    joined: list[Piece] = []
    for begins, ends in pieces:
        touches = joined and joined[-1][1] == begins
        joined.append((joined.pop()[0] if touches else begins, ends))
    return joined


def suits(criteria: Criteria, starts_at: dt.datetime, *, zone: str, at: dt.datetime) -> bool:
    """Whether a start (aware) at a site in `zone` is on a day and at an hour that is wanted."""
    local, today = starts_at.astimezone(ZoneInfo(zone)), at.astimezone(ZoneInfo(zone)).date()
    day, since_midnight = local.date(), _since_midnight(local.time())
    return (
        starts_at >= at
        and (criteria.first_on is None or day >= criteria.first_on)
        and day <= criteria.last_day(today)
        and (not criteria.weekdays or day.weekday() in criteria.weekdays)
        and any(begins <= since_midnight < ends for begins, ends in criteria.hours)
    )


def _since_midnight(time: dt.time) -> dt.timedelta:
    return dt.timedelta(
        hours=time.hour, minutes=time.minute, seconds=time.second, microseconds=time.microsecond
    )


def as_json(criteria: Criteria) -> dict[str, Any]:
    """What was wanted, to keep: only what was said, and no more of a place than its ZIP's name."""
    said: dict[str, Any] = {}
    for field in fields(criteria):
        value = getattr(criteria, field.name)
        if value == field.default or value is None or field.name == "visit_type_id":
            continue
        match value:
            case Place():
                said[field.name] = value.name
            case frozenset():
                said[field.name] = sorted(value)
            case dt.date() | dt.time():
                said[field.name] = value.isoformat()
            case _:
                said[field.name] = value
    return said
