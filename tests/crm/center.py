"""A small contact center for tests: queues, lines, and agents with their skills."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from crm.actions.calls import hear_call
from crm.engine import Actor
from crm.models import Agent, Call, PhoneLine, Queue, User
from crm.rules.calls import CallNews, CallTold
from crm.states import AgentState
from tests.factories import NOW, UserFactory

PBX = Actor.system("pbx")
OURS, THEIRS = "+16025550100", "+14805550199"
MENU = {
    "2": {"says": "appointments", "call_type": "book"},
    "8": {"says": "Spanish", "queue": "spanish"},
    "9": {"says": "urgent", "acuity": "nurse-now", "queue": "nurse"},
}


def second(n: float) -> dt.datetime:
    """So many seconds after NOW."""
    return NOW + dt.timedelta(seconds=n)


def queue(code: str = "general", *skills: str, **said: Any) -> Queue:
    name = code.replace("-", " ").capitalize()
    return Queue.objects.create(code=code, name=name, skills=list(skills), **said)


def line(of: Queue, *, number: str = OURS, **said: Any) -> PhoneLine:
    told = {"name": f"{of.name} line", "menu": MENU} | said
    return PhoneLine.objects.create(number=number, queue=of, **told)


def agent(*skills: str, extension: str = "", **said: Any) -> User:
    user: User = UserFactory.create(**said)
    Agent.objects.create(
        user=user,
        status=AgentState.AVAILABLE,
        since=NOW,
        skills=list(skills),
        extension=extension,
    )
    return user


def told(news: CallNews, n: float = 0, **said: Any) -> CallTold:
    """News of what happened `n` seconds after NOW; a ring names both numbers."""
    numbers: dict[str, Any] = {"caller": THEIRS, "called": OURS} if news is CallNews.RANG else {}
    return CallTold(
        news=news, at=second(n), **({"source": "pbx", "source_id": "c1"} | numbers | said)
    )


def hear(news: CallNews, n: float = 0, *, at: float | None = None, **said: Any) -> Call:
    """Told `n` seconds after NOW of what happened then, unless it is heard later."""
    heard_at = second(n if at is None else at)
    return hear_call(told=told(news, n, **said), at=heard_at, by=PBX)


def hear_all(news: Sequence[CallTold], *, at: float = 3600) -> Call:
    """In this order, long after all of it."""
    return [hear_call(told=one, at=second(at), by=PBX) for one in news][-1]
