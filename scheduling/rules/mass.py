"""Moving many visits at once: what each new place costs its patient, and whose turn comes first.

A plan is the assignment that leaves the fewest visits without a place, counted from the most
urgent kind on, and of all those the one with the fewest points. Points are whole numbers; each
proposal keeps the terms that they are made of. Where a place is and when it is are two sums that
do not depend on each other, so the same clinician's same half-day is reckoned once for a visit.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final
from zoneinfo import ZoneInfo

from scheduling.rules.distance import miles_between
from scheduling.rules.search import PartOfDay
from scheduling.rules.words import WEEKDAYS, say_day, say_days, say_miles
from scheduling.states import VisitUrgency

#: The most urgent first.
URGENCIES: Final = tuple(VisitUrgency)
#: What a day of delay costs, by how soon the visit must be.
A_DAY: Final = {
    VisitUrgency.TODAY: 400,
    VisitUrgency.THREE_DAYS: 200,
    VisitUrgency.WEEK: 80,
    VisitUrgency.TWO_WEEKS: 40,
    VisitUrgency.ROUTINE: 10,
}
#: Later than its urgency allows: more than any clinician, way or hour weighs.
TOO_LATE: Final = 5_000
#: A day earlier than it was is short notice, and little else.
A_DAY_EARLIER: Final = 3
MOST_DELAY: Final = 20_000
OTHER_CLINICIAN: Final = 600
A_MILE: Final = 10
MOST_MILES: Final = 400
TOO_FAR: Final = 400
#: Where nobody knows where the patient lives, another site costs as much as so many miles.
OTHER_SITE_MILES: Final = 8
NOT_THEIR_DAY: Final = 120
NOT_THEIR_HOURS: Final = 120
#: No hours are on record: most people keep the part of the day that they had.
OTHER_PART_OF_DAY: Final = 40
OVER_A_RULE: Final = 2_000
#: No proposal costs more than this, so that one more placed visit always weighs more.
MOST_POINTS: Final = (
    TOO_LATE
    + MOST_DELAY
    + OTHER_CLINICIAN
    + MOST_MILES
    + TOO_FAR
    + NOT_THEIR_DAY
    + NOT_THEIR_HOURS
    + OVER_A_RULE
)
#: Further than this beyond the site they know is shown as far.
FAR_MILES: Final = 15.0


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitToPlace:
    """A visit that cannot stay. `zone` is its site's; `home` and `site_at` in degrees.

    Empty parts of day and weekdays: any.
    """

    pk: int
    patient_id: int
    visit_type_id: int
    starts_at: dt.datetime
    zone: str
    provider_id: int | None = None
    location_id: int | None = None
    urgency: VisitUrgency = VisitUrgency.ROUTINE
    home: tuple[float, float] | None = None
    site_at: tuple[float, float] | None = None
    max_miles: int | None = None
    parts_of_day: frozenset[str] = frozenset()
    weekdays: frozenset[int] = frozenset()

    @property
    def day(self) -> dt.date:
        return self.starts_at.astimezone(ZoneInfo(self.zone)).date()

    @property
    def part(self) -> PartOfDay:
        return part_of(self.starts_at.astimezone(ZoneInfo(self.zone)))


@dataclass(frozen=True, slots=True)
class Where:
    """With whom and at which site a place is."""

    provider_id: int
    provider: str
    location_id: int
    site: str
    site_at: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class When:
    """A half-day by the site's clock."""

    day: dt.date
    part: PartOfDay

    @classmethod
    def of(cls, starts_at: dt.datetime, zone: str) -> When:
        local = starts_at.astimezone(ZoneInfo(zone))
        return cls(local.date(), part_of(local))


@dataclass(frozen=True, slots=True)
class Term:
    """One part of what a proposal costs, with the sentence that staff reads."""

    name: str
    points: int
    says: str


def part_of(local: dt.datetime) -> PartOfDay:
    """Morning to 12:00, afternoon to 17:00, then evening, on the wall clock it carries."""
    if local.hour < 12:
        return PartOfDay.MORNING
    return PartOfDay.AFTERNOON if local.hour < 17 else PartOfDay.EVENING


def where_terms(visit: VisitToPlace, where: Where) -> tuple[Term, ...]:
    """Continuity, then the way."""
    points = clinician_points(visit, where)
    whom = "Another clinician" if points else "Same clinician"
    return Term("clinician", points, f"{whom}, {where.provider}"), *way_terms(visit, where)


def clinician_points(visit: VisitToPlace, where: Where) -> int:
    return 0 if visit.provider_id == where.provider_id else OTHER_CLINICIAN


def way_terms(visit: VisitToPlace, where: Where) -> tuple[Term, ...]:
    """The same for all clinicians of a site."""
    if visit.location_id == where.location_id:
        return (Term("distance", 0, f"Same site, {where.site}"),)
    miles = _miles(visit.home, where.site_at)
    if miles is None:
        points = OTHER_SITE_MILES * A_MILE
        return (Term("distance", points, f"Another site, {where.site}"),)
    more = max(0.0, miles - (_miles(visit.home, visit.site_at) or 0.0))
    said = f"{where.site}, {say_miles(miles)} from home"
    way = Term("distance", min(MOST_MILES, round(more * A_MILE)), said)
    if visit.max_miles is not None and miles > visit.max_miles:
        return way, Term("too-far", TOO_FAR, f"Farther than the {visit.max_miles} miles they go")
    return (way,)


def more_miles(visit: VisitToPlace, where: Where) -> float:
    """How much farther from home than the site they know; 0 where nobody can say."""
    miles = _miles(visit.home, where.site_at)
    return 0.0 if miles is None else miles - (_miles(visit.home, visit.site_at) or miles)


def when_terms(visit: VisitToPlace, when: When) -> tuple[Term, ...]:
    """Urgency, the patient's hours, then the delay."""
    later = (when.day - visit.day).days
    limit = visit.urgency.within_days
    terms = []
    if limit is not None and later > limit:
        by = say_day(visit.day + dt.timedelta(days=limit))
        terms.append(Term("urgency", TOO_LATE, f"Should be by {by}: it is urgent"))
    terms.extend(_hours(visit, when))
    terms.append(_delay(visit, later))
    return tuple(terms)


def when_points(visit: VisitToPlace, whens: Iterable[When]) -> list[int]:
    """The points of `when_terms` of many half-days."""
    return [points_of(when_terms(visit, when)) for when in whens]


def _miles(one: tuple[float, float] | None, other: tuple[float, float] | None) -> float | None:
    return None if one is None or other is None else miles_between(*one, *other)


def _hours(visit: VisitToPlace, when: When) -> list[Term]:
    terms = []
    if visit.weekdays and when.day.weekday() not in visit.weekdays:
        day = WEEKDAYS[when.day.weekday()]
        terms.append(Term("weekday", NOT_THEIR_DAY, f"{day} is not a day that suits them"))
    if visit.parts_of_day and when.part not in visit.parts_of_day:
        terms.append(Term("hours", NOT_THEIR_HOURS, f"In the {when.part}, which does not suit"))
    elif not visit.parts_of_day and when.part is not visit.part:
        terms.append(Term("hours", OTHER_PART_OF_DAY, f"In the {when.part}, not the {visit.part}"))
    return terms


def _delay(visit: VisitToPlace, later: int) -> Term:
    if later < 0:
        return Term("delay", min(MOST_DELAY, -later * A_DAY_EARLIER), f"{say_days(-later)} earlier")
    if later == 0:
        return Term("delay", 0, "The same day")
    a_day = A_DAY[visit.urgency]
    said = f"{say_days(later)} later, at {a_day} points a day"
    return Term("delay", min(MOST_DELAY, later * a_day), said)


def points_of(terms: tuple[Term, ...]) -> int:
    return sum(term.points for term in terms)


def left_out_points(urgency: VisitUrgency, *, visits: int) -> int:
    """What it costs a plan of so many visits to leave one of this urgency without a place.

    A step of urgency is worth more than all other points of the plan together. Which visits can
    be placed together is a matroid, so the cheapest plan places the most of the most urgent, then
    the most of the next, and so on, and among those has the fewest points.
    """
    return (len(URGENCIES) - URGENCIES.index(urgency)) * (visits * MOST_POINTS + 1)


@dataclass(frozen=True, slots=True)
class Urgent:
    """How soon a visit must be, and why we think so."""

    urgency: VisitUrgency
    why: str = ""


#: A visit that was booked at so short a notice was meant to be soon (days, then what it is).
SHORT_NOTICE: Final = ((1, VisitUrgency.THREE_DAYS), (3, VisitUrgency.WEEK))


def urgency_of(
    *,
    starts_on: dt.date,
    booked_on: dt.date,
    by_tree: VisitUrgency | None = None,
    order_ends_on: dt.date | None = None,
) -> Urgent:
    """The strictest of what the decision tree said, when the order ends, and a short notice."""
    found = [Urgent(VisitUrgency.ROUTINE)]
    if by_tree is not None and by_tree is not VisitUrgency.ROUTINE:
        found.append(Urgent(by_tree, f"The decision tree said {by_tree.replace('-', ' ')}"))
    if order_ends_on is not None:
        left = (order_ends_on - starts_on).days
        soon = next(
            (u for u in URGENCIES if u.within_days is not None and left <= u.within_days),
            VisitUrgency.ROUTINE,
        )
        if soon is not VisitUrgency.ROUTINE:
            found.append(Urgent(soon, f"Its order ends on {say_day(order_ends_on)}"))
    notice = (starts_on - booked_on).days
    for days, urgency in SHORT_NOTICE:
        if 0 <= notice <= days:
            found.append(Urgent(urgency, f"Booked at a notice of {say_days(notice)}"))
            break
    return min(found, key=lambda one: URGENCIES.index(one.urgency))


@dataclass(frozen=True, slots=True)
class Seat:
    """A place in a plan, as others see whom it may not stand beside."""

    visit_id: int
    patient_id: int
    provider_id: int
    slot_id: int
    starts_at: dt.datetime
    ends_at: dt.datetime
    room_id: int | None = None
    weight: int = 0  # the greater, the longer it stays


def clashes(seats: list[Seat]) -> list[tuple[Seat, Seat]]:
    """Pairs that cannot both be: one patient, one clinician in two slots, or one room, at one
    time. Of each pair the second gives way: the lighter one."""
    found = []
    for what in ("patient", "clinician", "room"):
        groups: dict[int, list[Seat]] = {}
        for seat in sorted(seats, key=lambda s: (s.starts_at, s.visit_id)):
            key = _shared(seat, what)
            if key is not None:
                groups.setdefault(key, []).append(seat)
        for group in groups.values():
            found.extend(_overlaps(group, same_slot_is_fine=what != "patient"))
    return found


def _shared(seat: Seat, what: str) -> int | None:
    return {
        "patient": seat.patient_id,
        "clinician": seat.provider_id,
        "room": seat.room_id,
    }[what]


def _overlaps(group: list[Seat], *, same_slot_is_fine: bool) -> list[tuple[Seat, Seat]]:
    """In order of their start."""
    found = []
    open_ones: list[Seat] = []
    for seat in group:
        open_ones = [one for one in open_ones if one.ends_at > seat.starts_at]
        for one in open_ones:
            if same_slot_is_fine and one.slot_id == seat.slot_id:
                continue
            heavy, light = sorted((one, seat), key=lambda s: (-s.weight, s.visit_id))
            found.append((heavy, light))
        open_ones.append(seat)
    return found
