"""How many contacts a half-hour will bring, and how many people it takes to answer them in time.

Pure. The staffing is Erlang's delay formula (Erlang C): A. K. Erlang, "Solution of some problems in
the theory of probabilities of significance in automatic telephone exchanges", 1917, in English in
The Post Office Electrical Engineers' Journal 10 (1918), 189-197; R. B. Cooper, Introduction to
Queueing Theory, 2nd ed. 1981, chapter 3. Each half-hour is taken by itself, with a steady load
(the SIPP approach: Green, Kolesar and Whitt, Production and Operations Management 16, 2007, 13-39).
Nobody hangs up in this model, so it asks for too many people rather than too few.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from crm.states import AgentState

#: Seconds in what is forecast, and how many of them a day has.
HALF_HOUR = 1800
HALF_HOURS = 48
#: A week that lies so many weeks back counts half as much as the newest.
HALF_LIFE_WEEKS = 3.0
#: Fewer days of one weekday, or fewer calls, tell nothing yet.
FEWEST_DAYS = 3
FEWEST_CALLS = 20
#: Staff in these states take contacts, or have one.
ON_THE_PHONES = frozenset({AgentState.AVAILABLE, AgentState.ON_CONTACT, AgentState.WRAP_UP})


@dataclass(frozen=True, slots=True)
class Goal:
    """What the staffing has to reach.

    :param share: of contacts that are answered in time, such as 0.8.
    :param within: seconds that count as in time.
    :param shrinkage: share of paid time that goes to breaks, training, absence, such as 0.3.
    :param occupancy: the most of their time on the phones that people may be busy, such as 0.85.
    """

    within: int
    share: float = 0.80
    shrinkage: float = 0.30
    occupancy: float = 0.85


@dataclass(frozen=True, slots=True)
class Staffing:
    """`on_phones` at once, `scheduled` with shrinkage, and what that reaches.

    :param share: answered within the goal's seconds.
    :param wait: the mean wait in seconds, of all contacts.
    :param occupancy: how much of their time on the phones people are busy.
    """

    on_phones: int
    scheduled: int
    share: float
    wait: float
    occupancy: float


NOBODY = Staffing(0, 0, 1.0, 0.0, 0.0)


@dataclass(frozen=True, slots=True)
class Day:
    """What one past day brought: contacts by half-hour of the wall clock (0 is midnight)."""

    weeks_ago: int
    counts: Mapping[int, int]


def expected(days: Sequence[Day]) -> dict[int, float]:
    """Contacts by half-hour, the newer days counting more. A half-hour without any is left out."""
    weights = {day.weeks_ago: 0.5 ** (day.weeks_ago / HALF_LIFE_WEEKS) for day in days}
    whole = sum(weights[day.weeks_ago] for day in days)
    found: dict[int, float] = {}
    for day in days:
        for half_hour, count in day.counts.items():
            found[half_hour] = found.get(half_hour, 0.0) + weights[day.weeks_ago] * count / whole
    return {half_hour: found[half_hour] for half_hour in sorted(found) if found[half_hour] > 0}


def erlang_b(offered: float, agents: int) -> float:
    """The share of calls that find nobody free where none may wait; `offered` in erlangs.

    By the recursion, which stays exact where factorials overflow (Cooper, chapter 3).
    """
    blocked = 1.0
    for number in range(1, agents + 1):
        blocked = offered * blocked / (number + offered * blocked)
    return blocked


def erlang_c(offered: float, agents: int) -> float:
    """The share of contacts that have to wait; all of them where there is more work than people."""
    if offered >= agents:
        return 1.0
    blocked = erlang_b(offered, agents)
    return agents * blocked / (agents - offered * (1 - blocked))


def answered_within(seconds: float, *, offered: float, agents: int, handle: float) -> float:
    """The share that is answered within `seconds`; `handle` is the mean handle time in seconds."""
    if offered >= agents:
        return 0.0
    return 1 - erlang_c(offered, agents) * math.exp(-(agents - offered) * seconds / handle)


def mean_wait(*, offered: float, agents: int, handle: float) -> float:
    """Seconds, over all contacts, those that need not wait included; infinite with too few."""
    if offered >= agents:
        return math.inf
    return erlang_c(offered, agents) * handle / (agents - offered)


def staff_for(contacts: float, *, handle: float, goal: Goal) -> Staffing:
    """The fewest people who reach `goal` in one half-hour of so many `contacts`.

    :param handle: mean handle time in seconds: talking, holding and wrapping up.
    """
    offered = contacts * handle / HALF_HOUR
    if offered <= 0:
        return NOBODY
    agents = max(math.floor(offered) + 1, math.ceil(offered / goal.occupancy))
    while answered_within(goal.within, offered=offered, agents=agents, handle=handle) < goal.share:
        agents += 1
    return Staffing(
        on_phones=agents,
        # Rounded first: 14 / 0.7 is a hair over 20 in binary.
        scheduled=math.ceil(round(agents / (1 - goal.shrinkage), 9)),
        share=answered_within(goal.within, offered=offered, agents=agents, handle=handle),
        wait=mean_wait(offered=offered, agents=agents, handle=handle),
        occupancy=offered / agents,
    )


@dataclass(frozen=True, slots=True)
class Stay:
    """One agent's time in one state."""

    state: AgentState
    starts_at: dt.datetime
    ends_at: dt.datetime


def signed_in(
    stays: Iterable[Stay], half_hours: Mapping[int, tuple[dt.datetime, dt.datetime]]
) -> dict[int, float]:
    """How many were on the phones, on average, in each of these half-hours.

    :param half_hours: by number, from and until; one that has only begun ends now.
    """
    working = [stay for stay in stays if stay.state in ON_THE_PHONES]
    return {
        number: sum(_overlap(stay, begins, ends) for stay in working)
        / (ends - begins).total_seconds()
        for number, (begins, ends) in half_hours.items()
        if ends > begins
    }


def _overlap(stay: Stay, begins: dt.datetime, ends: dt.datetime) -> float:
    seconds = (min(stay.ends_at, ends) - max(stay.starts_at, begins)).total_seconds()
    return max(0.0, seconds)
