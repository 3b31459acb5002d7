"""Agents with the desk open: how soon an event is on every page, and what an open stream costs.

Each agent has a session and a stream of their own, as browsers have; the load generator reads them
all in one process beside the server, so its work is in the times, too. The floor is one stream.
"""

from __future__ import annotations

import asyncio
import resource
import sys
import time
from dataclasses import dataclass, field
from importlib import import_module
from typing import Final

import psutil
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY

from bench import stage  # noqa: F401 Django, on a database of this script's own
from bench.common import Report, Row, Spread, finish, parser, say, say_so
from bench.processes import Firstcall, firstcall
from crm.live.channel import Notice
from crm.live.publish import publish
from crm.models import User
from crm.states import Role

#: 500 agents, a contact of some five minutes each with a dozen events.
PER_SECOND: Final = 20.0
MOST_MS: Final = 1000.0
#: So many connect at once.
CROWD: Final = 50
#: What is on its way arrives, and memory settles, in so many seconds.
REST: Final = 2.0
ID: Final = b"\nid: "


def main() -> int:
    arguments = parser("live_agents", size=500, of="agents with the desk open")
    arguments.add_argument("--count", type=int, default=200, help="events (default 200)")
    chosen = arguments.parse_args()
    return finish(measure(chosen.size, count=chosen.count), as_json=chosen.json)


def measure(size: int, *, count: int) -> Report:
    """Connect one, then all; send each of them the same events."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    say_so(f"  {size:,} agents sign in …")
    sessions = sign_in(size)
    with firstcall("live", environ={}) as ours:
        return asyncio.run(_measure(ours, sessions, count))


def sign_in(size: int) -> list[str]:
    """So many agents, each with a session; returns the keys."""
    users = [User(username=f"agent-{n}", roles=[str(Role.AGENT)]) for n in range(size)]
    for user in users:
        user.set_unusable_password()
    store = import_module(settings.SESSION_ENGINE).SessionStore
    keys = []
    for user in User.objects.bulk_create(users):
        session = store()
        session[SESSION_KEY] = str(user.pk)
        session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[-1]
        session[HASH_SESSION_KEY] = user.get_session_auth_hash()
        session.create()
        keys.append(session.session_key)
    return keys


@dataclass
class Stream(asyncio.Protocol):
    """One browser's stream: when each notice came, by its id."""

    request: bytes
    opened: asyncio.Future[None]
    came: dict[int, float] = field(default_factory=dict)
    _kept: bytes = b""
    transport: asyncio.BaseTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport
        assert isinstance(transport, asyncio.WriteTransport)
        transport.write(self.request)

    def data_received(self, data: bytes) -> None:
        now = time.perf_counter()
        if not self.opened.done() and b"event: beat" in data:
            self.opened.set_result(None)
        *whole, self._kept = (self._kept + data).split(b"\n\n")
        for frame in whole:
            if ID in b"\n" + frame:
                number = (b"\n" + frame).split(ID, 1)[1].split(b"\n", 1)[0]
                self.came[int(number)] = now

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.opened.done():
            self.opened.set_exception(ConnectionError("The stream was refused."))


async def connect(port: int, sessions: list[str]) -> list[Stream]:
    """Open a stream for each, some at a time."""
    loop, found = asyncio.get_running_loop(), []
    for first in range(0, len(sessions), CROWD):
        crowd = [
            Stream(_request(port, key), loop.create_future())
            for key in sessions[first : first + CROWD]
        ]
        for one in crowd:
            await loop.create_connection(lambda one=one: one, "127.0.0.1", port)  # type: ignore[misc]
        await asyncio.gather(*(one.opened for one in crowd))
        found.extend(crowd)
    return found


def _request(port: int, session: str) -> bytes:
    cookie = f"{settings.SESSION_COOKIE_NAME}={session}"
    return (
        f"GET /live?topics=desk HTTP/1.1\r\nHost: localhost:{port}\r\nCookie: {cookie}\r\n\r\n"
    ).encode()


async def send(count: int, *, first: int) -> dict[int, float]:
    """Publish events at their rate; when each went out, by its id."""
    sent = {}
    begins = time.perf_counter()
    for number in range(first, first + count):
        due = begins + (number - first) / PER_SECOND
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        sent[number] = time.perf_counter()
        publish(Notice(number, "crm.contact-opened", "crm.interaction", number))
    await asyncio.sleep(REST)
    return sent


async def _measure(ours: Firstcall, sessions: list[str], count: int) -> Report:
    port = ours.ports["firstcall_live_port"]
    process = psutil.Process(ours.running["live"].pid)
    say_so("  one stream …")
    alone = await connect(port, sessions[:1])
    floor = _until_all(alone, await send(count, first=1))
    memory = ours.rss()["live"]
    say_so(f"  {len(sessions):,} streams …")
    began = time.perf_counter()
    streams = alone + await connect(port, sessions[1:])
    seconds = time.perf_counter() - began
    await asyncio.sleep(REST)
    memory, worked = ours.rss()["live"] - memory, _processor(process)
    made = _report(streams, await send(count, first=count + 1), floor)
    worked = _processor(process) - worked
    _add_costs(
        made, memory=memory / max(1, len(streams) - 1), seconds=seconds, worked=worked / count
    )
    for one in streams:
        if one.transport:
            one.transport.close()
    return made


def _add_costs(made: Report, *, memory: float, seconds: float, worked: float) -> None:
    """`memory` in bytes a stream; `seconds` until all were open; `worked` seconds an event."""
    at = f"{made.size:,} streams"
    own = 1e6 * worked / made.size
    made.rows += [
        Row(what="memory of an open stream", at=at, measured=f"{memory / 1024:.0f} KB"),
        Row(what="processor time of an event on one page", at=at, measured=f"{own:.0f} µs"),
        Row(what="everybody connects", at=f"{at}, {CROWD} at once", measured=f"{seconds:.1f} s"),
    ]
    made.figures |= {
        "bytes_per_stream": memory,
        "connected_seconds": seconds,
        "cpu_seconds_per_event": worked,
    }


def _processor(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


def _until_all(streams: list[Stream], sent: dict[int, float]) -> list[float]:
    """For each event, seconds until the last page had it; those that are missing are left out."""
    return [
        max(one.came[number] for one in streams) - at
        for number, at in sent.items()
        if all(number in one.came for one in streams)
    ]


def _report(streams: list[Stream], sent: dict[int, float], alone: list[float]) -> Report:
    made = Report("live_agents", len(streams))
    lost = sum(number not in one.came for one in streams for number in sent)
    if lost:
        made.failures.append(f"{lost} notices did not come within {REST:.0f} s")
    floor, last = Spread.of(alone), Spread.of(_until_all(streams, sent) or [REST])
    each = Spread.of(
        one.came[number] - at
        for one in streams
        for number, at in sent.items()
        if number in one.came
    )
    made.rows = [
        Row(
            what="an event is on every page, p99",
            at=f"{len(streams):,} agents, {PER_SECOND:g} events a second",
            measured=say(last.p99),
            floor=f"{say(floor.p99)} with one",
            ratio=last.p99 / floor.p99,
            aim=f"under {MOST_MS:g} ms",
            met=last.p99 < MOST_MS,
        ),
        Row(
            what="an event is on a page, p50",
            at=f"{len(streams):,} agents",
            measured=say(each.p50),
            floor=f"{say(floor.p50)} with one",
            ratio=each.p50 / floor.p50,
        ),
    ]
    made.figures = {
        "last_ms": {"p50": last.p50, "p95": last.p95, "p99": last.p99, "max": last.most},
        "each_ms": {"p50": each.p50, "p95": each.p95, "p99": each.p99, "max": each.most},
        "alone_ms": {"p50": floor.p50, "p95": floor.p95, "p99": floor.p99, "max": floor.most},
        "lost": lost,
    }
    return made


if __name__ == "__main__":
    sys.exit(main())
