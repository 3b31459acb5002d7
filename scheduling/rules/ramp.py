"""Whose turn the next new patient is: weighted round robin toward a panel and a visit mix.

Payer and the value of a patient are not among the facts, and nothing here can ask for them
(principle 12). Every choice is a sum, and the sum is shown.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Final

#: New patients of so many days count as given.
LOOK_BACK: Final = dt.timedelta(days=28)
_CENT = Decimal("0.01")
WEEK: Final = dt.timedelta(days=7)


@dataclass(frozen=True, slots=True, kw_only=True)
class RampFacts:
    """One clinician in a clinic, as the round robin sees them.

    Weeks are named by their Monday. `leaves` are half-open periods of days. `new_by_week` counts
    new patients whose visit is in that week, `free_by_week` free slots of the kind that is
    wanted; `given` and `given_by_kind` new patients of the last 28 days.
    """

    role_id: int
    name: str
    started_on: dt.date
    target_panel: int
    panel: int
    weekly_start: int
    weekly_growth: int
    weekly_most: int
    given: int
    given_by_kind: Mapping[int, int] = field(default_factory=dict)
    mix: Mapping[int, int] = field(default_factory=dict)  # visit type id: weight
    new_by_week: Mapping[dt.date, int] = field(default_factory=dict)
    free_by_week: Mapping[dt.date, int] = field(default_factory=dict)
    leaves: Sequence[tuple[dt.date, dt.date]] = ()


@dataclass(frozen=True, slots=True)
class Line:
    """One term of the sum: the words say how its `points` came about."""

    words: str
    points: Decimal


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One who can take the patient; `total` is the sum of `lines`, exactly. `week` is the Monday
    of the first week with room, `ceiling` and `taken` are that week's."""

    role_id: int
    name: str
    lines: tuple[Line, ...]
    total: Decimal
    week: dt.date
    ceiling: int
    taken: int


@dataclass(frozen=True, slots=True)
class LeftOut:
    """One who cannot, and why."""

    role_id: int
    name: str
    why: str


@dataclass(frozen=True, slots=True)
class Turn:
    """Who is next, best first, and who is left out."""

    suggestions: tuple[Suggestion, ...]
    left_out: tuple[LeftOut, ...]


def monday(day: dt.date) -> dt.date:
    return day - dt.timedelta(days=day.weekday())


def ceiling_in(facts: RampFacts, week: dt.date) -> int:
    """The most new patients in the week of that Monday: 0 before the clinician starts."""
    weeks = (week - monday(facts.started_on)).days // 7
    if weeks < 0:
        return 0
    return min(facts.weekly_most, facts.weekly_start + facts.weekly_growth * weeks)


def rank(
    candidates: Iterable[RampFacts], *, kind: int, from_on: dt.date, until_on: dt.date
) -> Turn:
    """Order those who can take one more new patient for a visit of `kind`.

    Each one's share of the new patients is what their panel lacks against what all of these
    panels lack; whoever is furthest behind their share comes first. The weekly ceiling is what
    keeps a new panel, which lacks most, from being flooded. Equal sums go to the smaller number
    of patients given, then to the role that was made first.

    :param kind: id of the visit type.
    :param from_on: first day that suits; `until_on` the first that no longer does.
    :raises ValueError: for an empty window.
    """
    if from_on >= until_on:
        raise ValueError("The last day must come after the first.")
    able: list[tuple[RampFacts, dt.date]] = []
    left_out: list[LeftOut] = []
    for facts in candidates:
        week, why = _first_week(facts, kind, from_on, until_on)
        if week is None:
            left_out.append(LeftOut(facts.role_id, facts.name, why))
        else:
            able.append((facts, week))
    lacking = sum(_lack(facts) for facts, _ in able)
    given = sum(facts.given for facts, _ in able)
    made = [(facts, _suggest(facts, week, kind, lacking, given)) for facts, week in able]
    made.sort(key=lambda each: (-each[1].total, each[0].given, each[0].role_id))
    return Turn(tuple(suggestion for _, suggestion in made), tuple(left_out))


def _lack(facts: RampFacts) -> int:
    return max(facts.target_panel - facts.panel, 0)


def _suggest(facts: RampFacts, week: dt.date, kind: int, lacking: int, given: int) -> Suggestion:
    share = _cents(Decimal(_lack(facts)) * (given + 1) / lacking)
    lines = [
        Line(
            f"Panel of {facts.panel:,}, to be {facts.target_panel:,}: lacks {_lack(facts):,} of "
            f"the {lacking:,} that all lack, so that share of {given + 1:,} new patients",
            share,
        ),
        Line("New patients given in the last 28 days", Decimal(-facts.given)),
    ]
    if facts.mix:
        lines.append(_mix_line(facts, kind))
    total = sum((line.points for line in lines), Decimal(0))
    taken = facts.new_by_week.get(week, 0)
    ceiling = ceiling_in(facts, week)
    return Suggestion(facts.role_id, facts.name, tuple(lines), total, week, ceiling, taken)


def _mix_line(facts: RampFacts, kind: int) -> Line:
    """How far this kind is behind its part of the mix, counting the one that is to be given."""
    weight, all_weights = facts.mix[kind], sum(facts.mix.values())
    had = facts.given_by_kind.get(kind, 0) + 1
    of = sum(facts.given_by_kind.get(each, 0) for each in facts.mix) + 1
    due = _cents(Decimal(weight) * of / all_weights)
    words = f"Visit mix: {weight} of {all_weights} parts of {of:,} is {due}; with this one {had:,}"
    return Line(words, due - had)


def _first_week(
    facts: RampFacts, kind: int, from_on: dt.date, until_on: dt.date
) -> tuple[dt.date | None, str]:
    """The Monday of the first week with room; or None and why there is none."""
    if facts.mix and kind not in facts.mix:
        return None, "Does not take this kind of visit."
    if not _lack(facts):
        return None, f"The panel is full: {facts.panel:,} of {facts.target_panel:,}."
    if until_on <= facts.started_on:
        return None, f"Starts on {_day(facts.started_on)}."
    there = _days_there(facts, from_on, until_on)
    if not there:
        back = max(until for since, until in facts.leaves if since < until_on)
        return None, f"On leave until {_day(back)}."
    return _week_with_room(facts, sorted({monday(day) for day in there}))


def _week_with_room(facts: RampFacts, weeks: Sequence[dt.date]) -> tuple[dt.date | None, str]:
    free = [week for week in weeks if facts.free_by_week.get(week, 0) > 0]
    if not free:
        return None, "Has no free time for it in these days."
    for week in free:
        if facts.new_by_week.get(week, 0) < ceiling_in(facts, week):
            return week, ""
    last = free[-1]
    had, most = facts.new_by_week.get(last, 0), ceiling_in(facts, last)
    return None, f"The week of {_day(last)} has {had} of at most {most} new patients."


def _days_there(facts: RampFacts, from_on: dt.date, until_on: dt.date) -> list[dt.date]:
    first = max(from_on, facts.started_on)
    days = (first + dt.timedelta(days=n) for n in range((until_on - first).days))
    return [day for day in days if not any(since <= day < until for since, until in facts.leaves)]


def _cents(amount: Decimal) -> Decimal:
    return amount.quantize(_CENT, ROUND_HALF_EVEN)


def _day(day: dt.date) -> str:
    return f"{day:%b} {day.day}"
