"""What a plan of many moves says of one visit: its place, and what that costs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from scheduling.models import Appointment, Slot
from scheduling.rules import Hidden
from scheduling.rules.mass import (
    OVER_A_RULE,
    Term,
    Urgent,
    VisitToPlace,
    When,
    Where,
    clinician_points,
    points_of,
    way_terms,
    when_terms,
    where_terms,
)


@dataclass(frozen=True, slots=True)
class Proposal:
    """One visit in the plan. `slot` is None with `why` where it has no place."""

    visit: Appointment
    urgent: Urgent
    slot: Slot | None = None
    terms: tuple[Term, ...] = ()
    later_days: int = 0
    more_miles: float = 0.0
    over: tuple[Hidden, ...] = ()
    others: tuple[int, ...] = ()
    why: str = ""

    @property
    def points(self) -> int:
        return points_of(self.terms)


def score(visit: VisitToPlace, slot: Slot) -> tuple[Term, ...]:
    """What a place costs a visit, rules aside."""
    zone = slot.role.clinic.location.zone
    return (*where_terms(visit, where_of(slot)), *when_terms(visit, When.of(slot.starts_at, zone)))


def where_of(slot: Slot) -> Where:
    place = slot.role.clinic.location
    known = place.latitude is not None and place.longitude is not None
    at = (place.latitude or 0.0, place.longitude or 0.0) if known else None
    provider = slot.role.provider
    return Where(provider.pk, str(provider), place.pk, place.short_name, at)


def where_points(visit: VisitToPlace, wheres: Iterable[Where]) -> list[int]:
    """The points of `where_terms`; the way is reckoned once a site."""
    listed = list(wheres)
    sites = {where.location_id: where for where in listed}
    ways = {pk: points_of(way_terms(visit, where)) for pk, where in sites.items()}
    return [clinician_points(visit, where) + ways[where.location_id] for where in listed]


def over_terms(over: Iterable[Hidden]) -> tuple[Term, ...]:
    """What going past rules costs, once, with all that they say."""
    said = " ".join(one.sentence for one in over)
    return (Term("rule", OVER_A_RULE, f"Past a rule: {said}"),) if said else ()
