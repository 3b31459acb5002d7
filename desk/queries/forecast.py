"""Contacts by half-hour, from the same weekdays before, and who is there to answer them."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import reduce
from operator import or_
from zoneinfo import ZoneInfo

from django.db.models import Count, Q
from django.db.models.functions import ExtractHour, ExtractMinute, TruncDate

from crm.models import Agent, AuditEntry, PhoneLine, Queue, QueueEntry
from crm.rules.forecast import (
    FEWEST_CALLS,
    FEWEST_DAYS,
    HALF_HOURS,
    Day,
    Goal,
    Staffing,
    Stay,
    expected,
    signed_in,
    staff_for,
)
from crm.states import AgentState
from desk.queries.handle_time import mean_handle_time
from desk.queries.zone import day_begins
from scheduling.models import Location, SiteHoliday
from scheduling.rules.holidays import closed_days
from scheduling.states import Holiday

#: Handle time comes from so many weeks before now.
HANDLE_WEEKS = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Which queue and day, from how many weeks, for what goal."""

    queue: Queue
    on: dt.date
    weeks: int
    goal: Goal
    zone: ZoneInfo


@dataclass(frozen=True, slots=True)
class HalfHour:
    """One line of the day. `actual` and `there` are None where the time has not come yet.

    :param there: how many with the queue's skills were on the phones, on average.
    """

    starts_at: dt.datetime
    contacts: float
    staffing: Staffing
    actual: int | None
    there: float | None
    is_now: bool

    @property
    def is_short(self) -> bool:
        """Fewer people than the contacts need."""
        return self.there is not None and self.there < self.staffing.on_phones


@dataclass(frozen=True, slots=True)
class Forecast:
    """The day, and what it rests on.

    :param days: the past days of the same weekday; `closed` those of them that were holidays.
    :param holiday: the day itself is one; it has no forecast.
    """

    days: tuple[dt.date, ...]
    closed: tuple[dt.date, ...]
    contacts: int
    handle: float
    calls: int
    holiday: str
    rows: tuple[HalfHour, ...]

    @property
    def is_thin(self) -> bool:
        """Too little has happened to tell anything from."""
        return len(self.days) < FEWEST_DAYS or self.calls < FEWEST_CALLS or not self.contacts

    @property
    def expected(self) -> float:
        return sum(row.contacts for row in self.rows)


def read_forecast(asked: Asked, *, at: dt.datetime) -> Forecast:
    """Eight statements, whatever the number of contacts."""
    today = at.astimezone(asked.zone).date()
    dates = past_days(asked.on, today=today, weeks=asked.weeks)
    holidays = _holidays(asked.queue, {*dates, asked.on})
    counts = _counts(asked, [*dates, asked.on] if asked.on <= today else dates)
    actual = counts.pop(asked.on, {}) if asked.on <= today else None
    days = _since_first([day for day in dates if day not in holidays], counts)
    since = at - dt.timedelta(weeks=HANDLE_WEEKS)
    handle, calls = mean_handle_time(asked.queue.pk, since=since, at=at)
    past = [Day((asked.on - day).days // 7, counts.get(day, {})) for day in days]
    drawn = _Drawn(asked, at, actual, handle)
    holiday = holidays.get(asked.on)
    return Forecast(
        days=tuple(days),
        closed=tuple(day for day in dates if day in holidays),
        contacts=sum(sum(day.counts.values()) for day in past),
        handle=handle,
        calls=calls,
        holiday=holiday.value if holiday else "",
        rows=drawn.rows({} if holiday else expected(past)),
    )


def past_days(on: dt.date, *, today: dt.date, weeks: int) -> list[dt.date]:
    """The newest days of the same weekday that are over, and lie before `on`."""
    back = 1 if on <= today else (on - today).days // 7 + 1
    return [on - dt.timedelta(weeks=back + n) for n in range(weeks)]


def _since_first(days: list[dt.date], counts: Mapping[dt.date, Mapping[int, int]]) -> list[dt.date]:
    """Without those before the queue had its first contact: then it was not there yet."""
    first = min((day for day in days if counts.get(day)), default=None)
    return [day for day in days if first is not None and day >= first]


def _holidays(queue: Queue, days: Iterable[dt.date]) -> dict[dt.date, Holiday]:
    """Which of these days are holidays that all sites of the queue's lines keep; of all sites
    where the lines name none. Three statements."""
    sites = set(PhoneLine.objects.filter(queue=queue).values_list("location_id", flat=True))
    own = Location.objects.filter(is_active=True)
    ids = {pk for pk in sites if pk} if sites and None not in sites else set()
    places = set((own.filter(pk__in=ids) if ids else own).values_list("pk", flat=True))
    kept = defaultdict(set)
    for site, holiday in SiteHoliday.objects.values_list("location_id", "holiday"):
        kept[Holiday(holiday)].add(site)
    by_all = [holiday for holiday, keepers in kept.items() if places and places <= keepers]
    found = dict(closed_days(by_all, min(days), max(days)))
    return {day: found[day] for day in days if day in found}


def _counts(asked: Asked, days: Iterable[dt.date]) -> dict[dt.date, dict[int, int]]:
    """What entered the queue, by day and half-hour of the wall clock. One statement."""
    within = [
        Q(
            entered_at__gte=day_begins(day, asked.zone),
            entered_at__lt=day_begins(day + dt.timedelta(days=1), asked.zone),
        )
        for day in days
    ]
    rows = (
        QueueEntry.objects.filter(reduce(or_, within), queue=asked.queue)
        .filter(interaction__is_training=False)
        .order_by()
        .values_list(
            TruncDate("entered_at", tzinfo=asked.zone),
            ExtractHour("entered_at", tzinfo=asked.zone),
            ExtractMinute("entered_at", tzinfo=asked.zone),
        )
        .annotate(count=Count("pk"))
    )
    found: dict[dt.date, dict[int, int]] = defaultdict(lambda: defaultdict(int))
    for day, hour, minute, count in rows:
        found[day][2 * hour + minute // 30] += count
    return found


@dataclass(frozen=True, slots=True)
class _Drawn:
    """What the lines of a day are made from."""

    asked: Asked
    at: dt.datetime
    actual: Mapping[int, int] | None
    handle: float

    def rows(self, contacts: Mapping[int, float]) -> tuple[HalfHour, ...]:
        """From the first half-hour with anything in it to the last."""
        busy = {*contacts, *(self.actual or {})}
        if not busy:
            return ()
        numbers = range(min(busy), max(busy) + 1)
        spans = {number: self._span(number) for number in numbers}
        there = self._there({n: span for n, span in spans.items() if span[1] > span[0]})
        return tuple(
            HalfHour(
                starts_at=self._starts(number),
                contacts=contacts.get(number, 0.0),
                staffing=staff_for(
                    contacts.get(number, 0.0), handle=self.handle or 1.0, goal=self.asked.goal
                ),
                actual=(self.actual or {}).get(number, 0) if number in there else None,
                there=there.get(number),
                is_now=self._starts(number) <= self.at < self._starts(number + 1),
            )
            for number in numbers
        )

    def _starts(self, number: int) -> dt.datetime:
        day = self.asked.on + dt.timedelta(days=number // HALF_HOURS)
        minutes = number % HALF_HOURS * 30
        return dt.datetime.combine(day, dt.time(minutes // 60, minutes % 60), self.asked.zone)

    def _span(self, number: int) -> tuple[dt.datetime, dt.datetime]:
        """In UTC, since time between two wall clocks of one zone is not what passed."""
        begins, ends = (self._starts(n).astimezone(dt.UTC) for n in (number, number + 1))
        return begins, min(ends, self.at)

    def _there(self, spans: Mapping[int, tuple[dt.datetime, dt.datetime]]) -> dict[int, float]:
        if not spans:
            return {}
        begins = min(span[0] for span in spans.values())
        ends = max(span[1] for span in spans.values())
        stays = list(_stays(self.asked.queue, begins=begins, ends=ends, at=self.at))
        return signed_in(stays, spans)


def _stays(
    queue: Queue, *, begins: dt.datetime, ends: dt.datetime, at: dt.datetime
) -> Iterable[Stay]:
    """Who had the queue's skills, in which states, from the audit trail. Three statements."""
    agents = {one.pk: one for one in Agent.objects.all() if set(queue.skills) <= set(one.skills)}
    moves = AuditEntry.objects.filter(
        subject_type="crm.agent", subject_id__in=agents, verb="crm.agent.moved"
    )
    before = moves.filter(at__lte=begins).order_by("subject_id", "-id").distinct("subject_id")
    changes: dict[int, list[tuple[dt.datetime, str]]] = defaultdict(list)
    for pk, moved_at, state in before.values_list("subject_id", "at", "to_status"):
        changes[pk].append((moved_at, state))
    within = moves.filter(at__gt=begins, at__lt=ends).order_by("id")
    columns = ("subject_id", "at", "from_status", "to_status")
    for pk, moved_at, was, state in within.values_list(*columns):
        if pk not in changes:  # the trail begins here
            changes[pk].append((begins, was))
        changes[pk].append((moved_at, state))
    for pk, agent in agents.items():
        moved = changes.get(pk) or [(agent.since, agent.status)]
        until = [when for when, _ in moved[1:]] + [at]
        for (starts_at, state), ends_at in zip(moved, until, strict=True):
            yield Stay(AgentState(state), starts_at, ends_at)
