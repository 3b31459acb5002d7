"""Calls of the past, as the telephone and the desk would have left them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from itertools import count
from typing import Any

from django.test import Client

from crm.models import Call, Interaction, InteractionStep, Queue, QueueEntry, User, WrapUp
from crm.states import CallStatus, Channel, EntryStatus, StepKind, WaitsFor
from tests.factories import NOW

_NUMBERS = count(1)


def as_(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def later(seconds: float, of: dt.datetime = NOW) -> dt.datetime:
    return of + dt.timedelta(seconds=seconds)


def past_call(
    agent: User,
    of: Queue | None,
    *,
    began: dt.datetime,
    wait: float = 30,
    talk: float = 200,
    wrap: float = 20,
    call_type: str = "book",
    aid: str = "none",
    steps: Sequence[tuple[StepKind, float, float | None, WaitsFor]] = (),
    **fields: Any,
) -> Interaction:
    """Waited, talked, wrapped up, all in seconds. `steps` are kind, when and until when since it
    began, and what it waited for."""
    answered, ended = later(wait, began), later(wait + talk, began)
    contact = Interaction.objects.create(
        channel=Channel.VOICE,
        started_at=began,
        ended_at=ended,
        agent=agent,
        call_type=call_type,
        **fields,
    )
    Call.objects.create(
        interaction=contact,
        source="test",
        source_id=str(next(_NUMBERS)),
        status=CallStatus.ENDED,
        aid=aid,
        rang_at=began,
        answered_at=answered,
        ended_at=ended,
    )
    if of is not None:
        QueueEntry.objects.create(
            queue=of,
            interaction=contact,
            status=EntryStatus.DONE,
            entered_at=began,
            answer_by=later(of.answer_seconds, began),
            claimed_by=agent,
            claimed_at=answered,
            ended_at=ended,
        )
    for kind, begins, ends, waits_for in steps:
        InteractionStep.objects.create(
            interaction=contact,
            kind=kind,
            at=later(begins, began),
            ended_at=None if ends is None else later(ends, began),
            waits_for=waits_for,
        )
    WrapUp.objects.create(
        interaction=contact, disposition="booked", at=later(wrap, ended), by=agent
    )
    return contact


def wait_in(of: Queue, *, since: dt.datetime, **fields: Any) -> QueueEntry:
    """Somebody who waits."""
    contact = Interaction.objects.create(channel=Channel.VOICE, started_at=since)
    return QueueEntry.objects.create(
        queue=of,
        interaction=contact,
        entered_at=since,
        answer_by=later(of.answer_seconds, since),
        **fields,
    )
