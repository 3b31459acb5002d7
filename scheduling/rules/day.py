"""What a clinician's day and week bear: caps, new patients, gaps, and what may not follow what."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any, Final
from zoneinfo import ZoneInfo

from crm.rules.said import say, say_all, say_count
from scheduling.rules.names import Hidden, HiddenBy
from scheduling.rules.words import say_minutes
from scheduling.states import RuleKind, RulePer

_MINUTE = dt.timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class DayVisit:
    """A visit of the clinician that stands. `here`: in the slot's own clinic.

    `in_slot`: on the very slot that is asked about. `is_new`: its patient is new to the specialty.
    """

    starts_at: dt.datetime
    ends_at: dt.datetime
    visit_type_id: int | None
    pk: int | None = None
    here: bool = True
    in_slot: bool = False
    is_new: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DayLimit:
    """One rule. `visit_types` empty: every kind; `number` visits, or minutes for a gap.

    `here`: it counts what the clinician does in the slot's own clinic only. `reason` is for staff.
    """

    kind: RuleKind
    number: int = 0
    per: RulePer = RulePer.DAY
    visit_types: frozenset[int] = frozenset()
    here: bool = False
    reason: str = ""

    def is_about(self, visit_type_id: int | None) -> bool:
        return not self.visit_types or visit_type_id in self.visit_types


@dataclass(frozen=True, slots=True, kw_only=True)
class DayFacts:
    """The visit that is asked about, [starts_at, ends_at), the rules, and the clinician's visits
    of its week at the site (Monday to Sunday).

    `is_new`: the patient is new to the specialty; None where no patient is named.
    """

    provider: str
    starts_at: dt.datetime
    ends_at: dt.datetime
    zone: str
    visit_type_id: int
    is_new: bool | None = None
    limits: tuple[DayLimit, ...] = ()
    visits: tuple[DayVisit, ...] = ()

    def for_one(self, *, is_new: bool, without: int | None) -> DayFacts:
        """The same for a patient who would give up the visit `without`."""
        left = tuple(v for v in self.visits if without is None or v.pk != without)
        return replace(self, is_new=is_new, visits=left)

    def day_of(self, moment: dt.datetime) -> dt.date:
        return moment.astimezone(ZoneInfo(self.zone)).date()

    def counted(self, limit: DayLimit) -> list[DayVisit]:
        """Visits on the same day, or in the same week, that the limit is about, in order."""
        day = self.day_of(self.starts_at)
        found = [
            visit
            for visit in self.visits
            if (visit.here or not limit.here)
            and _same(limit.per, self.day_of(visit.starts_at), day)
        ]
        return sorted(found, key=lambda visit: (visit.starts_at, visit.ends_at))


def what_the_day_hides(day: DayFacts) -> list[Hidden]:
    """Every rule of the clinician's day that stands against one more such visit."""
    return [found for limit in day.limits if (found := _against(limit, day)) is not None]


def _against(limit: DayLimit, day: DayFacts) -> Hidden | None:
    if not limit.is_about(day.visit_type_id):
        return None
    name, rule = _RULES[limit.kind]
    said = rule(limit, day)
    if said is None:
        return None
    reason = f" ({limit.reason})." if limit.reason else "."
    return Hidden(name, say_all([f"{day.provider} ", said, reason], ""))


def _cap(limit: DayLimit, day: DayFacts) -> str | None:
    booked = sum(limit.is_about(visit.visit_type_id) for visit in day.counted(limit))
    if booked < limit.number:
        return None
    told: dict[str, Any] = {"n": booked, "per": say(limit.per), "number": limit.number}
    if limit.visit_types:
        return say_count(
            "has %(n)s such visit that %(per)s already, and takes %(number)s",
            "has %(n)s such visits that %(per)s already, and takes %(number)s",
            **told,
        )
    return say_count(
        "has %(n)s visit that %(per)s already, and takes %(number)s",
        "has %(n)s visits that %(per)s already, and takes %(number)s",
        **told,
    )


def _new_patients(limit: DayLimit, day: DayFacts) -> str | None:
    if not day.is_new:
        return None
    booked = sum(v.is_new and limit.is_about(v.visit_type_id) for v in day.counted(limit))
    if booked < limit.number:
        return None
    return say_count(
        "has %(n)s new patient that %(per)s already, and takes %(number)s",
        "has %(n)s new patients that %(per)s already, and takes %(number)s",
        n=booked,
        per=say(limit.per),
        number=limit.number,
    )


def _gap(limit: DayLimit, day: DayFacts) -> str | None:
    """Between the end of one and the start of the next. Visits of the same slot are together."""
    nearest = min((_minutes_to(visit, day) for visit in _others(limit, day)), default=None)
    if nearest is None or nearest >= limit.number:
        return None
    least, there = say_minutes(limit.number), say_minutes(max(0, nearest))
    return say(
        "needs %(least)s between such visits; there would be %(there)s", least=least, there=there
    )


def _others(limit: DayLimit, day: DayFacts) -> Iterable[DayVisit]:
    return (
        visit
        for visit in day.counted(limit)
        if limit.is_about(visit.visit_type_id) and not visit.in_slot
    )


def _minutes_to(visit: DayVisit, day: DayFacts) -> int:
    """Whole minutes between a visit and the one asked about; negative where they overlap."""
    return max(day.starts_at - visit.ends_at, visit.starts_at - day.ends_at) // _MINUTE


def _pairing(limit: DayLimit, day: DayFacts) -> str | None:
    """In a row: nothing else stands between them that day, however long the pause."""
    visits = [visit for visit in day.counted(limit) if not visit.in_slot]
    before = [visit for visit in visits if visit.starts_at < day.starts_at]
    after = [visit for visit in visits if visit.starts_at >= day.starts_at]
    if any(limit.is_about(visit.visit_type_id) for visit in (*before[-1:], *after[:1])):
        return say("does not do two such visits in a row")
    return None


def _same(per: RulePer, one: dt.date, other: dt.date) -> bool:
    if per is RulePer.WEEK:
        return one.isocalendar()[:2] == other.isocalendar()[:2]
    return one == other


_RULES: Final[dict[RuleKind, tuple[HiddenBy, Callable[[DayLimit, DayFacts], str | None]]]] = {
    RuleKind.NEW_LIMIT: (HiddenBy.NEW_LIMIT, _new_patients),
    RuleKind.DAILY_CAP: (HiddenBy.DAILY_CAP, _cap),
    RuleKind.GAP: (HiddenBy.GAP, _gap),
    RuleKind.PAIRING: (HiddenBy.PAIRING, _pairing),
}
#: Kinds of provider rules that look at the day.
LIMITS: Final = frozenset(_RULES)
DAY_NAMES: Final = frozenset(name for name, _ in _RULES.values())
