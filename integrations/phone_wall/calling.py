"""The demo's telephone system: a phone on the wall calls the desk, is answered, and hangs up.

It tells of its calls as a real one would (`crm.actions.calls.hear_call`), and learns who answered
from the desk: an agent who takes the caller from the queue has picked up.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Collection
from typing import Final

from django.conf import settings

from crm.actions.calls import hear_call
from crm.engine import Actor
from crm.models import Agent, Call, Event, Phone, PhoneLine, QueueEntry
from crm.rules.calls import CallNews, CallTold
from crm.states import CallStatus
from integrations.phone_wall.gateway import NUMBER

#: What it calls itself.
SOURCE: Final = "demo-phones"
_BY: Final = Actor.system(SOURCE)
_GOES_ON: Final = (CallStatus.RINGING, CallStatus.TALKING, CallStatus.ON_HOLD)


def place_call(*, phone: Phone, language: str, at: dt.datetime) -> Call:
    """Ring the line that speaks the language, or the first. A phone has one call at a time."""
    going_on = calls_of([phone.pk]).get(phone.pk)
    if going_on is not None:
        return going_on
    lines = PhoneLine.objects.filter(is_active=True).order_by("pk")
    line = lines.filter(language=language).first() or lines.first()
    told = CallTold(
        source=SOURCE,
        source_id=uuid.uuid4().hex,
        news=CallNews.RANG,
        at=at,
        caller=str(phone.number),
        called=str(line.number) if line else NUMBER,
    )
    return hear_call(told=told, at=at, by=_BY)


def hang_up(*, phone: Phone, at: dt.datetime) -> Call | None:
    """The caller ends it; None when there is no call."""
    call = calls_of([phone.pk]).get(phone.pk)
    return _tell(call, CallNews.ENDED, at=at) if call else None


def calls_of(phone_ids: Collection[int]) -> dict[int, Call]:
    """The calls that go on, by phone. One statement."""
    rows = Call.objects.filter(source=SOURCE, phone__in=phone_ids, status__in=_GOES_ON)
    return {call.phone_id: call for call in rows.order_by("pk") if call.phone_id is not None}


def pick_up(event: Event, at: dt.datetime) -> None:
    """`crm.queue-claimed`: whoever took the caller is on the line."""
    entry = QueueEntry.objects.filter(pk=event.subject_id).first()
    call = _ours(entry.interaction_id) if entry else None
    if entry is None or call is None or call.status != CallStatus.RINGING:
        return
    agent = Agent.objects.filter(user=entry.claimed_by_id).first()
    extension = agent.extension if agent else ""
    _tell(call, CallNews.ANSWERED, at=event.created_at, extension=extension)


def put_down(event: Event, at: dt.datetime) -> None:
    """`crm.contact-wrapped`: the agent is done, so the line is free."""
    call = _ours(event.subject_id)
    if call is not None and call.status in _GOES_ON:
        _tell(call, CallNews.ENDED, at=at)


def _ours(contact_id: int) -> Call | None:
    if not settings.FIRSTCALL.firstcall_demo:
        return None
    return Call.objects.filter(interaction=contact_id, source=SOURCE).first()


def _tell(call: Call, news: CallNews, *, at: dt.datetime, extension: str = "") -> Call:
    told = CallTold(source=SOURCE, source_id=call.source_id, news=news, at=at, extension=extension)
    return hear_call(told=told, at=at, by=_BY)
