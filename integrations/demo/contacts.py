"""Calls of the last six weeks, from the seed: what the forecast and the anatomy of calls tell from.

All of them are over and wrapped up, so none stands in a queue. Their times are drawn from the same
distributions in every week: the demo claims no handle time that got shorter.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random
from typing import Final
from zoneinfo import ZoneInfo

from crm.models import (
    Agent,
    Call,
    Interaction,
    InteractionStep,
    Patient,
    PhoneLine,
    Queue,
    QueueEntry,
    User,
    WrapUp,
)
from crm.states import Aid, CallStatus, Channel, EntryStatus, StepKind, WaitsFor
from integrations.demo.tables import insert

CALLS, WEEKS = 640, 6
SOURCE = "demo"
ZONE = ZoneInfo("America/Phoenix")
#: Calls by weekday from Monday, and by hour from 8: Mondays and mid-mornings are the busiest.
_WEEKDAYS: Final = (26, 20, 19, 18, 17)
_HOURS: Final = (9, 16, 15, 12, 8, 10, 11, 9, 6)
_GAVE_UP: Final = 0.05
#: Who presses the key for something urgent waits in the queue of the nurses.
_URGENT: Final = 0.1
_RELAYED: Final = 0.02
#: A step: its kind, its code, after which share of the talk, for how many seconds, and on what.
Step = tuple[StepKind, str, float, float, WaitsFor]
_VERIFIED: Final[Step] = (StepKind.VERIFY, "passed", 0.18, 0, WaitsFor.AGENT)


@dataclass(frozen=True, slots=True)
class _Kind:
    """A kind of call: how many of a hundred, the median talk in seconds, and what is done."""

    code: str
    share: int
    talk: int
    ends: tuple[str, ...]
    steps: tuple[Step, ...]


def _does(kind: StepKind, after: float, *, code: str = "") -> Step:
    return kind, code, after, 0, WaitsFor.AGENT


def _asks(kind: StepKind, after: float, seconds: float, on: WaitsFor, *, code: str = "") -> Step:
    return kind, code, after, seconds, on


_SEARCH = _asks(StepKind.SEARCH, 0.35, 1, WaitsFor.SYSTEM)
_LABS = _asks(StepKind.LOOK, 0.3, 3, WaitsFor.EHR, code="labs")
_KINDS: Final = (
    _Kind("book", 28, 235, ("booked", "booked", "booked", "waitlisted", "no-time"), (
        _VERIFIED, _does(StepKind.SAFETY, 0.24), _SEARCH, _does(StepKind.HOLD_SLOT, 0.6),
        _asks(StepKind.QUESTION, 0.64, 25, WaitsFor.CALLER, code="calendar"),
        _asks(StepKind.BOOK, 0.85, 2, WaitsFor.EHR), _does(StepKind.TELL, 0.93))),
    _Kind("move", 20, 195, ("moved",), (
        _VERIFIED, _asks(StepKind.LOOK, 0.25, 2, WaitsFor.EHR, code="visits"), _SEARCH,
        _asks(StepKind.MOVE, 0.8, 3, WaitsFor.EHR), _does(StepKind.TELL, 0.9))),
    _Kind("cancel", 9, 120, ("cancelled",), (
        _VERIFIED, _asks(StepKind.CANCEL, 0.7, 2, WaitsFor.EHR))),
    _Kind("results", 11, 185, ("told",), (
        _VERIFIED, _LABS, _asks(StepKind.CALL_HOLD, 0.45, 55, WaitsFor.COLLEAGUE),
        _does(StepKind.TELL, 0.85))),
    _Kind("refill", 12, 205, ("sent",), (
        _VERIFIED, _asks(StepKind.LOOK, 0.28, 3, WaitsFor.EHR, code="refills"),
        _asks(StepKind.QUESTION, 0.4, 30, WaitsFor.CALLER, code="pharmacy"),
        _does(StepKind.TASK, 0.85))),
    _Kind("plan", 5, 250, ("booked",), (
        _VERIFIED, _asks(StepKind.LOOK, 0.26, 4, WaitsFor.EHR, code="plan"), _SEARCH,
        _asks(StepKind.BOOK, 0.82, 2, WaitsFor.EHR))),
    _Kind("late", 4, 75, ("still-seen", "still-seen", "moved"), (
        _asks(StepKind.LOOK, 0.4, 2, WaitsFor.EHR, code="visits"),)),
    _Kind("directions", 4, 70, ("told",), (_does(StepKind.TELL, 0.6),)),
    _Kind("bill", 4, 150, ("handed-over",), (_VERIFIED, _does(StepKind.HAND_OFF, 0.8))),
    _Kind("pharmacy", 3, 140, ("answered",), (
        _LABS, _asks(StepKind.CALL_HOLD, 0.5, 70, WaitsFor.COLLEAGUE))),
)  # fmt: skip
_NURSE: Final = _Kind("nurse", 0, 290, ("nurse",), (
    _VERIFIED, _does(StepKind.SAFETY, 0.3),
    _asks(StepKind.QUESTION, 0.4, 40, WaitsFor.CALLER, code="symptoms"),
    _does(StepKind.TELL, 0.9)))  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Past:
    """One call, with the rows that belong to it."""

    contact: Interaction
    call: Call
    entry: QueueEntry
    steps: tuple[InteractionStep, ...]
    wrap_up: WrapUp | None


def add_contacts(
    patients: Sequence[Patient], *, at: dt.datetime, seed: int, calls: int = CALLS
) -> int:
    """Past calls on the lines that stand, answered by the agents that stand; returns how many.

    :param at: nothing is later than an hour before it.
    """
    lines = list(PhoneLine.objects.filter(is_active=True).select_related("queue"))
    nurses = list(Queue.objects.filter(code="nurse"))
    agents = list(Agent.objects.select_related("user").order_by("pk"))
    if not lines or not agents:
        return 0
    random = Random(seed)  # noqa: S311 made up, not secret
    center = _Center(lines, agents, patients, nurses, random)
    past = [center.call(n, begun) for n, begun in enumerate(sorted(_begun(calls, random, at=at)))]
    insert(one.contact for one in past)
    insert(one.call for one in past)
    insert(one.entry for one in past)
    insert(step for one in past for step in one.steps)
    insert(one.wrap_up for one in past if one.wrap_up)
    return len(past)


def _begun(calls: int, random: Random, *, at: dt.datetime) -> Iterator[dt.datetime]:
    """When calls came, on weekdays from 8 to 5 by the clock of the clinics."""
    today = at.astimezone(ZONE).date()
    monday = today - dt.timedelta(days=today.weekday(), weeks=WEEKS)
    for _ in range(calls):
        week = random.randrange(WEEKS + 1)
        day = random.choices(range(5), weights=_WEEKDAYS)[0]
        hour = 8 + random.choices(range(len(_HOURS)), weights=_HOURS)[0]
        on = monday + dt.timedelta(weeks=week, days=day)
        seconds = random.randrange(3600)
        begun = dt.datetime.combine(on, dt.time(hour), ZONE) + dt.timedelta(seconds=seconds)
        if begun < at - dt.timedelta(hours=1):
            yield begun.astimezone(dt.UTC)


@dataclass(frozen=True, slots=True)
class _Ring:
    """A call before anybody has answered."""

    number: int
    line: PhoneLine
    queue: Queue
    begun: dt.datetime

    def rows(
        self, contact: Interaction, *, answered: dt.datetime | None, ended: dt.datetime
    ) -> tuple[Call, QueueEntry]:
        """What the telephone told of it. In the queue three seconds after it rang: the greeting."""
        entered = self.begun + dt.timedelta(seconds=3)
        call = Call(
            interaction=contact,
            source=SOURCE,
            source_id=f"past-{self.number}",
            line=self.line,
            status=CallStatus.ENDED if answered else CallStatus.ABANDONED,
            rang_at=self.begun,
            answered_at=answered,
            ended_at=ended,
        )
        entry = QueueEntry(
            queue=self.queue,
            interaction=contact,
            status=EntryStatus.DONE if answered else EntryStatus.LEFT,
            entered_at=entered,
            answer_by=entered + dt.timedelta(seconds=self.queue.answer_seconds),
            ended_at=ended,
        )
        return call, entry


@dataclass(frozen=True, slots=True)
class _Center:
    """Who calls, on what, and who answers."""

    lines: Sequence[PhoneLine]
    agents: Sequence[Agent]
    patients: Sequence[Patient]
    nurses: Sequence[Queue]
    random: Random

    def call(self, number: int, begun: dt.datetime) -> _Past:
        line = self.random.choice(self.lines)
        is_urgent = bool(self.nurses) and self.random.random() < _URGENT
        queue = self.nurses[0] if is_urgent else line.queue
        ring = _Ring(number, line, queue, begun)
        able = [one.user for one in self.agents if set(queue.skills) <= set(one.skills)]
        until = begun + dt.timedelta(seconds=5 + self.random.expovariate(1 / 45))
        if not able or self.random.random() < _GAVE_UP:
            contact = Interaction(channel=Channel.VOICE, started_at=begun, ended_at=until)
            return _Past(contact, *ring.rows(contact, answered=None, ended=until), (), None)
        return self._answered(ring, until, self.random.choice(able))

    def _answered(self, ring: _Ring, answered: dt.datetime, agent: User) -> _Past:
        random = self.random
        kind = random.choices(_KINDS, weights=[one.share for one in _KINDS])[0]
        if ring.queue in self.nurses:
            kind = _NURSE
        talk = dt.timedelta(seconds=kind.talk * math.exp(random.gauss(0, 0.35)))
        contact = Interaction(
            channel=Channel.VOICE,
            patient=random.choice(self.patients),
            started_at=ring.begun,
            ended_at=answered + talk,
            agent=agent,
            call_type=kind.code,
            specialty=ring.line.specialty,
            language=ring.line.language,
        )
        call, entry = ring.rows(contact, answered=answered, ended=answered + talk)
        call.aid = Aid.RELAY if random.random() < _RELAYED else Aid.NONE
        entry.claimed_by, entry.claimed_at = agent, answered - dt.timedelta(seconds=2)
        wrap_up = WrapUp(
            interaction=contact,
            disposition=random.choice(kind.ends),
            at=answered + talk + dt.timedelta(seconds=4 + random.expovariate(1 / 14)),
            by=agent,
        )
        steps = tuple(self._steps(contact, kind, answered, talk))
        return _Past(contact, call, entry, steps, wrap_up)

    def _steps(
        self, contact: Interaction, kind: _Kind, answered: dt.datetime, talk: dt.timedelta
    ) -> Iterator[InteractionStep]:
        """What was done, at its share of the talk; what lasts ends before the next begins."""
        ended = answered + talk
        begin: tuple[Step, ...] = (
            _does(StepKind.ANSWER, 0),
            _does(StepKind.IDENTIFY, 0.1, code="patient"),
            _does(StepKind.REASON, 0.14, code=kind.code),
        )
        steps = (*begin, *kind.steps)
        at_each = [
            answered + talk * (after * self.random.uniform(0.96, 1.04))
            for _, _, after, _, _ in steps
        ]
        for (what, code, _, seconds, waits_for), at, until in zip(
            steps, at_each, [*at_each[1:], ended], strict=True
        ):
            lasts = dt.timedelta(seconds=seconds * self.random.uniform(0.5, 2.0))
            yield InteractionStep(
                interaction=contact,
                kind=what,
                code=code,
                waits_for=waits_for,
                at=at,
                ended_at=min(at + lasts, until) if seconds else None,
                user=contact.agent,
            )
        yield InteractionStep(
            interaction=contact, kind=StepKind.WRAP_UP, at=ended, user=contact.agent
        )
