"""How many people are asked at once, and when the next are: the arithmetic of a wave.

The people asked in the first third of the time that is left should make it `TARGET` likely that
somebody says yes before the deadline; the rest of the time is for the case that they don't. A
third is cut into as many waves as fit, an eighth of the time apart. So an opening tomorrow at 9
goes wide fast, and one in three weeks goes to one person every few hours.

Time is counted in texting hours. A yes is assumed to come with a chance that halves every
`reply_minutes`; those asked earlier who have not answered still count for what is left of theirs.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from outreach.rules.quiet_hours import next_permitted
from scheduling.rules.words import say_minutes, say_percent
from waitlist.rules.texting import after_texting_minutes, texting_minutes

TARGET: Final = 0.9
REPLY_MINUTES: Final = 45.0
"""Assumed: half of those who say yes do so within it. To be measured on each site's replies."""

SHORTEST_GAP, LONGEST_GAP = 5.0, 240.0
MOST_EXPECTED_DISAPPOINTED: Final = 1.0
"""On average, over openings, at most one person says yes to a time that is gone."""
ANSWER_MEDIANS = 4
"""An offer stays open for at least so many `reply_minutes`: 94 % of the yeses are in by then."""

_MINUTE = dt.timedelta(minutes=1)
_QUARTER = dt.timedelta(minutes=15)
_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_LEAST_CHANCE, _MOST_CHANCE = 0.001, 0.95
_SLOWEST_REPLY = 30 * 24 * 60


@dataclass(frozen=True, slots=True, kw_only=True)
class WavePlan:
    """What to do now. `size` 0: ask nobody now, but look again at `next_at`.

    - `next_at`: when to plan again; None when nobody is left or the deadline comes first.
    - `answer_by`: until when these offers should stay open; None for an empty wave.
    - `chance`: that somebody says yes before the deadline, of all who have been asked.
    - `disappointed`: how many can be expected to say yes after the first.
    - `why`: one line for staff, at most 300 characters.
    """

    size: int
    next_at: dt.datetime | None
    answer_by: dt.datetime | None
    chance: float
    disappointed: float
    why: str


@dataclass(frozen=True, slots=True)
class _Odds:
    """Chances of a yes before the deadline: of each new one, and of those still out."""

    new: float
    out: tuple[float, ...]

    @property
    def nobody_out(self) -> float:
        """Probability that none of those still out says yes."""
        return math.prod(1 - chance for chance in self.out)

    def somebody(self, size: int) -> float:
        return 1 - self.nobody_out * (1 - self.new) ** size

    def disappointed(self, size: int) -> float:
        """Expected yeses after the first, with `size` more asked."""
        return max(0.0, sum(self.out) + size * self.new - self.somebody(size))

    def missing(self, target: float) -> int:
        """How many more must be asked for `target`; 0 when those still out make it."""
        if self.nobody_out <= 1 - target:
            return 0
        return math.ceil(math.log((1 - target) / self.nobody_out) / math.log1p(-self.new))


def plan_wave(
    *,
    now: dt.datetime,
    deadline_at: dt.datetime,
    zone: str,
    eligible_left: int,
    unanswered_since: Sequence[dt.datetime],
    mean_chance: float,
    max_disappointed: int,
    reply_minutes: float = REPLY_MINUTES,
) -> WavePlan:
    """Size the next wave of an opening.

    Never more than `eligible_left`; never so many that, were the slot taken this moment, more
    than `max_disappointed` people would hold an open offer for nothing.

    :param zone: IANA name of the site's zone, for its texting hours.
    :param eligible_left: people not asked yet who may be texted now.
    :param unanswered_since: when each offer that is open and unanswered went out (aware).
    :param mean_chance: to accept, over the next people in line, 0 to 1.
    :raises ValueError: for a chance outside 0 to 1, or impossible `reply_minutes`.
    """
    if not 0 <= mean_chance <= 1 or not 0 < reply_minutes <= _SLOWEST_REPLY:
        raise ValueError(
            "A chance is between 0 and 1, and half of the replies come within a month."
        )
    now, deadline_at = now.astimezone(dt.UTC), deadline_at.astimezone(dt.UTC)
    if now >= deadline_at:
        return _nobody("The deadline has passed", next_at=None)
    if eligible_left <= 0:
        return _nobody("Nobody is left to ask", next_at=None)
    left = max(SHORTEST_GAP, texting_minutes(now, deadline_at, zone=zone))
    ages = [texting_minutes(since, now, zone=zone) for since in unanswered_since]
    odds = _odds(ages, left=left, chance=mean_chance, half_life=reply_minutes)
    gap = min(LONGEST_GAP, max(SHORTEST_GAP, left / 8))
    next_at = _next_at(now, gap=gap, deadline_at=deadline_at, zone=zone)
    room = max_disappointed + 1 - len(unanswered_since)
    missing = odds.missing(TARGET)
    if room <= 0 or missing == 0:
        return _nobody(_say_enough(odds, max_disappointed, room=room), next_at=next_at, odds=odds)

    waves = 1 + int(left / 3 // gap)
    wanted = math.ceil(missing / waves)
    size = _bounded(wanted, most=min(eligible_left, room), odds=odds)
    next_at = next_at if size < eligible_left else None
    why = (
        f"{_say_left(left)}, {say_percent(mean_chance)} usually say yes: {size} now",
        _say_aim(missing, waves=waves, out=len(odds.out)),
        _say_held(size, wanted, eligible_left, max_disappointed, room=room),
        _say_next(now, next_at),
    )
    open_minutes = max(3 * gap, ANSWER_MEDIANS * reply_minutes)
    return WavePlan(
        size=size,
        next_at=next_at,
        answer_by=_answer_by(now, open_minutes, deadline_at=deadline_at, zone=zone),
        chance=odds.somebody(size),
        disappointed=odds.disappointed(size),
        why="; ".join(filter(None, why)),
    )


def _odds(ages: Sequence[float], *, left: float, chance: float, half_life: float) -> _Odds:
    """Chances of a yes in the `left` minutes, given that the ones of `ages` are silent so far."""
    yes = min(_MOST_CHANCE, max(_LEAST_CHANCE, chance))

    def later(age: float) -> float:
        """Probability that somebody says yes, but not before `age`."""
        return yes * 2 ** (-age / half_life)

    def still(age: float) -> float:
        return (later(age) - later(age + left)) / (1 - yes + later(age))

    return _Odds(new=still(0), out=tuple(still(age) for age in ages))


def _bounded(wanted: int, *, most: int, odds: _Odds) -> int:
    """At least one, at most `most`, fewer where too many would be disappointed on average."""
    size = min(wanted, most)
    while size > 1 and odds.disappointed(size) > MOST_EXPECTED_DISAPPOINTED:
        size -= 1
    return size


def _next_at(
    now: dt.datetime, *, gap: float, deadline_at: dt.datetime, zone: str
) -> dt.datetime | None:
    rounded = max(SHORTEST_GAP, 5 * round(gap / 5))
    next_at = next_permitted(now + rounded * _MINUTE, zone=zone)
    return next_at if next_at < deadline_at else None


def _answer_by(
    now: dt.datetime, minutes: float, *, deadline_at: dt.datetime, zone: str
) -> dt.datetime:
    """After `minutes` of texting hours, on the next quarter of an hour, so that it can be said."""
    moment = after_texting_minutes(now, minutes, zone=zone, until=deadline_at)
    return min(deadline_at, moment + (_EPOCH - moment) % _QUARTER)


def _nobody(why: str, *, next_at: dt.datetime | None, odds: _Odds | None = None) -> WavePlan:
    return WavePlan(
        size=0,
        next_at=next_at,
        answer_by=None,
        chance=odds.somebody(0) if odds else 0.0,
        disappointed=odds.disappointed(0) if odds else 0.0,
        why=why,
    )


def _say_enough(odds: _Odds, max_disappointed: int, *, room: int) -> str:
    out = f"{len(odds.out)} open" if odds.out else "None open"
    if room <= 0:
        return f"{out}, and at most {max_disappointed} may be asked in vain: nobody now"
    return f"{out}, which make a yes {say_percent(odds.somebody(0))} likely: nobody now"


def _say_left(minutes: float) -> str:
    if minutes >= 120:
        return f"{minutes / 60:.0f} texting hours left"
    return f"{minutes:.0f} texting minutes left"


def _say_aim(missing: int, *, waves: int, out: int) -> str:
    beside = f" beside the {out} open" if out else ""
    spread = f" in {waves} waves" if waves > 1 else ""
    return f"{missing}{spread}{beside} would make a yes {TARGET * 10:.0f} in 10"


def _say_held(
    size: int, wanted: int, eligible_left: int, max_disappointed: int, *, room: int
) -> str:
    if size >= wanted:
        return ""
    if size == eligible_left:
        return "these are all"
    if size == room:
        return f"no more, as at most {max_disappointed} may be asked in vain"
    return "no more, as more than one too many would say yes"


def _say_next(now: dt.datetime, next_at: dt.datetime | None) -> str:
    return f"next in {say_minutes((next_at - now) / _MINUTE)}" if next_at else "no wave after this"
