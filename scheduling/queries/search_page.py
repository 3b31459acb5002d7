"""A page of times, and where the next one begins."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Self

from scheduling.models import Slot
from scheduling.rules import Hidden, HiddenBy
from scheduling.rules.search import CONTINUITY_TIMES

_EPOCH, _MICROSECOND = dt.datetime(1970, 1, 1, tzinfo=dt.UTC), dt.timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where the next page begins; `shown` are times of one's own clinician that came first."""

    day: dt.date
    starts_at: dt.datetime
    slot_id: int
    shown: tuple[int, ...] = ()

    def __str__(self) -> str:
        moment = (self.starts_at - _EPOCH) // _MICROSECOND
        return "_".join(map(str, (self.day.isoformat(), moment, self.slot_id, *self.shown)))

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """None for what no page has written."""
        try:
            day, moment, slot_id, *shown = text.split("_")
            starts_at = _EPOCH + int(moment) * _MICROSECOND
            shown_ids = tuple(map(int, shown[:CONTINUITY_TIMES]))
            return cls(dt.date.fromisoformat(day), starts_at, int(slot_id), shown_ids)
        except (ValueError, OverflowError):
            return None


@dataclass(frozen=True, slots=True)
class Found:
    """One time on the page. `slot` comes with role, clinician, clinic, site and visit type.

    `day` is the date at the site; `miles` from the place that was asked about, None for video
    and phone or where it is not known. `hidden` is what stands against booking it, warnings
    included.
    """

    slot: Slot
    day: dt.date
    miles: float | None
    is_own: bool
    hidden: tuple[Hidden, ...] = ()

    @property
    def zone(self) -> str:
        return self.slot.role.clinic.location.zone

    @property
    def is_held(self) -> bool:
        """Somebody else keeps it for minutes, and nothing else stops it: it stays in sight."""
        return {one.rule for one in self.stopping} == {HiddenBy.HELD}

    @property
    def stopping(self) -> tuple[Hidden, ...]:
        return tuple(one for one in self.hidden if one.stops)

    @property
    def warnings(self) -> tuple[Hidden, ...]:
        return tuple(one for one in self.hidden if not one.stops)

    @property
    def is_open(self) -> bool:
        """Whether it can be booked for this patient as it is."""
        return not self.stopping


@dataclass(frozen=True, slots=True)
class Page:
    """Times that can be booked, and those that somebody holds just now.

    `own` has those of the patient's own clinician that come first; `after` is where the next
    page begins, None at the end.
    """

    own: tuple[Found, ...]
    slots: tuple[Found, ...]
    after: Cursor | None
    own_provider_id: int | None

    @property
    def all(self) -> tuple[Found, ...]:
        return (*self.own, *self.slots)
