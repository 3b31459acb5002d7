"""What everything that `make up` runs takes up: at its start, at work, after many fills.

A process that has just started has not yet loaded what its first jobs need, so growth is stated
twice: since the start, and since the first fills were done. Ten thousand fills take over an hour,
all of it at full speed: each process's line over that time is told as `bench soak` tells it.
"""

from __future__ import annotations

import sys
import time
from contextlib import suppress

import psutil
import redis
from django.db import connection

from bench import stage  # noqa: F401 Django, on a database of this script's own
from bench.common import Report, Row, finish, parser, say_so
from bench.filling import Filling, filling
from bench.soak import Sampler, add_lines
from config.env import get_env

MOST_GROWTH = 0.05
#: The share of the fills after which everything has been loaded that is ever needed.
WARM = 0.1
#: Work that is left over ends, and garbage is collected, in so many seconds.
REST = 5.0
TOLD_EVERY = 500
#: Fills that took so long are a soak as well: whether memory is flat over them is told, too.
SOAK_SECONDS = 1200.0


def main() -> int:
    arguments = parser("memory", size=250, of="fills")
    chosen = arguments.parse_args()
    return finish(measure(chosen.size), as_json=chosen.json)


def measure(size: int) -> Report:
    """Fill `size` slots, and look before, after the first tenth, and at the end."""
    warm = max(20, int(size * WARM))
    began = time.monotonic()
    with filling(size + warm) as work:
        start = look(work)
        say_so(f"  {warm} fills to warm up …")
        work.fill(warm)
        warmed = look(work)
        say_so(f"  {size:,} fills …")
        sampler, began = Sampler(work), time.monotonic()
        sampler.start()
        fill(work, size)
        seconds = time.monotonic() - began
        sampler.stop()
        after = look(work)
    made = Report("memory", size)
    made.rows = [
        growth(f"since the first {warm} fills", size, warmed, after),
        growth("since the start", size, start, after),
        *(
            Row(
                what=f"memory of {name}",
                at=f"after {size:,} fills",
                measured=_mb(after[name]),
                floor=f"{_mb(start[name])} at the start, {_mb(warmed[name])} warm",
                ratio=after[name] / warmed[name],
            )
            for name in after
        ),
    ]
    if seconds > SOAK_SECONDS:
        add_lines(made, sampler.samples, fills=size)
    made.figures |= {
        "start_bytes": start,
        "warm_bytes": warmed,
        "after_bytes": after,
        "fills_per_second": size / seconds,
    }
    return made


def fill(work: Filling, size: int) -> None:
    """So many, with a word now and then: ten thousand take an hour."""
    for done in range(0, size, TOLD_EVERY):
        work.fill(min(TOLD_EVERY, size - done))
        say_so(f"  {min(done + TOLD_EVERY, size):,} of {size:,} …")


def look(work: Filling) -> dict[str, int]:
    """Bytes by process, once it is quiet: ours resident, children included; the servers' own."""
    time.sleep(REST)
    return {**work.ours.rss(), **servers()}


def servers() -> dict[str, int]:
    """PostgreSQL's processes without double counting, and Valkey's; what runs elsewhere is not."""
    found: dict[str, int] = {}
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        backend = int(cursor.fetchall()[0][0])
    with suppress(psutil.Error, AttributeError):  # another machine's, or no Linux
        parent = psutil.Process(backend).parent()
        if parent is not None and parent.name().startswith("postgres"):
            family = [parent, *parent.children(recursive=True)]
            found["postgres"] = sum(int(one.memory_full_info().pss) for one in family)
    with redis.Redis.from_url(get_env().redis_url) as client:
        info = client.info()
    found["valkey"] = int(info["used_memory_rss"])
    return found


def growth(since: str, size: int, before: dict[str, int], after: dict[str, int]) -> Row:
    """Our own processes together; the servers' caches fill as they should."""
    ours = [name for name in after if name not in {"postgres", "valkey"}]
    was, now = (sum(look[name] for name in ours) for look in (before, after))
    return Row(
        what=f"memory of all our processes, {since}",
        at=f"after {size:,} fills",
        measured=_mb(now),
        floor=_mb(was),
        ratio=now / was,
        aim="growth under 5 %",
        met=now / was - 1 < MOST_GROWTH,
    )


def _mb(size: int) -> str:
    return f"{size / 1e6:.0f} MB"


if __name__ == "__main__":
    sys.exit(main())
