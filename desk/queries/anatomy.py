"""Where the time of contacts went: of one as a ribbon, of many by agent, team, shift or reason."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

from django.db.models import QuerySet
from django.db.models.functions import ExtractHour

from crm.models import Agent, Interaction, InteractionStep, QueueEntry
from crm.states import Aid, Channel
from desk.queries.handle_time import MOST_WRAP
from desk.rules.anatomy import Piece, Spent, moments, ribbon, sum_up

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
_COLUMNS: Final = (
    "pk",
    "channel",
    "started_at",
    "ended_at",
    "is_training",
    "call_type",
    "agent_id",
    "agent__first_name",
    "agent__last_name",
    "agent__username",
    "agent__agent__team",
    "wrap_up__at",
    "call__aid",
    "call__is_outbound",
    "call__rang_at",
    "call__answered_at",
    "call__ended_at",
    "call__line__name",
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


@dataclass(frozen=True, slots=True)
class Known:
    """A contact as far as its time is told from it."""

    pk: int
    channel: str
    started_at: dt.datetime
    ended_at: dt.datetime | None
    is_training: bool
    call_type: str
    agent_id: int | None
    agent_given: str | None
    agent_family: str | None
    agent_username: str | None
    team: str | None
    wrapped_at: dt.datetime | None
    aid: str | None
    is_outbound: bool | None
    rang_at: dt.datetime | None
    answered_at: dt.datetime | None
    hung_up_at: dt.datetime | None
    line: str | None

    @property
    def agent(self) -> str:
        return f"{self.agent_given or ''} {self.agent_family or ''}".strip() or (
            self.agent_username or ""
        )

    @property
    def is_voice(self) -> bool:
        return self.channel == Channel.VOICE

    @property
    def is_judged(self) -> bool:
        """Whether its time counts in sums: relay and TTY take longer by nature."""
        return not self.is_training and self.aid in {Aid.NONE, None}


@dataclass(frozen=True, slots=True)
class Timed:
    """A contact with its time: the ribbon, its moments, and seconds by what they went on."""

    contact: Known
    pieces: tuple[Piece, ...]
    moments: tuple[Piece, ...]
    spent: dict[Spent, float]
    is_over: bool

    @property
    def seconds(self) -> float:
        return sum(self.spent.values())

    @property
    def starts_at(self) -> dt.datetime:
        return self.pieces[0].starts_at if self.pieces else self.contact.started_at


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


def find_timed(pk: int, *, at: dt.datetime) -> Timed | None:
    """One contact's time, so far if it goes on. Three statements."""
    row = Interaction.objects.filter(pk=pk).values_list(*_COLUMNS).first()
    return next(_timed([Known(*row)], at=at)) if row else None


def read_sums(asked: Asked, *, at: dt.datetime) -> Sums:
    """Three statements, however many calls."""
    rows = _calls(asked).filter(is_training=False, call__aid=Aid.NONE)
    found = [Known(*row) for row in rows.values_list(*_COLUMNS)[: MOST_CONTACTS + 1]]
    timed = tuple(_timed(found[:MOST_CONTACTS], at=at))
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
    return [Known(*row) for row in rows.values_list(*_COLUMNS)[:MOST_LISTED]]


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


def _timed(contacts: Collection[Known], *, at: dt.datetime) -> Iterator[Timed]:
    ids = [contact.pk for contact in contacts]
    steps, waits = _steps(ids), _waits(ids)
    for contact in contacts:
        yield time_of(contact, steps.get(contact.pk, ()), waits.get(contact.pk, ()), at=at)


def time_of(
    contact: Known,
    steps: Iterable[Piece],
    waits: Iterable[tuple[dt.datetime, dt.datetime | None]],
    *,
    at: dt.datetime,
) -> Timed:
    """The contact's ribbon from the first ring to the end of its wrap-up.

    :param waits: in queues: since when, and until when.
    """
    own = list(steps)
    hung_up = contact.hung_up_at or contact.ended_at
    starts_at = min(t for t in (contact.started_at, contact.rang_at) if t)
    ends_at = hung_up or at
    if hung_up and contact.wrapped_at and hung_up <= contact.wrapped_at <= hung_up + MOST_WRAP:
        own.append(Piece("wrap", Spent.AGENT, hung_up, contact.wrapped_at))
        ends_at = contact.wrapped_at
    own += _before_talk(contact, list(waits), at=at)
    pieces = ribbon(own, start=starts_at, end=ends_at)
    return Timed(contact, pieces, moments(own), sum_up(pieces), is_over=hung_up is not None)


def _before_talk(
    contact: Known, waits: list[tuple[dt.datetime, dt.datetime | None]], *, at: dt.datetime
) -> Iterator[Piece]:
    """The menu, the waits in queues, and the ringing at whoever answered."""
    answered = contact.answered_at
    first = None
    for since, until in waits:
        ends = until or contact.hung_up_at or contact.ended_at or at
        if answered is None or since <= answered:
            first = min(first or since, since)
            ends = min(ends, answered or ends)  # it may have been given to somebody else since
        yield Piece("queue", Spent.QUEUE, since, ends)
    if contact.rang_at is None:
        return
    if first is not None:
        yield Piece("menu", Spent.SYSTEM, contact.rang_at, first)
    waits_for = Spent.AGENT if first else Spent.CALLER if contact.is_outbound else Spent.QUEUE
    yield Piece("ringing", waits_for, contact.rang_at, answered or contact.hung_up_at or at)


def _steps(ids: Collection[int]) -> Mapping[int, list[Piece]]:
    rows = InteractionStep.objects.filter(interaction__in=ids).order_by("at", "pk")
    found: dict[int, list[Piece]] = defaultdict(list)
    columns = ("interaction_id", "kind", "waits_for", "at", "ended_at", "code")
    for pk, kind, waits_for, starts_at, ends_at, code in rows.values_list(*columns):
        found[pk].append(Piece(kind, Spent.on(waits_for), starts_at, ends_at, code))
    return found


def _waits(ids: Collection[int]) -> Mapping[int, list[tuple[dt.datetime, dt.datetime | None]]]:
    rows = QueueEntry.objects.filter(interaction__in=ids).order_by("entered_at", "pk")
    found: dict[int, list[tuple[dt.datetime, dt.datetime | None]]] = defaultdict(list)
    columns = ("interaction_id", "entered_at", "claimed_at", "ended_at")
    for pk, entered_at, claimed_at, ended_at in rows.values_list(*columns):
        found[pk].append((entered_at, claimed_at or ended_at))
    return found
