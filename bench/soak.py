"""Fills for twenty minutes, with every process's memory looked at again and again: flat or not.

A straight line is fitted through the samples of each process after the first fifth. It counts as
flat when the line rises by less than 5 % of the mean over the whole run, or by less than 2 MB.
"""

from __future__ import annotations

import sys
import threading
import time
from statistics import linear_regression, mean

from bench import stage  # noqa: F401 Django, on a database of this script's own
from bench.common import Report, Row, finish, parser, say_so
from bench.filling import Filling, filling

PER_SECOND = 1.0
EVERY = 5.0
WARM = 0.2
MOST_RISE, LEAST_BYTES = 0.05, 2e6
#: (Seconds since the beginning, bytes) by process.
Samples = dict[str, list[tuple[float, int]]]


def main() -> int:
    arguments = parser("soak", size=20, of="minutes")
    arguments.add_argument("--rate", type=float, default=PER_SECOND, help="fills a second")
    chosen = arguments.parse_args()
    return finish(measure(chosen.size, rate=chosen.rate), as_json=chosen.json)


def measure(minutes: int, *, rate: float) -> Report:
    """Fill for so many minutes, or as fast as the machine can where that is less."""
    count = int(minutes * 60 * rate)
    with filling(count) as work:
        sampler = Sampler(work)
        sampler.start()
        until = time.monotonic() + 60 * minutes
        done = 0
        while time.monotonic() < until and done < count:
            some = min(max(1, int(rate * 30)), count - done)
            work.fill(some, per_second=rate)
            done += some
            say_so(f"  {done:,} fills, {(until - time.monotonic()) / 60:.1f} minutes to go …")
        sampler.stop()
    return report(minutes, done, sampler.samples)


class Sampler(threading.Thread):
    """Notes (seconds, bytes) by process."""

    def __init__(self, work: Filling) -> None:
        super().__init__(daemon=True)
        self._work = work
        self._done = threading.Event()
        self.samples: Samples = {}

    def run(self) -> None:
        began = time.monotonic()
        while not self._done.wait(EVERY):
            for name, size in self._work.ours.rss().items():
                self.samples.setdefault(name, []).append((time.monotonic() - began, size))

    def stop(self) -> None:
        self._done.set()
        self.join()


def report(minutes: int, fills: int, samples: Samples) -> Report:
    made = Report("soak", minutes)
    made.figures["fills"] = fills
    add_lines(made, samples, fills=fills)
    return made


def add_lines(made: Report, samples: Samples, *, fills: int) -> None:
    """One line for each process: its straight line's rise over the run."""
    for name, found in samples.items():
        kept = found[int(len(found) * WARM) :]
        line = linear_regression([at for at, _ in kept], [size for _, size in kept])
        span = kept[-1][0] - kept[0][0]
        rise, usual = line.slope * span, mean(size for _, size in kept)
        made.figures[f"line of {name}"] = {"mean_bytes": usual, "bytes_per_hour": line.slope * 3600}
        made.rows.append(
            Row(
                what=f"memory of {name}, {found[-1][0] / 60:.0f} minutes of fills",
                at=f"{fills:,} fills",
                measured=f"{usual / 1e6:.0f} MB, {line.slope * 3600 / 1e6:+.1f} MB an hour",
                aim="flat",
                met=rise < max(MOST_RISE * usual, LEAST_BYTES),
            )
        )


if __name__ == "__main__":
    sys.exit(main())
