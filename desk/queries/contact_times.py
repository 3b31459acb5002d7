"""Where the time of a contact went, from its call, its waits and its steps."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from crm.models import Interaction, InteractionStep, QueueEntry
from crm.states import Aid, Channel, StepKind
from desk.queries.contact_waits import STEP_COLUMNS, StepRow, between_texts, ehr_answers, texts_of
from desk.queries.handle_time import MOST_WRAP
from desk.rules.anatomy import Piece, Spent, moments, ribbon, sum_up

#: What `Known` is read from, in its order.
COLUMNS: Final = (
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
#: Steps that go on while they have no end: a caller on hold, a colleague who was asked.
_LASTING: Final = frozenset({StepKind.CALL_HOLD, StepKind.HAND_OFF})


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


def find_timed(pk: int, *, at: dt.datetime) -> Timed | None:
    """One contact's time, so far if it goes on. Three statements, and those of `times_of`."""
    row = Interaction.objects.filter(pk=pk).values_list(*COLUMNS).first()
    return next(times_of([Known(*row)], at=at)) if row else None


def times_of(contacts: Collection[Known], *, at: dt.datetime) -> Iterator[Timed]:
    """Each with its ribbon, in the same order. Two statements; up to three more where the EHR was
    waited for, and one where there are threads of texts."""
    ids = [contact.pk for contact in contacts]
    steps, waits = _steps(ids, at=at), _waits(ids)
    texts = texts_of([contact.pk for contact in contacts if contact.channel == Channel.SMS])
    for contact in contacts:
        own = [*steps.get(contact.pk, ()), *_of_texts(contact, texts.get(contact.pk, ()), at=at)]
        yield time_of(contact, own, waits.get(contact.pk, ()), at=at)


def _of_texts(
    contact: Known, texts: Sequence[tuple[dt.datetime, bool]], *, at: dt.datetime
) -> list[Piece]:
    return between_texts(texts, until=contact.ended_at or at, goes_on=contact.ended_at is None)


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


def _steps(ids: Collection[int], *, at: dt.datetime) -> Mapping[int, list[Piece]]:
    rows = InteractionStep.objects.filter(interaction__in=ids).order_by("at", "pk")
    steps = [StepRow(*row) for row in rows.values_list(*STEP_COLUMNS)]
    answers = ehr_answers(steps)
    found: dict[int, list[Piece]] = defaultdict(list)
    went_on: dict[int, dt.datetime] = {}  # what was done next in the same contact
    for step in reversed(steps):
        ends_at = _end_of(step, answers.get(step.pk), went_on.get(step.contact_id), at=at)
        found[step.contact_id].append(
            Piece(step.kind, Spent.on(step.waits_for), step.at, ends_at, step.code)
        )
        went_on[step.contact_id] = step.at
    return found


def _end_of(
    step: StepRow, answered: dt.datetime | None, went_on: dt.datetime | None, *, at: dt.datetime
) -> dt.datetime | None:
    """Until when it lasted; None for a moment.

    The EHR was waited for until it answered, or until they went on with something else. With an
    interpreter on the line they talk: nobody is waited for.
    """
    if step.kind == StepKind.INTERPRETER:
        return None
    if answered is not None:
        return min(answered, went_on or answered)
    return step.ended_at or (at if step.kind in _LASTING else None)


def _waits(ids: Collection[int]) -> Mapping[int, list[tuple[dt.datetime, dt.datetime | None]]]:
    rows = QueueEntry.objects.filter(interaction__in=ids).order_by("entered_at", "pk")
    found: dict[int, list[tuple[dt.datetime, dt.datetime | None]]] = defaultdict(list)
    columns = ("interaction_id", "entered_at", "claimed_at", "ended_at")
    for pk, entered_at, claimed_at, ended_at in rows.values_list(*columns):
        found[pk].append((entered_at, claimed_at or ended_at))
    return found
