"""Calls at a contact center, one after another, each through the real actions: what desks hear of.

A call takes some ten seconds here instead of five minutes, so that few agents are enough for as
many events a second as five hundred have.
"""

from __future__ import annotations

import heapq
import itertools
import time
from collections import defaultdict, deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final

from bench.live_house import BORN, POSTAL_CODE, QUEUES, Center, Staff
from crm import clock
from crm.actions.calls import hear_call
from crm.actions.contacts import give_reason, identify_contact
from crm.actions.verifying import verify_contact
from crm.actions.wrapping import wrap_up
from crm.engine import Actor
from crm.models import Patient
from crm.rules.calls import CallNews, CallTold
from crm.states import Acuity, IdentifierKind

PHONE: Final = Actor.system("bench")
#: An agent has somebody new every so many seconds.
EVERY: Final = 300.0
#: Between one deed of a call and the next (seconds).
PAUSE: Final = 1.0


@dataclass
class Day:
    """Plays calls until told to stop. `committed` says when which event of which contact was."""

    center: Center
    committed: dict[tuple[str, int], float] = field(default_factory=dict)
    calls: int = 0
    #: Seconds that calls were late by: the generator's own trouble.
    behind: float = 0.0
    _free: dict[str, deque[Staff]] = field(default_factory=lambda: defaultdict(deque))
    _due: list[tuple[float, int, Iterator[None]]] = field(default_factory=list)

    def play(self, seconds: float) -> None:
        """New calls for so long, each begun at its time; those that are under way are left."""
        for one in self.center.staff:
            if one.is_free:
                self._free[one.skills[0] if one.skills else ""].append(one)
        begins, numbers = time.perf_counter(), itertools.count()
        gap = EVERY / len(self.center.staff)
        upcoming = begins
        while (now := time.perf_counter()) < begins + seconds:
            if now >= upcoming:
                number = next(numbers)
                heapq.heappush(self._due, (upcoming, number, self._call(number)))
                upcoming += gap
            if not self._due or self._due[0][0] > now:
                time.sleep(0.005)
                continue
            due, number, call = heapq.heappop(self._due)
            self.behind = max(self.behind, now - due)
            if next(call, False) is None:
                heapq.heappush(self._due, (due + PAUSE, number, call))

    def _call(self, number: int) -> Iterator[None]:
        """One call from its ring to its end; what each deed published is kept with its time."""
        lines = [skill for skill, (_, share) in QUEUES.items() for _ in range(share // 10)]
        skill = lines[number % len(lines)]
        patient = self.center.patients[number % len(self.center.patients)]
        phone = f"+1480555{number % len(self.center.patients):04}"
        line, key = self.center.lines[skill], f"call-{number}"
        contact = self._hear(key, CallNews.RANG, caller=phone, called=line)
        self._done("crm.queue-entered", contact)
        yield
        agent = self._next(skill)
        if agent is None:
            return
        self._hear(key, CallNews.ANSWERED, extension=agent.extension)
        self._done("crm.contact-taken", contact)
        yield
        for name, deed in _deeds(contact, patient, agent):
            deed()
            self._done(name, contact)
            yield
        self._hear(key, CallNews.ENDED)
        self._done("crm.call-ended", contact)
        yield
        by = Actor.user(agent.user)
        said: dict[str, Any] = {"disposition": "answered", "note": "Told.", "was_edited": False}
        wrap_up(contact_id=contact, **said, by=by, at=clock.now())
        self._done("crm.contact-wrapped", contact)
        self._free[agent.skills[0] if agent.skills else ""].append(agent)
        self.calls += 1

    def _next(self, skill: str) -> Staff | None:
        """Who has waited longest of those who have the skill."""
        able = [waiting for waiting in self._free.values() if waiting and _has(waiting[0], skill)]
        return able[0].popleft() if able else None

    def _hear(self, key: str, news: CallNews, **said: str) -> int:
        at = clock.now()
        told = CallTold(source="bench", source_id=key, news=news, at=at, **said)  # type: ignore[arg-type]
        return hear_call(told=told, by=PHONE, at=at).interaction_id

    def _done(self, name: str, contact: int) -> None:
        self.committed[name, contact] = time.perf_counter()


def _has(agent: Staff, skill: str) -> bool:
    return not skill or skill in agent.skills


def _deeds(
    contact: int, patient: Patient, agent: Staff
) -> Iterator[tuple[str, Callable[[], object]]]:
    """What an agent does in a call, by the event that tells of it."""
    by = Actor.user(agent.user)
    said = {
        IdentifierKind.BIRTH_DATE: BORN.isoformat(),
        IdentifierKind.POSTAL_CODE: POSTAL_CODE,
    }
    yield (
        "crm.contact-identified",
        lambda: identify_contact(contact_id=contact, patient=patient, by=by, at=clock.now()),
    )
    yield (
        "crm.contact-verified",
        lambda: verify_contact(contact_id=contact, said=said, by=by, at=clock.now()),
    )
    for reason in ("my knee is stiff", "my knee, since Monday", "the left knee"):
        yield "crm.contact-reasoned", partial(_say_why, contact, reason, by)


def _say_why(contact: int, reason: str, by: Actor) -> None:
    give_reason(
        contact_id=contact,
        reason=reason,
        call_type="book",
        need="A visit",
        acuity=Acuity.ROUTINE,
        by=by,
        at=clock.now(),
    )
