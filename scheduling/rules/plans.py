"""Finding times for several visits that belong together. Pure: times in, plans out.

Days between two visits are calendar days at the sites: the procedure "14 to 21 days later" may
be on any of those dates, whatever the clocks did in between.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

#: So many plans are proposed, each with another first visit.
MOST_PLANS: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One visit that is asked for. `least_days` and `most_days` count from the visit before.

    `needs` says how many things it needs at once beside its slot.
    """

    name: str
    least_days: int = 0
    most_days: int = 0
    needs: int = 0
    same_clinician: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Time:
    """A slot that one step could have. `day` is the date at its site.

    `options` names, for each thing that the step needs, those that are free then, best first.
    """

    slot_id: int
    starts_at: dt.datetime
    ends_at: dt.datetime
    day: dt.date
    provider_id: int
    options: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Chosen:
    """A time with what it takes beside its slot, in the order of the step's needs."""

    time: Time
    taken: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Proposal:
    """A time for every step, in order."""

    visits: tuple[Chosen, ...]


class Short(StrEnum):
    """What a step was short of."""

    TIMES = "times"  # no open time of this kind at all
    DAYS = "days"  # open times, none on the right days
    CLINICIAN = "clinician"  # none with the clinician of the visit before
    RESOURCES = "resources"  # the rest of what it needs is not free then


@dataclass(frozen=True, slots=True)
class Lacking:
    """Why there is no plan: the first step that no way reaches, by its place from 0."""

    step: int
    short: Short
    first_on: dt.date | None = None  # the days that would have suited, both included
    last_on: dt.date | None = None


def find_plans(
    steps: Sequence[Step], times: Sequence[Sequence[Time]], *, most: int = MOST_PLANS
) -> tuple[Proposal, ...]:
    """Up to `most` plans, by their first visit, the earliest next visit each time.

    The same input gives the same plans. A plan is found whenever there is one: a step that leads
    nowhere is remembered, so that each pair of times is looked at once.

    :param times: for each step, those that can be booked.
    """
    search = _Search(steps, [_in_order(each) for each in times])
    found = []
    for first in search.firsts():
        rest = search.onward(0, first)
        if rest is not None:
            found.append(Proposal(rest))
        if len(found) == most:
            break
    return tuple(found)


def explain(steps: Sequence[Step], times: Sequence[Sequence[Time]]) -> Lacking | None:
    """Which step no way reaches, and what it is short of; None where there is a plan."""
    search = _Search(steps, [_in_order(each) for each in times])
    reached = list(search.firsts())
    if not reached:
        return Lacking(0, Short.RESOURCES if times[0] else Short.TIMES)
    for at in range(1, len(steps)):
        onward = _unique(time for one in reached for time in search.follow(at, one))
        if not onward:
            return search.lacking(at, reached)
        reached = onward
    return None


def days_after(step: Step, day: dt.date) -> tuple[dt.date, dt.date]:
    """The first and the last date on which `step` may follow a visit on `day`."""
    return day + dt.timedelta(days=step.least_days), day + dt.timedelta(days=step.most_days)


def may_follow(step: Step, before: Time, after: Time) -> bool:
    """Whether `after` may be the visit of `step` once `before` is the one before it."""
    first, last = days_after(step, before.day)
    return (
        first <= after.day <= last
        and after.starts_at >= before.ends_at
        and (not step.same_clinician or after.provider_id == before.provider_id)
    )


def assign(time: Time) -> tuple[str, ...] | None:
    """One thing for each need, no thing twice: the first way in order; None where there is none."""
    return next(_ways(time.options, ()), None)


def _ways(options: Sequence[Sequence[str]], taken: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    if len(taken) == len(options):
        yield taken
        return
    for one in options[len(taken)]:
        if one not in taken:
            yield from _ways(options, (*taken, one))


class _Search:
    """One look through all times; `_dead` are those from which no way leads to the end."""

    def __init__(self, steps: Sequence[Step], times: Sequence[Sequence[Time]]) -> None:
        self._steps, self._times = steps, times
        self._taken = {time.slot_id: assign(time) for each in times for time in each}
        self._dead: set[tuple[int, int]] = set()

    def firsts(self) -> Iterator[Time]:
        return self._usable(0)

    def follow(self, at: int, before: Time) -> Iterator[Time]:
        """Times of step `at` that may follow `before`, earliest first."""
        step = self._steps[at]
        return (time for time in self._usable(at) if may_follow(step, before, time))

    def onward(self, at: int, time: Time) -> tuple[Chosen, ...] | None:
        """The visits from `time` at step `at` to the end; None where no way leads there."""
        if (at, time.slot_id) in self._dead:
            return None
        own = (Chosen(time, self._things(time) or ()),)
        if at + 1 == len(self._steps):
            return own
        for following in self.follow(at + 1, time):
            rest = self.onward(at + 1, following)
            if rest is not None:
                return own + rest
        self._dead.add((at, time.slot_id))
        return None

    def lacking(self, at: int, reached: Sequence[Time]) -> Lacking:
        step, every = self._steps[at], self._times[at]
        windows = [days_after(step, time.day) for time in reached]
        first, last = min(one for one, _ in windows), max(one for _, one in windows)
        in_days = [(b, t) for b in reached for t in every if _in_days(step, b, t)]
        if not every:
            short = Short.TIMES
        elif not in_days:
            short = Short.DAYS
        elif not any(may_follow(step, before, time) for before, time in in_days):
            short = Short.CLINICIAN
        else:
            short = Short.RESOURCES
        return Lacking(at, short, first, last)

    def _usable(self, at: int) -> Iterator[Time]:
        return (time for time in self._times[at] if self._things(time) is not None)

    def _things(self, time: Time) -> tuple[str, ...] | None:
        return self._taken[time.slot_id]


def _in_days(step: Step, before: Time, after: Time) -> bool:
    first, last = days_after(step, before.day)
    return first <= after.day <= last and after.starts_at >= before.ends_at


def _in_order(times: Sequence[Time]) -> list[Time]:
    return sorted(times, key=lambda time: (time.starts_at, time.slot_id))


def _unique(times: Iterator[Time]) -> list[Time]:
    return list({time.slot_id: time for time in times}.values())
