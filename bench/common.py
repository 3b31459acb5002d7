"""What every measurement shares: its arguments, quantiles, and the table they end in."""

from __future__ import annotations

import json
import math
import sys
from argparse import ArgumentParser
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Self


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table. `ratio` is measured over floor, or over whatever `aim` names.

    `met` is None where there is nothing to reach.
    """

    what: str
    at: str
    measured: str
    floor: str = ""
    ratio: float | None = None
    aim: str = ""
    met: bool | None = None


@dataclass(slots=True)
class Report:
    """What one script found. `figures` are for machines; `failures` are broken promises.

    A missed aim is a figure: machines differ. Two winners, a lost message or a deadlock is a
    failure, and ends the script with 1.
    """

    bench: str
    size: int
    rows: list[Row] = field(default_factory=list)
    figures: dict[str, Any] = field(default_factory=dict)
    failures: list[str] = field(default_factory=list)

    @classmethod
    def from_json(cls, text: str) -> Self:
        data = json.loads(text)
        return cls(**{**data, "rows": [Row(**row) for row in data["rows"]]})

    def to_json(self) -> str:
        return json.dumps(asdict(self), indent=2)


@dataclass(frozen=True, slots=True)
class Spread:
    """Quantiles of seconds, in milliseconds."""

    count: int
    p50: float
    p95: float
    p99: float
    most: float

    @classmethod
    def of(cls, seconds: Iterable[float]) -> Self:
        """:raises ValueError: for nothing."""
        found = sorted(1000 * value for value in seconds)
        if not found:
            raise ValueError("Nothing was measured.")
        return cls(
            count=len(found),
            p50=quantile(found, 0.50),
            p95=quantile(found, 0.95),
            p99=quantile(found, 0.99),
            most=found[-1],
        )

    def __str__(self) -> str:
        return f"p50 {say(self.p50)}, p99 {say(self.p99)}"


def quantile(ordered: Sequence[float], share: float) -> float:
    """The nearest rank: the least value that `share` of all do not exceed."""
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def say(milliseconds: float) -> str:
    """Milliseconds with two figures or more: 0.42 ms, 4.2 ms, 42 ms."""
    digits = 2 if milliseconds < 1 else 1 if milliseconds < 10 else 0
    return f"{milliseconds:.{digits}f} ms"


def compare(what: str, at: str, measured: float, floor: float, *, most: float, name: str) -> Row:
    """A row of one quantile (milliseconds) that should be at most `most` times its floor."""
    ratio = measured / floor
    return Row(
        what=f"{what}, {name}",
        at=at,
        measured=say(measured),
        floor=say(floor),
        ratio=ratio,
        aim=f"at most {most:g} times",
        met=ratio <= most,
    )


def parser(name: str, *, size: int, of: str) -> ArgumentParser:
    """Every script takes a size (of what, it says) and `--json`."""
    made = ArgumentParser(prog=f"python -m bench {name}")
    made.add_argument("--size", type=int, default=size, help=f"{of} (default {size:,})")
    made.add_argument("--json", action="store_true", help="the report as JSON on standard output")
    return made


def finish(report: Report, *, as_json: bool) -> int:
    """Print the report; 1 if a promise was broken."""
    print(report.to_json() if as_json else table(report.rows))
    for failure in report.failures:
        say_so(f"FAILED: {failure}")
    return 1 if report.failures else 0


def say_so(text: str) -> None:
    """Progress, where it does not get into the JSON."""
    print(text, file=sys.stderr, flush=True)


HEADS = ("what", "at", "measured", "floor", "ratio", "aim", "")


def table(rows: Iterable[Row]) -> str:
    """The rows in Markdown."""
    lines = [HEADS, ("---",) * len(HEADS), *(_cells(row) for row in rows)]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in lines)


def _cells(row: Row) -> tuple[str, ...]:
    ratio = (
        "" if row.ratio is None else f"{row.ratio:.2g}" if row.ratio < 10 else f"{row.ratio:.0f}"
    )
    verdict = {None: "", True: "met", False: "missed"}[row.met]
    return row.what, row.at, row.measured, row.floor, ratio, row.aim, verdict
