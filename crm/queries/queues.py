"""Who waits for a member of staff, in which queues, and who is next."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import (
    Case,
    Count,
    FilteredRelation,
    Min,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)

from crm.engine.compiled import any_of, compiled
from crm.models import Agent, Interaction, PhoneLine, Queue, QueueEntry, User
from crm.rules.calls import read_number
from crm.rules.queues import is_late, missing_skills
from crm.states import Acuity, CallStatus, EntryStatus

#: Contacts in hand that are shown; more than a few are forgotten ones.
MOST_IN_HAND: Final = 20
#: Those who wait that are shown; the others are a number.
MOST_NEXT: Final = 20
#: So many calls ring at one telephone at the most, and none for longer than this: the telephone
#: system has told nobody how it ended.
MOST_RINGING: Final = 3
RINGS_FOR: Final = dt.timedelta(hours=2)
#: `Acuity.rank` in SQL: sorts the most urgent first.
BY_URGENCY: Final = Case(*(When(acuity=each, then=Value(each.rank)) for each in Acuity))


@dataclass(frozen=True, slots=True)
class QueueNow:
    """One queue as it stands, for somebody who may take from it or not."""

    queue: Queue
    waiting: int
    since: dt.datetime | None  # who waits longest came then
    is_late: bool  # somebody should have been answered
    may_take: bool


def my_contacts(user: User) -> list[Interaction]:
    """Taken and not written up, the newest first, with patient and call. One statement."""
    return _in_hand(user=user.pk)


@compiled
def _in_hand(*, user: int) -> QuerySet[Interaction]:
    rows = Interaction.objects.select_related("patient", "call__line", "call__phone")
    mine = rows.filter(agent=user, wrap_up=None)
    return mine.order_by("-started_at", "-pk")[:MOST_IN_HAND]


def ringing_for(user: User, *, at: dt.datetime) -> list[Interaction]:
    """Calls that ring at the telephone of `user`, the longest first. Two statements."""
    agent = Agent.objects.filter(user=user).first()
    return ringing_at(agent.extension, at=at) if agent else []


def ringing_at(extension: str, *, at: dt.datetime) -> list[Interaction]:
    """Calls that ring there and that nobody has, the longest first, with what `my_contacts` reads
    and `wait_id`, the wait by which they are taken. One statement; none without an extension."""
    if not extension:
        return []
    return _ringing(telephone=[extension], since=at - RINGS_FOR)


@compiled
def _ringing(*, telephone: list[str], since: dt.datetime) -> QuerySet[Any]:
    waits = QueueEntry.objects.filter(interaction=OuterRef("pk"), status=EntryStatus.WAITING)
    rows = Interaction.objects.select_related("patient", "call__line", "call__phone").filter(
        agent=None,
        call__status=CallStatus.RINGING,
        call__rings_at__contains=telephone,
        call__rang_at__gt=since,
    )
    rows = rows.annotate(wait_id=Subquery(waits.values("pk")[:1]))
    return rows.order_by("call__rang_at", "pk")[:MOST_RINGING]


def queues_now(skills: Collection[str], *, at: dt.datetime) -> list[QueueNow]:
    """Every active queue, in the order of the screen. One statement.

    :param skills: of whoever looks.
    """
    return [
        QueueNow(
            queue=row,
            waiting=row.n_waiting,
            since=row.since,
            is_late=row.answer_by is not None and is_late(row.answer_by, at=at),
            may_take=not missing_skills(row.skills, skills),
        )
        for row in _standing_queues()
    ]


@compiled
def _standing_queues() -> QuerySet[Any]:
    # In the join, not after it: those who wait are few, those who ever waited are not.
    waits = FilteredRelation("entries", condition=Q(entries__status=EntryStatus.WAITING))
    rows = Queue.objects.filter(is_active=True).annotate(
        waits=waits,
        n_waiting=Count("waits"),
        since=Min("waits__entered_at"),
        answer_by=Min("waits__answer_by"),
    )
    return rows.order_by("rank", "name")


def queue_without_line(language: str = "") -> Queue | None:
    """Where somebody waits who came by no line: in the first queue that asks for their language
    alone, else in the first that is for all. None where there is neither. One statement.

    :param language: as they read it: "es-MX" is Spanish.
    """
    spoken = [language[:2].lower()]
    rows = Queue.objects.filter(Q(skills=[]) | Q(skills=spoken), is_active=True)
    by_language = Case(When(skills=spoken, then=Value(0)), default=Value(1))
    return rows.order_by(by_language, "rank", "name").first()


def queue_of_writer(*, language: str = "", number: str = "", specialty: str = "") -> Queue | None:
    """Where somebody waits who wrote to us: where a caller of the same line would, as far as it is
    known, and with somebody who reads their language. None where no queue is for them.

    The line is that of the number they wrote to; where that is for every service line, or no
    line's, one of the service line that it is about. Three statements at most, one where nothing
    but the language is known.

    :param language: as they read it: "es-MX" is Spanish.
    """
    line = _line_of(number, specialty, language) if number or specialty else None
    if line is None:
        return queue_without_line(language)
    spoken = language[:2].lower()
    if not spoken or line.language.startswith(spoken):
        return line.queue
    rows = Queue.objects.filter(is_active=True).order_by("-rank", "-name")  # the first stays
    by_skills = {frozenset(row.skills): row for row in rows}
    both = frozenset({*line.queue.skills, spoken})
    return by_skills.get(both) or by_skills.get(frozenset({spoken})) or line.queue


def _line_of(number: str, specialty: str, language: str) -> PhoneLine | None:
    rows = PhoneLine.objects.filter(is_active=True, queue__is_active=True).select_related("queue")
    e164 = read_number(number) if number else None
    texted = rows.filter(number=e164).first() if e164 else None
    if not specialty or (texted is not None and texted.specialty):
        return texted
    in_language = Case(When(language=language[:2], then=Value(0)), default=Value(1))
    about = rows.filter(specialty__iexact=specialty).order_by(in_language, "name")
    return about.first() or texted


def waiting_in(queues: Collection[Queue], *, limit: int) -> list[QueueEntry]:
    """Who waits there, in their turn: the most urgent first, then whose service level ends first.
    One statement.

    :param limit: `MOST_NEXT` at most.
    """
    return _next_in(queues=[queue.pk for queue in queues])[:limit] if queues else []


@compiled
def _next_in(*, queues: list[int]) -> QuerySet[QueueEntry]:
    rows = QueueEntry.objects.filter(any_of("queue", queues), status=EntryStatus.WAITING)
    rows = rows.select_related(
        "queue", "interaction__patient", "interaction__call__phone", "interaction__call__line"
    )
    return rows.order_by(BY_URGENCY, "answer_by", "entered_at", "pk")[:MOST_NEXT]
