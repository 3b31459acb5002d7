"""Where the time of many calls went: by agent, team, shift or reason."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

from django.db.models import QuerySet
from django.db.models.functions import ExtractHour

from crm.models import Agent, Interaction
from crm.states import Aid
from desk.queries.contact_times import COLUMNS, Known, Timed, times_of
from desk.rules.anatomy import Spent

#: More contacts are not read for one page; the newest are, and the page says so.
MOST_CONTACTS: Final = 2000
#: So many of them are listed behind a figure.
MOST_LISTED: Final = 100
_CALL: Final = (
    "call__aid",
    "call__is_outbound",
    "call__rang_at",
    "call__answered_at",
    "call__ended_at",
)


class By(StrEnum):
    """What a line of the sums is."""

    AGENT = "agent"
    TEAM = "team"
    SHIFT = "shift"
    REASON = "reason"


class Shift(StrEnum):
    """When a contact began, by the wall clock of most sites."""

    NIGHT = "night"  # 0 to 6
    MORNING = "morning"  # 6 to 12
    AFTERNOON = "afternoon"  # 12 to 18
    EVENING = "evening"  # 18 to 24

    @property
    def hours(self) -> range:
        first = 6 * list(Shift).index(self)
        return range(first, first + 6)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Of which calls. An empty `call_type`, `team` or None sets no limit."""

    since: dt.datetime
    until: dt.datetime
    zone: ZoneInfo
    by: By = By.REASON
    agent_id: int | None = None
    team: str | None = None
    shift: Shift | None = None
    call_type: str | None = None
    spent: Spent | None = None


@dataclass(slots=True)
class Group:
    """A line of the sums; `key` filters the contacts to it."""

    key: str
    contacts: int = 0
    spent: dict[Spent, float] = field(default_factory=dict)
    label: str = ""

    def add(self, timed: Timed) -> None:
        self.contacts += 1
        for spent, seconds in timed.spent.items():
            self.spent[spent] = self.spent.get(spent, 0.0) + seconds

    @property
    def seconds(self) -> float:
        return sum(self.spent.values())

    def mean(self, spent: Spent | None = None) -> float:
        """Seconds a contact, of one kind of time or all."""
        whole = self.seconds if spent is None else self.spent.get(spent, 0.0)
        return whole / self.contacts if self.contacts else 0.0


@dataclass(frozen=True, slots=True)
class Sums:
    """Lines, most time first, all together, and the contacts behind them.

    `is_cut`: there are more contacts than are read at once; these are the newest.
    """

    groups: tuple[Group, ...]
    all: Group
    timed: tuple[Timed, ...]
    is_cut: bool

    def behind(self, spent: Spent | None) -> list[Timed]:
        """The contacts of a figure: those with most of that time first, or the newest."""
        if spent is None:
            return list(self.timed[:MOST_LISTED])
        having = [one for one in self.timed if one.spent.get(spent)]
        return sorted(having, key=lambda one: -one.spent[spent])[:MOST_LISTED]


def read_sums(asked: Asked, *, at: dt.datetime) -> Sums:
    """Three statements, however many calls."""
    rows = _calls(asked).filter(is_training=False, call__aid=Aid.NONE)
    found = [Known(*row) for row in rows.values_list(*COLUMNS)[: MOST_CONTACTS + 1]]
    timed = tuple(times_of(found[:MOST_CONTACTS], at=at))
    groups: dict[str, Group] = {}
    whole = Group("")
    for one in timed:
        key = _key(one.contact, asked)
        groups.setdefault(key, Group(key, label=_label(one.contact, asked))).add(one)
        whole.add(one)
    ordered = sorted(groups.values(), key=lambda group: (-group.seconds, group.key))
    return Sums(tuple(ordered), whole, timed, is_cut=len(found) > MOST_CONTACTS)


def left_out(asked: Asked) -> list[Known]:
    """Relay and TTY calls and training: their time is nobody's measure. One statement."""
    rows = _calls(asked).exclude(is_training=False, call__aid=Aid.NONE)
    return [Known(*row) for row in rows.values_list(*COLUMNS)[:MOST_LISTED]]


def teams() -> list[str]:
    """By name."""
    return sorted(Agent.objects.exclude(team="").values_list("team", flat=True).distinct())


def _calls(asked: Asked) -> QuerySet[Interaction]:
    """Calls that somebody answered and that are over, the newest first."""
    rows = Interaction.objects.filter(
        agent__isnull=False,
        started_at__gte=asked.since,
        started_at__lt=asked.until,
        call__answered_at__isnull=False,
        call__ended_at__isnull=False,
    )
    if asked.agent_id is not None:
        rows = rows.filter(agent=asked.agent_id)
    if asked.team is not None:
        rows = rows.filter(agent__agent__team=asked.team)
    if asked.call_type is not None:
        rows = rows.filter(call_type=asked.call_type)
    if asked.shift is not None:
        rows = rows.annotate(hour=ExtractHour("started_at", tzinfo=asked.zone))
        rows = rows.filter(hour__in=list(asked.shift.hours))
    return rows.order_by("-started_at", "-pk")


def _key(contact: Known, asked: Asked) -> str:
    match asked.by:
        case By.AGENT:
            return str(contact.agent_id or "")
        case By.TEAM:
            return contact.team or ""
        case By.SHIFT:
            hour = contact.started_at.astimezone(asked.zone).hour
            return next(shift for shift in Shift if hour in shift.hours)
        case By.REASON:
            return contact.call_type


def _label(contact: Known, asked: Asked) -> str:
    """Where the key is no word yet."""
    return contact.agent if asked.by is By.AGENT else _key(contact, asked)
