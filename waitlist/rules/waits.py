"""What a visit that somebody got means for what they wait for. Pure."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """A place on the list. `wants_earlier`: they have a visit, and keep the place all the same."""

    visit_type_id: int
    provider_id: int | None = None
    location_id: int | None = None
    not_after_on: dt.date | None = None
    wants_earlier: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Got:
    """A visit that stands. `day` is at its site; `is_sooner`: they moved to it from a later one.

    `visit_type_ids`: what it is, and what it stands in for.
    """

    visit_type_ids: frozenset[int]
    provider_id: int | None
    location_id: int | None
    day: dt.date
    is_in_person: bool = True
    is_sooner: bool = False


class Becomes(StrEnum):
    UNTOUCHED = "untouched"  # it is about something else
    ENDS = "ends"  # they have what they waited for
    KEPT = "kept"  # they have one, and the wait goes on for a better one


def what_becomes(wait: Wait, got: Got) -> Becomes:
    """Of one place on the list, when its patient gets a visit, whoever booked it.

    It ends where the visit is what they waited for. It is kept, for times that are sooner than
    the visit, where the visit is later than they said, elsewhere, or with somebody else than
    they asked for, and where they chose to keep it.
    """
    if wait.visit_type_id not in got.visit_type_ids:
        return Becomes.UNTOUCHED
    if not _suits(wait, got) or (wait.wants_earlier and not got.is_sooner):
        return Becomes.KEPT
    return Becomes.ENDS


def _suits(wait: Wait, got: Got) -> bool:
    return (
        wait.provider_id in {None, got.provider_id}
        and (wait.location_id in {None, got.location_id} or not got.is_in_person)
        and (wait.not_after_on is None or got.day <= wait.not_after_on)
    )
