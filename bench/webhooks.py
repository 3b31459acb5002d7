"""Webhooks while the broker is down: how fast they are answered, and whether all are applied.

Fifty a second come in over HTTP; first with the broker up, which is the floor, then with a broker
that was killed. It comes back after the last one, and the sweep finds what is due.
"""

from __future__ import annotations

import datetime as dt
import signal
import sys
import time
from contextlib import ExitStack

from bench import stage  # noqa: F401 Django, on a database of this script's own
from bench.common import Report, Row, Spread, finish, parser, say, say_so
from bench.outside import at_rate, post, signed
from bench.population import SOURCE, add_booked_slots, populate
from bench.processes import FILLING, Firstcall, firstcall
from config.up import testservers, valkey
from crm import clock
from integrations.models import InboxMessage
from integrations.states import InboxStatus
from scheduling.models import Appointment

MOST_P95 = 50.0
#: Workers look for a broker that is gone every 32 s at the latest, and then have work to do.
BACK_WITHIN = 180.0


def main() -> int:
    arguments = parser("webhooks", size=1_000, of="webhooks while the broker is down")
    arguments.add_argument("--rate", type=float, default=50, help="webhooks a second")
    chosen = arguments.parse_args()
    return finish(measure(chosen.size, rate=chosen.rate), as_json=chosen.json)


def measure(size: int, *, rate: float) -> Report:
    """Send `size` with the broker down, after a quarter of that with the broker up."""
    at = clock.now()
    visits = add_booked_slots(populate(100, at=at), 200, at=at)
    with ExitStack() as stack:
        folder = stack.enter_context(testservers.scratch())
        broker = valkey.remembered(folder / "valkey")
        broker.prepare(saving=valkey.THROWAWAY)
        log = folder / "valkey.log"
        first = stack.enter_context(
            testservers.running(broker.command(), log=log, stop=signal.SIGKILL)
        )
        broker.wait()
        ours = stack.enter_context(firstcall(*FILLING, environ={"REDIS_URL": broker.url}))
        send(ours, visits, 50, rate)  # connections and plans first
        say_so("  with the broker …")
        up = send(ours, visits, size // 4, rate)
        first.kill()
        first.wait()
        say_so(f"  {size} without it …")
        down = send(ours, visits, size, rate)
        ours.revive()
        stack.enter_context(testservers.running(broker.command(), log=log, stop=signal.SIGKILL))
        broker.wait()
        seconds = wait_until_applied(ours)
    made = report(size, rate, up, down, seconds)
    made.figures["restarts"] = ours.restarts
    return made


def send(
    ours: Firstcall, visits: list[Appointment], count: int, rate: float
) -> list[tuple[int, float]]:
    """That many events about these visits; status and seconds of each."""

    def one(number: int) -> tuple[int, float]:
        now = dt.datetime.now(tz=dt.UTC)
        visit = {"id": visits[number % len(visits)].source_id, "status": "booked"}
        event = {
            "event": "appointment.updated",
            "source": SOURCE,
            "sent_at": now.isoformat(),
            "appointment": visit,
        }
        body, headers = signed(event, now)
        began = time.perf_counter()
        status = post(ours.web_port, "/webhooks/rest/appointments/", body, headers)
        return status, time.perf_counter() - began

    found: list[tuple[int, float]] = at_rate(count, rate, one, threads=16)
    return found


def wait_until_applied(ours: Firstcall) -> float:
    """Seconds from the broker's return until nothing received is left; at most `BACK_WITHIN`."""
    began = time.monotonic()
    waiting = InboxMessage.objects.filter(status=InboxStatus.RECEIVED)
    while waiting.exists() and time.monotonic() - began < BACK_WITHIN:
        ours.revive()
        time.sleep(0.25)
    return time.monotonic() - began


def report(
    size: int,
    rate: float,
    up: list[tuple[int, float]],
    down: list[tuple[int, float]],
    seconds: float,
) -> Report:
    made = Report("webhooks", size)
    refused = sum(not 200 <= status < 300 for status, _ in [*up, *down])
    if refused:
        made.failures.append(f"{refused} webhooks were not answered with 2xx")
    statuses = dict.fromkeys(InboxStatus, 0)
    for status in InboxMessage.objects.values_list("status", flat=True):
        statuses[InboxStatus(status)] += 1
    settled = statuses[InboxStatus.APPLIED] + statuses[InboxStatus.IGNORED]
    expected = 50 + len(up) + len(down)
    if settled != expected:
        made.failures.append(f"{settled} of {expected} webhooks were applied")
    fast, slow = Spread.of(s for _, s in up), Spread.of(s for _, s in down)
    made.rows = [
        Row(
            what="webhook accepted with the broker down, p95",
            at=f"{rate:g} a second",
            measured=say(slow.p95),
            floor=f"{say(fast.p95)} with the broker",
            ratio=slow.p95 / fast.p95,
            aim=f"under {MOST_P95:g} ms",
            met=slow.p95 < MOST_P95,
        ),
        Row(
            what="all of them applied once it is back",
            at=f"{size:,} webhooks",
            measured=f"{seconds:.0f} s later",
            aim="all",
            met=settled == expected,
        ),
    ]
    made.figures = {
        "down_ms": {"p50": slow.p50, "p95": slow.p95, "p99": slow.p99, "max": slow.most},
        "up_ms": {"p50": fast.p50, "p95": fast.p95, "p99": fast.p99, "max": fast.most},
        "applied_after_seconds": seconds,
        "outcomes": {str(status): count for status, count in statuses.items() if count},
    }
    return made


if __name__ == "__main__":
    sys.exit(main())
