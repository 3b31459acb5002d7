"""What desks ask for after an event: how soon each has it, and what that costs the machine.

`python -m bench live_desks --size 500`

Five hundred agents listen, each with a session and a stream of their own; fifteen of a hundred are
free. Calls ring, are answered, verified, given a reason, ended and wrapped up by the real actions,
as many a second as five hundred agents have; each desk that hears of it asks over HTTP for the
parts that its browser would (`bench.live_screen`). Told is the time from a deed's commit to the
part received. What the deeds' own requests take is not in it: `bench desk` tells that.

With `--everybody` each left column looks again half a second after any event of a contact, a call,
a queue, a task or an agent, as it did before it said what it hears of.
"""

from __future__ import annotations

import asyncio
import resource
import sys
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from django.conf import settings

from bench import stage  # noqa: F401 Django, on a database of this script's own
from bench.common import Report, Row, Spread, finish, parser, say, say_so
from bench.live_agents import CROWD
from bench.live_day import Day
from bench.live_house import Center, add_center
from bench.live_screen import LEFT, Got, Line, Screen, read
from bench.processes import Firstcall, firstcall
from bench.processor import spent
from crm import clock

PROGRAMS: Final = ("web", "live", "worker-fill")
SECONDS: Final = 40.0
MOST_MS: Final = 1000.0
#: What is on its way when the last call has come arrives within so many seconds.
REST: Final = 3.0


@dataclass(frozen=True, slots=True)
class Run:
    """What was found: `worked` in seconds of the processor, by program."""

    screens: list[Screen]
    day: Day
    seconds: float
    asked: int
    worked: Mapping[str, float]
    memory: int  # bytes of the web process


def main() -> int:
    arguments = parser("live_desks", size=500, of="agents with the desk open")
    arguments.add_argument("--seconds", type=float, default=SECONDS)
    arguments.add_argument("--everybody", action="store_true", help="as it was: see above")
    chosen = arguments.parse_args()
    report = measure(chosen.size, seconds=chosen.seconds, everybody=chosen.everybody)
    return finish(report, as_json=chosen.json)


def measure(size: int, *, seconds: float = SECONDS, everybody: bool = False) -> Report:
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    say_so(f"  {size:,} agents come to work …")
    center = add_center(size, at=clock.now())
    with firstcall(*PROGRAMS, environ={}) as ours:
        run = asyncio.run(_run(ours, center, seconds, everybody))
    return _report(size, run)


async def _run(ours: Firstcall, center: Center, seconds: float, everybody: bool) -> Run:  # noqa: FBT001
    screens = [
        Screen(one, Line(ours.web_port, _cookie(one.session)), asks_for_all=everybody)
        for one in center.staff
    ]
    listening = await _open(screens, ours.ports["firstcall_live_port"])
    say_so(f"  {seconds:.0f} seconds of calls …")
    day, before, here = Day(center), await asyncio.to_thread(spent, ours), time.process_time()
    asked, began = sum(one.asked for one in screens), time.perf_counter()
    await asyncio.to_thread(day.play, seconds)
    passed = time.perf_counter() - began
    asked = sum(one.asked for one in screens) - asked
    after = await asyncio.to_thread(spent, ours)
    worked = {name: now - before[name] for name, now in after.items()}
    worked["load generator"] = time.process_time() - here
    await asyncio.sleep(REST)
    for task in listening:
        task.cancel()
    for one in screens:
        one.close()
    return Run(screens, day, passed, asked, worked, ours.rss()["web"])


async def _open(screens: list[Screen], port: int) -> list[asyncio.Task[None]]:
    """Each has its stream and its left column; some at a time."""
    tasks: list[asyncio.Task[None]] = []
    for first in range(0, len(screens), CROWD):
        crowd = screens[first : first + CROWD]
        streams = [asyncio.create_task(_listen(one, port)) for one in crowd]
        await asyncio.gather(*(one.open() for one in crowd))
        tasks += streams
    return tasks


async def _listen(screen: Screen, port: int) -> None:
    """Hand each notice of the stream to the desk."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=2**20)
    cookie = screen.line.cookie
    head = f"GET /live?topics=desk HTTP/1.1\r\nHost: localhost:{port}\r\nCookie: {cookie}\r\n\r\n"
    writer.write(head.encode())
    try:
        while True:
            frame = await reader.readuntil(b"\n\n")
            if b"event: notice" in frame:
                screen.hear(read(frame.split(b"data: ", 1)[1].split(b"\n", 1)[0]))
    finally:
        writer.close()


def _cookie(session: str) -> str:
    return f"{settings.SESSION_COOKIE_NAME}={session}"


def _report(size: int, run: Run) -> Report:
    made = Report("live_desks", size)
    free = {id(one) for one in run.screens if one.staff.is_free}
    got = [(each, id(one) in free) for one in run.screens for each in one.got]
    at = f"{size:,} agents, {len(run.day.committed) / run.seconds:.0f} deeds a second"
    kinds = {
        "a ring: the contact in place": [one for one, _ in got if one.part == "ring"],
        "one's own: the left column": [one for one, _ in got if one.part == LEFT and one.is_own],
        "one's own: any other part": [one for one, _ in got if one.part not in {LEFT, "ring"}],
        "a queue, who is free": _of_queues(got, free=True),
        "a queue, who is busy": _of_queues(got, free=False),
    }
    for what, found in kinds.items():
        _add(made, what, at, run.day, found, has_aim="one's own" in what or "ring" in what)
    _add_costs(made, at, run)
    return made


def _of_queues(got: Iterable[tuple[Got, bool]], *, free: bool) -> list[Got]:
    """When those who wait were shown who came to wait."""
    came = "crm.queue-entered"
    return [
        one
        for one, is_free in got
        if is_free == free and one.part == LEFT and one.name == came and not one.is_own
    ]


def _add(
    made: Report, what: str, at: str, day: Day, found: Iterable[Got], *, has_aim: bool
) -> None:
    took = [
        one.at - day.committed[one.name, one.contact]
        for one in found
        if (one.name, one.contact) in day.committed
    ]
    if not took:
        return
    spread = Spread.of(took)
    made.figures[what] = {"count": len(took), "p50": spread.p50, "p95": spread.p95}
    made.rows.append(
        Row(
            what=f"{what}, p95",
            at=at,
            measured=f"{say(spread.p95)} (p50 {say(spread.p50)})",
            aim=f"under {MOST_MS:g} ms" if has_aim else "",
            met=spread.p95 < MOST_MS if has_aim else None,
        )
    )


def _add_costs(made: Report, at: str, run: Run) -> None:
    shares = {name: worked / run.seconds for name, worked in run.worked.items()}
    told = ", ".join(f"{name} {share:.2f}" for name, share in shares.items())
    asked = run.asked / run.seconds
    made.rows += [
        Row(what="requests of all desks", at=at, measured=f"{asked:.0f} a second"),
        Row(what="processors at work", at=at, measured=f"{sum(shares.values()):.2f}: {told}"),
    ]
    made.figures |= {
        "requests_a_second": asked,
        "processors": shares,
        "web_bytes": run.memory,
        "calls": run.day.calls,
        "generator_behind_seconds": run.day.behind,
    }
    if not run.day.calls:
        made.failures.append("no call came to its end")


if __name__ == "__main__":
    sys.exit(main())
