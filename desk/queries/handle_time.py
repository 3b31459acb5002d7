"""Handle time: talk, hold and wrap-up. Measured first; what has changed is said against that.

Left out everywhere: relay and TTY calls, which take longer by their nature (nobody is to hurry
them), training, and calls that we made.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.db import connection
from django.db.models import Min

from crm.models import Interaction
from desk.queries.zone import day_begins

#: The first weeks of the desk are the baseline; the newest are set against it.
BASELINE_WEEKS: Final = 4
NOW_WEEKS: Final = 2
#: Fewer contacts of one kind have no median worth naming.
FEWEST: Final = 30
#: Weeks that are shown one by one.
WEEKS_SHOWN: Final = 6
#: A wrap-up that is finished later was set aside: its time is not handle time.
MOST_WRAP: Final = dt.timedelta(minutes=30)

#: One row for each call that counts: who, what about, when it began, and seconds.
HANDLED: Final = """
    SELECT contact.id, contact.call_type, contact.started_at,
        extract(epoch FROM call.ended_at - call.answered_at
            + CASE WHEN wrap.at BETWEEN call.ended_at AND call.ended_at + %(most_wrap)s
                THEN wrap.at - call.ended_at ELSE interval '0' END)::float AS seconds
    FROM crm_interaction contact
    JOIN crm_call call ON call.interaction_id = contact.id
    LEFT JOIN crm_wrapup wrap ON wrap.interaction_id = contact.id
    WHERE contact.agent_id IS NOT NULL AND NOT contact.is_training
        AND contact.started_at >= %(since)s AND contact.started_at < %(until)s
        AND call.aid = 'none' AND NOT call.is_outbound
        AND call.answered_at IS NOT NULL AND call.ended_at IS NOT NULL
"""
#: The median with the order statistics that hold it 19 times in 20 (Conover, Practical
#: Nonparametric Statistics, 3rd ed. 1999, section 3.2: ranks n/2 -+ 0.98 sqrt n).
_MEDIANS: Final = f"""
    SELECT call_type, n,
        percentile_cont(0.5) WITHIN GROUP (ORDER BY seconds),
        percentile_cont(greatest(0, 0.5 - 0.98 / sqrt(n))) WITHIN GROUP (ORDER BY seconds),
        percentile_cont(least(1, 0.5 + 0.98 / sqrt(n))) WITHIN GROUP (ORDER BY seconds)
    FROM (SELECT call_type, seconds, count(*) OVER (PARTITION BY call_type) AS n
          FROM ({HANDLED}) handled) counted
    GROUP BY call_type, n
"""  # noqa: S608 - put together of constants
_BY_WEEK: Final = f"""
    SELECT call_type, date_trunc('week', started_at AT TIME ZONE %(zone)s)::date, count(*),
        percentile_cont(0.5) WITHIN GROUP (ORDER BY seconds)
    FROM ({HANDLED}) handled GROUP BY 1, 2
"""  # noqa: S608
_MEAN: Final = f"""
    SELECT avg(seconds), count(*) FROM ({HANDLED}) handled
    WHERE EXISTS (SELECT FROM crm_queueentry entry
                  WHERE entry.interaction_id = handled.id AND entry.queue_id = %(queue)s)
"""  # noqa: S608


@dataclass(frozen=True, slots=True)
class Median:
    """Of so many contacts, in seconds; the truth lies between `low` and `high`, 19 times in 20."""

    contacts: int
    seconds: float
    low: float
    high: float


class Verdict(StrEnum):
    """What may be said of a change."""

    NO_BASELINE = "no-baseline"  # too few contacts in the first weeks
    MEASURING = "measuring"  # the first weeks are not over, or nothing came after them yet
    TOO_FEW = "too-few"  # of the newest
    SAME = "same"  # a difference that could be chance
    SHORTER = "shorter"
    LONGER = "longer"


@dataclass(frozen=True, slots=True)
class Change:
    """One kind of contact, before and now, and week by week."""

    call_type: str
    verdict: Verdict
    before: Median | None
    now: Median | None
    weeks: dict[dt.date, tuple[int, float]] = field(default_factory=dict)

    @property
    def percent(self) -> int | None:
        """How much longer (or, below 0, shorter) it takes now. Nothing where chance could be it."""
        if self.verdict not in {Verdict.SHORTER, Verdict.LONGER} or not (self.before and self.now):
            return None
        return round(100 * (self.now.seconds - self.before.seconds) / self.before.seconds)


@dataclass(frozen=True, slots=True)
class Baseline:
    """All kinds of contact; `begins` is None until anything was measured."""

    begins: dt.datetime | None
    ends: dt.datetime | None
    weeks: tuple[dt.date, ...]
    changes: tuple[Change, ...]


def judge(before: Median | None, now: Median | None, *, is_over: bool) -> Verdict:
    """A change is one only where the two medians' bounds do not meet.

    :param is_over: the weeks of the baseline have passed, and the newest weeks lie behind them.
    """
    if not is_over:
        return Verdict.MEASURING
    if before is None or before.contacts < FEWEST:
        return Verdict.NO_BASELINE
    if now is None or now.contacts < FEWEST:
        return Verdict.TOO_FEW
    if now.high < before.low:
        return Verdict.SHORTER
    return Verdict.LONGER if now.low > before.high else Verdict.SAME


def read_baseline(*, at: dt.datetime, zone: ZoneInfo) -> Baseline:
    """Four statements. The most frequent kinds first."""
    begins = _first_week(zone)
    if begins is None:
        return Baseline(None, None, (), ())
    today = at.astimezone(zone).date()
    ends = _later(begins, 7 * BASELINE_WEEKS, zone)
    since = _later(at, -7 * NOW_WEEKS, zone)
    monday = today - dt.timedelta(days=today.weekday())
    weeks = tuple(monday - dt.timedelta(weeks=n) for n in reversed(range(WEEKS_SHOWN)))
    before, now = _medians(begins, min(ends, at)), _medians(since, at)
    by_week = _by_week(day_begins(weeks[0], zone), at, zone)
    changes = [
        Change(
            call_type=code,
            verdict=judge(before.get(code), now.get(code), is_over=since >= ends),
            before=before.get(code),
            now=now.get(code),
            weeks=by_week.get(code, {}),
        )
        for code in {*before, *now, *by_week}
    ]
    changes.sort(key=lambda one: (-_count(one), one.call_type))
    return Baseline(begins, ends, weeks, tuple(changes))


def mean_handle_time(queue_id: int, *, since: dt.datetime, at: dt.datetime) -> tuple[float, int]:
    """Mean seconds of the calls of a queue, and of how many. One statement."""
    ((seconds, calls),) = _read(_MEAN, since=since, until=at, queue=queue_id)
    return seconds or 0.0, calls


def _first_week(zone: ZoneInfo) -> dt.datetime | None:
    """The Monday of the first contact that anybody answered."""
    first = Interaction.objects.filter(agent__isnull=False).aggregate(at=Min("started_at"))["at"]
    if first is None:
        return None
    day = first.astimezone(zone).date()
    return day_begins(day - dt.timedelta(days=day.weekday()), zone)


def _later(at: dt.datetime, days: int, zone: ZoneInfo) -> dt.datetime:
    """The same time by the wall clock, so many days on."""
    return at.astimezone(zone) + dt.timedelta(days=days)


def _medians(since: dt.datetime, until: dt.datetime) -> dict[str, Median]:
    rows = _read(_MEDIANS, since=since, until=until)
    return {code: Median(*rest) for code, *rest in rows}


def _by_week(
    since: dt.datetime, until: dt.datetime, zone: ZoneInfo
) -> dict[str, dict[dt.date, tuple[int, float]]]:
    found: dict[str, dict[dt.date, tuple[int, float]]] = defaultdict(dict)
    for code, week, count, seconds in _read(_BY_WEEK, since=since, until=until, zone=zone.key):
        found[code][week] = (count, seconds)
    return found


def _count(change: Change) -> int:
    return sum(one.contacts for one in (change.before, change.now) if one)


def _read(statement: str, **facts: Any) -> list[tuple[Any, ...]]:
    given: dict[str, Any] = {"most_wrap": MOST_WRAP, **facts}
    with connection.cursor() as cursor:
        cursor.execute(statement, given)
        found: list[tuple[Any, ...]] = cursor.fetchall()
        return found
